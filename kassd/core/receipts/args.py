"""Commands about handing out receipts, and offers."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReceiptPrint(Arguments):
    """Print a receipt whose original was not printed because of an exemption (§ 148 AO), once; without
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


COMMANDS: dict[str, type[Arguments]] = {
    "receipt.print": ReceiptPrint,
    "sale.hospitality": SaleHospitality,
    "offer.issue": OfferIssue,
}
