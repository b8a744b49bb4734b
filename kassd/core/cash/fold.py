"""The fold of cash: payments move the stock of their account, counts raise and end alarms."""

from collections.abc import Iterable

from kassd.core.cash.facts import CashCounted
from kassd.core.cash.state import EUR, FLOAT, Alarm, Count, Holding, holding_key
from kassd.core.entry import Payment
from kassd.core.fold import on
from kassd.core.inputs import Stamp
from kassd.core.state import State
from kassd.core.totals import counted
from kassd.deferred import replace


def cash_moved(state: State, payment: Payment, case: str) -> State:
    """A cash payment: the euro of the period and the stock of its account; a float is there already."""
    foreign = payment.currency != EUR
    if not foreign:
        state = replace(state, till=replace(state.till, cash=state.till.cash + payment.amount))
    if case == FLOAT:
        return state
    key, units = holding_key(payment.drawer, payment.currency), payment.foreign if foreign else payment.amount
    old = state.cash.held.get(key, Holding())
    units, value = old.amount + units, old.value + payment.amount
    held = {name: stock for name, stock in state.cash.held.items() if name != key}
    if units:
        held[key] = Holding(units, max(value, 0))
    return replace(state, cash=replace(state.cash, held=held))


def with_alarms(state: State, counts: Iterable[Count], at: str, person: str) -> State:
    """A count that differs by the configured threshold or more is an alarm until the next count."""
    limit, alarms = int(state.config.get("cash.difference_alarm", 0)), dict(state.cash.alarms)
    for count in counts:
        key = holding_key(count.account, count.currency)
        alarms.pop(key, None)
        if limit and abs(count.difference) >= limit:
            alarms[key] = Alarm(at, count.difference, person)
    return replace(state, cash=replace(state.cash, alarms=alarms))


@on(CashCounted)
def _counted(state: State, fact: CashCounted, stamp: Stamp) -> State:
    totals = counted(state.till.totals, "counts", fact.count.difference if fact.count.currency == EUR else 0)
    state = replace(state, till=replace(state.till, totals=totals))
    return with_alarms(state, (fact.count,), fact.at, fact.operator)
