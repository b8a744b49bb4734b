"""Guests move, waiters change, goods go to another bill.

A group keeps its name (ABRECHNUNGSKREIS) for life, also at another table. Goods that change the group are
taken back there by a Bestellung and ordered by another one in the new group, so that the sums of both stay
those of their orders. (AVTransfer hands a Vorgang over to another system; here nothing leaves the register.)
"""

from collections.abc import Mapping
from decimal import Decimal

from kassd.core.decision import Draft, Rejected, bad_args, one_line
from kassd.core.goods.age import require_limits_together
from kassd.core.orders.args import OfGroup, OrderList, OrderMerge, OrderTransfer
from kassd.core.orders.facts import GroupMoved
from kassd.core.orders.groups import asked, at_table, enter, opened, require_room, selected, table_of
from kassd.core.orders.placing import begin, place
from kassd.core.orders.state import MOVED, Group, taken_back
from kassd.core.perform import Answer, performs
from kassd.core.selling import require_open_till
from kassd.core.till import change_rates

MAX_NAME = 50


@performs(OrderMerge)
def _merge(d: Draft, station: str, args: OrderMerge) -> Answer:
    require_open_till(d.state)
    change_rates(d, station)
    source = asked(d.state, args)
    target = asked(d.state, OfGroup(group=args.into, table=args.into_table))
    return _move(d, station, source, target, None, args.over_limit)


@performs(OrderTransfer)
def _transfer(d: Draft, station: str, args: OrderTransfer) -> Answer:
    require_open_till(d.state)
    source = asked(d.state, args)
    waiter = source.operator if args.waiter is None else one_line(args.waiter, "waiter", MAX_NAME)
    table = source.table if args.to_table is None else table_of(args.to_table)
    if args.lines is not None:
        if args.to_table is None:
            raise bad_args("to_table: missing", "(Für diese Positionen fehlt der Tisch.)")
        change_rates(d, station)
        target = at_table(d.state, table) or opened(d, station, table)
        return _move(d, station, source, target, args.lines, args.over_limit)
    if (table, waiter) == (source.table, source.operator):
        raise bad_args("expected to_table or waiter", "(Einen anderen Tisch oder Bediener angeben.)")
    if table != source.table and at_table(d.state, table) is not None:
        raise Rejected("table_taken", detail=f"({table})")
    d.fact(GroupMoved(source.id, table, waiter, d.at, d.operator(station)))
    return "ok", {"group": source.id, "table": table, "waiter": waiter}


def _move(
    d: Draft,
    station: str,
    source: Group,
    target: Group,
    wanted: Mapping[int, Decimal] | None,
    over_limit: bool,
) -> Answer:
    """Order ``wanted`` lines (all) of ``source`` in ``target``: two orders, one negative."""
    if source.id == target.id:
        raise bad_args("expected another group", "(Das ist derselbe Tisch.)")
    lines = selected(source.lines, wanted)
    if not lines:
        raise Rejected("nothing_open")
    require_limits_together(d, target.lines, lines, over_limit)
    back = enter(
        d, begin(d, station, source, f"{MOVED} auf {target.id}", MOVED), (taken_back(line) for line in lines)
    )
    place(d, back, (line.n for line in lines))
    anew = enter(d, begin(d, station, target, f"{MOVED} von {source.id}", MOVED), lines)
    first = target.count + 1
    numbers = range(first, first + len(lines))
    place(d, anew, numbers, first_order_at=source.first_order_at)
    require_room(d, target.id)
    return "ok", {"group": target.id, "total": d.state.orders.groups[target.id].total}


@performs(OrderList)
def _list(d: Draft, station: str, args: OrderList) -> Answer:
    if args.group is None and args.table is None:
        return "ok", {"groups": [_head(group) for group in d.state.orders.groups.values()]}
    group = asked(d.state, args)
    lines = [
        {
            "n": line.n,
            "text": line.text,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "amount": line.amount,
            "vat": line.vat,
        }
        for line in group.lines
    ]
    return "ok", {**_head(group), "lines": lines}


def _head(group: Group) -> dict[str, object]:
    return {
        "group": group.id,
        "number": group.number,
        "table": group.table,
        "waiter": group.operator,
        "since": group.first_order_at,
        "total": group.total,
    }
