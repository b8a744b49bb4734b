"""Open groups, and the bills being paid of them. Closed groups leave.

A group's lines are what was ordered and neither billed nor taken back; they are numbered for the group's life
and keep price, rate and tax key of their order. A bill holds the lines it has taken until it is finished
(they are gone) or aborted (they go back).
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from kassd.core.entry import Line
from kassd.deferred import dataclass, replace

if TYPE_CHECKING:
    from kassd.core.state import Sale

# GV_TYP of what can be ordered. The rest (vouchers, tips, down payments) belongs to a Beleg alone.
MOVED = "Umbuchung"  # BON_NAME of orders that only go to another group
ORDERED = ("Umsatz", "Pfand", "PfandRueckzahlung", "Rabatt", "Aufschlag")


@dataclass(frozen=True, slots=True)
class Group:
    """One ABRECHNUNGSKREIS. ``number`` counts groups for life; ``table`` '' for a parked sale; ``operator``
    is the waiter; ``count``: highest line number given; ``parts``: bills of equal parts being made,
    ``parts_left`` of them not yet; ``age_approved``: the guests at the table are at least that old."""

    id: str
    number: int
    table: str
    station: str
    operator: str
    first_order_at: str
    lines: tuple[Line, ...] = ()
    count: int = 0
    parts: int = 0
    parts_left: int = 0
    age_approved: int = 0

    @property
    def total(self) -> int:
        """Gross sum in cents of what is open."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a Beleg has taken out of its group. ``numbers``: the group's number of each line of the Beleg that
    is known to be ordered, 0 for what is not ordered (a tip); ``parts`` > 0: it is one of that many equal
    parts."""

    group: str
    lines: tuple[Line, ...]
    numbers: tuple[int, ...]
    orders: tuple[str, ...] = ()
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Orders:
    """``number``: groups opened in the register's life; ``bills`` by sale."""

    number: int = 0
    groups: Mapping[str, Group] = field(default_factory=dict)
    bills: Mapping[str, Bill] = field(default_factory=dict)


def summed(lines: Iterable[Line], more: Iterable[Line]) -> tuple[Line, ...]:
    """``lines`` with ``more`` added by number; what comes to nothing is gone."""
    found = {line.n: line for line in lines}
    for line in more:
        old = found.get(line.n)
        found[line.n] = line if old is None else _sum(old, line)
    return tuple(line for line in found.values() if line.quantity or line.amount)


def _sum(old: Line, new: Line) -> Line:
    shares = tuple(
        replace(share, amount=share.amount + other.amount)
        for share, other in zip(old.shares, new.shares, strict=True)
    )
    return replace(old, quantity=old.quantity + new.quantity, amount=old.amount + new.amount, shares=shares)


def taken_back(line: Line) -> Line:
    """The same line with its signs reversed."""
    shares = tuple(replace(share, amount=-share.amount) for share in line.shares)
    return replace(line, quantity=-line.quantity, amount=-line.amount, shares=shares)


def with_group(orders: Orders, group: Group) -> Orders:
    """``orders`` with ``group``, or without it if nothing of it is open any more."""
    groups = {key: value for key, value in orders.groups.items() if key != group.id}
    if group.lines or any(bill.group == group.id for bill in orders.bills.values()):
        groups = {**orders.groups, group.id: group}
    return replace(orders, groups=groups)


def after_bill(orders: Orders, sale: str, aborted: bool) -> Orders:
    """A Vorgang is over: what its bill took is gone, or back in the group."""
    bill = orders.bills.get(sale)
    if bill is None:
        return orders
    orders = replace(orders, bills={key: value for key, value in orders.bills.items() if key != sale})
    group = orders.groups[bill.group]
    if aborted:
        lines = tuple(sorted(summed(group.lines, bill.lines), key=lambda line: line.n))
        left = min(group.parts, group.parts_left + bool(bill.parts))
        group = replace(group, lines=lines, parts_left=left)
    return with_group(orders, group)


def unsecured(sale: "Sale", bill: Bill) -> tuple[Line, ...]:
    """Lines of the bill ``sale`` that have been entered since it was begun and are not ordered yet."""
    return tuple(line for line in sale.lines[len(bill.numbers) :] if line.case in ORDERED)
