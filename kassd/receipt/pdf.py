"""A slip as a PDF: the electronic receipt, with ``ekabs.json`` inside (EKaBS 1.0.0).

Made from the same laid-out lines as the paper, as text that can be searched and copied, in the shape of
PDF/A-3 (fonts, colour profile and metadata embedded). The bytes depend on the document alone, so that the
hash in the journal is that of what the customer has. fpdf2 is imported on first use.
"""

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from kassd.core.document import Document
from kassd.receipt.canvas import font_path, qr_matrix, runs
from kassd.receipt.ekabs import FILE, ekabs, is_receipt
from kassd.receipt.layout import layout
from kassd.receipt.page import Cut, Item, Line, Qr, Rule

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN = 5.0  # mm
CELL = 72 / 42  # mm per character: 80 mm paper at 42 columns
SIZE = CELL / 0.602 / 25.4 * 72  # pt; DejaVu Sans Mono advances 0.602 em
LINE = 3.75  # mm, as on paper
BASE = 2.75  # mm from a line's top to its base
STROKE = 0.1  # mm around bold letters
QR_EDGE = 32.0  # mm; DSFinV-K Anhang I wants 30
OVERLAP = 0.01  # mm; without it viewers show white hairs between the modules
FONT = "mono"


def pdf(document: Document, columns: int = 42, *, late: bool = False) -> bytes:
    """Return a document as PDF bytes (blocking: some 200 ms on a PC; call it off the event loop)."""
    return draw(document, layout(document, columns, late=late), columns)


def draw(document: Document, items: tuple[Item, ...], columns: int) -> bytes:
    """Return laid-out items as one page, with ``ekabs.json`` where the document is a receipt."""
    from fpdf import FPDF
    from fpdf.enums import DocumentCompliance

    width = columns * CELL + 2 * MARGIN
    height = sum(_height(item) for item in items) + 2 * MARGIN
    page = FPDF(unit="mm", format=(width, height), enforce_compliance=DocumentCompliance.PDFA_3B)
    page.set_auto_page_break(False)
    page.set_margin(0)
    page.c_margin = 0
    issued = datetime.fromisoformat(document.copy_at or document.issued_at).astimezone(UTC)
    page.set_creation_date(issued)
    page.set_lang("de-DE")
    page.set_xmp_metadata(_xmp(document, issued))
    page.add_font(FONT, fname=str(font_path()))
    page.add_page()
    y = MARGIN
    for item in items:
        _place(page, item, y, columns)
        y += _height(item)
    if is_receipt(document):
        page.embed_file(
            bytes=ekabs(document),
            basename=FILE,
            mime_type="application/json",
            associated_file_relationship="Data",
            creation_date=issued,
            modification_date=issued,
            desc="EKaBS 1.0.0",
            compress=True,
        )
    return bytes(page.output())


def sha256(data: bytes) -> str:
    """Hash of an electronic receipt, 64 hex digits, as the journal has it."""
    return hashlib.sha256(data).hexdigest()


def _xmp(document: Document, issued: datetime) -> str:
    """The metadata of PDF/A-3; written here because fpdf2 would put the present time into it."""
    title, author = escape(f"{document.title} {document.number}".strip()), escape(document.issuer.name)
    at = issued.isoformat(timespec="seconds")
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<rdf:Description rdf:about="" xmp:CreateDate="{at}" xmp:ModifyDate="{at}" xmp:CreatorTool="kassd">
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>"""


def _height(item: Item) -> float:
    match item:
        case Line(tall=tall):
            return LINE * (1 + 0.8 * tall)
        case Rule():
            return LINE
        case Qr():
            return QR_EDGE + LINE
        case Cut():
            return 0.0


def _place(page: "FPDF", item: Item, y: float, columns: int) -> None:
    match item:
        case Line():
            _text(page, item, y, columns)
        case Rule(heavy):
            for offset in (1.5, 2.2) if heavy else (1.9,):
                page.set_line_width(0.2)
                page.line(MARGIN, y + offset, MARGIN + columns * CELL, y + offset)
        case Qr(text):
            _code(page, text, y + LINE / 2, columns)
        case Cut():
            pass


def _text(page: "FPDF", line: Line, y: float, columns: int) -> None:
    from fpdf.enums import TextMode

    text = line.text.rstrip()
    if not text:
        return
    page.set_font(FONT, size=SIZE * (1 + line.tall))
    page.set_stretching(100 * (1 + line.wide) / (1 + line.tall))
    spare = columns * CELL - len(text) * CELL * (1 + line.wide)
    x = MARGIN + {"left": 0.0, "center": spare / 2, "right": spare}[line.align]
    mode = TextMode.FILL_STROKE if line.bold else TextMode.FILL
    with page.local_context(text_mode=mode, line_width=STROKE):
        page.text(x, y + BASE * (1 + 0.8 * line.tall), text)
    page.set_stretching(100)


def _code(page: "FPDF", text: str, y: float, columns: int) -> None:
    rows = qr_matrix(text)
    dot = QR_EDGE / len(rows)
    left = MARGIN + (columns * CELL - QR_EDGE) / 2
    page.set_fill_color(0)
    for n, row in enumerate(rows):
        for first, length in runs(row):
            x, w = left + first * dot, length * dot
            page.rect(x, y + n * dot, w + OVERLAP, dot + OVERLAP, style="F")
