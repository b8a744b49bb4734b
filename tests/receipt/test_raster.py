"""A logo becomes dots once, in strips that any printer's buffer holds."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from kassd.errors import ConfigError
from kassd.receipt.escpos import Encoder
from kassd.receipt.raster import LOGO_HEIGHT, STRIP_ROWS, read_logo, strips
from kassd.sim.printer_model import Printer
from kassd.sim.printer_paper import Paper

from .samples import ALL, SALE


def picture(file: Path, width: int, height: int, mode: str = "RGBA") -> Path:
    """A black box with a margin of a tenth, transparent around it where the mode can be."""
    image = Image.new(mode, (width, height), (255, 0, 0, 0) if mode == "RGBA" else "white")
    box = (width // 10, height // 10, width - width // 10 - 1, height - height // 10 - 1)
    ImageDraw.Draw(image).rectangle(box, fill=(0, 0, 0, 255) if mode == "RGBA" else "black")
    image.save(file)
    return file


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "L"])
def test_what_is_dark_is_printed_and_what_is_transparent_is_not(tmp_path: Path, mode: str) -> None:
    rows = read_logo(picture(tmp_path / "logo.png", 80, 40, mode), 504)
    assert (len(rows), {len(row) for row in rows}) == (40, {10})
    assert rows[0] == bytes(10)
    assert rows[20] == b"\x00" + b"\xff" * 8 + b"\x00"


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1008, 100), (504, 50)), ((300, 480), (152, 240)), ((101, 10), (104, 10)), ((4000, 1), (504, 1))],
)
def test_it_fits_the_paper_and_is_never_enlarged(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    rows = read_logo(picture(tmp_path / "logo.png", *size), 504)
    assert (8 * len(rows[0]), len(rows)) == shown
    assert len(rows) <= LOGO_HEIGHT


def test_greys_become_dots(tmp_path: Path) -> None:
    Image.new("L", (80, 80), 128).save(tmp_path / "grey.png")
    black = sum(byte.bit_count() for row in read_logo(tmp_path / "grey.png", 504) for byte in row)
    assert 0.4 < black / 6400 < 0.6


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_png_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "logo.png"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"logo\.png ist kein lesbares PNG"):
        read_logo(file, 504)


def test_a_huge_one_is_refused(tmp_path: Path) -> None:
    Image.new("1", (8000, 4000)).save(tmp_path / "huge.png")
    with pytest.raises(ConfigError, match="zu groß"):
        read_logo(tmp_path / "huge.png", 504)


def test_strips_fit_any_buffer() -> None:
    made = list(strips([bytes(63)] * 100))
    assert [int.from_bytes(one[6:8], "little") for one in made] == [STRIP_ROWS, STRIP_ROWS, 4]
    assert all(len(one) <= 3_600 for one in made)


def printed(job: bytes, folder: Path) -> Printer:
    printer = Printer(Paper(folder, 42, pictures=False), "TM-T88V", lambda _: None, lambda _: None)
    printer.receive(job)
    return printer


def test_a_receipt_has_it_at_its_head_and_a_report_has_not(tmp_path: Path) -> None:
    logo = picture(tmp_path / "logo.png", 400, 100)
    bare = Encoder("TM-T88V", 42, tmp_path / "cache")
    encoder = Encoder("TM-T88V", 42, tmp_path / "cache", logo=logo)
    with_logo = encoder.document(SALE)
    logo.unlink()
    assert encoder.document(SALE) == with_logo, "converted once"
    assert with_logo.count(b"\x1dv0\x00") == 3
    assert with_logo.index(b"\x1dv0\x00") < with_logo.index(b"Backhaus")
    assert printed(with_logo, tmp_path / "slips").errors == []
    for name, document in ALL.items():
        if document.kind not in ("sale", "voucher", "test"):
            assert encoder.document(document) == bare.document(document), name


def test_a_receipt_comes_without_a_logo_that_cannot_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = Encoder("TM-T88V", 42, tmp_path / "cache", logo=tmp_path / "none.png")
    assert encoder.document(SALE) == Encoder("TM-T88V", 42, tmp_path / "cache").document(SALE)
    assert "printed without their logo" in caplog.text


def test_a_printer_without_pictures_prints_none(tmp_path: Path) -> None:
    logo = picture(tmp_path / "logo.png", 400, 100)
    assert b"\x1dv0" not in Encoder("TM-U220B", 42, tmp_path / "cache", logo=logo).document(SALE)
