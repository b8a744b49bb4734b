"""The lines for a business meal on a receipt (§ 4 Abs. 5 Satz 1 Nr. 2 EStG; BMF 19.11.2025)."""

from kassd.core.decision import Rejected
from kassd.core.document import Document
from kassd.core.entry import Customer
from kassd.core.master import Config, items
from kassd.deferred import replace

SMALL = 25_000  # cents; above, an invoice names its recipient (§ 33 UStDV)
# What the guest's host fills in.
HOSPITALITY = (
    "Trinkgeld (Betrag, Unterschrift des Empfängers)",
    "Bewirtete Personen",
    "Anlass der Bewirtung",
    "Bewirtende Person",
    "Ort, Datum, Unterschrift",
)
RECIPIENT = "Rechnungsempfänger (Name, Anschrift)"


def require_address(customer: Customer, total: int) -> None:
    """Above 250 € an invoice names its recipient with the address (§ 14 Abs. 4 Nr. 1 UStG, § 33 UStDV)."""
    if total > SMALL and not has_address(customer):
        raise Rejected("address_required")


def has_address(customer: Customer) -> bool:
    """Whether letters reach the customer."""
    return bool(customer.street and customer.city)


def with_form(document: Document) -> Document:
    """The slip with the lines for a business meal."""
    named = document.customer is not None or document.total <= SMALL
    return replace(document, form=HOSPITALITY if named else (RECIPIENT, *HOSPITALITY))


def by_default(config: Config, station: str) -> bool:
    """Whether each receipt of a station has them."""
    here = items(config, "station").get(station, {}).get("hospitality")
    return bool(config.get("receipt.hospitality", False) if here is None else here)
