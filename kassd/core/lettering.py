"""Characters that have no place in a text of one line, named for whoever has to find them in theirs."""

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "\0": "NUL",
    "\t": "Tabulator",
    "\n": "Zeilenumbruch",
    "\r": "Zeilenumbruch",
    "\x1b": "Escape",
    "\x1d": "GS",
    "\u00a0": "geschütztes Leerzeichen",
    "\u00ad": "weiches Trennzeichen",
    "\u200b": "unsichtbares Leerzeichen",
    "\u2028": "Zeilenumbruch",
    "\u2029": "Zeilenumbruch",
    "\ufeff": "unsichtbares Leerzeichen",
}


def unprintable(text: str) -> str:
    """``U+000A (Zeilenumbruch), Stelle 5`` of the first character that cannot be printed, '' if each can."""
    at = next((at for at, char in enumerate(text) if not char.isprintable()), None)
    if at is None:
        return ""
    name = NAMES.get(text[at], "Steuerzeichen")
    return f"U+{ord(text[at]):04X} ({name}), Stelle {at + 1}"


def printable(text: str) -> str:
    """``text`` to be quoted in a sentence: one line, whatever it has."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
