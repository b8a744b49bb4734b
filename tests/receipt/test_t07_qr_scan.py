"""T07 qr-scan: the code is at least 3 cm wide and reads at 203 dpi, on 58 and 80 mm, also from bad paper."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from kassd.core.document import Document
from kassd.receipt.png import png

from .forms import DPI, paper, picture, web
from .samples import CASH, SALE

THREE_CM = 3 / 2.54 * DPI
Spoil = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("escpos") / "cache"


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("document", [SALE, CASH], ids=lambda d: d.title)
def test_t07_qr_scan(document: Document, columns: int, tmp_path: Path, cache_dir: Path) -> None:
    assert document.seal is not None
    for found in (
        paper(document, columns, tmp_path, cache_dir),
        picture(document, columns),
        web(document, columns),
    ):
        assert found.codes == (document.seal.qr,)
        assert found.edge >= THREE_CM


def blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(1.5))


def pale(image: Image.Image) -> Image.Image:
    return image.point(lambda grey: 150 + grey * 70 // 255)


def askew(image: Image.Image) -> Image.Image:
    return image.rotate(7, expand=True, fillcolor=255)


def torn(image: Image.Image) -> Image.Image:
    """White streaks of dots that do not heat any more, and dirt."""
    spoilt = image.copy()
    for x in (150, 290):
        spoilt.paste(255, (x, 0, x + 2, image.height))
    for n in range(600):
        x, y = n * 37 % image.width, n * 61 % image.height
        spoilt.paste(0, (x, y, x + 2, y + 2))
    return spoilt


def photographed(image: Image.Image) -> Image.Image:
    return image.resize((image.width * 5 // 8, image.height * 5 // 8), Image.Resampling.BILINEAR)


@pytest.mark.parametrize("spoil", [blurred, pale, askew, torn, photographed])
@pytest.mark.parametrize("columns", [32, 42])
def test_t07_qr_scan_of_bad_paper(spoil: Spoil, columns: int) -> None:
    image = Image.open(BytesIO(png(SALE, columns))).convert("L")
    assert SALE.seal is not None
    assert [code.text for code in zxingcpp.read_barcodes(spoil(image))] == [SALE.seal.qr]
