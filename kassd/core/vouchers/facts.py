"""What has been decided about vouchers. Balances follow from the lines of receipts."""

from decimal import Decimal

from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VoucherIssued(Fact):
    """A voucher is part of a sale; it is valid once the sale is finished. ``kind_of``: single or multi;
    ``vat``: the tax key of a single-purpose voucher's goods, 5 for a multi-purpose one; ``rate``: what it was
    taxed with when it was sold (0: under § 19 UStG); ``expiry``: last day, YYYY-MM-DD."""

    kind = "voucher.issued"
    sale: str
    number: str
    kind_of: str
    value: int
    vat: int
    rate: Decimal
    text: str
    expiry: str
    at: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VoucherPrinted(Fact):
    """The slip that the customer takes away."""

    kind = "voucher.printed"
    number: str
    at: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VoucherTakenOver(Fact):
    """A voucher that ``issuer`` sold is redeemed here from now on, with ``value`` left."""

    kind = "voucher.taken_over"
    number: str
    kind_of: str
    value: int
    vat: int
    rate: Decimal
    text: str
    expiry: str
    issuer: str
    reason: str
    at: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VoucherWithdrawn(Fact):
    """This register redeems the voucher no more; ``balance`` was left."""

    kind = "voucher.withdrawn"
    number: str
    balance: int
    reason: str
    at: str
    operator: str = ""
