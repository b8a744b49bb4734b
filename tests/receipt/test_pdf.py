from dataclasses import replace
from datetime import datetime, tzinfo

import pytest

from kassd.receipt import canvas, pdf
from kassd.receipt.canvas import runs
from kassd.receipt.pdf import sha256

from .samples import COPY, SALE


class Tomorrow(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Tomorrow":
        return cls.fromtimestamp(super().now(tz).timestamp() + 86_400, tz)


def test_the_same_receipt_gives_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pdf.pdf(SALE)
    for module in (
        "kassd.receipt.pdf",
        "fpdf.fpdf",
        "fpdf.output",
    ):  # the latter read the clock by themselves
        monkeypatch.setattr(f"{module}.datetime", Tomorrow)
    assert pdf.pdf(SALE) == first
    assert sha256(first) != sha256(pdf.pdf(COPY))


def test_another_amount_is_another_document() -> None:
    assert pdf.pdf(replace(SALE, total=2489)) != pdf.pdf(SALE)


def test_shape_of_pdf_a_3() -> None:
    data = pdf.pdf(SALE)
    assert data.startswith(b"%PDF-1.7")
    for part in (
        b"/OutputIntents",
        b"/AFRelationship /Data",
        b"<pdfaid:part>3",
        b"/Lang (de-DE)",
        b"/FontFile2",
    ):
        assert part in data, part


def test_a_name_with_markup_keeps_the_metadata_whole() -> None:
    data = pdf.pdf(replace(SALE, issuer=replace(SALE.issuer, name="Bäcker & <Sohn>")))
    assert "Bäcker &amp; &lt;Sohn&gt;".encode() in data


@pytest.mark.parametrize(
    ("row", "found"),
    [(b"", []), (b"\0\0", []), (b"\1\1\0\1", [(0, 2), (3, 1)]), (b"\0\1\1\1", [(1, 3)])],
)
def test_runs(row: bytes, found: list[tuple[int, int]]) -> None:
    assert runs(row) == found


def test_the_code_is_three_centimetres_wide() -> None:
    assert SALE.seal is not None
    assert pdf.QR_EDGE >= 30
    assert pdf.QR_EDGE <= 24 * pdf.CELL, "it fits the narrowest paper"
    assert len(canvas.qr_matrix(SALE.seal.qr)) * 0.25 < pdf.QR_EDGE, (
        "modules of at least a quarter millimetre"
    )
