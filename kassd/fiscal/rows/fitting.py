"""Texts and their greatest lengths: what explains is shortened visibly, what identifies never."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kassd.fiscal.layout import layouts
from kassd.fiscal.rows.problem import ExportBlocked, Problem

# Texts that people read. Whatever else does not fit would mean something else when shortened.
EXPLAINING = frozenset(
    (
        *("NAME", "STRASSE", "ORT", "LOC_NAME", "LOC_STRASSE", "LOC_ORT"),
        *("KASSE_BRAND", "KASSE_MODELL", "KASSE_SW_BRAND", "KASSE_SW_VERSION"),
        *("TERMINAL_BRAND", "TERMINAL_MODELL", "TERMINAL_SW_BRAND", "TERMINAL_SW_VERSION"),
        *("AGENTUR_NAME", "AGENTUR_STRASSE", "AGENTUR_ORT", "UST_BESCHR", "GV_NAME", "ZAHLART_NAME"),
        *("BON_NAME", "BEDIENER_NAME", "KUNDE_NAME", "KUNDE_TYP", "KUNDE_STRASSE", "KUNDE_ORT", "BON_NOTIZ"),
        *("WARENGR", "EINHEIT", "ZI_NAME", "ZI_WARENGR", "ZI_EINHEIT", "TSE_TA_FEHLER", "REF_NAME"),
    )
)
ELLIPSIS = "…"
MAXIMA: Mapping[str, int] = {
    column.name: column.size
    for table in layouts()[-1].tables
    for column in table.columns
    if not column.numeric
}


SHORTEST = 10  # what has less room holds codes: 0 and 1, countries, currencies


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that was shortened: where (``Z 12, Beleg 345``), in which column, and the whole of it."""

    where: str
    column: str
    text: str


def shortened(column: str, text: str) -> str:
    """``text`` as it stands in a column of explaining texts."""
    size = MAXIMA[column]
    return text if len(text) <= size else text[: size - 1] + ELLIPSIS


def fit(row: dict[str, Any], where: str, cuts: list[Cut]) -> None:
    """Shorten what is too long in ``row``; raises :class:`ExportBlocked` where that would change its
    meaning."""
    for column, value in row.items():
        if type(value) is str and len(value) > SHORTEST and len(value) > MAXIMA[column]:
            if column not in EXPLAINING:
                raise ExportBlocked([Problem(where, _too_long(column, value))])
            cuts.append(Cut(where, column, value))
            row[column] = shortened(column, value)


def _too_long(column: str, value: str) -> str:
    return (
        f"{column} fasst {MAXIMA[column]} Zeichen, es sind {len(value)} ({value[:30]}…). Gekürzt wäre es "
        "etwas anderes. Bitte diesen Abschluss mit dem Hersteller klären; andere lassen sich exportieren."
    )
