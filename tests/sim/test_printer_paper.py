import json
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kassd.receipt.canvas import Cell
from kassd.sim.printer_paper import Paper


def cells(text: str) -> list[Cell]:
    return [Cell(char) for char in text]


def test_a_cut_files_picture_text_and_facts(tmp_path: Path) -> None:
    paper = Paper(tmp_path / "out", 32)
    paper.text(cells("Bäckerei"), "center")
    paper.text(cells("rechts"), "right")
    paper.qr("V0;x", 6, "m", "center")
    paper.feed(20)
    slip = paper.cut(["byte 3: oops"])
    assert slip.text == ("            Bäckerei", " " * 26 + "rechts", "[QR] V0;x")
    facts = json.loads((tmp_path / "out" / "001.json").read_text(encoding="utf-8"))
    assert facts == {
        "n": 1,
        "text": list(slip.text),
        "qr": ["V0;x"],
        "errors": ["byte 3: oops"],
        "interrupted": False,
    }
    assert (tmp_path / "out" / "001.txt").read_text(encoding="utf-8") == "\n".join(slip.text) + "\n"
    with Image.open(tmp_path / "out" / "001.png") as image:
        assert zxingcpp.read_barcode(image).text == "V0;x"
    assert not list((tmp_path / "out").glob("*.part"))


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    Paper(tmp_path, 32).cut([])
    again = Paper(tmp_path, 32)
    assert again.cut([]).n == 2
    assert again.cut([]).n == 3


def test_blank_paper_is_blank(tmp_path: Path) -> None:
    paper = Paper(tmp_path, 32)
    assert paper.blank
    paper.feed(30)
    paper.text([], "left")
    assert paper.blank
    paper.text(cells("x"), "left")
    assert not paper.blank


@pytest.mark.parametrize("what", ["qr", "raster"])
def test_a_picture_is_not_blank(what: str, tmp_path: Path) -> None:
    paper = Paper(tmp_path, 32)
    if what == "qr":
        paper.qr("x", 4, "m", "left")
    else:
        paper.raster(8, 1, b"\x01", "left")
    assert not paper.blank
