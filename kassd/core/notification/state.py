"""What the tax office is told of the registers of a place of business, and what it has been told."""

import re
from typing import Literal

from kassd.deferred import dataclass

# BSI-K-TR-nnnn-yyyy; the form wants nnnn-yyyy.
CERTIFICATION = re.compile(r"(?<!\d)(\d{4}-20\d\d)(?!\d)")
MAX_NOTICES = 20  # kept; the journal has all of them


@dataclass(frozen=True, slots=True)
class Place:
    """A place of business (Betriebsstätte). ``since``: ISO day this register has belonged to it from, ''
    if it never was elsewhere."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str = "DEU"
    since: str = ""

    def address(self) -> tuple[str, ...]:
        """Name and address."""
        return (self.name, self.street, self.postal_code, self.city, self.country)

    def is_same(self, told: "Place") -> bool:
        """Whether no move lies between what was ``told`` and this: without another day another address is a
        correction, and another day at the same address was only not told before."""
        return not self.since or self.is_stay(told)

    def is_stay(self, told: "Place") -> bool:
        """Whether it is the place that was ``told``: belonged to since the same day, or at its address."""
        return self.since == told.since or self.address() == told.address()


@dataclass(frozen=True, slots=True)
class System:
    """An electronic recording system as it is notified; days ISO, '' = not known or not yet."""

    serial: str
    manufacturer: str
    model: str
    software: str
    software_version: str
    tse_serial: str
    tse_commissioned: str
    tse_certification: str
    tse_form: str
    acquired: str
    commissioned: str
    decommissioned: str = ""
    reason: str = ""
    acquisition: Literal["purchase", "lease", "rent", "loan"] = "purchase"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification that was sent on ``day``. ``ticket``: ELSTER's Transferticket. ``systems`` of the newest
    one of a place only: older ones are in the journal."""

    day: str
    place: Place
    ticket: str
    count: int
    systems: tuple[System, ...] = ()
