"""Cents: rounding, splitting, writing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.core.money import euros, line_amount, net_and_tax, point, round_cents, rounded_to, split

CENTS = st.integers(-(10**9), 10**9)


@given(CENTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_split_adds_up_and_is_fair(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1
        assert weight or not part


def test_split_gives_the_odd_cent_to_the_largest_remainder_then_the_first() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split(999, [70, 30]) == [699, 300]
    assert split(10, [5, 0, 5]) == [5, 0, 5]


@pytest.mark.parametrize("weights", [[0, 0], [], [2, -1]])
def test_split_refuses_weights_that_mean_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        split(5, weights)


@given(CENTS, st.sampled_from(["19", "16", "10.7", "7.8", "7", "5.5", "0"]))
def test_net_and_tax_add_up_to_gross(gross: int, rate: str) -> None:
    net, tax = net_and_tax(gross, Decimal(rate))
    assert net + tax == gross
    assert abs(Decimal(tax) - Decimal(gross) * Decimal(rate) / (100 + Decimal(rate))) <= Decimal("0.5")
    assert net_and_tax(-gross, Decimal(rate)) == (-net, -tax)


def test_half_a_cent_goes_away_from_zero() -> None:
    assert [round_cents(Decimal(x)) for x in ("0.5", "1.5", "-0.5", "0.49")] == [1, 2, -1, 0]
    assert line_amount(Decimal("0.333"), 199) == 66
    assert line_amount(Decimal("1.5"), 333) == 500


def test_writing() -> None:
    assert euros(123456) == "1.234,56"
    assert euros(-5) == "-0,05"
    assert point(-1234) == "-12.34"
    assert point(0) == "0.00"


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=6), st.sampled_from(["19", "7", "7.8"]))
def test_parts_of_a_tax_add_up_to_it_and_each_is_right_to_the_cent(gross: list[int], rate: str) -> None:
    percent = Decimal(rate)
    _, tax = net_and_tax(sum(gross), percent)
    exact = [amount * percent / (100 + percent) for amount in gross]
    shares = rounded_to(tax, exact)
    assert sum(shares) == tax
    assert all(abs(share - part) < 1 for share, part in zip(shares, exact, strict=True))
