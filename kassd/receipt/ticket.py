"""The slip for kitchen and bar: where it goes, what to make, nothing else. No receipt, no prices (L-077)."""

from kassd.core.document import Document, Position
from kassd.receipt.page import Line, Page
from kassd.receipt.text import clean, moment, number, wrap

NO_RECEIPT = "kein Kassenbeleg"
BACK = "STORNO"


def ticket(page: Page, document: Document) -> None:
    """Lay a ticket out: big, to be read from an arm's length."""
    for note in document.notes:
        page.banner(note)
    page.pair(document.title, moment(document.issued_at), bold=True)
    page.pair(document.group, document.operator)
    page.rule()
    for position in document.positions:
        _position(page, position)
    page.rule()
    if document.reason:
        page.line(f"Grund: {document.reason}")
    page.line(NO_RECEIPT, "center")


def _position(page: Page, position: Position) -> None:
    unit = f" {clean(position.unit)}" if position.unit else ""
    back = f"{BACK} " if position.quantity < 0 else ""
    text = f"{back}{number(abs(position.quantity))}{unit} × {clean(position.text)}"
    page.items += [Line(part, bold=True, tall=True) for part in wrap(text, page.columns)]
    for note in position.note.splitlines():
        page.items += [Line(f"  {part}") for part in wrap(clean(note), page.columns - 2)]
