"""T06 receipt-golden: each kind of slip, 58 and 80 mm, in four forms, has exactly what the matrix asks for.

The forms are read back by those who know nothing of the layout (``tests/receipt/forms.py``); a field that is
not to be there is looked for as well.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kassd.core.document import Document
from kassd.receipt.text import money, number
from kassd.tse.log.qr import verify_qr
from tests.judges.slips import signed_sale
from tests.receipt import forms
from tests.receipt.forms import Read, squeeze
from tests.receipt.samples import (
    CANCELLED,
    CASH,
    COPY,
    INVOICE,
    ORDER,
    ORDERED,
    OUTAGE,
    RETURN,
    SALE,
    SMALL,
    TICKET,
    TRAINING,
)
from tests.receipt.test_layout import CLEAR, FIELDS, GOODS, HEAD, MONEY

Values = Callable[[Document], list[str]]
MORE: dict[str, Values] = {
    "sums per rate": lambda d: [
        part for v in d.vat for part in (f"{number(v.rate)} %", money(v.net), money(v.tax), money(v.gross))
    ],
    "exemption": lambda d: [word for v in d.vat for word in v.text.split()],
    "reference": lambda d: [f"Zu Beleg-Nr. {r.number}" for r in d.references],
    "service date": lambda d: ["Leistungsdatum entspricht Belegdatum"],
    "no payment": lambda d: ["keine Zahlung"],
    "outage": lambda d: ["TSE-Ausfall – Vorgang ohne TSE-Signatur"],
    "first order": lambda d: [d.group, "Beginn der ersten Bestellung", "21.11.2026 08:15:12 UTC+1"],
    "customer": lambda d: [
        *(d.customer.name, d.customer.street, d.customer.postal_code, d.customer.city, d.customer.vat_id)
    ],
    "own voucher": lambda d: ["Eigenbeleg", "Datum, Unterschrift"],
    "big notice twice": lambda d: [d.title],
    "grounds": lambda d: [f"Grund: {d.reason}"],
    "weight × price": lambda d: ["0,384 kg × 28,90", "12 × 1.234,56"],
    "quantity": lambda d: [f"{number(abs(p.quantity))} ×" for p in d.positions],
}
FOUND: dict[str, Values] = {name: values for name, (values, _) in FIELDS.items()} | MORE
MARKS = ("KOPIE", "TRAINING", "TSE-Ausfall", "Zu Beleg-Nr.", "Beginn der ersten", "Leistungsempfänger")
TENDERED = ("Gegeben", "Rückgeld")
SERIAL, SERVICE = {"register serial"}, {"service date"}
PLAIN = HEAD | GOODS | SERVICE
TSE_LABELS = ("TSE-Transaktion", "Signaturzähler", "Prüfwert")
# column → slip, what must stand in it, what must not
MATRIX: dict[str, tuple[Document, set[str], tuple[str, ...]]] = {
    "sale": (SALE, PLAIN | MONEY | SERIAL, MARKS),
    "return": (
        RETURN,
        PLAIN | SERIAL | {"amount per payment", "reference", "grounds"},
        (*TENDERED, "KOPIE", "TRAINING", "TSE-Ausfall"),
    ),
    "cancellation": (
        CANCELLED,
        PLAIN | SERIAL | {"amount per payment", "reference", "grounds"},
        (*TENDERED, "KOPIE", "TRAINING", "TSE-Ausfall"),
    ),
    "outage": (OUTAGE, PLAIN | MONEY | CLEAR | {"outage"}, (*TSE_LABELS, "KOPIE", "TRAINING")),
    "training": (
        TRAINING,
        (PLAIN - SERVICE) | SERIAL | {"no payment", "big notice twice"},
        (*TENDERED, "KOPIE", "TSE-Ausfall", "Leistungsdatum"),
    ),
    "order": (
        ORDER,
        (HEAD - {"tax number"}) | {"kind", "quantity × price", "big notice twice"},
        (*TENDERED, "MwSt", "Netto", "keine Zahlung", "Leistungsdatum", "KOPIE", "TSE-Ausfall"),
    ),
    "kitchen ticket": (
        TICKET,
        {"title", "kind", "quantity", "grounds"},
        (*TENDERED, *TSE_LABELS, "MwSt", "€", "Summe", "Steuernummer"),
    ),
    "cash in/out": (
        CASH,
        HEAD | SERIAL | {"total", "reason", "person", "amount per payment", "own voucher"},
        (*TENDERED, "MwSt", "Netto", "Leistungsdatum", "KOPIE", "TSE-Ausfall"),
    ),
    "copy": (COPY, PLAIN | MONEY | SERIAL | {"KOPIE", "copy time"}, ("TRAINING", "TSE-Ausfall")),
    "invoice": (
        INVOICE,
        (PLAIN - {"quantity × price"})
        | SERIAL
        | {"amount per payment", "change", "customer", "weight × price"},
        ("KOPIE", "TRAINING"),
    ),
    "small business": (
        SMALL,
        (PLAIN - {"sums per rate"}) | MONEY | SERIAL | {"exemption"},
        ("MwSt", "%", "Netto", "Steuer 0,00", "KOPIE"),
    ),
    "ordered": (ORDERED, PLAIN | MONEY | SERIAL | {"first order"}, ("KOPIE", "TRAINING", "TSE-Ausfall")),
}


def plain(document: Document) -> Document:
    """Typographic quotation marks are straight ones on paper."""
    straight = {"„": '"', "“": '"'}
    texts = ["".join(straight.get(c, c) for c in p.text) for p in document.positions]
    changed = tuple(replace(p, text=t) for p, t in zip(document.positions, texts, strict=True))
    return replace(document, positions=changed)


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("escpos") / "cache"


def read(document: Document, columns: int, folder: Path, cache_dir: Path) -> dict[str, Read]:
    return {
        "ESC/POS": forms.paper(document, columns, folder, cache_dir),
        "PNG": forms.picture(document, columns),
        "PDF": forms.page(document, columns, folder),
        "HTML": forms.web(document, columns),
    }


@pytest.mark.parametrize("columns", [32, 42])
@pytest.mark.parametrize("column", MATRIX)
def test_t06_receipt_golden(column: str, columns: int, tmp_path: Path, cache_dir: Path) -> None:
    document, wanted, unwanted = MATRIX[column]
    document = plain(document)
    for form, found in read(document, columns, tmp_path, cache_dir).items():
        for field in sorted(wanted):
            values = FOUND[field](document)
            assert values, field
            for value in values:
                assert squeeze(value) in found.text, f"{form}: {field} {value!r}"
        for mark in unwanted:
            assert squeeze(mark) not in found.text, f"{form}: {mark!r} is not to be there"
        if "big notice twice" in wanted:
            assert found.text.count(squeeze(document.title)) >= 2, form
        if form in ("ESC/POS", "PNG"):
            assert max(len(line) for line in found.lines) <= columns, "no line is wider than the paper"
        if document.seal is None:
            assert found.codes == (), form
        else:
            (code,) = found.codes
            assert code == document.seal.qr, form
            fields = code.split(";")
            assert len([*fields[:3], ";".join(fields[3:-8]), *fields[-8:]]) == 12, form
            assert fields[1] == document.register


@pytest.mark.parametrize("columns", [32, 42])
async def test_t06_signature_of_each_form_verifies(columns: int, tmp_path: Path, cache_dir: Path) -> None:
    document = await signed_sale(tmp_path)
    for form, found in read(document, columns, tmp_path, cache_dir).items():
        (code,) = found.codes
        assert verify_qr(code).ok, form
        assert not verify_qr(code.replace("3.50", "3.40")).ok, form
