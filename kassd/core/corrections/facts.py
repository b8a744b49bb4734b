"""Facts about finished receipts and paper slips."""

from typing import Literal

from kassd.core.document import Document
from kassd.core.entry import Customer, Reference
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptCorrected(Fact):
    """Vorgang ``sale`` corrects ``receipt``: it cancels it, replaces it (another tender) or takes goods of
    it back. ``reference`` is its row of Bon_Referenzen (DSFinV-K 4.2.2)."""

    kind = "receipt.corrected"
    sale: str
    receipt: str
    how: Literal["cancel", "replace", "return"]
    at: str
    reference: Reference
    reason: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaleReopened(Fact):
    """Every payment of an unfinished sale has been given back: it is open again."""

    kind = "sale.reopened"
    sale: str
    at: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RewritePlanned(Fact):
    """The lines of ``receipt`` that ``sale`` repeats (``sign`` -1: reversed) go on in later journal lines."""

    kind = "receipt.rewrite_planned"
    sale: str
    receipt: str
    sign: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptInvoiced(Fact):
    """The recipient was added to a receipt (§ 31 Abs. 5 UStDV); the document is no second invoice."""

    kind = "receipt.invoiced"
    receipt: str
    at: str
    customer: Customer
    operator: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PaperCaptured(Fact):
    """Vorgang ``sale`` is the later capture of the numbered paper slip ``slip`` (item 5.3 of the procedure
    for total failure); ``written_at`` is the time on the slip."""

    kind = "paper.captured"
    sale: str
    slip: str
    written_at: str
    at: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PaperVoided(Fact):
    """A numbered paper slip was spoilt; it will never be captured."""

    kind = "paper.voided"
    slip: str
    at: str
    reason: str
    operator: str
