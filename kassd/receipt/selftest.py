"""The self-test page of a printer: from it a person reads which code page slot is the right one.

Every board has its own table of slots, and many a clone has another one than its manual says. So each slot
that any known board has German letters in is tried with the bytes of both code pages.
"""

from collections.abc import Iterator

from kassd.receipt.page import Item, Line

LETTERS = "äöüÄÖÜß€"
PAGES = ("cp1252", "cp858")
SLOTS = (0, 2, 3, 4, 6, 8, 9, 11, 14, 16, 19, 31, 32, 49, 53, 71)  # of python-escpos' profiles
NOW = "<"  # the slot in use
QR_TEXT = "kassd Druckertest: äöüß €"
HOW = (
    'Zeichensätze: die Zeile, in der „äöüÄÖÜß€“ richtig steht, gehört als code_page = "CP1252:16" '
    "(Spalte:Nummer) zum [[printer]]; < ist eingestellt."
)


def samples(page: str, slot: int, columns: int) -> Iterator[tuple[int, bytes]]:
    """Slot and bytes of each line: its number, then the letters in both code pages as far as they have room;
    ``page`` and ``slot`` are in use."""
    for number in sorted({slot, *SLOTS}):
        line = f"{number:3}{NOW if number == slot else ' '}".encode("ascii")
        for name in PAGES:
            mark = NOW if (name, number) == (page, slot) else " "
            sample = f" {name[2:]}{mark}".encode("ascii") + LETTERS.encode(name)
            if len(line) + len(sample) <= columns:
                line += sample
        yield number, line


def styles() -> tuple[Item, ...]:
    """What a receipt uses."""
    return (
        Line("normal"),
        Line("fett", bold=True),
        Line("breit", wide=True),
        Line("hoch", tall=True),
        Line("Mitte", "center"),
        Line("rechts", "right"),
    )
