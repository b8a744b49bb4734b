"""Turnover of the calendar year, and what § 19 UStG makes of it: 25,000 € last year, 100,000 € this year.

Turnover is what the receipts sold, gross of tax: a small business charges none, so gross is its fee.
"""

from collections.abc import Mapping

from kassd.core.master import is_small_business
from kassd.core.money import euros
from kassd.core.state import Sale, State

TURNOVER = (
    "Umsatz",
    "Pfand",
    "PfandRueckzahlung",
    "Rabatt",
    "Aufschlag",
    "ZuschussUnecht",
    "TrinkgeldAG",
    "EinzweckgutscheinKauf",
    "EinzweckgutscheinEinloesung",
    "Anzahlungseinstellung",
    "Anzahlungsaufloesung",
)
NEXT_YEAR, SOON, OVER = 2_500_000, 8_000_000, 10_000_000


def turnover_of(sale: Sale) -> int:
    """Own turnover in cents of a finished Beleg."""
    return sum(line.amount for line in sale.lines if line.case in TURNOVER and not line.agency)


def with_turnover(turnover: Mapping[str, int], year: str, amount: int) -> dict[str, int]:
    """Add to a year; the year before is kept, older ones are the journal's."""
    kept = {key: value for key, value in turnover.items() if key >= str(int(year) - 1)}
    return {**kept, year: kept.get(year, 0) + amount}


def warning(state: State) -> tuple[int, str] | None:
    """(limit in cents, German sentence) of the highest limit a small business has passed this year."""
    if not is_small_business(state.config) or not state.people.turnover:
        return None
    year = max(state.people.turnover)
    amount = state.people.turnover[year]
    total = f"Umsatz {year}: {euros(amount)} €."
    if amount > OVER:
        return OVER, (
            f"{total} Über 100.000 € endet die Kleinunternehmerregelung (§ 19 UStG) sofort: Tagesabschluss "
            "machen, small_business ausschalten und den Steuerberater fragen."
        )
    if amount > SOON:
        return SOON, f"{total} Bei 100.000 € endet die Kleinunternehmerregelung (§ 19 UStG)."
    if amount > NEXT_YEAR:
        return NEXT_YEAR, (
            f"{total} Über 25.000 € gilt die Kleinunternehmerregelung im nächsten Jahr nicht mehr."
        )
    return None
