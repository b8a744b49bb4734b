"""What articles cost in the last 30 days: whoever announces a reduction states the lowest price that was
applied in the 30 days before it (§ 11 Abs. 1 PAngV).

Kept from the changes of the catalogue that are journalled anyway. A price that was followed by a lower one is
of no interest, and of one day the lowest price stands for all of it, so an article has at most a month of
days. A closing forgets what is older.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from kassd.core.layers import Layers
from kassd.deferred import dataclass

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Past:
    """A former price in cents and the moment (UTC) at which it ended."""

    price: int
    until: str


@dataclass(frozen=True, slots=True)
class Priced:
    """The catalogue's price of an article since the moment ``since`` (UTC; '' while it is not sold), the
    ``lowest`` of the 30 days before that (None: it was not sold), and former prices, the last one last: each
    higher than those before."""

    since: str
    lowest: int | None
    past: tuple[Past, ...]


Prices = Mapping[str, Priced]


def changed(prices: Prices, article: str, old: int | None, new: int | None, at: datetime) -> Prices:
    """``prices`` after an article's has changed from ``old`` to ``new`` (None: not sold)."""
    known = prices.get(article)
    if old == new or (old is None and known is None):
        return prices
    now, past = _moment(at), list(_within(known, at))
    if old is not None:
        past = [one for one in past if one.price < old]
        if past and past[-1].until[:10] == now[:10]:
            old = past.pop().price
        past.append(Past(old, now))
    lowest = min((one.price for one in past), default=None)
    record = Priced("", None, tuple(past)) if new is None else Priced(now, lowest, tuple(past))
    return Layers.of(prices).changed({article: record})


def lowest_before(known: Priced | None, price: int, at: datetime) -> int:
    """The lowest of the catalogue's prices in the 30 days before ``at``; ``price`` is the one of now."""
    former = [one.price for one in _within(known, at)]
    if not former or known is None or known.since < _moment(at):
        former.append(price)
    return min(former)


def lowest_before_change(known: Priced | None, at: datetime) -> int | None:
    """The lowest price of the 30 days before the price of now came, which is not 30 days ago; else None."""
    return None if known is None or known.since <= _moment(at - WINDOW) else known.lowest


def without_old(prices: Prices, at: datetime) -> Prices:
    """``prices`` without what nobody has to state any more."""
    limit = _moment(at - WINDOW)
    kept = {
        key: one for key, one in prices.items() if one.since > limit or any(p.until > limit for p in one.past)
    }
    return prices if len(kept) == len(prices) else kept


def _within(known: Priced | None, at: datetime) -> tuple[Past, ...]:
    limit = _moment(at - WINDOW)
    return () if known is None else tuple(one for one in known.past if one.until > limit)


def _moment(at: datetime) -> str:
    """In UTC: a fact that is read again has no other."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def price_of(article: Any) -> int | None:
    """The price in an article as a fact has it, None if there is no article."""
    return None if article is None else int(article["price"])
