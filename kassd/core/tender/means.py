"""Means of payment: cash, card, cheque, and what the configuration adds (``[[tender]]``, ``[[currency]]``).

No tender has a fee, a price or a rate of its own: a surcharge for a consumer's card (§ 270a BGB) cannot be
configured.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kassd.core.money import round_cents
from kassd.deferred import dataclass

# ZAHLART_TYP and ZAHLART_NAME. A cheque is taken like cash (the drawer opens, it is kept there), but it is no
# cash: Z_SE_BARZAHLUNGEN and the expected cash are notes and coins alone, so it counts as Unbar.
BUILT_IN = {"cash": ("Bar", "Bar"), "card": ("Unbar", "Karte"), "cheque": ("Unbar", "Scheck")}
IN_DRAWER = ("cash", "cheque")
BRANDS = {
    "girocard": ("ECKarte", "girocard"),
    "maestro": ("ECKarte", "Maestro"),
    "vpay": ("ECKarte", "V PAY"),
    "mastercard": ("Kreditkarte", "Mastercard"),
    "visa": ("Kreditkarte", "Visa"),
    "amex": ("Kreditkarte", "American Express"),
    "diners": ("Kreditkarte", "Diners Club"),
    "jcb": ("Kreditkarte", "JCB"),
    "unionpay": ("Kreditkarte", "UnionPay"),
}


@dataclass(frozen=True, slots=True)
class Means:
    """``type`` ZAHLART_TYP, ``name`` ZAHLART_NAME; ``drawer``: it is put into the drawer."""

    type: str
    name: str
    drawer: bool = False


def means_of(config: Mapping[str, Any], tender: str, brand: str = "") -> Means | None:
    """The means of payment a command names, None if it is not set up. ``brand`` tells a card's kind."""
    if tender == "card" and brand:
        return Means(*BRANDS.get(brand.lower().replace(" ", ""), ("Unbar", brand)))
    if tender in BUILT_IN:
        return Means(*BUILT_IN[tender], drawer=tender in IN_DRAWER)
    kind = config.get(f"tender.{tender}.type")
    if kind is None:
        return None
    return Means(str(kind), str(config.get(f"tender.{tender}.text") or tender))


# ZVT card type (PA00P015, table of card type ids) → brand.
CARD_TYPES = {
    2: "girocard",
    5: "girocard",
    6: "mastercard",
    8: "amex",
    10: "visa",
    11: "visa",
    12: "diners",
    13: "vpay",
    14: "jcb",
    46: "maestro",
    198: "unionpay",
}


def means_of_card(card_type: int, name: str) -> Means:
    """The means of payment that a terminal tells; ``name`` what it calls a card of another type."""
    brand = CARD_TYPES.get(card_type, "")
    return Means(*BRANDS[brand]) if brand else Means("Unbar", name or BUILT_IN["card"][1])


def rate_of(config: Mapping[str, Any], currency: str) -> Decimal | None:
    """Euro for one unit of a currency as the configuration says now, None if it is not taken."""
    rate = config.get(f"currency.{currency}.rate")
    return None if rate is None else Decimal(str(rate))


def in_euro(foreign: int, rate: Decimal) -> int:
    """Cents for hundredths of another currency."""
    return round_cents(foreign * rate)
