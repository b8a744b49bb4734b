"""The four forms of a slip as somebody reads them who knows none of our code: lines of text, and the codes.

Paper is what the printer's simulator prints, 203 dpi; a PNG is read back dot by dot, letter by letter; a PDF
by poppler; HTML by a parser. Codes are read by zxing from the picture of each.
"""

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import zxingcpp
from PIL import Image

from kassd.core.document import Document
from kassd.receipt import canvas
from kassd.receipt.canvas import CELL_H, CELL_W, LINE_H, MARGIN, Cell
from kassd.receipt.escpos import Encoder
from kassd.receipt.html import html
from kassd.receipt.pdf import pdf
from kassd.receipt.png import png
from kassd.sim.printer_model import Printer
from kassd.sim.printer_paper import Paper

DPI = 203
PROFILES = {32: "POS-5890", 42: "TM-T88V", 48: "TM-T20II"}  # 58 mm draws its code, 80 mm printers know codes
LETTERS = (
    "abcdefghijklmnopqrstuvwxyzäöüßéèABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ0123456789 .,;:-–_×€%§&()/+*^='\"„“·#@?!"
)


@dataclass(frozen=True)
class Read:
    """``lines`` of text, ``codes`` as scanned, ``edge`` of the first code in dots at 203 dpi (0: none)."""

    lines: tuple[str, ...]
    codes: tuple[str, ...]
    edge: float = 0

    @property
    def text(self) -> str:
        """All of it without blanks."""
        return squeeze("".join(self.lines))


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def scan(image: Image.Image) -> tuple[tuple[str, ...], float]:
    """Every code in a picture, and how wide the first is."""
    found = zxingcpp.read_barcodes(image)
    if not found:
        return (), 0
    place = found[0].position
    width = abs(place.top_right.x - place.top_left.x) + 1
    return tuple(code.text for code in found), width


def paper(document: Document, columns: int, folder: Path, cache_dir: Path) -> Read:
    """ESC/POS on the simulator's paper."""
    profile = PROFILES[columns]
    encoder = Encoder(profile, columns, cache_dir)
    sheet = Paper(folder, columns)
    printer = Printer(sheet, profile, lambda _: None, lambda _: None)
    printer.receive(encoder.document(document))
    if not encoder.load().cutter:
        printer.tear()
    assert printer.errors == []
    (slip,) = sheet.slips
    codes, edge = scan(Image.open(folder / f"{slip.n:03}.png"))
    lines = (line for line in slip.text if not line.startswith("[QR]"))
    return Read(tuple(line for line in lines if set(line) - set("-=") or not line), codes, edge)


def picture(document: Document, columns: int) -> Read:
    """The PNG."""
    data = png(document, columns)
    image = Image.open(BytesIO(data))
    assert [round(dpi) for dpi in image.info["dpi"]] == [DPI, DPI]
    codes, edge = scan(image)
    return Read(letters(image), codes, edge)


def page(document: Document, columns: int, folder: Path) -> Read:
    """The PDF."""
    file = folder / "bon.pdf"
    file.write_bytes(pdf(document, columns))
    text = _run("pdftotext", "-layout", file, "-")
    _run("pdftoppm", "-r", str(DPI), "-gray", "-png", "-singlefile", file, folder / "bon")
    codes, edge = scan(Image.open(folder / "bon.png"))
    return Read(tuple(text.replace("\f", "").splitlines()), codes, edge)


def web(document: Document, columns: int = 32) -> Read:
    """The HTML page; its code as wide as the style prints it at least."""
    source = html(document, columns).decode()
    found = _Page(source)
    code = re.search(r'<svg viewBox="0 0 (\d+) \d+"[^>]*><path d="([^"]*)"', source)
    if code is None:
        return Read(tuple(found.lines), ())
    edge, scale = int(code[1]), 4
    image = Image.new("L", (edge * scale, edge * scale), 255)
    for x, y, w in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code[2]):
        left, top = int(x) * scale, int(y) * scale
        image.paste(0, (left, top, left + int(w) * scale, top + scale))
    codes, _ = scan(image)
    printed = re.search(r"svg \{[^}]*width: max\((\d+)mm", source)
    assert printed is not None
    return Read(tuple(found.lines), codes, int(printed[1]) / 25.4 * DPI * (edge - 8) / edge)


def letters(image: Image.Image) -> tuple[str, ...]:
    """Read a drawn slip back: each cell is compared with the dots of every letter. Codes are passed over."""
    grey = image.convert("L")
    width, bottom = image.width - 2 * MARGIN, image.height - MARGIN
    lines, y = [], MARGIN
    while y + LINE_H <= bottom:
        strip = grey.crop((MARGIN, y, MARGIN + width, y + LINE_H))
        rule = strip.crop((0, 8, width, 18))
        if rule.getextrema() == (0, 255) and set(rule.resize((1, 10), Image.Resampling.BOX).tobytes()) <= {
            0,
            255,
        }:
            y += LINE_H
            continue
        for tall, wide in ((0, 0), (1, 0), (1, 1)):
            line = _line(grey, y, width, bool(wide), bool(tall))
            if line is not None:
                lines.append(line)
                y += LINE_H + CELL_H * tall
                break
        else:
            y = _below(grey, y, width, bottom)
    return tuple(lines)


def _below(image: Image.Image, y: int, width: int, bottom: int) -> int:
    """The row below a code: as many white rows stand under it as above it."""
    white = [
        image.crop((MARGIN, n, MARGIN + width, n + 1)).getextrema() == (255, 255) for n in range(y, bottom)
    ]
    quiet = white.index(False)
    assert quiet >= 12, "what is no letter must be a code"
    end = next(n for n in range(quiet, len(white)) if all(white[n : n + quiet]))
    return y + end + quiet


def _line(image: Image.Image, y: int, width: int, wide: bool, tall: bool) -> str | None:
    high, broad = CELL_H * (1 + tall), CELL_W * (1 + wide)
    if y + high > image.height:
        return None
    for phase in range(0, broad, CELL_W // 2):
        cells = [
            image.crop((MARGIN + x, y, MARGIN + x + broad, y + high)).tobytes()
            for x in range(phase, width - broad + 1, broad)
        ]
        for bold in (False, True):
            known = _dots(bold, wide, tall)
            if all(cell in known for cell in cells):
                return "".join(known[cell] for cell in cells).rstrip()
    return None


@cache
def _dots(bold: bool, wide: bool, tall: bool) -> dict[bytes, str]:
    return {canvas._glyph(Cell(char, bold, wide, tall)).tobytes(): char for char in reversed(LETTERS)}


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "p":
            self.lines.append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "p"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.lines[-1] += data


def _run(*words: str | Path) -> str:
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == ""
    return done.stdout
