"""Commands about finished receipts, returned goods and paper slips."""

from collections.abc import Mapping
from decimal import Decimal

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptReprint(Arguments):
    """Print a receipt of any age again, marked KOPIE; without ``receipt`` the station's last one.
    ``hospitality``: with the lines for a business meal (§ 4 Abs. 5 Nr. 2 EStG)."""

    receipt: str | None = None
    hospitality: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptInvoice(Arguments):
    """Print a finished receipt as an invoice made out to a customer (above 250 €, § 14 Abs. 4 UStG). It
    supplements the receipt and is no second invoice; ``hospitality`` as of ``receipt.reprint``."""

    receipt: str
    name: str
    id: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DEU"
    vat_id: str = ""
    hospitality: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptCancel(Arguments):
    """Cancel a finished receipt whole: a new receipt with every sign reversed, the money back the way it
    came. ``card_reversed`` says that what was not paid in cash has been reversed where it was taken. The
    reply has ``currencies``: what the drawer gets of each, negative what it gives, in hundredths; ``cash`` is
    what that comes to in euro, ``card`` everything else."""

    right = "refund"

    receipt: str
    reason: str
    card_reversed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptCorrectPayment(Arguments):
    """A finished receipt was paid otherwise than it says: it is cancelled and written again with tender
    ``type`` (as of ``sale.pay``) in one act. No money moves; the expected cash follows. ``identified``: as of
    ``sale.identify``, needed for as much cash as there."""

    right = "refund"

    receipt: str
    type: str
    brand: str = ""
    reason: str = ""
    identified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptReturn(Arguments):
    """Take goods of an old receipt back into the current sale: ``lines`` is the receipt's line → quantity;
    price, tax and reductions as they were then."""

    right = "refund"
    compares = "sale"

    receipt: str
    lines: Mapping[int, Decimal]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleReturn(Arguments):
    """Take goods back without their receipt, at today's price or ``price``: by ``code``, ``article``, or as
    open item (``text``, ``price``, ``vat``). Without ``quantity`` it is what the code says, else 1; of a code
    that names a weight, a price or a number, as on a label, it is that many times what the code names."""

    right = "refund"
    compares = "sale"

    reason: str
    code: str | None = None
    article: str | None = None
    text: str | None = None
    price: int | None = None
    vat: int | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleUndo(Arguments):
    """Take the newest entry of the current sale back: a part payment, else the last line that stands.
    ``card_reversed`` says that a card payment has been reversed at the terminal."""

    right = "void"
    compares = "sale"

    card_reversed: bool = False


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of a paper slip as of ``sale.add``: ``article``, ``code``, or ``text``, ``price``, ``vat``; with
    the ``reason`` where it is given away."""

    code: str | None = None
    article: str | None = None
    text: str | None = None
    price: int | None = None
    vat: int | None = None
    quantity: Decimal = Decimal(1)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PaperPayment:
    """``amount`` cents paid with tender ``type`` as of ``sale.pay``."""

    type: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PaperCapture(Arguments):
    """Capture the numbered paper ``slip`` that was written ``at`` (RFC 3339) while the register was down;
    once. Prices and tax rates are those of that time. ``payment``: the tender as of ``sale.pay``;
    ``payments``: where there were several, together the slip's sum. ``identified``: as of ``sale.identify``,
    needed for as much cash as there."""

    right = "refund"

    slip: str
    at: str
    lines: tuple[PaperLine, ...]
    payment: str = "cash"
    payments: tuple[PaperPayment, ...] = ()
    identified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PaperVoid(Arguments):
    """Say that a numbered paper slip was spoilt; it can no longer be captured."""

    right = "refund"

    slip: str
    reason: str


COMMANDS: dict[str, type[Arguments]] = {
    "receipt.reprint": ReceiptReprint,
    "receipt.invoice": ReceiptInvoice,
    "receipt.cancel": ReceiptCancel,
    "receipt.correct_payment": ReceiptCorrectPayment,
    "receipt.return": ReceiptReturn,
    "sale.return": SaleReturn,
    "sale.undo": SaleUndo,
    "paper.capture": PaperCapture,
    "paper.void": PaperVoid,
}
