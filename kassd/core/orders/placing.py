"""Orders: complete in one command, each a Vorgang of its own (AVBestellung), at once (L-031, L-035)."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal

from kassd.core import facts as f
from kassd.core.decision import Draft, Rejected, bad_args, one_line, reason_of
from kassd.core.entry import Line
from kassd.core.goods.age import CLASSES
from kassd.core.goods.args import SaleAdd
from kassd.core.goods.entering import enter as enter_item
from kassd.core.goods.lookup import look_up
from kassd.core.orders import tickets
from kassd.core.orders.args import OfGroup, OrderCancel, OrderLine, OrderSend
from kassd.core.orders.facts import OrderPlaced
from kassd.core.orders.groups import (
    asked,
    at_table,
    enter,
    opened,
    require_room,
    selected,
    table_of,
    without_discounts,
)
from kassd.core.orders.state import Group, summed, taken_back
from kassd.core.perform import Answer, performs
from kassd.core.selling import require_open_till
from kassd.core.signing import MAX_ORDER_WEIGHT, ask_start, order_weight
from kassd.core.state import Sale
from kassd.core.till import change_rates

_COMMON = tuple({item.name for item in fields(SaleAdd)} & {item.name for item in fields(OrderLine)})


def begin(d: Draft, station: str, group: Group, reason: str = "", name: str = "") -> Sale:
    """Open the Vorgang of an order for ``group``; ``name``: BON_NAME."""
    sale, operator = d.new_sale_id(), d.operator(station)
    d.fact(
        f.SaleOpened(
            sale,
            "order",
            station,
            operator,
            d.at,
            reason=reason,
            bon_type="AVBestellung",
            name=name,
            group=group.id,
        )
    )
    return d.state.sales[sale]


def require_signable(sale: Sale) -> None:
    """What the TSE answers, with the process data and all that is made of them, must fit a journal line."""
    if order_weight(sale.lines) > MAX_ORDER_WEIGHT:
        raise Rejected("order_too_long")


def place(
    d: Draft,
    sale: Sale,
    numbers: Iterable[int],
    bill: str = "",
    covers: tuple[int, ...] = (),
    first_order_at: str = "",
) -> None:
    """The order is complete: its lines belong to the group, the TSE is asked for its transaction."""
    require_signable(sale)
    operator = d.operator(sale.station)
    placed = OrderPlaced(sale.id, sale.group, tuple(numbers), d.at, operator, bill, covers, first_order_at)
    d.fact(placed)
    d.fact(f.SalePaid(sale.id, d.at))
    ask_start(d, sale.id)


def _meant(d: Draft, station: str, args: OfGroup) -> Group:
    """The group an order is for; a table without one, or no name at all, opens one."""
    if args.group is not None:
        return asked(d.state, args)
    table = "" if args.table is None else table_of(args.table)
    return (at_table(d.state, table) if table else None) or opened(d, station, table)


@performs(OrderSend)
def _send(d: Draft, station: str, args: OrderSend) -> Answer:
    require_open_till(d.state)
    if not args.lines:
        raise Rejected("nothing_to_order")
    removes = any(item.quantity < 0 for item in args.lines)
    if removes:
        d.require("void")
    reason = (reason_of if removes else _short)(args.reason)
    change_rates(d, station)
    group = _meant(d, station, args)
    sale = begin(d, station, group, reason)
    if args.age is not None:
        sale = _approved(d, sale, args.age)
    rest, numbers, count = group.lines, [], group.count
    for item in args.lines:
        if item.quantity < 0:
            back = _ordered(d, rest, item)
            sale = enter(d, sale, (taken_back(line) for line in back))
            rest = summed(rest, (taken_back(line) for line in back))
            numbers += [line.n for line in back]
            continue
        before = len(sale.lines)
        sale = enter_item(d, sale, _item(item))
        for line in sale.lines[before:]:
            count += not line.voids
            numbers.append(numbers[line.voids - 1] if line.voids else count)
    place(d, sale, numbers)
    tickets.for_kitchen(d, group, d.state.sales[sale.id])
    require_room(d, group.id)
    return "ok", {"group": group.id, "number": group.number, "sale": sale.id, "total": _open(d, group)}


def _approved(d: Draft, sale: Sale, age: int) -> Sale:
    """Whoever serves has seen that the guests are old enough."""
    d.require("approve")
    if age not in CLASSES:
        raise bad_args("age: expected 16 or 18", "(Altersklasse: 16 oder 18)")
    d.fact(f.AgeApproved(sale.id, d.at, age, d.operator(sale.station), d.actor, sale.station))
    return d.state.sales[sale.id]


def _short(text: str) -> str:
    return one_line(text, "reason")


def _open(d: Draft, group: Group) -> int:
    after = d.state.orders.groups.get(group.id)
    return 0 if after is None else after.total


def _item(item: OrderLine) -> SaleAdd:
    """The line as a sale would enter it."""
    given = {name: getattr(item, name) for name in _COMMON}
    return SaleAdd(**{name: value for name, value in given.items() if value is not None})


def _ordered(d: Draft, rest: tuple[Line, ...], item: OrderLine) -> tuple[Line, ...]:
    """What of the open lines ``item`` takes back: the newest of this article or text first."""
    if item.text is not None:
        found = [line for line in rest if line.text == item.text and item.price in (None, line.unit_price)]
    elif item.code or item.article:
        article = look_up(d, item.code, "", item.article, comes_back=True).article
        found = [line for line in rest if line.article == article.id]
    else:
        raise bad_args("expected one of code, article and text")
    missing, wanted = -item.quantity, dict[int, Decimal]()
    for line in reversed(found):
        if line.quantity > 0 and missing > 0:
            wanted[line.n] = min(line.quantity, missing)
            missing -= wanted[line.n]
    if missing > 0:
        raise Rejected("quantity_invalid", {"missing": f"{missing:f}"}, "(So viel ist nicht bestellt.)")
    return without_discounts(rest, selected(rest, wanted), wanted)


@performs(OrderCancel)
def _cancel(d: Draft, station: str, args: OrderCancel) -> Answer:
    require_open_till(d.state)
    reason = reason_of(args.reason)
    change_rates(d, station)
    group = asked(d.state, args)
    sale = cancel(d, station, group, args.lines, reason)
    tickets.for_kitchen(d, group, d.state.sales[sale.id])
    require_room(d, group.id)
    return "ok", {"group": group.id, "sale": sale.id, "total": _open(d, group)}


def cancel(d: Draft, station: str, group: Group, lines: Mapping[int, Decimal] | None, reason: str) -> Sale:
    """Take open lines back by an order with negative quantities (DSFinV-K Anhang I: own Bestellung)."""
    back = without_discounts(group.lines, selected(group.lines, lines), lines or {})
    if not back:
        raise Rejected("nothing_open")
    sale = enter(d, begin(d, station, group, reason), (taken_back(line) for line in back))
    place(d, sale, (line.n for line in back))
    return sale
