"""Sections about handing out receipts."""

from datetime import date
from pathlib import Path

from pydantic import Field, model_validator

from kassd.settings_base import Section


class ReceiptSection(Section):
    """``[receipt]``: what every receipt has."""

    logo: Path | None = Field(
        None, description="PNG for the head of printed receipts; scaled to the paper, at most 3 cm high"
    )
    hospitality: bool = Field(
        False, description="lines for a business meal (Bewirtungsbeleg); `sale.hospitality` says otherwise"
    )


class ReceiptLinkSection(Section):
    """``[receipt_link]``: receipts are handed over by a link to a page of the register, shown as a QR code on
    the displays to customers who chose so (`sale.hand_over`), and where no paper comes. The page is served on
    the local network; the link names nobody, is not to be guessed, and ends."""

    url: str = Field(
        pattern=r"^https?://[^/?#\s]+(/[^?#\s]*[^/?#\s])?$",
        description="where customers' phones reach the page, e.g. `http://192.168.4.1:8088`",
    )
    host: str = Field("0.0.0.0", min_length=1, description="address to serve on; 127.0.0.1 behind a proxy")
    port: int = Field(8088, ge=1, le=65535, description="port to serve on")
    valid_hours: int = Field(24, ge=1, le=720, description="how long a link works")
    print_after_s: int = Field(
        60, ge=0, le=3600, description="an original nobody has fetched by then is printed; 0: never"
    )


class ReceiptExemptionSection(Section):
    """``[receipt_exemption]``: the tax office has exempted this business from handing out receipts (§ 146a
    Abs. 2 Satz 2, § 148 AO). Receipts are signed as ever and printed only where somebody asks
    (`receipt.print`); after `valid_until`, or without this section (revoked), each is printed again."""

    file_number: str = Field(min_length=1, max_length=40, description="Aktenzeichen of the approval")
    scope: str = Field(min_length=1, max_length=80, description="what it covers, as approved")
    valid_from: date = Field(description="first day, 2026-12-01")
    valid_until: date = Field(description="last day, 2027-11-30")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "ReceiptExemptionSection":
        if self.valid_until < self.valid_from:
            raise ValueError("valid_until liegt vor valid_from, z. B. valid_until = 2027-11-30")
        return self
