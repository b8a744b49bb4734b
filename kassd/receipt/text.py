"""German wording of numbers and times, and text that is safe and fits. Pure."""

import unicodedata
from datetime import datetime
from decimal import Decimal

UNITS = frozenset(("g", "kg", "ml", "cl", "l", "mm", "cm", "m", "m²", "%", "€", "Stück", "Jahre"))


def money(cents: int) -> str:
    """``123456`` → ``1.234,56``; a minus stands in front."""
    euros, rest = divmod(abs(cents), 100)
    grouped = f"{euros:,}".replace(",", ".")
    return f"{'-' if cents < 0 else ''}{grouped},{rest:02}"


def number(value: Decimal) -> str:
    """``Decimal("0.3840")`` → ``0,384``; no trailing zeros, no exponent."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")


def moment(rfc3339: str) -> str:
    """``2026-11-21T14:03:12.345+01:00`` → ``21.11.2026 14:03:12 UTC+1``. The register's own offset stays."""
    when = datetime.fromisoformat(rfc3339)
    offset = when.utcoffset()
    if offset is None:
        raise ValueError(f"{rfc3339!r} has no offset")
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    zone = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    return f"{when:%d.%m.%Y %H:%M:%S} {zone}"


def clean(text: str) -> str:
    """One printable line: NFC, every kind of white space one blank, control and format characters gone.

    What comes from a catalogue or a person must never reach a printer as a command.
    """
    if not text.isprintable():  # there is something of category Z or C besides blanks
        spaced = "".join(
            " " if unicodedata.category(c) in ("Zs", "Zl", "Zp") or c in "\t\n\v\f\r" else c for c in text
        )
        text = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    return " ".join(unicodedata.normalize("NFC", text).split())


def wrap(text: str, width: int, hang: int = 0) -> list[str]:
    """Break a cleaned line at blanks into at least one part of at most ``width``; longer words are cut. All
    but the first part are indented by ``hang``.

    A number stays with its unit (``0,75 l``) where there is room for both.
    """
    parts: list[str] = []
    line = ""
    for word in _words(text, width - hang):
        room = width - hang if parts else width
        if line and len(line) + 1 + len(word) <= room:
            line += " " + word
            continue
        if line:
            parts.append(line)
        *full, line = [word] if not parts and len(word) <= width else chunks(word, width - hang)
        parts += full
    first, *rest = [*parts, line]
    return [first, *(" " * hang + part for part in rest)]


def _words(text: str, width: int) -> list[str]:
    """What is not to be broken: words, and numbers with their unit."""
    words: list[str] = []
    for word in text.split():
        if (
            words
            and word.rstrip(")") in UNITS
            and words[-1][-1].isdigit()
            and len(words[-1]) + 1 + len(word) <= width
        ):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def chunks(text: str, width: int) -> list[str]:
    """Cut verbatim text into at least one piece of ``width`` characters; nothing is added or dropped."""
    return [text[i : i + width] for i in range(0, len(text), width)] or [""]
