"""What an article costs at this moment, under which tax key, and per kilogram or litre.

The catalogue's price, unless a price list (``[[price_list]]``) has another for this day and time. Whatever
applies is frozen in the line: ``list_price`` is the catalogue's, ``price_why`` the price list's title, and
``lowest_price`` the lowest of 30 days that an announced reduction states (§ 11 PAngV).
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kassd.core.decision import Rejected
from kassd.core.goods.article import FLAT_SHARES, Article
from kassd.core.goods.history import WINDOW, lowest_before, lowest_before_change
from kassd.core.master import Config, items, own_key, rate_of, sales_keys
from kassd.core.money import round_cents
from kassd.core.newest import newest
from kassd.core.state import State
from kassd.deferred import dataclass, replace

WHOLE_DAY, LONGEST = 24 * 60, 366  # minutes; days that a list for whole days is followed back
WEEKDAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")
# § 5 PAngV: price per 1 kg, 1 l, 1 m, 1 m², 1 piece; per package the content in that unit.
BASE_UNITS: dict[str, tuple[str, Decimal]] = {
    "g": ("kg", Decimal(1000)),
    "kg": ("kg", Decimal(1)),
    "ml": ("l", Decimal(1000)),
    "l": ("l", Decimal(1)),
    "cm": ("m", Decimal(100)),
    "m": ("m", Decimal(1)),
    "m2": ("m²", Decimal(1)),
    "piece": ("Stück", Decimal(1)),
}
SMALL = {"g": Decimal(10), "ml": Decimal(10)}  # below it no base price is needed (§ 4 Abs. 3 Nr. 1 PAngV)


@dataclass(frozen=True, slots=True)
class PriceNow:
    """``unit_price`` cents; ``list_price`` the catalogue's where it is another, with the reason ``why``;
    ``lowest``: the lowest price of the 30 days before it applied, where a reduction has to state that."""

    unit_price: int
    list_price: int | None = None
    why: str = ""
    lowest: int | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """One ``[[price_list]]``: minutes of the day, ISO dates, weekdays 0 to 6 (Monday is 0)."""

    title: str
    weekdays: frozenset[int]
    begin: int
    end: int
    first_day: str
    last_day: str
    percent: Decimal | None
    categories: frozenset[str]
    prices: dict[str, int]
    states_lowest: bool = True

    def applies(self, at: datetime) -> bool:
        """Whether it is in force at a local time; a list that runs past midnight belongs to its first day."""
        minute = at.hour * 60 + at.minute
        if self.begin < self.end:
            inside = self.begin <= minute < self.end
        else:
            inside = minute >= self.begin or minute < self.end
        return inside and self._fits(self._first_day(at))

    def begun(self, at: datetime) -> datetime:
        """When it came into force that is in force at ``at``; one for whole days as long as these follow each
        other."""
        day = self._first_day(at)
        if (self.begin, self.end) == (0, WHOLE_DAY):
            back = (day - timedelta(days=n) for n in range(1, LONGEST))
            day = next((one for one in back if not self._fits(one)), day) + timedelta(days=1)
        return datetime.combine(day, time(), at.tzinfo) + timedelta(minutes=self.begin)

    def applied(self, before: datetime) -> bool:
        """Whether it was in force in the 30 days before a moment."""
        return any(self._fits(before.date() - timedelta(days=n)) for n in range(1, WINDOW.days + 1))

    def _first_day(self, at: datetime) -> date:
        night = self.begin >= self.end and at.hour * 60 + at.minute < self.end
        return at.date() - timedelta(days=night)

    def _fits(self, day: date) -> bool:
        text = day.isoformat()
        fits = not self.weekdays or day.weekday() in self.weekdays
        return fits and self.first_day <= text and (not self.last_day or text <= self.last_day)

    def price(self, article: Article) -> int | None:
        """Its price of an article, None if it has none."""
        if article.id in self.prices:
            return self.prices[article.id]
        fits = not self.categories or article.category in self.categories
        if self.percent is None or not fits or article.parts:
            return None
        return round_cents(article.price * (100 - self.percent) / 100)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _price_list(item: dict[str, Any]) -> PriceList:
    return PriceList(
        title=str(item["title"]),
        weekdays=frozenset(WEEKDAYS.index(day) for day in item.get("weekdays", ())),
        begin=_minutes(item.get("begin") or "00:00"),
        end=_minutes(item.get("end") or "24:00"),
        first_day=str(item.get("first_day") or ""),
        last_day=str(item.get("last_day") or ""),
        percent=Decimal(str(item["percent"])) if "percent" in item else None,
        categories=frozenset(item.get("categories", ())),
        prices={key.removeprefix("prices."): int(v) for key, v in item.items() if key.startswith("prices.")},
        states_lowest=bool(item.get("lowest_price", True)),
    )


@newest
def price_lists(config: Config) -> tuple[PriceList, ...]:
    """The price lists in the order of the file."""
    return tuple(_price_list(dict(item)) for item in items(config, "price_list").values())


def price_now(state: State, article: Article, at: datetime) -> PriceNow:
    """The price of one unit. What may not be reduced has its catalogue price at every hour."""
    if article.reducible and article.kind == "goods" and not article.open:
        for price_list in price_lists(state.config):
            price = price_list.price(article) if price_list.applies(at) else None
            if price is not None:
                states = price_list.states_lowest and price < article.price
                lowest = lowest_price(state, article, price_list, at) if states else None
                return PriceNow(price, article.price, price_list.title, lowest)
    return PriceNow(article.price, lowest=lowest_before_change(state.prices.get(article.id), at))


def lowest_price(state: State, article: Article, price_list: PriceList, at: datetime) -> int:
    """The lowest price of the 30 days before ``price_list`` came into force, its own and those of others that
    applied then included. Former price lists are not known; those of now are reckoned on the lowest of the
    catalogue's prices, so that no price that was applied is below it."""
    since = price_list.begun(at)
    lowest = lowest_before(state.prices.get(article.id), article.price, since)
    then = replace(article, price=lowest)
    listed = (one.price(then) for one in price_lists(state.config) if one.applied(since))
    return min((lowest, *(price for price in listed if price is not None)))


def vat_of(state: State, article: Article, day: str, in_house: bool) -> tuple[int, Decimal]:
    """Tax key and rate of an article on ``day`` (ISO date), consumed on site or taken away. What an agency
    sells is not exempt by § 19 UStG: it is the turnover of another."""
    key = key_of(state, article, day, in_house)
    key = key if article.agency else own_key(state.config, key)
    return key, rate_of(state.config, state.rates, key)


def key_of(state: State, article: Article, day: str, in_house: bool) -> int:
    """Tax key of an article without regard to § 19 UStG."""
    base: Any = article
    for change in article.vat_changes:
        if change.day <= day and (base is article or change.day >= base.day):
            base = change
    other = base.vat_in_house if in_house else base.vat_take_away
    key = base.vat if other is None else other
    if key not in sales_keys(state.config):
        raise Rejected("unknown_vat", detail=f"({article.name[:40]}: {key})")
    return int(key)


def keys_of(state: State, article: Article, day: str) -> frozenset[int]:
    """Every tax key an article or what it consists of may have on ``day``, on site or taken away, without
    regard to § 19 UStG."""
    if article.parts and article.split in FLAT_SHARES:
        return frozenset(FLAT_SHARES[article.split])
    known = state.catalog.articles
    single = tuple(known[part.article] for part in article.parts) or (article,)
    return frozenset(key_of(state, one, day, in_house) for one in single for in_house in (False, True))


def base_price(article: Article, unit_price: int) -> tuple[int, str] | None:
    """Cents per base unit (PAngV § 4), and that unit; None where none is needed. The deposit is not in it."""
    if article.weighed:
        return unit_price, "kg"
    if article.content is None or article.content < SMALL.get(article.content_unit, 0):
        return None
    unit, per_base = BASE_UNITS[article.content_unit]
    return round_cents(unit_price * per_base / article.content), unit
