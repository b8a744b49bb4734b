"""The printed control codes: selling without a screen.

They use only letters that no keyboard layout moves (no Y, no Z, no punctuation).
"""

from typing import Literal

ControlAction = Literal[
    "cash",
    "card",
    "void_last",
    "abort",
    "reprint",
    "report",
    "quantity",
    "approve_age",
    "in_house",
    "take_away",
]

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
    **{f"MAL{n}": ("quantity", n, f"Nächster Artikel {n} ×") for n in (2, 3, 4, 5, 6, 10)},
    "ALTER": ("approve_age", None, "Alter geprüft"),
    "HIER": ("in_house", None, "Zum Verzehr hier"),
    "MIT": ("take_away", None, "Zum Mitnehmen"),
}


def control_action(text: str, prefix: str) -> tuple[ControlAction, int | None] | None:
    """The action of a control barcode, or None if ``text`` is none."""
    if not text.startswith(prefix):
        return None
    found = CONTROL.get(text[len(prefix) :])
    return found[:2] if found else None
