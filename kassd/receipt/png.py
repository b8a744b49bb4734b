"""A slip as a PNG: the electronic receipt (AEAO zu § 146a Nr. 2.5.6) and the picture of what was printed."""

from kassd.core.document import Document
from kassd.receipt import qr
from kassd.receipt.canvas import Canvas, Cell
from kassd.receipt.layout import layout
from kassd.receipt.page import Cut, Item, Line, Qr, Rule


def draw(items: tuple[Item, ...], columns: int) -> bytes:
    """Return laid-out items as PNG bytes, 203 dpi, ``columns`` × 12 dots and a margin wide."""
    canvas = Canvas(columns)
    for item in items:
        match item:
            case Line(text, align, bold, wide, tall):
                canvas.text([Cell(char, bold, wide, tall) for char in text], align)
            case Rule(heavy):
                canvas.rule(heavy)
            case Qr(text):
                canvas.qr(text, qr.module_dots(text, canvas.width))
            case Cut():
                pass
    return canvas.png()


def png(document: Document, columns: int = 42, *, late: bool = False) -> bytes:
    """Return a document as PNG bytes (blocking: some 50 ms on a PC; call it off the event loop)."""
    return draw(layout(document, columns, late=late), columns)
