"""Commands about handing out receipts, and offers."""

from typing import Literal

from kassd.core.arguments import Arguments
from kassd.core.receipts.state import By
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptPrint(Arguments):
    """Print a receipt whose original was not printed because of an exemption (§ 148 AO), is offered
    electronically and not fetched, waits for another printer, or was given up (`print.skip`), once; without
    ``receipt`` the station's last one."""

    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleHospitality(Arguments):
    """Print the current sale's receipt with the lines for a business meal (§ 4 Abs. 5 Nr. 2 EStG), or not."""

    compares = "sale"

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferIssue(Arguments):
    """End the current sale as an offer (AVSonstige, BON_NAME Angebot): nothing is sold. ``name``: whom it is
    for; ``valid_until``: YYYY-MM-DD."""

    compares = "sale"

    name: str = ""
    valid_until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SaleHandOver(Arguments):
    """How the customer takes the current sale's receipt: ``link`` (a page of the register, by QR code on the
    display), ``qr`` (all of it inside the QR code), ``paper``. ``consent``: chosen on a ``display``, or
    ``asked`` by a person (§ 6 Satz 5 KassenSichV)."""

    compares = "sale"

    by: Literal["link", "qr", "paper"]
    consent: Literal["display", "asked"] = "asked"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptOffer(Arguments):
    """Offer a receipt electronically, without ``receipt`` the station's last one; as a copy, unless its
    original was not handed out because of an exemption. ``by`` and ``consent`` as of ``sale.hand_over``."""

    receipt: str | None = None
    by: By = "link"
    consent: Literal["display", "asked"] = "asked"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptTake(Arguments):
    """The customer has the receipt that the station offers (read out of the QR code): it is not printed."""


COMMANDS: dict[str, type[Arguments]] = {
    "receipt.print": ReceiptPrint,
    "receipt.offer": ReceiptOffer,
    "receipt.take": ReceiptTake,
    "sale.hand_over": SaleHandOver,
    "sale.hospitality": SaleHospitality,
    "offer.issue": OfferIssue,
}
