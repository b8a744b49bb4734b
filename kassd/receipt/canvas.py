"""Draws what a thermal printer would: 203 dpi, 12×24 dots per character, 30 dots per line.

The font is DejaVu Sans Mono. It comes with python-barcode, which python-escpos needs, so every installation
has the same one; Debian's fonts-dejavu-core is the second place to look. There is no third: a face without
umlauts or € would print something else than the receipt says. Pillow and segno are imported on first use.
"""

import base64
import importlib.util
from collections.abc import Sequence
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from kassd.deferred import dataclass
from kassd.errors import ConfigError
from kassd.receipt import qr

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

DPI = 203
CELL_W, CELL_H, LINE_H = 12, 24, 30
MARGIN = 32  # dots of unprintable paper at each side: 80 mm paper, 72 mm head
FONT_SIZE = 20  # advances 12 dots
SYSTEM_FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")


@dataclass(frozen=True, slots=True)
class Cell:
    """One character and its style."""

    char: str
    bold: bool = False
    wide: bool = False
    tall: bool = False


class Canvas:
    """A strip of paper that grows downwards; ``columns`` characters of 12 dots are printable."""

    def __init__(self, columns: int) -> None:
        self.width = columns * CELL_W
        self._strips: list[Image] = []

    def text(self, cells: Sequence[Cell], align: str = "left") -> None:
        """Add one line; an empty one is a line feed."""
        from PIL import Image

        tall = any(cell.tall for cell in cells)
        strip = Image.new("L", (self.width, LINE_H + CELL_H * tall), 255)
        x = self._left(sum(CELL_W * (1 + cell.wide) for cell in cells), align)
        for cell in cells:
            if cell.char != " ":
                glyph = _glyph(cell)
                strip.paste(glyph, (x, CELL_H * (1 + tall) - glyph.height))
            x += CELL_W * (1 + cell.wide)
        self._strips.append(strip)

    def rule(self, heavy: bool = False) -> None:
        """Add a line across the printable width, two for ``heavy``."""
        from PIL import Image

        strip = Image.new("L", (self.width, LINE_H), 255)
        for y in (9, 15) if heavy else (12,):
            strip.paste(0, (0, y, self.width, y + 2))
        self._strips.append(strip)

    def qr(self, text: str, dots: int, level: str = qr.LEVEL, align: str = "center") -> None:
        """Add a QR code with its quiet zone, ``dots`` per module."""
        from PIL import Image

        matrix = qr_matrix(text, level)
        edge = len(matrix)
        code = Image.frombytes("L", (edge, edge), bytes(0 if m else 255 for row in matrix for m in row))
        code = code.resize((edge * dots, edge * dots), Image.Resampling.NEAREST)
        quiet = min(qr.QUIET * dots, 24)  # the paper around it is white as well
        strip = Image.new("L", (self.width, code.height + 2 * quiet), 255)
        strip.paste(code, (self._left(code.width, align), quiet))
        self._strips.append(strip)

    def raster(self, width: int, height: int, bits: bytes, align: str = "left") -> None:
        """Add packed dots, 1 is black; ``width`` a multiple of 8."""
        from PIL import Image

        picture = Image.frombytes("1", (width, height), bits, "raw", "1;I").convert("L")
        strip = Image.new("L", (self.width, height), 255)
        strip.paste(picture, (self._left(width, align), 0))
        self._strips.append(strip)

    def feed(self, dots: int) -> None:
        """Add blank paper."""
        from PIL import Image

        self._strips.append(Image.new("L", (self.width, max(0, dots)), 255))

    def png(self) -> bytes:
        """Return everything as one PNG (8 bit grey, 203 dpi) with the paper's margins."""
        from PIL import Image

        height = sum(strip.height for strip in self._strips)
        paper = Image.new("L", (self.width + 2 * MARGIN, height + 2 * MARGIN), 255)
        y = MARGIN
        for strip in self._strips:
            paper.paste(strip, (MARGIN, y))
            y += strip.height
        out = BytesIO()
        paper.save(out, "PNG", dpi=(DPI, DPI))
        return out.getvalue()

    def _left(self, width: int, align: str) -> int:
        spare = self.width - width
        return {"left": 0, "center": spare // 2, "right": spare}[align]


@lru_cache(maxsize=2048)
def _glyph(cell: Cell) -> "Image":
    """One character's dots. Bold is printed twice, one dot apart, as a printer does it."""
    from PIL import Image, ImageDraw

    scale = 2 if cell.wide or cell.tall else 1
    image = Image.new("L", (CELL_W * scale, CELL_H * scale), 255)
    draw = ImageDraw.Draw(image)
    for shift in range(2 if cell.bold else 1):
        draw.text((shift * scale, 0), cell.char, fill=0, font=_font(scale))
    return image.resize((CELL_W * (1 + cell.wide), CELL_H * (1 + cell.tall)), Image.Resampling.LANCZOS)


@cache
def _font(scale: int) -> "FreeTypeFont":
    from PIL import ImageFont

    return ImageFont.truetype(str(font_path()), FONT_SIZE * scale)


def font_path() -> Path:
    """Return the file of DejaVu Sans Mono.

    Raises:
        ConfigError: neither python-barcode nor the system has it.
    """
    found = importlib.util.find_spec("barcode")
    folders = (found and found.submodule_search_locations) or []
    for place in (*(Path(folder) / "fonts" / SYSTEM_FONT.name for folder in folders), SYSTEM_FONT):
        if place.is_file():
            return place
    raise ConfigError("Die Schrift DejaVu Sans Mono fehlt. Bitte das Paket fonts-dejavu-core installieren.")


@lru_cache(maxsize=8)
def qr_matrix(text: str, level: str = qr.LEVEL) -> tuple[bytes, ...]:
    """Return the modules of a QR code row by row, 1 is black, without the quiet zone."""
    import segno

    code = segno.make_qr(text, error=level, mode="byte", mask=qr.MASK, encoding="utf-8", boost_error=False)
    return tuple(bytes(row) for row in code.matrix)


def packed_matrix(text: str, level: str = qr.LEVEL) -> tuple[int, str]:
    """The modules for a display: how many along one edge; all of them row by row, the highest bit first,
    packed, base64."""
    rows = qr_matrix(text, level)
    bits = "".join("1" if dark else "0" for row in rows for dark in row)
    size = -(-len(bits) // 8)
    return len(rows), base64.b64encode(int(bits.ljust(size * 8, "0"), 2).to_bytes(size, "big")).decode()


def runs(row: bytes) -> list[tuple[int, int]]:
    """First module and length of each dark stretch of a row."""
    found: list[tuple[int, int]] = []
    for n, dark in enumerate(row):
        if dark and found and sum(found[-1]) == n:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((n, 1))
    return found
