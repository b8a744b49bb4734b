"""The fold: charges on their way, sums of each terminal's batch, its last transaction."""

from collections.abc import Mapping
from typing import Any

from kassd.core.cards import facts as f
from kassd.core.cards.data import CardData
from kassd.core.cards.state import (
    BY_HAND,
    CHARGE_TABLE,
    Batch,
    Charge,
    ChargeStatus,
    Reversed,
    Stray,
    TerminalSlip,
    beside,
)
from kassd.core.fold import on, with_sale, without_wish
from kassd.core.inputs import Stamp
from kassd.core.state import SALE_TABLE, State
from kassd.deferred import replace

V = Any


def _with(state: State, **changes: Any) -> State:
    return replace(state, cards=replace(state.cards, **changes))


def _put(mapping: Mapping[str, V], key: str, value: V) -> dict[str, V]:
    return {**mapping, key: value}


def _without(mapping: Mapping[str, V], key: str) -> dict[str, V]:
    return {name: value for name, value in mapping.items() if name != key}


def _changed(state: State, charge: str, kind: str, to: ChargeStatus, **changes: Any) -> State:
    """A charge takes a step that the table knows."""
    found = state.cards.charges[charge]
    if CHARGE_TABLE[found.status, kind] != to:
        raise KeyError(f"{found.status} cannot become {to}")
    changed = replace(found, status=to, shown="", **changes)
    return _with(state, charges=_put(state.cards.charges, charge, changed))


@on(f.CardAsked)
def _asked(state: State, fact: f.CardAsked, stamp: Stamp) -> State:
    charge = Charge(
        id=fact.charge,
        terminal=fact.terminal,
        operation=fact.operation,
        amount=fact.amount,
        at=fact.at,
        sale=fact.sale,
        station=fact.station,
        operator=fact.operator,
        known=fact.known,
        original=fact.original,
        then=fact.then,
        receipt=fact.receipt,
        reason=fact.reason,
        rest=fact.rest,
        back=fact.back,
        sure=fact.sure,
    )
    if charge.moves_money:
        state = replace(state, cards=beside(state.cards, lambda one: one.terminal == fact.terminal))
    state = _with(state, charges=_put(state.cards.charges, charge.id, charge))
    if fact.then == "stray":
        tried = replace(state.cards.strays[fact.receipt], tried=True)
        state = _with(state, strays=_put(state.cards.strays, fact.receipt, tried))
    sale = state.sales.get(fact.sale)
    if sale is None:
        return state
    return with_sale(state, sale, status=SALE_TABLE[sale.status, fact.kind], touched=stamp.mono)


@on(f.CardSlipKept)
def _slip(state: State, fact: f.CardSlipKept, stamp: Stamp) -> State:
    charge = state.cards.charges[fact.charge]
    kept = replace(charge, slips=(*charge.slips, TerminalSlip(fact.copy, fact.lines)))
    return _with(state, charges=_put(state.cards.charges, charge.id, kept))


@on(f.CardApproved)
def _approved(state: State, fact: f.CardApproved, stamp: Stamp) -> State:
    return _changed(state, fact.charge, fact.kind, "approved", data=fact.data)


@on(f.CardUnclear)
def _unclear(state: State, fact: f.CardUnclear, stamp: Stamp) -> State:
    return _changed(state, fact.charge, fact.kind, "unclear", message=fact.message)


@on(f.CardUnknown)
def _unknown(state: State, fact: f.CardUnknown, stamp: Stamp) -> State:
    return _changed(state, fact.charge, fact.kind, "unknown", message=fact.message, last=fact.last)


@on(f.CardEnded)
def _ended(state: State, fact: f.CardEnded, stamp: Stamp) -> State:
    charge = state.cards.charges[fact.charge]
    if fact.result not in CHARGE_TABLE[charge.status, fact.kind].split(" or "):
        raise KeyError(f"{charge.status} cannot become {fact.result}")
    state = _with(state, charges=_without(state.cards.charges, fact.charge))
    if fact.how == "operator":
        said = Stray(charge, fact.result == "done", fact.at)
        state = _with(state, settled=_put(state.cards.settled, charge.id, said))
    elif fact.how == "asked" and fact.result == "failed":
        said = Stray(charge, paid=False, at=fact.at, denied=True)
        state = _with(state, denied=_put(state.cards.denied, charge.terminal, said))
    if fact.result == "done" and fact.data is not None and charge.moves_money:
        state = _with(state, denied=_without(state.cards.denied, charge.terminal))
        state = _counted(state, charge, fact.data)
        if fact.how == "terminal" and charge.data is not None:  # else it has told its last one by itself
            state = _last_is(state, charge.terminal, fact.data)
    return without_wish(state, fact.charge)


def _counted(state: State, charge: Charge, data: CardData) -> State:
    batch = state.cards.batches.get(charge.terminal, Batch())
    key = charge.operation
    counted = replace(
        _added(batch, key, 1, data.amount),
        first=batch.first or data.receipt,
        last=data.receipt or batch.last,
        terminal_id=data.terminal_id or batch.terminal_id,
    )
    return _with(state, batches=_put(state.cards.batches, charge.terminal, counted))


def _added(batch: Batch, key: str, count: int, amount: int) -> Batch:
    counts = _put(batch.counts, key, batch.counts.get(key, 0) + count)
    return replace(batch, counts=counts, sums=_put(batch.sums, key, batch.sums.get(key, 0) + amount))


def _uncounted(state: State, charge: Charge) -> State:
    """What only a person said is none of the terminal's batch."""
    batch, key = state.cards.batches.get(charge.terminal, Batch()), charge.operation
    amount = charge.amount if charge.data is None else charge.data.amount
    corrected = _added(batch, key, -1, -amount)
    return _with(state, batches=_put(state.cards.batches, charge.terminal, corrected))


@on(f.CardUndone)
def _undone(state: State, fact: f.CardUndone, stamp: Stamp) -> State:
    batch = state.cards.batches.get(fact.terminal, Batch())
    undone = _added(batch, BY_HAND, 1, -fact.amount)
    return _with(state, batches=_put(state.cards.batches, fact.terminal, undone))


@on(f.CardLast)
def _last(state: State, fact: f.CardLast, stamp: Stamp) -> State:
    if fact.mute:
        return _with(state, unsure=_put(state.cards.unsure, fact.terminal, fact.at))
    return _last_is(state, fact.terminal, fact.last)


def _last_is(state: State, terminal: str, last: CardData | None) -> State:
    known = _without(state.cards.last, terminal)
    if last != state.cards.last.get(terminal):
        state = _with(state, denied=_without(state.cards.denied, terminal))
    if last is not None:
        known[terminal] = last
    return _with(state, last=known, unsure=_without(state.cards.unsure, terminal))


@on(f.CardReversed)
def _reversed(state: State, fact: f.CardReversed, stamp: Stamp) -> State:
    entry = Reversed(fact.station, fact.operator, fact.reason, fact.at, fact.back)
    return _with(state, reversed=_put(state.cards.reversed, fact.receipt, entry))


@on(f.CardReversedUsed)
def _used(state: State, fact: f.CardReversedUsed, stamp: Stamp) -> State:
    return _with(state, reversed=_without(state.cards.reversed, fact.receipt))


@on(f.CardJudged)
def _judged(state: State, fact: f.CardJudged, stamp: Stamp) -> State:
    said = state.cards.settled.get(fact.charge)
    if said is None:
        said = next(one for one in state.cards.denied.values() if one.charge.id == fact.charge)
        state = _with(state, denied=_without(state.cards.denied, said.charge.terminal))
    state = _with(state, settled=_without(state.cards.settled, fact.charge))
    if fact.verdict == "unknown" or (fact.verdict != "failed") == fact.paid:
        return state
    if fact.verdict == "done" and fact.data is not None:
        state = _counted(state, said.charge, fact.data)
    elif fact.paid:
        state = _uncounted(state, said.charge)
    stray = replace(said, at=fact.at, data=fact.data)
    return _with(state, strays=_put(state.cards.strays, fact.charge, stray))


@on(f.CardStraySettled)
def _stray_settled(state: State, fact: f.CardStraySettled, stamp: Stamp) -> State:
    stray = state.cards.strays[fact.charge]
    if fact.operator and stray.is_own and not stray.paid and stray.charge.operation == "payment":
        terminal, amount = stray.charge.terminal, stray.data.amount if stray.data else 0
        batch = _added(state.cards.batches.get(terminal, Batch()), BY_HAND, 1, amount)
        state = _with(state, batches=_put(state.cards.batches, terminal, batch))
    return _with(state, strays=_without(state.cards.strays, fact.charge))


@on(f.CardDayEnded)
def _day_ended(state: State, fact: f.CardDayEnded, stamp: Stamp) -> State:
    cards = state.cards
    days = cards.ended.get(fact.terminal, ())
    if days and _says_nothing(days[-1]):
        days = days[:-1]
    state = _with(state, ended=_put(cards.ended, fact.terminal, (*days, fact)))
    if not fact.done:
        return state
    differing = _without(cards.differing, fact.terminal)
    if fact.terminal_amount is not None and fact.terminal_amount != fact.amount:
        differing[fact.terminal] = fact
    return _with(state, batches=_without(cards.batches, fact.terminal), differing=differing)


def _says_nothing(day: f.CardDayEnded) -> bool:
    """It was none, or nothing had happened: the next one is enough."""
    return not day.done or not (day.count or day.booked or day.terminal_count)


@on(f.CardShown)
def _shown(state: State, fact: f.CardShown, stamp: Stamp) -> State:
    charge = state.cards.charges.get(fact.charge)
    if charge is None:
        return state
    return _with(state, charges=_put(state.cards.charges, charge.id, replace(charge, shown=fact.message)))
