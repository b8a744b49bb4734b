"""Facts about handing out receipts."""

from typing import Literal

from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.core.receipts.state import By
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
class ReceiptUnprinted(Fact):
    """A receipt was signed and issued, but its station has no printer, or it waited for one and was given up,
    and nothing offers it electronically: the customer must be asked how to get it (§ 146a Abs. 2 AO).
    ``document``: id of its slip."""

    kind = "receipt.unprinted"
    receipt: str
    at: str
    station: str
    document: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptHandedOut(Fact):
    """The original of a receipt that was withheld or not printed leaves after all, on paper or offered
    electronically, because the customer asked for it (§ 368 BGB)."""

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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HandOverSet(Fact):
    """How the customer wants the receipt: ``by`` link or qr, '' on paper. ``consent``: display or asked; who
    consented is not recorded."""

    kind = "sale.hand_over_set"
    sale: str
    at: str
    by: Literal["", "link", "qr"]
    consent: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OfferAsked(Fact):
    """An electronic receipt is to be offered. ``document``: id of its slip; ``why``: chosen, asked, printer
    (it cannot be printed now); ``consent``: display, asked, '' where fetching it is the consent."""

    kind = "receipt.offer_asked"
    receipt: str
    at: str
    document: str
    station: str
    by: By
    why: str
    consent: str
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptOffered(Fact):
    """It is made and shown. ``sha256``: of the PDF, or of the text in the QR code; ``token``: SHA-256 of the
    link's secret part, '' without a link; ``expires_at``: when the link ends."""

    kind = "receipt.offered"
    receipt: str
    at: str
    document: str
    by: By
    sha256: str
    token: str
    expires_at: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReceiptFetched(Fact):
    """The customer has it, recorded once: ``form`` html, pdf, png, or said (at the till)."""

    kind = "receipt.fetched"
    receipt: str
    at: str
    document: str
    form: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OfferEnded(Fact):
    """It is offered no longer. ``why``: printed (the original comes on paper), failed; ``reason``: link_off,
    not_fetched, not_made, too_large, asked, printer."""

    kind = "receipt.offer_ended"
    receipt: str
    at: str
    document: str
    why: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OfferShown(Fact):
    """What displays show of an offer. Volatile: the link's secret part is not in the journal."""

    kind = "receipt.offer_shown"
    document: str
    content: str
    edge: int
    bits: str
