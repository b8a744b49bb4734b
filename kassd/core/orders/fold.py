"""The fold of orders and parking."""

from collections.abc import Iterator

from kassd.core.entry import Line
from kassd.core.fold import on, with_sale, with_station
from kassd.core.inputs import Stamp
from kassd.core.orders import facts as f
from kassd.core.orders.state import Bill, Group, summed, taken_back, with_group
from kassd.core.state import SALE_TABLE, Sale, State
from kassd.core.totals import counted
from kassd.deferred import replace


@on(f.GroupOpened)
def _opened(state: State, fact: f.GroupOpened, stamp: Stamp) -> State:
    group = Group(fact.group, fact.number, fact.table, fact.station, fact.operator, fact.at)
    groups = {**state.orders.groups, group.id: group}
    return replace(state, orders=replace(state.orders, number=fact.number, groups=groups))


def _numbered(sale: Sale, numbers: tuple[int, ...]) -> Iterator[Line]:
    """The Vorgang's lines as the group numbers them."""
    for line, n in zip(sale.lines, numbers, strict=True):
        if n:
            of = numbers[line.of - 1] if line.of else 0
            yield replace(line, n=n, of=of, voids=0)


@on(f.OrderPlaced)
def _placed(state: State, fact: f.OrderPlaced, stamp: Stamp) -> State:
    orders, group = state.orders, state.orders.groups[fact.group]
    order = state.sales[fact.sale]
    lines = tuple(_numbered(order, fact.numbers))
    group = replace(
        group,
        age_approved=max(group.age_approved, order.age_approved if group.table else 0),
        count=max(group.count, *fact.numbers, 0),
        first_order_at=min(group.first_order_at, fact.first_order_at or group.first_order_at),
    )
    bill = orders.bills.get(fact.bill)
    if bill is None:  # what is open has changed: equal parts begin anew
        group = replace(group, lines=summed(group.lines, lines), parts=0, parts_left=0)
        return replace(state, orders=with_group(orders, group))
    numbers = (*bill.numbers, *fact.covers)
    of = {
        n: numbers[one.of - 1]
        for one, n in zip(state.sales[fact.bill].lines, numbers, strict=False)
        if one.of
    }
    lines = tuple(replace(line, of=of.get(line.n, line.of)) for line in lines)
    bill = replace(
        bill,
        lines=summed(bill.lines, lines),
        numbers=numbers,
        orders=(*bill.orders, fact.sale),
    )
    return replace(state, orders=with_group(replace(orders, bills={**orders.bills, fact.bill: bill}), group))


@on(f.SaleParked)
def _parked(state: State, fact: f.SaleParked, stamp: Stamp) -> State:
    sale = state.sales[fact.sale]
    state = with_sale(
        state,
        sale,
        kind="order",
        bon_type="AVBestellung",
        group=fact.group,
        status=SALE_TABLE[sale.status, fact.kind],
        deadline=stamp.mono,
    )
    return with_station(state, sale.station, current="", last=None, message="")


@on(f.OrderBilled)
def _billed(state: State, fact: f.OrderBilled, stamp: Stamp) -> State:
    orders, group = state.orders, state.orders.groups[fact.group]
    sale = state.sales[fact.sale]
    state = with_sale(state, sale, age_approved=group.age_approved)
    lines = tuple(_numbered(sale, fact.numbers))
    left = (group.parts_left if group.parts == fact.parts and group.parts_left else fact.parts) - 1
    group = replace(
        group,
        lines=summed(group.lines, (taken_back(line) for line in lines)),
        parts=fact.parts,
        parts_left=left if fact.parts else 0,
    )
    bill = Bill(group.id, lines, fact.numbers, parts=fact.parts)
    orders = replace(orders, bills={**orders.bills, fact.sale: bill})
    return replace(state, orders=with_group(orders, group))


@on(f.GroupMoved)
def _moved(state: State, fact: f.GroupMoved, stamp: Stamp) -> State:
    group = replace(state.orders.groups[fact.group], table=fact.table, operator=fact.waiter)
    return replace(state, orders=with_group(state.orders, group))


@on(f.OrderSlipMade)
def _slip(state: State, fact: f.OrderSlipMade, stamp: Stamp) -> State:
    totals = counted(state.till.totals, f"order.{fact.document.kind}", fact.document.total)
    return replace(state, till=replace(state.till, totals=totals))


@on(f.WalkedOut)
def _walked_out(state: State, fact: f.WalkedOut, stamp: Stamp) -> State:
    totals = counted(state.till.totals, "walkouts", fact.amount)
    return replace(state, till=replace(state.till, totals=totals))
