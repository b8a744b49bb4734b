"""What has been decided about open items. What is left of them follows from the lines of receipts."""

from typing import Literal

from kassd.core.entry import Reference, Share
from kassd.core.fact import Fact
from kassd.deferred import dataclass

ItemKind = Literal["receivable", "downpayment", "delivery", "invoice"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ItemOpened(Fact):
    """A receivable, a down payment, a delivery note or an unpaid invoice is part of a sale; it is open
    once that is finished. ``what``: what for; ``pickup``: day the goods are fetched, YYYY-MM-DD or ''."""

    kind = "item.opened"
    sale: str
    number: str
    kind_of: ItemKind
    customer: str
    at: str
    what: str = ""
    pickup: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TaxPostponed(Fact):
    """What the sale supplies is taxed when receivable ``number`` is paid (§ 20 UStG): its lines go to key 5,
    ``owed`` is what they would have carried."""

    kind = "sale.tax_postponed"
    sale: str
    number: str
    at: str
    owed: tuple[Share, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ItemClosed(Fact):
    """An unpaid invoice or claim is settled elsewhere, or given up; this register takes no money for it."""

    kind = "item.closed"
    number: str
    at: str
    reason: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReferenceAdded(Fact):
    """A sale refers to a receipt or to a document of another system (Bon_Referenzen)."""

    kind = "reference.added"
    sale: str
    at: str
    reference: Reference
    operator: str = ""
