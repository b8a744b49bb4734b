"""The dates of § 147 Abs. 3 and 4 AO."""

from datetime import date

import pytest

from kassd.fiscal.archive import keep_until


@pytest.mark.parametrize(
    ("year", "until"), [(2026, date(2036, 12, 31)), (2027, date(2037, 12, 31)), (1999, date(2009, 12, 31))]
)
def test_ten_years_from_the_end_of_the_year(year: int, until: date) -> None:
    assert keep_until(year) == until
