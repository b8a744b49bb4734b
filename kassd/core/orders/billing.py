"""Parking and billing: a bill is a new Beleg with what was ordered (FISCAL 7; DSFinV-K 2.7.2).

What is added, removed or reduced on a bill after it was begun is secured as one more Bestellung as soon as
money is taken, and the bill is finished after that: so the sum of a group's orders is the sum of its bills.
"""

from kassd.core import facts as f
from kassd.core.codec import encode, json_size
from kassd.core.credit.receivables import on_account
from kassd.core.decision import Draft, Rejected, bad_args, reason_of
from kassd.core.entry import Line
from kassd.core.goods.age import admit_lines, require_limits_together
from kassd.core.orders.args import OrderBill, OrderWalkout, SalePark, SaleRecall
from kassd.core.orders.facts import OrderBilled, OrderPlaced, SaleParked, WalkedOut
from kassd.core.orders.groups import (
    asked,
    at_table,
    enter,
    equal_part,
    opened,
    require_fit,
    require_room,
    selected,
    table_of,
)
from kassd.core.orders.placing import begin, place, require_signable
from kassd.core.orders.state import ORDERED, Bill, Group, unsecured
from kassd.core.perform import Answer, performs
from kassd.core.reductions.apportion import apportion
from kassd.core.selling import MAX_WEIGHT, current, require_no_return, require_open_till
from kassd.core.signing import ask_start, line_weight, order_weight
from kassd.core.state import Sale
from kassd.core.till import change_rates

MAX_PARTS = 50
MAX_SECURED = 60  # lines of a bill in one securing order
SECURED_WEIGHT = 40_000  # and bytes of them: a journal line has 64 KiB
WALKOUT = "Zechprellerei"


@performs(OrderBill)
def _bill(d: Draft, station: str, args: OrderBill) -> Answer:
    if args.lines is not None and args.parts is not None:
        raise bad_args("expected only one of lines and parts")
    if args.parts is not None and not 2 <= args.parts <= MAX_PARTS:
        raise bad_args(f"parts: expected 2 to {MAX_PARTS}", f"(Teile: 2 bis {MAX_PARTS})")
    group = _ready(d, station, args)
    lines, parts = selected(group.lines, args.lines), args.parts or 0
    if parts:
        left = group.parts_left if group.parts == parts and group.parts_left else parts
        lines = equal_part(group.lines, left)
    return _begin(d, station, group, lines, parts)


@performs(SaleRecall)
def _recall(d: Draft, station: str, args: SaleRecall) -> Answer:
    group = _ready(d, station, args)
    return _begin(d, station, group, group.lines, 0)


def _ready(d: Draft, station: str, args: OrderBill | SaleRecall) -> Group:
    require_open_till(d.state)
    if d.state.current(station) is not None:
        raise Rejected("sale_open")
    change_rates(d, station)
    return asked(d.state, args)


def _begin(d: Draft, station: str, group: Group, lines: tuple[Line, ...], parts: int) -> Answer:
    admit_lines(d, station, lines)
    sale = _take(d, station, "sale", group, lines, parts)
    ask_start(d, sale.id)
    require_fit(d)
    return "ok", {"sale": sale.id, "group": group.id, "total": sale.total}


def _take(
    d: Draft,
    station: str,
    kind: f.SaleKind,
    group: Group,
    lines: tuple[Line, ...],
    parts: int = 0,
    reason: str = "",
) -> Sale:
    """Begin a Beleg with ``lines`` of the group."""
    if not lines:
        raise Rejected("nothing_open")
    texts = [line.text + line.below for line in lines]
    if line_weight([*texts, *texts]) > MAX_WEIGHT:
        raise Rejected("order_too_long")
    sale, operator = d.new_sale_id(), d.operator(station)
    d.fact(
        f.SaleOpened(
            sale,
            kind,
            station,
            operator,
            d.at,
            reason=reason,
            group=group.id,
            first_order_at=group.first_order_at,
        )
    )
    entered = enter(d, d.state.sales[sale], lines)
    numbers = tuple(line.n for line in lines)
    d.fact(OrderBilled(sale, group.id, numbers, d.at, operator, parts))
    return entered


@performs(SalePark)
def _park(d: Draft, station: str, args: SalePark) -> Answer:
    require_open_till(d.state)
    sale = current(d.state, station)
    require_no_return(sale)
    if any(line.account for line in sale.standing()):  # it would be billed, or paid out, a second time
        raise Rejected("not_orderable")
    if sale.paid:
        raise Rejected("sale_part_paid")
    table = "" if args.table is None else table_of(args.table)
    bill = d.state.orders.bills.get(sale.id)
    if bill is not None:
        return _park_again(d, station, sale, bill, table, args.over_limit)
    if sale.bon_type != "Beleg" or any(line.case not in ORDERED or line.voucher for line in sale.lines):
        raise Rejected("not_orderable")
    standing = {line.n for line in sale.standing()}
    if not standing:
        raise Rejected("nothing_to_order")
    sale = _apportioned(d, sale)
    standing = {line.n for line in sale.standing()}
    group = (at_table(d.state, table) if table else None) or opened(d, station, table)
    if group.lines:
        require_limits_together(d, group.lines, sale.standing(), args.over_limit)
    d.fact(SaleParked(sale.id, group.id, d.at, d.operator(station)))
    count = group.count
    numbers = []
    for line in sale.lines:
        count += line.n in standing
        numbers.append(count if line.n in standing else 0)
    _placed(d, d.state.sales[sale.id], tuple(numbers))
    require_room(d, group.id)
    return "ok", _parked(d, group)


def _apportioned(d: Draft, sale: Sale) -> Sale:
    """Each line bears its share of what reduces the whole sale; that takes a line for each of them."""
    try:
        return apportion(d, sale)
    except Rejected as problem:
        if problem.code != "sale_too_long":
            raise
        raise Rejected(
            "order_too_long", detail="(Jede Position braucht noch ihren Anteil am Rabatt.)"
        ) from None


def _placed(d: Draft, sale: Sale, numbers: tuple[int, ...]) -> None:
    require_signable(sale)
    d.fact(
        OrderPlaced(
            sale.id,
            sale.group,
            numbers,
            d.at,
            d.operator(sale.station),
            first_order_at=sale.opened_at,
        )
    )


def _parked(d: Draft, group: Group) -> dict[str, object]:
    """What is open of the group now; one of which nothing is open any more has left."""
    after = d.state.orders.groups.get(group.id)
    return {"group": group.id, "number": group.number, "total": 0 if after is None else after.total}


def _park_again(d: Draft, station: str, sale: Sale, bill: Bill, table: str, over_limit: bool) -> Answer:
    """A bill goes back to its group: changes are ordered, the Beleg itself was none (AVBelegabbruch)."""
    group = d.state.orders.groups[bill.group]
    if table not in ("", group.table):
        raise Rejected("table_differs", detail=f"({group.table or group.id})")
    open_then = (*group.lines, *sale.lines[: len(bill.numbers)])
    require_limits_together(d, open_then, unsecured(sale, bill), over_limit)
    sale = _apportioned(d, sale)
    secure(d, sale)
    if unsecured(sale, d.state.orders.bills[sale.id]):
        raise Rejected("order_too_long")
    d.fact(f.AbortAsked(sale.id, d.at, "parked", d.operator(station)))
    return "ok", _parked(d, group)


def secure(d: Draft, sale: Sale) -> None:
    """Order what has been changed on the bill ``sale`` since it was begun (or secured last)."""
    bill = d.state.orders.bills[sale.id]
    group = d.state.orders.groups[bill.group]
    changed = _fitting(sale.lines[len(bill.numbers) :][:MAX_SECURED])
    covers, count = list(bill.numbers), group.count
    for line in changed:
        if line.voids:
            covers.append(covers[line.voids - 1])
        else:
            count += line.case in ORDERED
            covers.append(count if line.case in ORDERED else 0)
    ordered = [line for line in changed if line.case in ORDERED]
    if not ordered:
        return
    first = len(bill.numbers)
    order = begin(d, sale.station, group, "Änderung der Rechnung")
    enter(d, order, ordered)
    numbers = tuple(covers[line.n - 1] for line in ordered)
    place(d, order, numbers, sale.id, tuple(covers[first:]))


def _fitting(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """As many of the lines as one journal line takes, at least one: combos have many parts."""
    room = SECURED_WEIGHT
    for n, line in enumerate(lines):
        room -= max(
            150 + json_size(encode(line)), order_weight((line,)), 2 * line_weight([line.text + line.below])
        )
        if n and room < 0:
            return lines[:n]
    return lines


def secure_bills(d: Draft) -> None:
    """Bills on which money has been taken: their changes are secured, one order at a time."""
    for sale_id, bill in tuple(d.state.orders.bills.items()):
        sale = d.state.sales.get(sale_id)
        if sale is None or sale.status not in ("paying", "signing") or not unsecured(sale, bill):
            continue
        written = any(isinstance(fact, OrderPlaced) for fact in d.facts)
        if not written and not any(order in d.state.sales for order in bill.orders):
            secure(d, sale)


@performs(OrderWalkout)
def _walkout(d: Draft, station: str, args: OrderWalkout) -> Answer:
    """The service was rendered and is owed: turnover and a claim (Forderungsentstehung), no payment. Whether
    it is lost (§ 17 Abs. 2 Nr. 1 UStG) is decided in the books; the goods are not taken back."""
    require_open_till(d.state)
    reason = reason_of(args.reason)
    change_rates(d, station)
    group = asked(d.state, args)
    sale = _take(d, station, "other", group, group.lines, reason=f"{WALKOUT}: {reason}")
    if sale.total <= 0:
        raise Rejected("nothing_due")
    owed = sale.total
    who = f"{WALKOUT} Tisch {group.table}" if group.table else f"{WALKOUT} Bestellung {group.number}"
    on_account(d, sale, who, None, text=f"Forderung ({WALKOUT})", name=WALKOUT)
    d.fact(f.SalePaid(sale.id, d.at))
    d.fact(WalkedOut(group.id, sale.id, d.at, d.operator(station), reason, owed))
    ask_start(d, sale.id)
    require_fit(d)
    return "accepted", {"group": group.id, "sale": sale.id, "total": owed}
