"""The exemption of § 148 AO: printed on demand, once, as long as it is valid; signed always."""

from datetime import datetime

import pytest

from kassd.core import facts as f
from kassd.core.corrections.recall import find
from kassd.core.inputs import CommandReceived
from kassd.core.receipts.exemption import exemption_on
from kassd.receipt.layout import plain_text
from tests.core.playbook import CET, Lines, Playbook, add, cash, command

EXEMPT = {
    "receipt_exemption.file_number": "203/148-7",
    "receipt_exemption.scope": "Getränkeverkauf am Stadion",
    "receipt_exemption.valid_from": "2026-11-01",
    "receipt_exemption.valid_until": "2026-11-21",
}


def exempt(at: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=CET)) -> Playbook:
    book = Playbook(at=at)
    book.config |= EXEMPT
    return book.ready()


def sold(book: Playbook) -> Playbook:
    return (book >> add("Bier", 500, 1) >> cash()).sign()


def test_nothing_is_printed_but_everything_is_signed_and_counted() -> None:
    book = sold(exempt())
    book << "tse.finished sale.finished receipt.withheld"
    (withheld,) = book.facts(f.ReceiptWithheld)
    assert (withheld.receipt, withheld.file_number, withheld.document) == ("2", "203/148-7", "R2")
    assert book.receipt().document.seal is not None
    assert not book.wishes("print")
    (book >> command("till.report")).sign()
    text = plain_text(book.facts(f.ReportMade)[-1].document, 42)
    for part in ("203/148-7", "Getränkeverkauf am Stadion", "21.11.2026", "§ 148 AO"):
        assert part in text
    assert "Belege nicht ausgedruckt" in text


def test_the_original_comes_out_once_and_copies_say_that_they_are() -> None:
    book = sold(exempt())
    book >> command("receipt.print")
    book << "receipt.handed_out print.sending +print"
    (handed,) = book.facts(f.ReceiptHandedOut)
    assert handed.document == book.receipt().document
    assert not handed.document.copy_at
    book.paper()
    (book >> command("receipt.print")).says("already_printed")
    (book >> command("receipt.print", receipt="2")).says("already_printed")
    book >> command("receipt.reprint")
    assert book.facts(f.ReceiptCopied)[-1].document.copy_at


@pytest.mark.parametrize("restart", [False, True])
def test_an_older_receipt_is_printed_by_its_number_once(restart: bool) -> None:
    book = sold(sold(exempt()))
    (book >> command("till.close", count={"500": 2})).done()
    (book >> command("till.open", counted=1000)).done()
    if restart:
        book.restart().tse_opens()
    before = find(Lines(book.lines), "2")
    (book >> command("receipt.print", receipt="2")).says("ok")
    late = CommandReceived("b", "x", "receipt.print", {"receipt": "2"}, found=before)
    (book >> late).says("print_waiting" if restart else "already_printed")
    (book >> command("receipt.print")).says("ok")
    (book >> command("receipt.print", receipt="17")).says("no_receipt")
    assert [fact.receipt for fact in book.facts(f.ReceiptHandedOut)] == ["2", "3"]


def test_after_the_last_day_every_receipt_is_printed_again() -> None:
    book = sold(exempt(datetime(2026, 11, 21, 23, 59, tzinfo=CET)))
    assert not book.wishes("print")
    book.wait(120)
    sold(book)
    assert [wish.args["document"] for wish in book.wishes("print")] == ["R3"]
    (book.paper() >> command("receipt.print")).says("already_printed")
    assert exemption_on(EXEMPT, "2026-10-31") == exemption_on(EXEMPT, "2026-11-22") == ""
    assert exemption_on({}, "2026-11-21") == ""


def test_movements_and_the_shop_without_printer() -> None:
    book = exempt()
    (book >> command("cash.in", amount=1000, kind="transit", reason="Wechselgeld")).sign()
    assert len(book.wishes("print")) == 1, "an Eigenbeleg is the shop's own"
    (book >> command("receipt.print", station="zwei")).says("no_receipt")
    sold(book)
    book.state = book.state.__class__(
        **{name: getattr(book.state, name) for name in book.state.__dataclass_fields__ if name != "config"},
        config={k: v for k, v in book.state.config.items() if not k.startswith("printer.")},
    )
    (book >> command("receipt.print")).says("printer_absent")
