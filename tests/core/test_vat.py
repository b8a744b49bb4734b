"""Tax keys and their dated rates."""

from datetime import date
from decimal import Decimal

import pytest

from kassd.core.vat import KEYS, rates_on


@pytest.mark.parametrize(
    ("day", "key", "rate"),
    [
        ("2020-06-30", 1, "19"),
        ("2020-07-01", 1, "16"),
        ("2020-12-31", 2, "5"),
        ("2021-01-01", 2, "7"),
        ("2021-12-31", 3, "10.7"),
        ("2024-12-06", 3, "8.4"),
        ("2025-01-01", 3, "7.8"),
        ("1970-01-01", 1, "19"),
    ],
)
def test_rates(day: str, key: int, rate: str) -> None:
    assert rates_on(day)[key] == Decimal(rate)
    assert rates_on(date.fromisoformat(day)) == rates_on(day)


def test_keys_are_the_eight_of_dsfinvk_in_five_slots() -> None:
    assert sorted(KEYS) == list(range(1, 9))
    assert [KEYS[key].slot for key in range(1, 9)] == [1, 2, 3, 4, 5, 5, 5, 5]
    assert len({key.code for key in KEYS.values()}) == 8
    assert all(key.text for key in KEYS.values() if key.slot == 5)
    assert all([day for day, _ in key.rates] == sorted(day for day, _ in key.rates) for key in KEYS.values())
