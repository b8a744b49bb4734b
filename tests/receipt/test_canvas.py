import importlib.util
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from kassd.errors import ConfigError
from kassd.receipt import canvas
from kassd.receipt.canvas import CELL_H, CELL_W, LINE_H, MARGIN, Canvas, Cell, font_path


def picture(paper: Canvas) -> Image.Image:
    return Image.open(BytesIO(paper.png()))


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    box = image.point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert box is not None
    return box


def test_the_font_has_every_letter_a_receipt_needs() -> None:
    font = ImageFont.truetype(str(font_path()), 20)
    missing = bytes(font.getmask("\uffff"))
    for char in "äöüÄÖÜß€§×·–„“éèàçñŁ½°":
        assert bytes(font.getmask(char)) != missing, char


def test_without_the_font_nothing_is_drawn_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(canvas, "SYSTEM_FONT", Path("/nowhere/DejaVuSansMono.ttf"))
    with pytest.raises(ConfigError, match="fonts-dejavu-core"):
        font_path()


def test_size_and_resolution() -> None:
    paper = Canvas(42)
    paper.text([Cell("A")])
    paper.text([Cell("A", tall=True)])
    image = picture(paper)
    assert image.size == (42 * CELL_W + 2 * MARGIN, 2 * LINE_H + CELL_H + 2 * MARGIN)
    assert [round(dpi) for dpi in image.info["dpi"]] == [203, 203]


@pytest.mark.parametrize(("align", "left"), [("left", 0), ("center", 120), ("right", 240)])
def test_alignment(align: str, left: int) -> None:
    paper = Canvas(21)
    paper.text([Cell("█")], align)
    assert ink(picture(paper))[0] == MARGIN + left


@pytest.mark.parametrize(("wide", "tall"), [(False, False), (True, False), (False, True), (True, True)])
def test_double_size_is_twice_as_big(wide: bool, tall: bool) -> None:
    paper = Canvas(21)
    paper.text([Cell("H", wide=wide, tall=tall)])
    plain = Canvas(21)
    plain.text([Cell("H")])
    box, base = ink(picture(paper)), ink(picture(plain))
    assert abs((box[2] - box[0]) - (base[2] - base[0]) * (1 + wide)) <= 2
    assert abs((box[3] - box[1]) - (base[3] - base[1]) * (1 + tall)) <= 2


def test_bold_has_more_ink() -> None:
    amounts = []
    for bold in (False, True):
        paper = Canvas(21)
        paper.text([Cell(char, bold) for char in "Summe"])
        amounts.append(sum(255 - grey for grey in picture(paper).tobytes()))
    assert amounts[1] > amounts[0] * 1.2


def test_raster_strips_join_without_a_gap() -> None:
    paper = Canvas(21)
    for _ in range(2):
        paper.raster(16, 8, b"\xff\x00" * 8, "left")
    image = picture(paper)
    assert ink(image) == (MARGIN, MARGIN, MARGIN + 8, MARGIN + 16)


def test_rules() -> None:
    for heavy, rows in ((False, 2), (True, 4)):
        paper = Canvas(21)
        paper.rule(heavy)
        image = picture(paper)
        black = [y for y in range(image.height) if image.getpixel((MARGIN, y)) == 0]
        assert len(black) == rows
