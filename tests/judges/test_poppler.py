"""Poppler as a judge: the PDF opens, its text is the slip's, its attachment is the receipt's data, its code
reads."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import zxingcpp
from PIL import Image

from kassd.receipt.ekabs import ekabs, is_receipt
from kassd.receipt.layout import layout
from kassd.receipt.page import Line, Qr, to_text
from kassd.receipt.pdf import pdf
from tests.receipt.samples import ALL

SCHEMA = Path(__file__).parents[2] / "docs" / "ekabs.schema.json"


def poppler(*words: str | Path) -> str:
    """One of poppler's tools; whatever it complains about fails the test."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == ""
    return done.stdout


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("columns", [32, 42])
@pytest.mark.parametrize("name", ALL)
def test_a_slip(name: str, columns: int, tmp_path: Path) -> None:
    document, file = ALL[name], tmp_path / "bon.pdf"
    file.write_bytes(pdf(document, columns))
    items = tuple(item for item in layout(document, columns) if isinstance(item, Line))
    assert squeezed(poppler("pdftotext", "-layout", file, "-")) == squeezed(to_text(items, columns))

    poppler("pdfdetach", "-saveall", "-o", tmp_path, file)
    if is_receipt(document):
        assert (tmp_path / "ekabs.json").read_bytes() == ekabs(document)
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        jsonschema.validate(json.loads((tmp_path / "ekabs.json").read_text(encoding="utf-8")), schema)
    else:
        assert not (tmp_path / "ekabs.json").exists()

    fonts = poppler("pdffonts", file).splitlines()[2:]
    assert len(fonts) == 1
    assert "yes yes yes" in fonts[0], "embedded, a subset, with Unicode"
    codes = [item.text for item in layout(document, columns) if isinstance(item, Qr)]
    if columns == 32 and codes:
        poppler("pdftoppm", "-r", "203", "-png", "-gray", "-singlefile", file, tmp_path / "bon")
        assert [code.text for code in zxingcpp.read_barcodes(Image.open(tmp_path / "bon.png"))] == codes
