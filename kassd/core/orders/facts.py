"""Facts of orders and parking. The lines themselves stand in ``sale.line_added`` of the order's Vorgang."""

from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupOpened(Fact):
    """A group (ABRECHNUNGSKREIS) begins with its first order. ``table`` '' for a parked sale."""

    kind = "order.group_opened"
    group: str
    number: int
    table: str
    at: str
    station: str
    operator: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OrderPlaced(Fact):
    """An order's lines belong to a group: ``numbers`` has the group's number of each line of the Vorgang
    ``sale`` (a known one is added to or taken back from; 0: not counted, a line and its counter-line).

    With ``bill`` it secures what was changed on that bill after it was begun; ``covers`` are then the numbers
    of the bill's newest lines. ``first_order_at``: of the group they come from, when they were moved.
    """

    kind = "order.placed"
    sale: str
    group: str
    numbers: tuple[int, ...]
    at: str
    operator: str
    bill: str = ""
    covers: tuple[int, ...] = ()
    first_order_at: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaleParked(Fact):
    """The current sale is no sale any more but an order: its number ends as Bestellung-V1."""

    kind = "sale.parked"
    sale: str
    group: str
    at: str
    operator: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OrderBilled(Fact):
    """A Beleg has taken lines out of the group: ``numbers`` has the group's number of each line of ``sale``.
    ``parts`` > 0: it is one of that many equal parts."""

    kind = "order.billed"
    sale: str
    group: str
    numbers: tuple[int, ...]
    at: str
    operator: str
    parts: int = 0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupMoved(Fact):
    """The guests sit at another table, or another waiter serves them; the group's name stays."""

    kind = "order.moved"
    group: str
    table: str
    waiter: str
    at: str
    operator: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OrderSlipMade(Fact):
    """A ticket for kitchen or bar, or an interim bill (``document.kind``): no receipt (L-077)."""

    kind = "order.slip_made"
    group: str
    at: str
    operator: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WalkedOut(Fact):
    """Guests left without paying: ``sale`` is the Beleg over what they owe (Forderungsentstehung)."""

    kind = "order.walked_out"
    group: str
    sale: str
    at: str
    operator: str
    reason: str
    amount: int
