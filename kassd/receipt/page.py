"""What a slip is made of, and the page that puts it together. Pure.

An :data:`Item` is already laid out: no line is longer than the page (a ``wide`` one than half of it), so
paper, PNG and plain text break at the same places.
"""

from typing import Literal

from kassd.deferred import dataclass
from kassd.receipt.text import chunks, clean, wrap

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; ``wide`` and ``tall`` double its characters."""

    text: str = ""
    align: Align = "left"
    bold: bool = False
    wide: bool = False
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the slip; ``heavy`` for a double one."""

    heavy: bool = False


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, centred, edge at least 3 cm (DSFinV-K Anhang I)."""

    text: str


@dataclass(frozen=True, slots=True)
class Cut:
    """End of the slip."""


Item = Line | Rule | Qr | Cut

MIN_COLUMNS = 24
HANG = 2  # how far the rest of a broken line is indented


class Page:
    """Collects items for a paper of ``columns`` characters. Long text wraps, nothing is truncated."""

    def __init__(self, columns: int) -> None:
        if columns < MIN_COLUMNS:
            raise ValueError(f"columns: expected at least {MIN_COLUMNS} (58 mm paper has 32), got {columns}")
        self.columns = columns
        self.items: list[Item] = []

    def line(self, text: str, align: Align = "left", *, bold: bool = False, indent: int = 0) -> None:
        """Add text in as many lines as it needs."""
        parts = wrap(clean(text), self.columns - indent)
        self.items += [Line(" " * indent + part, align, bold) for part in parts]

    def banner(self, text: str) -> None:
        """Add big centred text: double height, and double width where it fits in one line."""
        text = clean(text)
        wide = 2 * len(text) <= self.columns
        for part in wrap(text, self.columns):
            self.items.append(Line(part, "center", bold=True, wide=wide, tall=True))

    def pair(self, left: str, right: str, *, indent: int = 0, bold: bool = False, tall: bool = False) -> None:
        """Add ``left`` flush left and ``right`` flush right, over more lines where they do not fit; what
        goes on in a line of its own is indented."""
        left, right = clean(left), clean(right)
        room = self.columns - indent - len(right) - 1
        if len(left) > room and room < 12:
            rows = wrap(left, self.columns - indent, HANG)
            if " " in right and len(right) > self.columns - indent:
                rows += [" " * HANG + part for part in wrap(right, self.columns - indent - HANG)]
            else:
                rows += [part.rjust(self.columns - indent) for part in wrap(right, self.columns - indent)]
        else:
            first, *rest = wrap(left, room, HANG)
            rows = [f"{first:<{room}} {right}", *rest]
        self.items += [Line(" " * indent + row.rstrip(), bold=bold, tall=tall) for row in rows]

    def verbatim(self, label: str, value: str) -> None:
        """Add a value that must stay as it is, character by character."""
        if len(label) + 2 + len(value) <= self.columns:
            self.items.append(Line(f"{label}: {value}"))
        else:
            self.items.append(Line(f"{label}:"))
            self.items += [Line(part) for part in chunks(value, self.columns)]

    def rule(self, heavy: bool = False) -> None:
        """Add a line across the slip."""
        self.items.append(Rule(heavy))

    def blank(self) -> None:
        """Add an empty line."""
        self.items.append(Line())


def to_text(items: tuple[Item, ...], columns: int) -> str:
    """Show laid-out items as plain text; a QR code stands as ``[QR] <content>`` on one line."""
    rows = []
    for item in items:
        match item:
            case Line(text, "center"):
                rows.append(text.center(columns).rstrip())
            case Line(text, "right"):
                rows.append(text.rjust(columns))
            case Line(text):
                rows.append(text)
            case Rule(heavy):
                rows.append(("=" if heavy else "-") * columns)
            case Qr(text):
                rows.append(f"[QR] {text}")
            case Cut():
                pass
    return "\n".join(rows) + "\n"
