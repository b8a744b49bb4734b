"""Receipts on their way to a customer's phone."""

from typing import Literal

from kassd.core.document import Document
from kassd.deferred import dataclass

By = Literal["link", "qr"]  # a link to the register's own page; the whole receipt as text in a QR code
OfferStatus = Literal["asked", "offered", "fetched"]

# Theory of operation. A wish asks for the offer; once it is shown it waits to be fetched. An original that
# nobody fetches is printed instead, and then its link is over. Rows that end lead out of the table.
OFFER_TABLE: dict[tuple[str, str], str] = {
    ("none", "receipt.offer_asked"): "asked",
    ("asked", "receipt.offered"): "offered",
    ("asked", "receipt.offer_ended"): "ended",
    ("offered", "receipt.fetched"): "fetched",
    ("offered", "receipt.offer_ended"): "ended",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An electronic receipt offered at ``station``. ``wish``: id of the wish for it; ``why``: ``chosen``
    before the sale's end, ``asked`` for afterwards, ``printer``: it could not be printed; ``touched``: mono
    ns of its last step. Volatile, for displays: ``content`` of the QR code, its ``edge`` in modules without
    the quiet zone, ``bits``: its modules row by row, packed, base64."""

    wish: str
    document: Document
    by: By
    status: OfferStatus = "asked"
    station: str = ""
    why: str = ""
    touched: int = 0
    expires_at: str = ""
    content: str = ""
    edge: int = 0
    bits: str = ""
