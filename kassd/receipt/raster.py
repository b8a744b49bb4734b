"""Pictures for a thermal head: rows of packed dots, printed in strips that fit any printer's buffer.

``GS v 0`` takes one picture as a whole; a strip is at most 3.5 KB, so that back-pressure of the line reaches
us between two of them and no small printer loses bytes.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from kassd.errors import ConfigError

STRIP_ROWS = 48
RASTER = b"\x1dv0\x00"
LOGO_HEIGHT = 240  # dots: 3 cm of paper on every receipt are enough
LOGO_PIXELS = 16_000_000  # of the file


def strips(rows: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the commands that draw ``rows``, all of one length, 1 is black."""
    for at in range(0, len(rows), STRIP_ROWS):
        strip = rows[at : at + STRIP_ROWS]
        size = len(strip[0]).to_bytes(2, "little") + len(strip).to_bytes(2, "little")
        yield RASTER + size + b"".join(strip)


def read_logo(file: Path, width: int) -> tuple[bytes, ...]:
    """Rows of a picture file (PNG): white where it is transparent, never enlarged, at most ``width`` dots
    wide and :data:`LOGO_HEIGHT` high, greys as dots. Blocking.

    Raises:
        ConfigError: there is no such file, or it is no picture that can be printed.
    """
    from PIL import Image

    try:
        with Image.open(file, formats=["PNG"]) as opened:
            if opened.width * opened.height > LOGO_PIXELS:
                raise ConfigError(f"[receipt] logo: {file} ist zu groß; höchstens 4000 × 4000 Punkte")
            seen = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:  # SyntaxError: Pillow's word for a broken PNG
        raise ConfigError(f"[receipt] logo: {file} ist kein lesbares PNG ({error})") from error
    paper = Image.new("RGBA", seen.size, "white")
    grey = Image.alpha_composite(paper, seen).convert("L")
    scale = min(1.0, width / grey.width, LOGO_HEIGHT / grey.height)
    if scale < 1:
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    across = -(-grey.width // 8) * 8
    dots = Image.new("L", (across, grey.height), 255)
    dots.paste(grey, ((across - grey.width) // 2, 0))
    bits = bytes(byte ^ 0xFF for byte in dots.convert("1").tobytes())
    return tuple(bits[at : at + across // 8] for at in range(0, len(bits), across // 8))
