"""What a shop is: data, and the questions a day asks of it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
FIXED = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
AFTER_EASTER = (-2, 1, 39, 50)
Good = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """``hours``: weekday (0 = Monday) → opening and closing, minutes after midnight (more than 1440: the next
    day). ``rush``: hour → how many come, against 1. ``customers`` a day at density 1; ``basket``: most
    articles of one; ``goods``: the catalogue; ``liked``: article → how often it is taken; ``card``: share of
    customers who pay by card. ``flows``: what else people do there → how often a year, whatever the density.
    """

    name: str
    title: str
    hours: Mapping[int, tuple[int, int]]
    rush: Mapping[int, float]
    customers: int
    basket: int
    goods: tuple[Good, ...]
    liked: Mapping[str, float]
    flows: Mapping[str, int]
    staff: tuple[str, ...] = ("Anna", "Mehmet", "Lena")
    card: float = 0.4
    float_: int = 15_000
    holidays: bool = False  # open on public holidays
    small_business: bool = False  # § 19 UStG
    toml: str = ""

    @property
    def register(self) -> str:
        """KASSE_SERIENNR."""
        return f"TEST-{self.name.upper()}"

    def open_on(self, day: date) -> bool:
        """Whether it opens on a day."""
        return day.weekday() in self.hours and (self.holidays or not is_holiday(day))

    def opens(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing, local."""
        begin, end = self.hours[day.weekday()]
        return at(day, begin), at(day, end)

    def catalog(self) -> str:
        """The article file."""
        rows = ",\n".join(json.dumps(good, ensure_ascii=False) for good in self.goods)
        return f'{{"articles": [\n{rows}\n]}}\n'

    def config(self) -> str:
        """The configuration; it is to be used in its own folder."""
        return f"""\
[register]
id = "{self.register}"
mode = "test"

[business]
name = "{self.title}"
street = "Marktplatz 1"
postal_code = "01067"
city = "Dresden"
tax_number = "203/123/12345"
small_business = {str(self.small_business).lower()}

[journal]
dir = "journal"

[catalog]
file = "catalog.json"

[tse]
driver = "soft"
path = "tse"

[[printer]]
name = "printer"
driver = "tcp"
host = "127.0.0.1"

[[drawer]]
name = "drawer"
driver = "printer"
printer = "printer"
{self.toml}"""


def at(day: date, minutes: float) -> datetime:
    """Local time so many minutes after midnight; what a change of the clock skips is an hour later."""
    return datetime.combine(day, time(), BERLIN) + timedelta(minutes=minutes)


def is_holiday(day: date) -> bool:
    """Public holidays of all Länder."""
    easter = easter_of(day.year)
    return (day.month, day.day) in FIXED or (day - easter).days in AFTER_EASTER


def easter_of(year: int) -> date:
    """Easter Sunday (Gauß, Lichtenberg), 1900 to 2099."""
    a, d = year % 19, (19 * (year % 19) + 24) % 30
    e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7
    if d == 29 and e == 6:
        d, e = 28, 6
    if d == 28 and e == 6 and a > 10:
        d = 27
    return date(year, 3, 22) + timedelta(days=d + e)
