"""Dates without a century, and the day 00."""

from datetime import date, datetime

import pytest

from kassd.core.barcodes.dates import gs1_date, gs1_minute, gs1_year

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("yy", "this_year", "year"),
    [
        (26, 2026, 2026),
        (76, 2026, 2076),
        (77, 2026, 1977),
        (99, 2026, 1999),
        (0, 2026, 2000),
        (0, 2049, 2000),
        (0, 2050, 2100),
        (49, 2099, 2149),
        (50, 2099, 2050),
        (99, 2000, 1999),
        (51, 2000, 1951),
        (50, 2000, 2050),
    ],
)
def test_the_century_is_the_nearest(yy: int, this_year: int, year: int) -> None:
    assert gs1_year(yy, this_year) == year
    assert -49 <= year - this_year <= 50


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("261231", date(2026, 12, 31)),
        ("270200", date(2027, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("280229", date(2028, 2, 29)),
        ("261200", date(2026, 12, 31)),
        ("270229", None),
        ("261301", None),
        ("260001", None),
        ("260432", None),
        ("260431", None),
    ],
)
def test_days(value: str, day: date | None) -> None:
    assert gs1_date(value, TODAY) == day


def test_a_day_of_zero_is_not_everywhere_the_last() -> None:
    assert gs1_date("261200", TODAY, day_may_be_zero=False) is None


@pytest.mark.parametrize(
    ("value", "minute"),
    [
        ("2612312359", datetime(2026, 12, 31, 23, 59)),
        ("2612312400", None),
        ("2612311260", None),
        ("2612001200", None),
        ("2613011200", None),
    ],
)
def test_minutes(value: str, minute: datetime | None) -> None:
    assert gs1_minute(value, TODAY) == minute
