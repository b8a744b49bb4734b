"""The commands of this room. Selling on account is ``sale.pay {"type": "account", "customer": …}``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AccountSettle(Arguments):
    """Add the payment of receivable ``number`` to the current sale (Forderungsaufloesung), ``amount`` cents
    or all of it; ``sale.pay`` takes the money."""

    compares = "sale"

    number: str
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AccountList(Arguments):
    """Open receivables, of one ``customer`` or all."""

    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DownpaymentTake(Arguments):
    """Add a down payment to the current sale (Anzahlungseinstellung): ``amount`` cents at ``vat``,
    or ``amounts`` by tax key. ``what``: goods and quantity agreed; ``pickup`` (YYYY-MM-DD): a pre-order."""

    compares = "sale"

    customer: str
    what: str
    amount: int | None = None
    vat: int | None = None
    amounts: Mapping[int, int] | None = None
    pickup: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DownpaymentRelease(Arguments):
    """Deduct down payment ``number`` from the current sale, with its tax (§ 14 Abs. 5 UStG), as far as the
    sale has goods of its tax keys."""

    compares = "sale"

    number: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DownpaymentRefund(Arguments):
    """The order is cancelled: give the down payment back. A sale of its own; ``sale.pay`` pays it out."""

    right = "refund"
    compares = "sale"

    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DownpaymentList(Arguments):
    """Open down payments by pick-up day, of one day (``pickup`` YYYY-MM-DD) or all."""

    pickup: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class InvoicePay(Arguments):
    """Bill an invoice of ``invoice.issue``: a new sale with its lines as they were, which refers to it; its
    ``amount`` is always the whole. Any other ``number`` is an invoice that another system has written: add
    its payment to the current sale (Forderungsaufloesung with a reference ExterneRechnung). ``sale.pay``
    takes the money."""

    compares = "sale"

    number: str
    amount: int | None = None
    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class InvoiceIssue(Arguments):
    """End the current sale as an invoice that is not paid now (AVRechnung): no payment, no turnover of the
    closing. ``customer``: the name, else whom the sale is made out to; above 250 € the address too."""

    compares = "sale"

    customer: str = ""
    id: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DEU"
    vat_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class InvoiceClose(Arguments):
    """An invoice of ``invoice.issue``, or a claim of ``account.list``, will not be paid at this register
    (transferred, taken back, lost): the books have it from here on. ``reason``: why."""

    right = "refund"

    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class InvoiceList(Arguments):
    """Invoices of ``invoice.issue`` that are not settled, of one ``customer`` or all."""

    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DeliveryIssue(Arguments):
    """End the current sale as a delivery note (AVTransfer): the goods leave, they are billed later."""

    compares = "sale"

    customer: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DeliveryBill(Arguments):
    """Bill delivery note ``number``: a new sale with its lines as they were, which refers to it."""

    compares = "sale"

    number: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DeliveryList(Arguments):
    """Delivery notes that have not been billed, of one ``customer`` or all."""

    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleReference(Arguments):
    """Let the current sale refer to a document of another system (Bon_Referenzen). ``name``: what it is,
    needed for ``ExterneSonstige``."""

    compares = "sale"

    type: Literal["ExterneRechnung", "ExternerLieferschein", "ExterneSonstige"]
    number: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AgencySell(Arguments):
    """Sell in the name of an ``[[agency]]``: no turnover of this business. ``vat``: not taxable."""

    compares = "sale"

    agency: str
    text: str
    price: int
    quantity: Decimal = Decimal(1)
    vat: int = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class EmptiesRedeem(Arguments):
    """Take a slip of the machine for empties (Leergutbon) by its ``code``; each slip once."""

    compares = "sale"

    code: str


COMMANDS: dict[str, type[Arguments]] = {
    "account.settle": AccountSettle,
    "account.list": AccountList,
    "downpayment.take": DownpaymentTake,
    "downpayment.release": DownpaymentRelease,
    "downpayment.refund": DownpaymentRefund,
    "downpayment.list": DownpaymentList,
    "invoice.pay": InvoicePay,
    "invoice.issue": InvoiceIssue,
    "invoice.close": InvoiceClose,
    "invoice.list": InvoiceList,
    "delivery.issue": DeliveryIssue,
    "delivery.bill": DeliveryBill,
    "delivery.list": DeliveryList,
    "sale.reference": SaleReference,
    "agency.sell": AgencySell,
    "empties.redeem": EmptiesRedeem,
}
