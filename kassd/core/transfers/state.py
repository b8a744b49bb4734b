"""A credit transfer that the current sale waits for."""

from collections.abc import Mapping
from typing import Any

from kassd.core.money import euros
from kassd.deferred import dataclass, replace


@dataclass(frozen=True, slots=True)
class Transfer:
    """``amount`` cents are asked for by the code with ``content``; ``reference``: what the bank's statement
    will say. Volatile, for displays: ``edge`` of the code in modules without the quiet zone, ``bits``: its
    modules row by row, packed, base64."""

    amount: int
    reference: str
    content: str
    at: str
    edge: int = 0
    bits: str = ""

    @property
    def told(self) -> str:
        """For the operator: that nothing is certain, and what to do."""
        return (
            f"GiroCode über {euros(self.amount)} €: der Geldeingang ist nicht bestätigt, die Kasse sieht das "
            "Konto nicht. Konto oder Telefon des Kunden ansehen und bestätigen („Überweisung: Geld ist da“, "
            "„Überweisung: Auftrag gesehen“), oder anders kassieren."
        )

    @property
    def for_customer(self) -> str:
        """For the customer."""
        return f"{euros(self.amount)} € überweisen: Code mit der App Ihrer Bank scannen."


def undrawn(sales: Mapping[str, Any]) -> dict[str, Any]:
    """Sales without what a power cut may forget of their codes."""
    return {
        key: replace(sale, transfer=replace(sale.transfer, edge=0, bits="")) if sale.transfer else sale
        for key, sale in sales.items()
    }
