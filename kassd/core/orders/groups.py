"""Which group is meant, which of its lines, and how much of them."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter

from kassd.core import facts as f
from kassd.core.codec import encode, json_size
from kassd.core.decision import Draft, Rejected, bad_args, one_line, shown
from kassd.core.entry import Line
from kassd.core.former import with_keys_then
from kassd.core.goods.multibuy import counting, following, is_multibuy, reduction
from kassd.core.money import round_cents, split
from kassd.core.orders.args import OfGroup
from kassd.core.orders.facts import GroupOpened
from kassd.core.orders.state import Group, summed, taken_back
from kassd.core.state import Sale, State
from kassd.deferred import replace

MAX_GROUPS = 500
MAX_OPEN_LINES = 150  # of one group: its bill must have room for changes
MAX_OPEN_OF_ALL = 2000  # lines of all groups
MAX_FACTS = 50_000  # bytes of an order's facts: a journal line has 64 KiB
MAX_TABLE = 20
PLACES = Decimal("0.001")

_line = attrgetter(*(item.name for item in fields(Line)))
_NAMES = tuple(item.name for item in fields(Line))


def table_of(text: str) -> str:
    """A table's name as it may stand on a slip and in ABRECHNUNGSKREIS."""
    table = one_line(text, "table", MAX_TABLE)
    if not table:
        raise bad_args("table: must not be empty", "(Der Tisch fehlt.)")
    return table


def at_table(state: State, table: str) -> Group | None:
    """The group open at a table."""
    return next((group for group in state.orders.groups.values() if group.table == table), None)


def named(state: State, name: str) -> Group:
    """The group of this name or number; ``unknown_group``."""
    group = state.orders.groups.get(name)
    if group is None and name.isascii() and name.isdigit():
        group = next((g for g in state.orders.groups.values() if str(g.number) == name.lstrip("0")), None)
    if group is None:
        raise Rejected("unknown_group", detail=f"({shown(name)})")
    return group


def asked(state: State, args: OfGroup) -> Group:
    """The open group a command speaks of."""
    if (args.group is None) == (args.table is None):
        raise bad_args("expected one of group and table", "(Bestellnummer oder Tisch angeben.)")
    if args.group is not None:
        return named(state, args.group)
    table = table_of(args.table or "")
    group = at_table(state, table)
    if group is None:
        raise Rejected("unknown_group", detail=f"(Tisch {shown(table)})")
    return group


def opened(d: Draft, station: str, table: str) -> Group:
    """A new group; its name is unique for life (ABRECHNUNGSKREIS)."""
    orders = d.state.orders
    if len(orders.groups) >= MAX_GROUPS:
        raise Rejected("orders_full")
    number = orders.number + 1
    epoch = f"{d.state.epoch}." if d.state.epoch > 1 else ""  # after a rollback numbers may come again
    name = f"{f'T{table}' if table else 'P'}-{epoch}{number:06d}"
    d.fact(GroupOpened(name, number, table, d.at, station, d.operator(station)))
    return d.state.orders.groups[name]


def require_room(d: Draft, group: str) -> None:
    """What has been placed must stay in bounds: the group, all groups, this line of the journal."""
    groups = d.state.orders.groups
    if group in groups and len(groups[group].lines) > MAX_OPEN_LINES:
        raise Rejected("group_full")
    if sum(len(other.lines) for other in groups.values()) > MAX_OPEN_OF_ALL:
        raise Rejected("orders_full")
    require_fit(d)


def require_fit(d: Draft) -> None:
    """The decision must fit a journal line."""
    if sum(60 + json_size(encode(fact)) for fact in d.facts) > MAX_FACTS:
        raise Rejected("order_too_long")


def part_of(line: Line, quantity: Decimal, amount: int | None = None) -> Line:
    """``quantity`` of an open line with its share of the amount; all of it leaves nothing behind."""
    if quantity == line.quantity:
        return line
    if amount is None:
        amount = round_cents(line.amount * quantity / line.quantity)
    shares = line.shares
    if shares:
        amounts = split(amount, [abs(share.amount) for share in shares])
        shares = tuple(replace(s, amount=a) for s, a in zip(shares, amounts, strict=True))
    return replace(line, quantity=quantity, amount=amount, shares=shares)


def selected(lines: Iterable[Line], wanted: Mapping[int, Decimal] | None) -> tuple[Line, ...]:
    """``wanted`` quantities of open lines, with what belongs to them (deposit, reduction) in proportion."""
    open_lines = tuple(lines)
    if wanted is None:
        return open_lines
    by_number = {line.n: line for line in open_lines}
    taken: list[Line] = []
    for n, quantity in wanted.items():
        line = by_number.get(n)
        if line is None:
            raise Rejected("line_not_found", detail=f"({n})")
        if not (0 < abs(quantity) <= abs(line.quantity) and quantity == quantity.quantize(PLACES)):
            raise Rejected("quantity_invalid", {"line": n, "open": f"{line.quantity:f}"})
        if (quantity < 0) != (line.quantity < 0):
            raise Rejected("quantity_invalid", {"line": n, "open": f"{line.quantity:f}"})
        taken.append(part_of(line, quantity))
        for other in open_lines:
            if other.of == n and other.n not in wanted:
                share = (other.quantity * quantity / line.quantity).quantize(PLACES, ROUND_HALF_UP)
                if share:
                    taken.append(part_of(other, share if quantity != line.quantity else other.quantity))
    return tuple(sorted(taken, key=lambda line: line.n))


def without_discounts(
    lines: tuple[Line, ...], back: tuple[Line, ...], wanted: Mapping[int, Decimal]
) -> tuple[Line, ...]:
    """``back`` of the open ``lines``, and what quantity prices the rest does not reach any more."""
    found = tuple(line for line in back if not (line.terms and is_multibuy(line)) or line.n in wanted)
    rest = summed(lines, (taken_back(line) for line in found))
    for terms in dict.fromkeys(line.terms for line in found if line.terms is not None):
        given = following(rest, terms)
        for vat in dict.fromkeys(line.vat for line in given):
            due = reduction(terms, (line for line in counting(rest, terms) if line.vat == vat))
            excess = sum(line.amount for line in given if line.vat == vat) - due
            for line in reversed([line for line in given if line.vat == vat]):
                amount = max(line.amount, min(excess, 0))
                if amount:
                    share = (line.quantity * amount / line.amount).quantize(PLACES, ROUND_HALF_UP)
                    found = (*found, replace(line, quantity=share, amount=amount))
                    excess -= amount
    return tuple(sorted(found, key=lambda line: line.n))


def equal_part(lines: tuple[Line, ...], parts: int) -> tuple[Line, ...]:
    """One of ``parts`` equal parts of every line: the sums of the parts differ by a cent at most."""
    if parts == 1:
        return lines
    due = split(sum(line.amount for line in lines), [1] * parts)[0]
    amounts = [line.amount // parts for line in lines]
    rests = sorted(range(len(lines)), key=lambda i: (-(lines[i].amount % parts), i))
    for i in rests[: due - sum(amounts)]:
        amounts[i] += 1
    taken = []
    for line, amount in zip(lines, amounts, strict=True):
        quantity = (line.quantity / parts).quantize(PLACES, ROUND_HALF_UP)
        if quantity or amount:
            taken.append(part_of(line, quantity, amount) if quantity != line.quantity else line)
    return tuple(taken)


def enter(d: Draft, sale: Sale, lines: Iterable[Line]) -> Sale:
    """Add ``lines`` of a group to a Vorgang as they were ordered: price and rate are the order's."""
    operator, first = d.operator(sale.station), len(sale.lines) + 1
    lines = tuple(with_keys_then(d.state, line) for line in lines)
    numbers = {line.n: n for n, line in enumerate(lines, first)}
    for line in lines:
        values = dict(zip(_NAMES, _line(line), strict=True))
        values |= {"n": numbers[line.n], "of": numbers.get(line.of, 0), "voids": 0}
        d.fact(f.LineAdded(sale=sale.id, at=d.at, operator=operator, **values))
    return d.state.sales[sale.id]
