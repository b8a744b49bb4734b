"""Check digits and control codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.core.barcode import CONTROL, control_action, gtin_check_digit, has_wrong_check_digit


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


def test_control_codes() -> None:
    for name, (action, given_, text) in CONTROL.items():
        assert control_action(f"KASSD{name}", "KASSD") == (action, given_)
        assert control_action(name, "KASSD") is None
        assert text
        assert not set(name) & set("YZ-_")
    assert control_action("KASSDX", "KASSD") is None
