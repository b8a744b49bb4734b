import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from kassd.receipt import qr
from kassd.receipt.png import png

from .goldens import FOLDER, PICTURE, draw_sample, pictures
from .samples import ALL, OUTAGE, SALE

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "qr" / "qr.json"


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("name", [name for name, document in ALL.items() if document.seal])
def test_the_code_can_be_scanned(name: str, columns: int) -> None:
    found = zxingcpp.read_barcodes(Image.open(BytesIO(png(ALL[name], columns))))
    assert [code.text for code in found] == [ALL[name].seal.qr]


@pytest.mark.skipif(not VECTORS.exists(), reason="folder ../shared/vectors is absent")
def test_codes_of_real_receipts_can_be_scanned() -> None:
    for vector in json.loads(VECTORS.read_text(encoding="utf-8")):
        slip = replace(SALE, seal=replace(SALE.seal, qr=vector["qr"]))
        for columns in (32, 48):
            assert zxingcpp.read_barcode(Image.open(BytesIO(png(slip, columns)))).text == vector["qr"]


def test_the_edge_is_three_centimetres() -> None:
    code = zxingcpp.read_barcode(Image.open(BytesIO(png(SALE, 32))))
    edge = code.position.top_right.x - code.position.top_left.x
    assert abs(edge) >= qr.EDGE_DOTS


def test_no_code_in_an_outage() -> None:
    assert zxingcpp.read_barcodes(Image.open(BytesIO(png(OUTAGE)))) == []


def test_late_is_another_picture() -> None:
    assert png(SALE, late=True) != png(SALE)


def test_the_same_document_gives_the_same_picture() -> None:
    assert png(SALE) == png(SALE)


def test_the_picture_in_the_docs_is_of_this_layout(tmp_path: Path) -> None:
    draw_sample(tmp_path / "receipt.png")
    with Image.open(tmp_path / "receipt.png") as fresh, Image.open(PICTURE) as kept:
        assert fresh.size == kept.size
        assert zxingcpp.read_barcode(kept).text == SALE.seal.qr


def test_golden_pictures() -> None:
    """As they were looked at; another version of FreeType may draw a letter's edge otherwise."""
    kept = sorted(path.name for path in FOLDER.glob("*.png"))
    made = dict(pictures())
    assert kept == sorted(made), "python -m tests.receipt.goldens"
    for name, data in made.items():
        with Image.open(BytesIO(data)) as fresh, Image.open(FOLDER / name) as old:
            assert fresh.size == old.size, f"{name}: python -m tests.receipt.goldens, then look at it"
            far = ImageChops.difference(fresh.convert("L"), old.convert("L")).point(lambda d: 255 * (d > 128))
            assert sum(far.histogram()[128:]) <= fresh.width * fresh.height // 500, name
