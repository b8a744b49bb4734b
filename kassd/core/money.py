"""Money is integer cents, gross. Everything that divides money is here."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import floor

CENT = Decimal(1)


def round_cents(value: Decimal) -> int:
    """Round to whole cents, half away from zero (kaufmännisch)."""
    return int(value.quantize(CENT, ROUND_HALF_UP))


def line_amount(quantity: Decimal, unit_price: int, factor: Decimal = CENT) -> int:
    """Gross amount in cents of ``quantity`` / ``factor`` × ``unit_price`` (MENGE, FAKTOR, STK_BR)."""
    return round_cents(quantity * unit_price / factor)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` cents by ``weights`` so that the parts add up exactly (largest remainder).

    Ties go to the earlier part. ``weights`` must not be negative and not all be zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be positive")
    sign = -1 if total < 0 else 1
    parts = [abs(total) * w // whole for w in weights]
    rest = [abs(total) * w % whole for w in weights]
    for i in sorted(range(len(weights)), key=lambda i: (-rest[i], i))[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def rounded_to(total: int, parts: Sequence[Decimal]) -> list[int]:
    """``parts`` (of any sign) in whole cents that add up to ``total``, their rounded sum: each rounded down,
    the cents that are missing to the largest remainders; ties go to the earlier part."""
    whole = [floor(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda i: (whole[i] - parts[i], i))
    for i in order[: total - sum(whole)]:
        whole[i] += 1
    return whole


def net_and_tax(gross: int, rate: Decimal) -> tuple[int, int]:
    """Net and VAT in cents contained in ``gross`` at ``rate`` percent; they add up to ``gross``."""
    tax = round_cents(gross * rate / (100 + rate))
    return gross - tax, tax


def euros(cents: int) -> str:
    """``123456`` → ``1.234,56`` as a German reader expects it."""
    whole = f"{abs(cents) // 100:,}".replace(",", ".")
    return f"{'-' if cents < 0 else ''}{whole},{abs(cents) % 100:02d}"


def decimal_point(quantity: Decimal) -> str:
    """``1.500`` → ``1.5``, ``2.000`` → ``2``: no more digits than needed."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def point(cents: int) -> str:
    """``-1234`` → ``-12.34`` as DSFinV-K's process data wants it."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
