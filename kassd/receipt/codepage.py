"""Text for a printer's code page. Pure.

What a page lacks is replaced by what a reader would write by hand: typographic marks by plain ones, letters
with foreign accents by their base letter, € by EUR; only what is left becomes ``?``.
"""

import re
import unicodedata
from functools import lru_cache

PLAIN = {
    "€": "EUR", "„": '"', "“": '"', "”": '"', "«": '"', "»": '"', "‚": "'", "‘": "'", "’": "'", "–": "-",
    "—": "-", "‑": "-", "−": "-", "…": "...", "•": "*", "·": "-", "×": "x", "ł": "l", "Ł": "L", "đ": "d",
    "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ẞ": "SS",
    "§": "Par.", "™": "(TM)", "®": "(R)", "©": "(C)",
}  # fmt: skip
UNIFY = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "“": '"', "”": '"', "„": '"', "’": "'"})

KEPT = 256  # lines: what every slip says, and those of one that is about to be printed
PRINTABLE = bytes(b if b >= 0x20 and b != 0x7F else ord("?") for b in range(256))


@lru_cache(maxsize=KEPT)
def to_page(text: str, page: str, width: int) -> bytes:
    """Encode one line for ``page`` (cp1252, cp858, cp437), printable bytes only.

    Quotation marks are always straight ones. A replacement that makes the line longer than ``width`` eats
    surplus blanks first, so that columns hold; what is still too long is left to the printer to wrap.
    """
    text = unicodedata.normalize("NFC", text).translate(UNIFY)
    try:
        text.encode(page)
        line = text
    except UnicodeEncodeError:
        line = "".join(_replace(c, page) for c in text)
    while len(line) > width and (gaps := list(re.finditer(r"(?<=\S) {2,}", line))):
        widest = max(gaps, key=lambda gap: len(gap[0]))
        line = line[: widest.start()] + line[widest.start() + 1 :]
    return line.encode(page).translate(PRINTABLE)


def _replace(char: str, page: str) -> str:
    for candidate in (char, PLAIN.get(char, ""), unicodedata.normalize("NFKD", char)[:1]):
        try:
            if candidate and candidate.encode(page):
                return candidate
        except UnicodeEncodeError:
            continue
    return "?"
