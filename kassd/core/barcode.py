"""Check digits of retail barcodes (GS1 General Specifications 7.9.1) and the printed control codes.

Control codes use only letters that no keyboard layout moves (no Y, no Z, no punctuation).
"""

from typing import Literal

ControlAction = Literal["cash", "card", "void_last", "abort", "reprint", "report"]

DEFAULT_PREFIX = "KASSD"
CONTROL: dict[str, tuple[ControlAction, int | None, str]] = {
    "BAR": ("cash", None, "Bar passend"),
    "BAR5": ("cash", 500, "Bar 5 €"),
    "BAR10": ("cash", 1000, "Bar 10 €"),
    "BAR20": ("cash", 2000, "Bar 20 €"),
    "BAR50": ("cash", 5000, "Bar 50 €"),
    "KARTE": ("card", None, "Karte"),
    "STORNO": ("void_last", None, "Letzte Position stornieren"),
    "ABBRUCH": ("abort", None, "Vorgang abbrechen"),
    "KOPIE": ("reprint", None, "Letzter Beleg noch einmal"),
    "BERICHT": ("report", None, "X-Bericht"),
}


def gtin_check_digit(digits: str) -> int:
    """Check digit for the digits that precede it (weights 3, 1, 3 … from the right)."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -total % 10


def has_wrong_check_digit(code: str) -> bool:
    """Whether ``code`` looks like a GTIN-8/12/13/14 and its last digit does not fit."""
    if len(code) not in (8, 12, 13, 14) or not (code.isascii() and code.isdigit()):
        return False
    return gtin_check_digit(code[:-1]) != int(code[-1])


def control_action(text: str, prefix: str) -> tuple[ControlAction, int | None] | None:
    """The action of a control barcode, or None if ``text`` is none."""
    if not text.startswith(prefix):
        return None
    found = CONTROL.get(text[len(prefix) :])
    return found[:2] if found else None
