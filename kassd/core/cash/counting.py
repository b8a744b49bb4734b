"""Counts by denomination: what was counted, what it differs by, what a closing counts."""

from collections.abc import Mapping

from kassd.core.cash.accounts import drawer_account, holding, label, named, value_of
from kassd.core.cash.state import EUR, Count, Movement
from kassd.core.decision import Rejected, bad_args
from kassd.core.money import euros
from kassd.core.state import State
from kassd.core.tender.means import in_euro, rate_of

# Notes and coins in use, in hundredths.
DENOMINATIONS: dict[str, tuple[int, ...]] = {
    EUR: (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "CHF": (100000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
    "CZK": (500000, 200000, 100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100),
    "DKK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50),
    "GBP": (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "PLN": (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "SEK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100),
    "USD": (10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5, 1),
}
MAX_CASH = 99_999_999
MAX_PIECES = 100_000


def count_of(state: State, account: str, currency: str, pieces: Mapping[int, int]) -> Count:
    """A count as it is recorded; ``bad_args`` for what is no denomination."""
    known = DENOMINATIONS.get(currency)
    if known is None:
        german = f"({currency}: Stückelung unbekannt; bekannt sind {', '.join(sorted(DENOMINATIONS))}.)"
        raise bad_args(f"currency: expected one of {sorted(DENOMINATIONS)}", german)
    wrong = [cents for cents, n in pieces.items() if cents not in known or not 0 <= n <= MAX_PIECES]
    if wrong:
        piece = f"{wrong[0]} Cent" if currency == EUR else f"{currency} {euros(wrong[0])}"
        name = label(state.config, account)
        german = f"({name}, {piece}: keine Stückelung, oder die Anzahl ist nicht möglich.)"
        place = "count" if currency == EUR else f"{name}/{currency}"
        raise bad_args(
            f"{place}.{wrong[0]}: expected a denomination in cents and 0 to {MAX_PIECES} pieces", german
        )
    counted = sum(cents * n for cents, n in pieces.items())
    if counted > MAX_CASH:
        raise Rejected("amount_invalid")
    expected = holding(state, account, currency).amount
    worth = None if currency == EUR else _worth(state, account, currency, counted - expected)
    return Count(account, currency, pieces, counted, expected, worth)


def _worth(state: State, account: str, currency: str, units: int) -> int | None:
    """What a difference is worth in cents. What was found is worth the day's rate: the average of what lies
    there says nothing of it."""
    rate = rate_of(state.config, currency)
    if units <= 0:
        return value_of(state, account, currency, units)
    return None if rate is None else in_euro(units, rate)


def require_rate(count: Count) -> None:
    """A difference can be booked only in euro: foreign cash that was found needs a rate."""
    if count.currency != EUR and count.difference and count.worth is None:
        german = f"({count.currency}: kein Kurs bekannt; unter [[currency]] eintragen oder ohne sie zählen.)"
        raise Rejected("currency_unknown", {"currency": count.currency}, german)


def closing_counts(
    state: State, station: str, count: Mapping[int, int] | None, more: Mapping[str, Mapping[int, int]]
) -> tuple[Count, ...]:
    """What a closing counts: the station's drawer (``count``), others by name, currencies as ``name/CHF``.

    Every account that should hold euro must be counted; the station's drawer also when it is empty.
    """
    found = {}
    if count is not None:
        account = drawer_account(state.config, station)
        found[account, EUR] = count_of(state, account, EUR, count)
    for name, pieces in more.items():
        drawer, _, currency = name.partition("/")
        account, currency = named(state, drawer), currency or EUR
        if (account, currency) in found:
            raise bad_args(f"counts.{name[:40]}: counted twice", f"({name[:40]} ist zweimal gezählt.)")
        found[account, currency] = count_of(state, account, currency, pieces)
    return tuple(found.values())


def movement_of(count: Count, reason: str, person: str = "") -> Movement:
    """The DifferenzSollIst of a count that differs, for which :func:`require_rate` has seen to a value."""
    difference = count.difference
    foreign = count.currency != EUR
    return Movement(
        case="DifferenzSollIst",
        amount=(count.worth or 0) if foreign else difference,
        reason=reason,
        account=count.account,
        name=count.currency if foreign else "",
        person=person,
        currency=count.currency,
        foreign=difference if foreign else 0,
    )
