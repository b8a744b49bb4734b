"""Sections about what an authority or a tax adviser gets: the notification of § 146a Abs. 4 AO, accounts."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from kassd.core.notification.state import CERTIFICATION
from kassd.settings_base import Name, Section

Form = Literal["", "sd", "usb", "cloud"]
Acquisition = Literal["purchase", "lease", "rent", "loan"]
HEX = r"^([0-9a-f]{64})?$"


def _certification(text: str) -> str:
    if text and not CERTIFICATION.search(text):
        raise ValueError("keine Zertifizierungs-ID, z. B. tse_certification = 'BSI-K-TR-0415-2021'")
    return text


Certification = Annotated[str, AfterValidator(_certification)]


class PlaceSection(Section):
    """``[place]``: the place of business (Betriebsstätte) the register belongs to, also while it is used
    elsewhere (`place.set`). What is empty is as in `[business]`."""

    name: str = Field("", max_length=60, description="LOC_NAME; default: the business' name")
    street: str = Field("", max_length=60, description="street and number")
    postal_code: str = Field("", max_length=10, description="postal code")
    city: str = Field("", max_length=62, description="city")
    country: str = Field("", pattern=r"^([A-Z]{3})?$", description="ISO 3166 alpha-3")
    vat_id: str = Field("", max_length=15, description="LOC_USTID, if it has one of its own")
    since: date | None = Field(
        None, description="day from which on the register has belonged to it; another day is a move"
    )


class _Dates(Section):
    acquired: date | None = Field(None, description="day of purchase, or beginning of lease, rent or loan")
    acquisition: Acquisition = Field("purchase", description="how it was acquired")
    commissioned: date | None = Field(None, description="day it was first used")
    decommissioned: date | None = Field(None, description="day it was put out of use, lost or given away")
    reason: str = Field("", max_length=200, description="why it was put out of use")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "_Dates":
        if self.decommissioned is not None and not self.reason:
            raise ValueError("reason fehlt: warum wurde das System außer Betrieb genommen?")
        first = self.commissioned or self.acquired
        if self.decommissioned is not None and first is not None and self.decommissioned < first:
            raise ValueError("decommissioned liegt vor der Inbetriebnahme")
        return self


class NotificationSection(_Dates):
    """``[notification]``: what the tax office is told of this register (§ 146a Abs. 4 AO), see
    [notification.md](notification.md). Serial number, software and TSE are known."""

    manufacturer: str = Field("", max_length=50, description="default: `[register] brand`")
    model: str = Field("", max_length=50, description="default: `[register] model`")
    tse_form: Form = Field("", description="kind of the TSE: SD card, USB stick, cloud")
    tse_commissioned: date | None = Field(
        None, description="default: the day the TSE was bound to this register"
    )
    tse_certification: Certification = Field(
        "", description="BSI-K-TR-nnnn-yyyy, where the TSE does not say it itself; look at it after a swap"
    )


class SystemSection(_Dates):
    """``[[system]]``: another register at the same place of business. A notification always names all of
    them (AEAO zu § 146a Nr. 1.16.1.4); one that is put out of use stays until that has been notified."""

    name: Name = Field(description="of the item")
    serial: str = Field(min_length=1, max_length=70, description="serial number of the system")
    manufacturer: str = Field(min_length=1, max_length=50, description="who made it")
    model: str = Field(min_length=1, max_length=50, description="its model")
    software: str = Field(min_length=1, max_length=50, description="its software")
    software_version: str = Field(min_length=1, max_length=50, description="version of that")
    tse_serial: str = Field(pattern=HEX, min_length=64, description="serial number of its TSE, 64 hex digits")
    tse_commissioned: date = Field(description="day its TSE was put into use")
    tse_certification: Certification = Field(min_length=9, description="BSI-K-TR-nnnn-yyyy")
    tse_form: Literal["sd", "usb", "cloud"] = Field(description="kind of its TSE")
    acquired: date = Field(description="day of purchase, or beginning of lease, rent or loan")
    commissioned: date = Field(description="day it was first used")
