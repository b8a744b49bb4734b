"""Facts about handing out receipts."""

from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptWithheld(Fact):
    """A receipt was signed and issued, but not printed: the tax office's exemption ``file_number`` allows it
    (§ 146a Abs. 2 Satz 2, § 148 AO). ``document``: id of its slip."""

    kind = "receipt.withheld"
    receipt: str
    at: str
    station: str
    file_number: str
    document: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptHandedOut(Fact):
    """The original of a withheld receipt is printed because the customer asked for it (§ 368 BGB)."""

    kind = "receipt.handed_out"
    receipt: str
    at: str
    operator: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HospitalitySet(Fact):
    """The receipt gets the lines for a business meal, or does not."""

    kind = "sale.hospitality_set"
    sale: str
    at: str
    on: bool
    operator: str = ""
