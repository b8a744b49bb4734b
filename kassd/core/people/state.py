"""What is known about people and places."""

from collections.abc import Mapping
from dataclasses import field

from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong PINs of one operator in a row. ``until``: RFC 3339, no PIN counts before it, '' if any does."""

    count: int = 0
    until: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the register is used since when."""

    name: str
    since: str
    by: str
    street: str = ""
    postal_code: str = ""
    city: str = ""

    @property
    def address(self) -> str:
        """``Marktplatz 1, 01067 Dresden``, '' if none is known."""
        town = f"{self.postal_code} {self.city}".strip()
        return ", ".join(part for part in (self.street, town) if part)


@dataclass(frozen=True, slots=True)
class People:
    """``tries`` by operator; ``turnover``: year → gross turnover in cents, this year and the one before."""

    tries: Mapping[str, Tries] = field(default_factory=dict)
    place: Place | None = None
    turnover: Mapping[str, int] = field(default_factory=dict)
