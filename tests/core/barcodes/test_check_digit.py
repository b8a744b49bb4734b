"""Check digits of numbers, and of the prices and weights in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.core.barcodes.check_digit import gtin_check_digit, has_wrong_check_digit, value_check_digit


@pytest.mark.parametrize("code", ["4006381333931", "96385074", "036000291452", "10012345678902"])
def test_known_codes(code: str) -> None:
    assert not has_wrong_check_digit(code)
    assert has_wrong_check_digit(code[:-1] + str((int(code[-1]) + 1) % 10))


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, place: int, by: int) -> None:
    code = digits + str(gtin_check_digit(digits))
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    assert has_wrong_check_digit(wrong)


@pytest.mark.parametrize("code", ["1234567", "ABCDEFGH", "１２３４５６７８", "123456789", ""])
def test_what_is_no_gtin_has_no_check_digit(code: str) -> None:
    assert not has_wrong_check_digit(code)


@pytest.mark.parametrize(
    ("value", "digit"),
    # the first two: General Specifications 7.9.3 and 7.9.4; the third from a deposit voucher of a real shop
    [("2875", 9), ("14685", 6), ("00060", 6), ("0000", 0), ("00000", 0)],
)
def test_check_digits_of_values(value: str, digit: int) -> None:
    assert value_check_digit(value) == digit


@given(st.text("0123456789", min_size=4, max_size=5), st.integers(0, 3), st.integers(1, 9))
def test_one_wrong_digit_of_a_value_is_always_found(value: str, place: int, by: int) -> None:
    wrong = value[:place] + str((int(value[place]) + by) % 10) + value[place + 1 :]
    assert value_check_digit(wrong) != value_check_digit(value)
