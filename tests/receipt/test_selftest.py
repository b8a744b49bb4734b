"""The self-test page: whatever the board's table of slots is, one line of it reads right."""

from pathlib import Path

import pytest

from kassd.core.printer_page import self_test_page
from kassd.receipt.escpos import Encoder
from kassd.receipt.selftest import LETTERS, SLOTS, samples
from kassd.sim.printer_model import MODELS, Printer
from kassd.sim.printer_paper import Paper

CONFIG = {
    "register.id": "KASSE-1",
    "register.mode": "test",
    "printer.bon.name": "bon",
    "printer.bon.driver": "tcp",
    "printer.bon.host": "192.168.1.50",
    "printer.bon.columns": 42,
}
PAGE = self_test_page(CONFIG, "bon", "D1", "2026-11-22T12:00:00+01:00")


def printed(encoder: Encoder, model: str, folder: Path) -> tuple[str, ...]:
    printer = Printer(Paper(folder, encoder.columns, pictures=False), model, lambda _: None, lambda _: None)
    printer.receive(encoder.document(PAGE))
    (slip,) = printer.sheet.slips
    return slip.text


@pytest.mark.parametrize("model", sorted(set(MODELS) - {"TM-U220B", "TM-T88IV-SA"}))
def test_each_board_shows_its_slot(model: str, tmp_path: Path) -> None:
    """Also with a wrong profile: the page is how a person finds the right one."""
    encoder = Encoder("TM-T88V", 42, tmp_path / "cache")
    rows = printed(encoder, model, tmp_path / "slips")
    pages = MODELS[model][0]
    for slot, page in pages.items():
        if page != "cp437" and slot in SLOTS:
            (row,) = (row for row in rows if row.startswith(f"{slot:3}"))
            assert f"{page[2:]}" in row
            assert LETTERS in row, (model, slot, row)
    assert any(row == "".join(str(n % 10) for n in range(1, 43)) for row in rows), "the ruler"


def test_it_says_what_is_configured_and_what_is_in_use(tmp_path: Path) -> None:
    rows = printed(Encoder("TM-T88V", 42, tmp_path / "cache"), "TM-T88V", tmp_path / "slips")
    text = "\n".join(rows)
    assert "192.168.1.50" in text
    assert " 16< 1252<" + LETTERS in text
    assert 'code_page = "CP1252:16"' in " ".join(text.split())
    assert "[QR] kassd Druckertest: äöüß €" in rows
    for style in ("normal", "fett", "breit", "hoch", "Mitte", "rechts"):
        assert any(row.strip() == style for row in rows), style


def test_no_line_is_wider_than_the_paper() -> None:
    for columns in (24, 32, 42, 48):
        assert all(len(line) <= columns for _, line in samples("cp1252", 16, columns))
        assert all(LETTERS.encode("cp1252") in line for _, line in samples("cp1252", 16, columns))


def test_what_a_person_picked_is_used(tmp_path: Path) -> None:
    encoder = Encoder("TM-T88V", 42, tmp_path / "cache", code_page="CP858:53")
    assert (encoder.load().page, encoder.load().slot) == ("cp858", 53)
    assert b"\x1bt\x35" in encoder.document(PAGE)[:12]
    rows = printed(encoder, "NT-80-V-UL", tmp_path / "slips")
    assert any(row.startswith(" 53< 1252") for row in rows)
