"""T08 plain-text: without a QR code every value stands in clear text, untruncated, on any paper."""

from dataclasses import replace
from pathlib import Path

import pytest

from kassd.core.document import Document
from kassd.receipt.escpos import Encoder
from kassd.receipt.layout import layout, plain_text
from kassd.receipt.page import Qr
from kassd.receipt.qr import CAPACITY

from .samples import CASH, ORDER, SALE, position, seal
from .test_escpos import printed

LONG = replace(
    SALE,
    id="R1030",
    number="1030",
    positions=tuple(position(n, f"Gericht {n}", "1", 100, 100) for n in range(1, 60)),
    seal=seal(
        "\r".join(f'1;"Gericht {n} mit Beilage";1.00' for n in range(1, 60)), process_type="Bestellung-V1"
    ),
)


def values(document: Document) -> list[str]:
    """What the code would hold, and the TSE's serial number, as the TSE gave it."""
    assert document.seal is not None
    one = document.seal
    return [
        *(document.register, one.serial_number, str(one.transaction_number), str(one.signature_counter)),
        *(one.start, one.finish, one.process_type, one.process_data, one.algorithm, one.time_format),
        *(one.signature, one.public_key),
    ]


def together(lines: list[str]) -> str:
    """Broken values are put together again: nothing was added where they broke."""
    return "".join(lines)


@pytest.mark.parametrize("columns", [24, 32, 42, 48])
@pytest.mark.parametrize("document", [SALE, CASH, ORDER, LONG], ids=lambda d: d.id)
def test_t08_plain_text(document: Document, columns: int) -> None:
    lines = plain_text(document, columns).splitlines()
    assert max(map(len, lines)) <= columns
    text = together(lines)
    for value in values(document):
        assert together(value.splitlines()) in text, value


@pytest.mark.parametrize("document", [SALE, CASH], ids=lambda d: d.id)
def test_t08_plain_text_on_a_printer_without_codes(document: Document, tmp_path: Path) -> None:
    job = Encoder("TM-U220B", 32, tmp_path / "cache").document(document)
    printer, paper = printed(job, "TM-U220B", 32, tmp_path)
    assert printer.errors == []
    (slip,) = paper.slips
    assert slip.qr == ()
    text = together(list(slip.text))
    for value in values(document):
        assert value in text, value


def test_t08_plain_text_where_a_code_would_be_too_large() -> None:
    assert LONG.seal is not None
    assert len(LONG.seal.qr.encode()) > CAPACITY[-1]
    items = layout(LONG, 32)
    assert not any(isinstance(item, Qr) for item in items)
    assert any(isinstance(item, Qr) for item in layout(SALE, 32))


def test_t08_plain_text_would_miss_a_value_that_is_cut() -> None:
    assert SALE.seal is not None
    text = together(plain_text(SALE, 32).splitlines())
    assert SALE.seal.signature[:-1] + "?" not in text
