"""Drawers and purses: whose cash a payment moves, and what each should hold at this moment (Soll-Bestand).

Kassensturzfähigkeit (AEAO zu § 146 Nr. 3.4): the answer is in the state, whatever else is going on.
"""

from collections.abc import Iterator
from typing import Any

from kassd.core.cash.state import EUR, Holding, holding_key, read_holding_key
from kassd.core.decision import Draft, Rejected, shown
from kassd.core.master import DEFAULT_STATION, Config, drawers_of, items, stations
from kassd.core.state import State
from kassd.core.tender.means import in_euro, rate_of

MAIN = ""
BOX = "Kasse"  # what the main account is called where there is no drawer


def purses(config: Config) -> dict[str, str]:
    """Purse name → operator who carries it."""
    return {name: str(item.get("operator", "")) for name, item in items(config, "purse").items()}


def drawer_account(config: Config, station: str) -> str:
    """Account of a station: its own drawer, else the main one."""
    own = drawers_of(config, station)
    if station == DEFAULT_STATION or not own or own[0] in drawers_of(config, DEFAULT_STATION):
        return MAIN
    return own[0]


def account_of(state: State, station: str, operator: str) -> str:
    """Whose cash a payment moves: the purse of who takes it, else the drawer of the station."""
    for name, carrier in purses(state.config).items():
        if carrier and carrier == operator:
            return name
    return drawer_account(state.config, station)


def label(config: Config, account: str) -> str:
    """What people call an account."""
    return account or next(iter(drawers_of(config, DEFAULT_STATION)), BOX)


def accounts(state: State) -> tuple[str, ...]:
    """Every account there is: the main one, other stations' drawers, purses, and what still holds cash."""
    config = state.config
    found = [
        MAIN,
        *sorted({drawer_account(config, s) for s in stations(config)} - {MAIN}),
        *sorted(purses(config)),
    ]
    found += sorted(account for account, _ in map(read_holding_key, state.cash.held) if account not in found)
    return tuple(dict.fromkeys(found))


def named(state: State, name: str) -> str:
    """The account a command names; ``unknown_drawer`` if there is none."""
    for account in accounts(state):
        if name in (account, label(state.config, account)) and name:
            return account
    raise Rejected("unknown_drawer", detail=f"({shown(name)})")


def holding(state: State, account: str, currency: str = EUR) -> Holding:
    """What an account should hold, what an opening or closing still has to book included."""
    held = state.cash.held.get(holding_key(account, currency), Holding())
    procedure = state.till.procedure
    coming = procedure.movements if procedure is not None and procedure.kind == "open" else ()
    legs = [leg for m in coming for leg in m.legs() if (leg.account, leg.currency) == (account, currency)]
    return Holding(held.amount + sum(leg.units for leg in legs), held.value + sum(leg.amount for leg in legs))


def holdings(state: State) -> Iterator[tuple[str, str, Holding]]:
    """(account, currency, stock) of every account: euro always, other currencies where there are some."""
    for account in accounts(state):
        held = {cur for acc, cur in map(read_holding_key, state.cash.held) if acc == account}
        for currency in (EUR, *sorted(held - {EUR})):
            found = holding(state, account, currency)
            if currency == EUR or found.amount:
                yield account, currency, found


def countable(state: State, station: str) -> list[tuple[str, str, bool]]:
    """(account, currency, due) of all that can be counted, the station's own drawer first. ``due``: a closing
    there counts it, because cash should lie in it, or because it is the station's own drawer."""
    own = drawer_account(state.config, station)
    box = (own, EUR) if drawers_of(state.config, station) else None
    found = [
        (account, currency, bool(stock.amount) or (account, currency) == box)
        for account, currency, stock in holdings(state)
    ]
    return sorted(found, key=lambda one: one[0] != own)


def expected_json(state: State) -> list[dict[str, Any]]:
    """Soll-Bestand of every account and currency as replies and displays show it."""
    return [
        {"drawer": label(state.config, account), "currency": currency, "expected": stock.amount}
        | ({} if currency == EUR else {"value": stock.value})
        for account, currency, stock in holdings(state)
    ]


def is_blind(config: Config) -> bool:
    """Whether who counts must not see what is expected (``[cash] blind``)."""
    return bool(config.get("cash.blind"))


def expected_after(state: State) -> dict[str, Any]:
    """Result of what moved cash: what should be there now, unless counting is blind."""
    return expected_in(state, state.till.expected_cash)


def expected_in(state: State, amount: int, **more: Any) -> dict[str, Any]:
    """Part of a result: what is expected, unless counting is blind; ``cash.expected`` and X tell it to who
    has the right ``report``."""
    return {**({} if is_blind(state.config) else {"expected": amount}), **more}


def require_cash(d: Draft, account: str, amount: int, currency: str = EUR) -> None:
    """``amount`` hundredths may leave an account: its Soll-Bestand never becomes negative, nor the one that
    the signed Vorgänge add up to (``busy`` for the moment in which an opening is still being booked)."""
    expected = holding(d.state, account, currency).amount
    if amount > max(expected, 0):
        raise Rejected("cash_negative", expected_in(d.state, expected))
    booked = d.state.cash.held.get(holding_key(account, currency), Holding()).amount
    if amount > max(booked, 0):
        raise Rejected("busy")


def value_of(state: State, account: str, currency: str, units: int) -> int | None:
    """Booked value in cents of ``units`` of an account's cash: by the average of what it holds, all of it for
    all; where it holds none, at the configured rate. None where there is no rate either."""
    if currency == EUR:
        return units
    held = holding(state, account, currency)
    if held.amount:
        sign = 1 if units >= 0 else -1
        return sign * ((2 * held.value * abs(units) + held.amount) // (2 * held.amount))
    rate = rate_of(state.config, currency)
    return None if rate is None else in_euro(units, rate)
