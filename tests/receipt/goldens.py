"""The golden receipts and the README's picture; ``python -m tests.receipt.goldens`` writes them anew.

Look at the difference before you commit it: these are the slips that customers hold in their hands.
"""

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from kassd.receipt.escpos import Encoder
from kassd.receipt.layout import layout, plain_text
from kassd.receipt.page import to_text
from kassd.receipt.png import png

from .samples import ALL, SALE

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "golden" / "receipts"
PICTURE = ROOT / "docs" / "receipt.png"
COLUMNS = (32, 42, 48)
# profile, columns: native QR; raster QR on a clone without a cutter; no QR at all
PICTURED = (
    *("sale", "return", "cancelled", "outage", "training", "order", "ticket", "cash", "copy", "invoice"),
    *("small", "ordered", "test"),
)
PRINTERS = (("TM-T88V", 42), ("POS-5890", 32), ("TM-U220B", 42))


def texts() -> Iterator[tuple[str, bytes]]:
    """Each slip as text, and the sale without a QR code and printed late."""
    for columns in COLUMNS:
        for name, document in ALL.items():
            yield f"{name}-{columns}.txt", to_text(layout(document, columns), columns).encode()
        yield f"no-qr-{columns}.txt", plain_text(SALE, columns).encode()
        yield f"late-{columns}.txt", to_text(layout(SALE, columns, late=True), columns).encode()


def jobs(cache_dir: Path) -> Iterator[tuple[str, bytes]]:
    """Each slip as the bytes of each kind of printer."""
    for profile, columns in PRINTERS:
        encoder = Encoder(profile, columns, cache_dir)
        for name, document in ALL.items():
            yield f"{name}-{profile}.escpos", encoder.document(document)


def pictures() -> Iterator[tuple[str, bytes]]:
    """Each kind of slip of the receipt matrix as a picture, 58 and 80 mm wide."""
    for columns in (32, 42):
        for name in PICTURED:
            yield f"{name}-{columns}.png", png(ALL[name], columns)


def draw_sample(target: Path = PICTURE) -> None:
    """Draw the receipt that the README shows, with an edge that can be seen on a white page."""
    with Image.open(BytesIO(png(SALE))) as slip:
        ImageOps.expand(slip, border=2, fill=208).save(target)


def main() -> None:
    """Write every file; remove those that nobody makes any more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        wanted = dict([*texts(), *jobs(Path(cache)), *pictures()])
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, data in wanted.items():
        (FOLDER / name).write_bytes(data)
    draw_sample()
    print(f"{len(wanted)} files in {FOLDER}, {PICTURE}", file=sys.stderr)


if __name__ == "__main__":
    main()
