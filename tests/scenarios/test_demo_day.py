"""``kassd demo --script day`` as anybody runs it, and every receipt it printed against the receipt matrix.

The fields are searched in what came out of the printer: the text of the slip, and the QR code as a reader
sees it in the picture.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kassd.core.codec import decode
from kassd.core.document import Document
from kassd.journal import read_lines
from kassd.tse.log import messages, verify_tar
from kassd.tse.log.qr import Qr, parse_qr, verify_qr
from kassd.tse.log.tar import TarReader
from tests.programs import program

DAY_S = 500  # on any machine
pytestmark = pytest.mark.timeout(600)
PLAIN_QUOTES = str.maketrans("„“", '""')  # the printer's code page has no others


@dataclass(frozen=True)
class Receipt:
    """One printed slip beside the document the journal has for it. ``code``: the QR read from the picture."""

    text: str
    code: str
    document: Document

    @cached_property
    def qr(self) -> Qr | None:
        return parse_qr(self.code) if self.code else None

    @property
    def column(self) -> str:
        """Its column of the matrix."""
        if self.document.copy_at:
            return "copy"
        if self.document.outage:
            return "outage"
        return self.document.kind

    def has(self, *words: str) -> bool:
        """Whether all of the words stand on the slip, wherever it breaks its lines."""
        flat = " ".join(self.text.split())
        return all(" ".join(word.split()) in flat for word in words)


def euros(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):,.2f}".translate(str.maketrans(",.", ".,"))


def moment(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d.%m.%Y %H:%M:%S")


def quantity(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def lines_of(r: Receipt) -> bool:
    """Quantity, kind, price and tax letter of each line; of a movement reason and person."""
    if r.document.kind == "cash":
        return r.has(f"Grund {r.document.reason or '-'}", f"Person {r.document.person or '-'}")
    return all(
        r.has(
            *p.text.translate(PLAIN_QUOTES).split(),
            f"{quantity(p.quantity)} × {euros(p.unit_price)}",
            f"{euros(p.amount)} {p.code}",
        )
        for p in r.document.positions
    )


def sums_of(r: Receipt) -> bool:
    """Net, tax and gross per rate, or the exemption's own words."""
    return all(
        r.has(f"{v.code} {v.text} {euros(v.gross)}")
        if v.text
        else r.has(f"{v.code} {v.rate:f} % {euros(v.net)} {euros(v.tax)} {euros(v.gross)}")
        for v in r.document.vat
    )


Finder = Callable[[Receipt], bool]
ABSENT_WORDS = ("TSE-Transaktion", "Signaturzähler", "Prüfwert", "Seriennummer TSE")
EVERY = ("sale", "outage", "cash", "copy")

# Field → where to look, per column; a column that is missing has no tick in the matrix.
CLEAR: dict[str, tuple[tuple[str, ...], Finder]] = {
    "name": (EVERY, lambda r: r.has(r.document.issuer.name)),
    "address": (EVERY, lambda r: r.has(r.document.issuer.street, f"{r.document.issuer.postal_code} Dresden")),
    "tax number": (EVERY, lambda r: r.has(f"Steuernummer {r.document.issuer.tax_number}")),
    "title": (EVERY, lambda r: r.has(*r.document.title.split())),
    "title of a copy": (("copy",), lambda r: r.has("KOPIE")),
    "receipt number": (EVERY, lambda r: r.has(f"Beleg-Nr. {r.document.number}")),
    "date of issue": (EVERY, lambda r: r.has(f"Datum {moment(r.document.issued_at)}")),
    "time of the copy": (("copy",), lambda r: r.has(f"Kopie {moment(r.document.copy_at)}")),
    "lines": (EVERY, lines_of),
    "total": (EVERY, lambda r: r.has(f"{euros(r.document.total)} €")),
    "sums per rate": (("sale", "outage", "copy"), sums_of),
    "payment types": (
        EVERY,
        lambda r: r.has(*(f"{p.name} {euros(p.amount)} €" for p in r.document.payments)),
    ),
    "change": (
        ("sale", "outage", "copy"),
        lambda r: not r.document.change or r.has(f"Rückgeld {euros(r.document.change)} €"),
    ),
    "service date": (("sale", "outage", "copy"), lambda r: r.has("Leistungsdatum entspricht Belegdatum")),
    "TSE-Ausfall": (("outage",), lambda r: r.has("TSE-Ausfall")),
    "register times": (
        ("outage",),
        lambda r: r.has(f"Beginn {moment(r.document.started_at)}", f"Ende {moment(r.document.issued_at)}"),
    ),
    "register serial": (("outage",), lambda r: r.has(f"Seriennummer Kasse {r.document.register}")),
    "no TSE values": (("outage",), lambda r: not r.code and not any(w in r.text for w in ABSENT_WORDS)),
}
SEALED = ("sale", "cash", "copy")
IN_QR: dict[str, Callable[[Qr, Document], bool]] = {
    "register serial": lambda q, d: q.client_id == d.register,
    "process type and data": lambda q, d: (
        d.seal is not None and (q.process_type, q.process_data) == (d.seal.process_type, d.seal.process_data)
    ),
    "transaction number": lambda q, d: (
        d.seal is not None and q.transaction_number == d.seal.transaction_number
    ),
    "signature counter": lambda q, d: d.seal is not None and q.signature_counter == d.seal.signature_counter,
    "start and end": lambda q, d: d.seal is not None and (q.start, q.finish) == (d.seal.start, d.seal.finish),
    "check value": lambda q, d: len(q.signature) == 96,
    "TSE key": lambda q, d: len(q.public_key) == 97,
}


def missing(receipt: Receipt) -> list[str]:
    """The names of the matrix' fields that are not on the slip."""
    found = [
        name for name, (columns, finder) in CLEAR.items() if receipt.column in columns and not finder(receipt)
    ]
    if receipt.column in SEALED:
        qr = receipt.qr
        found += [name for name, same in IN_QR.items() if qr is None or not same(qr, receipt.document)]
    return found


@dataclass(frozen=True)
class Played:
    """The folder of a day and what the command said."""

    folder: Path
    output: str
    code: int

    def documents(self) -> Iterator[Document]:
        """Every receipt of the journal, and every copy."""
        for line in read_lines(self.folder / "journal"):
            for fact in line.facts:
                if fact["kind"] in ("sale.finished", "receipt.copied"):
                    yield decode(Document, fact["data"]["document"])

    @cached_property
    def receipts(self) -> list[Receipt]:
        """Slips with a receipt number, each with its document."""
        by_key = {(d.number, bool(d.copy_at)): d for d in self.documents()}
        found = []
        for file in sorted((self.folder / "slips").glob("[0-9]*.txt")):
            text = file.read_text(encoding="utf-8")
            words = text.split()
            if "Beleg-Nr." in words:
                number = words[words.index("Beleg-Nr.") + 1]
                with Image.open(file.with_suffix(".png")) as picture:
                    codes = zxingcpp.read_barcodes(picture)
                code = codes[0].text if codes else ""
                found.append(Receipt(text, code, by_key[number, "KOPIE" in words]))
        return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("day")
    command = [sys.executable, "-m", "kassd", "demo", "--script", "day", "--dir", str(folder)]
    with program(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as demo:
        said, _ = demo.communicate(timeout=DAY_S)
        return Played(folder, said, demo.returncode)


def test_the_day_goes_as_expected(played: Played) -> None:
    assert played.code == 0, played.output
    assert "✘" not in played.output
    assert "Journal" in played.output
    assert "TSE-Archiv" in played.output


def test_every_receipt_has_the_fields_of_its_column(played: Played) -> None:
    wrong = {r.document.id: missing(r) for r in played.receipts if missing(r)}
    assert wrong == {}
    columns = [r.column for r in played.receipts]
    assert columns.count("sale") >= 18
    assert columns.count("outage") == 2
    assert columns.count("cash") == 4
    assert columns.count("copy") == 1


def test_every_original_was_printed_once(played: Played) -> None:
    printed = [r.document.number for r in played.receipts if not r.document.copy_at]
    issued = [
        d.number for d in played.documents() if not d.copy_at and d.payments and d.title != "Anfangsbestand"
    ]
    aborted = set(issued) - set(printed)
    assert len(printed) == len(set(printed))
    assert aborted == set()


def test_each_code_is_that_of_journal_and_archive_and_verifies(played: Played) -> None:
    archive = (played.folder / "tse.tar").read_bytes()
    assert verify_tar(played.folder / "tse.tar").ok
    signed = {}
    for member in TarReader().feed(archive):
        if member.name.endswith(".log"):
            message = messages.parse(member.data)
            signed[message.signature_counter] = message
    sealed = [r for r in played.receipts if r.column in SEALED]
    assert len(sealed) >= 20
    for receipt in sealed:
        seal, qr = receipt.document.seal, receipt.qr
        assert seal is not None
        assert qr is not None
        assert receipt.code == seal.qr
        assert [each.id for each in verify_qr(receipt.code).findings] == ["start_not_signed"]
        message = signed[qr.signature_counter]
        data = message.data
        assert isinstance(data, messages.TransactionData)
        assert message.signature == qr.signature
        assert (data.operation, data.transaction_number) == ("finish", qr.transaction_number)
        assert data.process_data.decode() == qr.process_data


def test_a_field_that_is_not_there_is_missed(played: Played) -> None:
    """Each field of each column is found by its own words: without them it is missed."""
    for column in EVERY:
        receipt = next(r for r in played.receipts if r.column == column and r.document.payments)
        blank = replace(receipt, text="", code="")
        expected = {name for name, (columns, _) in CLEAR.items() if column in columns}
        expected -= {"no TSE values"} | (set() if receipt.document.change else {"change"})
        expected |= set(IN_QR) if column in SEALED else set()
        assert set(missing(blank)) == expected
        other = next(r for r in played.receipts if r.document.total != receipt.document.total)
        assert {"receipt number", "total"} <= set(missing(replace(receipt, text=other.text)))


def test_the_slips_are_those_the_printer_understood(played: Played) -> None:
    slips = [json.loads(f.read_bytes()) for f in (played.folder / "slips").glob("[0-9]*.json")]
    assert all(slip["errors"] == [] and not slip["interrupted"] for slip in slips)
    text = "\n".join(line for slip in slips for line in slip["text"])
    assert text.count("nachträglich gedruckt") == 2
    assert text.count("X-Bericht (Zwischenbericht)") == 1
    assert text.count("Z-Bericht Nr. 1") == 1
