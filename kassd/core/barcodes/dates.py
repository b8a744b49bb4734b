"""Dates in GS1 codes: YYMMDD without a century, the day 00 for the last of the month."""

from calendar import monthrange
from datetime import date, datetime, time


def gs1_year(yy: int, this_year: int) -> int:
    """The year that two digits mean, at most 49 back and 50 ahead (General Specifications 7.12)."""
    century = this_year - this_year % 100
    ahead = yy - this_year % 100
    if ahead >= 51:
        return century - 100 + yy
    return century + 100 + yy if ahead <= -50 else century + yy


def gs1_date(value: str, today: date, *, day_may_be_zero: bool = True) -> date | None:
    """The day of six digits, None if there is no such day."""
    year, month, day = gs1_year(int(value[:2]), today.year), int(value[2:4]), int(value[4:6])
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if day == 0 and day_may_be_zero:
        day = last
    return date(year, month, day) if 1 <= day <= last else None


def gs1_minute(value: str, today: date) -> datetime | None:
    """Local day and time of ten digits (YYMMDDhhmm), None if there is no such time."""
    day, hour, minute = gs1_date(value, today, day_may_be_zero=False), int(value[6:8]), int(value[8:10])
    if day is None or hour > 23 or minute > 59:
        return None
    return datetime.combine(day, time(hour, minute))
