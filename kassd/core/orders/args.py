"""Commands of orders and parking."""

from collections.abc import Mapping
from decimal import Decimal

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderLine:
    """What is ordered: ``code``, ``article`` or an open item (``text``, ``price``, ``vat``). A negative
    ``quantity`` takes back what was ordered before. ``note`` stands on ticket and receipt. ``over_limit``:
    more than an article's ``max_per_sale``, with what is open of the group; needs the right ``approve``.
    ``reason``: why the ``price`` is another; required for an article that is given away."""

    code: str | None = None
    article: str | None = None
    text: str | None = None
    price: int | None = None
    vat: int | None = None
    quantity: Decimal = Decimal(1)
    note: str = ""
    in_house: bool | None = None
    over_limit: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfGroup(Arguments):
    """An open group: by its name (``T5-000123``) or number (``123``), or by the table."""

    group: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderSend(OfGroup):
    """Order, complete in one command; no current sale is needed or touched. With ``table`` for the group
    there (opened if there is none), with ``group`` for that one, with neither for a new one without a table.
    Taking back needs the right ``void`` and a ``reason``. ``age`` (16, 18): the guests at the table have been
    seen to be that old, which needs the right ``approve``; else it is asked for at the bill."""

    lines: tuple[OrderLine, ...]
    reason: str = ""
    age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderCancel(OfGroup):
    """Take back what was ordered: ``lines`` line → quantity, without it everything that is open."""

    right = "void"

    lines: Mapping[int, Decimal] | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderList(OfGroup):
    """The open groups with their sums, or one of them with its lines."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderBill(OfGroup):
    """Begin a bill as the station's current sale: of everything open, of ``lines`` (line → quantity), or of
    one of ``parts`` equal parts (the same command again makes the next one)."""

    compares = "sale"

    lines: Mapping[int, Decimal] | None = None
    parts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderMerge(OfGroup):
    """Move everything open to the group ``into`` (its name or number) or to the one at ``into_table``.
    ``over_limit``: both together may be more than an article's ``max_per_sale`` (right ``approve``)."""

    into: str | None = None
    into_table: str | None = None
    over_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderTransfer(OfGroup):
    """Move guests ``to_table``, or to another ``waiter``; with ``lines`` (line → quantity) only these goods,
    also to a table where a group is open; ``over_limit``: with what is open there they may be more than an
    article's ``max_per_sale`` (right ``approve``)."""

    to_table: str | None = None
    waiter: str | None = None
    lines: Mapping[int, Decimal] | None = None
    over_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderInterim(OfGroup):
    """Print an interim bill: what is open, and that this is no receipt."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OrderWalkout(OfGroup):
    """The guests have left without paying: what is open becomes a claim."""

    right = "void"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SalePark(Arguments):
    """Put the current sale aside as an order: for the group at ``table``, or as a new group. A bill that was
    recalled goes back to its group. ``over_limit``: with what is open there it may be more than an article's
    ``max_per_sale`` (right ``approve``)."""

    compares = "sale"

    table: str | None = None
    over_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleRecall(OfGroup):
    """Take a parked sale up again: a new Beleg with everything open of the group."""

    compares = "sale"


COMMANDS: dict[str, type[Arguments]] = {
    "order.send": OrderSend,
    "order.cancel": OrderCancel,
    "order.list": OrderList,
    "order.bill": OrderBill,
    "order.merge": OrderMerge,
    "order.transfer": OrderTransfer,
    "order.interim": OrderInterim,
    "order.walkout": OrderWalkout,
    "sale.park": SalePark,
    "sale.recall": SaleRecall,
}
