"""paper.capture and paper.void: numbered slips of the time without a register."""

from datetime import datetime
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.corrections.recall import find
from kassd.core.inputs import CommandReceived
from kassd.receipt.layout import plain_text
from tests.core.people.test_switch import switched
from tests.core.playbook import CET, Lines, Playbook, command

BREAD = {"text": "Brot", "price": 350, "vat": 2, "quantity": "2"}


def capture(slip: str = "17", **args: Any) -> CommandReceived:
    values: dict[str, Any] = {"at": "2026-11-21T09:30", "lines": [BREAD], "payment": "cash"} | args
    return command("paper.capture", slip=slip, **values)


def test_a_slip_is_a_receipt_of_now_that_says_when_it_was_written() -> None:
    book = Playbook().ready(1000)
    printed = len(book.wishes("print"))
    book >> capture()
    book << "sale.opened paper.captured sale.line_added sale.payment_added sale.paid +tse.start"
    book.says("accepted").sign()
    receipt = book.receipt()
    assert (receipt.bon_type, receipt.document.total) == ("Beleg", 700)
    assert receipt.document.seal is not None
    assert receipt.document.seal.finish.startswith("2026-11-21T11:00")
    assert receipt.document.reason == "Nacherfassung Papierbeleg 17 vom 21.11.2026 09:30"
    (reference,) = receipt.document.references
    assert (reference.type, reference.number, reference.name) == ("ExterneSonstige", "17", "Papierbeleg")
    assert book.facts(f.SaleOpened)[-1].name == "Nacherfassung"
    assert book.state.till.cash == 1700
    assert len(book.wishes("print")) == printed, "the customer has the slip"
    assert not book.wishes("drawer")


def test_the_supply_was_on_the_day_of_the_slip() -> None:
    """§ 14 Abs. 4 Nr. 6 UStG: also on what undoes it, and on what replaces it."""
    book = Playbook().ready(5000)
    book >> capture()
    assert book.done().receipt().document.service == "", "of today"
    book >> capture("18", at="2026-11-20T19:30+01:00")
    document = book.done().receipt().document
    assert document.service == "Leistungsdatum 20.11.2026 (Papierbeleg)"
    text = plain_text(document, 42)
    assert "Leistungsdatum 20.11.2026 (Papierbeleg)" in text
    assert "entspricht Belegdatum" not in text
    book >> command("receipt.correct_payment", receipt=str(book.receipt().number), type="card")
    assert {one.document.service for one in book.done().facts(f.SaleFinished)[-2:]} == {document.service}
    book >> command("receipt.cancel", receipt=str(book.receipt().number), reason="x", card_reversed=True)
    assert book.done().receipt().document.service == document.service


def test_a_slip_is_captured_once_even_by_two_at_once_after_a_restart_and_a_closing() -> None:
    book = Playbook().ready(1000)
    before = find(Lines(book.lines), "paper:17")
    book >> capture()
    args = dict(capture().args)
    (book >> CommandReceived("b", "x1", "paper.capture", args, found=before)).says("slip_captured")
    book.done()
    (book >> CommandReceived("b", "x2", "paper.capture", args, found=before)).says("slip_captured")
    book.restart().tse_opens()
    (book >> capture()).says("slip_captured")
    book >> command("till.close", count={"1": 1700})
    book.done() >> command("till.open", counted=1700)
    (book.done() >> capture()).says("slip_captured")
    (book >> capture("18", payment="card")).says("accepted")
    assert book.state.till.cash == 1700


def test_a_capture_that_was_cancelled_can_be_done_again() -> None:
    book = Playbook().ready(1000)
    (book >> capture()).done()
    (book >> command("receipt.cancel", receipt="3", reason="falscher Beleg")).says("accepted")
    book.done().restart().tse_opens()
    (book >> capture(lines=[BREAD, BREAD])).says("accepted")
    assert book.state.till.cash == 1000 + 1400


def test_a_spoilt_slip_is_used_up() -> None:
    book = Playbook().ready()
    (book >> command("paper.void", slip="5", reason="")).says("reason_required")
    (book >> command("paper.void", slip="5", reason="verschrieben")).says("ok")
    assert book.facts(f.PaperVoided)[0].reason == "verschrieben"
    (book >> capture("5")).says("slip_captured")
    book.restart().tse_opens()
    (book >> command("paper.void", slip="5", reason="x")).says("slip_captured")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"at": "gestern"}, "bad_args"),
        ({"at": "2026-11-22T09:30"}, "bad_args"),
        ({"lines": []}, "bad_args"),
        ({"lines": [BREAD] * 61}, "bad_args"),
        ({"lines": [{"text": "Brot", "vat": 2}]}, "price_required"),
        ({"lines": [{"article": "9"}]}, "unknown_article"),
        ({"payment": "muscheln"}, "payment_type_unknown"),
        ({"slip": " 17"}, "bad_args"),
    ],
)
def test_what_is_refused_changes_nothing(args: dict[str, Any], code: str) -> None:
    book = Playbook().ready()
    (book >> capture(**args)).says(code)
    assert not book.state.sales


def test_several_tenders_make_up_the_slip() -> None:
    book = Playbook().ready(1000)
    some = [{"type": "cash", "amount": 200}, {"type": "card", "amount": 500}]
    (book >> capture(payments=[{"type": "cash", "amount": 699}])).says("amount_invalid")
    (book >> capture(payments=[{"type": "cash", "amount": 800}, {"type": "card", "amount": -100}])).says(
        "amount_invalid"
    )
    (book >> capture(payments=[{"type": "muscheln", "amount": 700}])).says("payment_type_unknown")
    (book >> capture(payments=some)).says("accepted")
    book.sign()
    assert [(p.type, p.amount) for p in book.receipt().document.payments] == [("Bar", 200), ("Unbar", 500)]
    assert book.state.till.cash == 1200
    assert book.facts(f.SaleOpened)[-1].note == "Papierbeleg 17, ausgestellt 2026-11-21T09:30:00+01:00"


def test_the_rates_are_those_of_the_day_it_was_written() -> None:
    book = Playbook(at=datetime(2021, 1, 1, 10, 0, tzinfo=CET)).ready(1000)
    lines = [BREAD, {"text": "Wein", "price": 1160, "vat": 1}]
    (book >> capture(at="2020-12-31T18:00", lines=lines)).says("accepted")
    book.sign()
    rows = {row.vat: (row.rate, row.gross) for row in book.receipt().document.vat}
    assert rows == {21: (16, 1160), 22: (5, 700)}
    assert book.state.rates[1] == 19
    (book >> capture("18", at="2021-01-01T09:00", lines=lines)).says("accepted")
    book.sign()
    assert {row.vat: row.rate for row in book.receipt().document.vat} == {1: 19, 2: 7}


def test_the_first_capture_after_a_change_of_rates_is_preceded_by_the_closing() -> None:
    book = Playbook(at=datetime(2020, 12, 31, 23, 50, tzinfo=CET)).ready(1000)
    book.wait(1200) >> capture(at="2020-12-31T23:55")
    assert book.last.facts[0].kind == "till.closing_began"
    book.says("accepted").sign()
    documents = [fact.document for fact in book.facts(f.SaleFinished)]
    assert any({row.vat: row.rate for row in document.vat} == {22: 5} for document in documents)
    assert book.state.till.totals.cases["Umsatz|22"][0] == 700


def test_a_capture_paid_otherwise_is_still_a_capture() -> None:
    book = Playbook().ready(1000)
    (book >> capture()).done()
    printed = len(book.wishes("print"))
    (book >> command("receipt.correct_payment", receipt="3", type="card")).says("accepted")
    (book >> capture()).says("slip_captured")
    book.done()
    (book >> capture()).says("slip_captured")
    new = book.facts(f.SaleOpened)[-1]
    assert new.note == book.facts(f.SaleOpened)[-3].note != ""
    assert [(r.type, r.number) for r in new.references] == [("Transaktion", "3"), ("ExterneSonstige", "17")]
    assert len(book.wishes("print")) == printed + 1, "the cancellation only"
    book.restart().tse_opens()
    (book >> capture()).says("slip_captured")
    (book >> command("receipt.cancel", receipt="5", reason="x", card_reversed=True)).says("accepted")
    (book.done() >> capture()).says("accepted")


def test_a_number_has_one_form() -> None:
    """017 and 17 are one slip; it is captured once."""
    book = Playbook().ready(1000) >> capture("17")
    book.says("accepted").done()
    (book >> capture("017")).says("bad_args")
    assert "führende Nullen" in book.replies[-1]["message"]
    (book >> command("paper.void", slip="0017", reason="x")).says("bad_args")


def test_much_cash_on_a_slip_needs_the_record_of_who_paid() -> None:
    car = [{"text": "Auto", "price": 1_000_000, "vat": 1, "quantity": "1"}]
    book = Playbook().ready() >> capture(lines=car)
    book.says("identify_required")
    (book >> capture(lines=car, identified="GwG 2026/18")).says("accepted").done()
    assert book.facts(f.CustomerIdentified)[-1].reference == "GwG 2026/18"
    assert book.state.till.cash == 1_000_000
    (book >> capture("18", lines=car, payment="card")).says("accepted")


@pytest.mark.parametrize("small", [True, False])
def test_a_slip_is_taxed_or_free_as_the_shop_was_when_it_was_written(small: bool) -> None:
    """§ 19 UStG applies to what is supplied while it does."""
    book = Playbook()
    book.config["business.small_business"] = small
    switched(book.ready(), not small)
    written = "2026-11-21T11:40:00+01:00"
    book.wait(7200)
    switched(book, small)
    book.wait(7200)
    switched(book, not small)
    for slip, at, free in (
        ("1", written, small),
        ("2", "2026-11-21T13:30:00+01:00", not small),
        ("3", "2026-11-21T15:30:00+01:00", small),
        ("4", book.at.isoformat(), not small),
    ):
        lines = [{"text": "Brot", "price": 107, "vat": 2, "quantity": "1"}]
        (book >> command("paper.capture", slip=slip, at=at, lines=lines)).says("accepted")
        (row,) = book.done().receipt().document.vat
        assert (slip, row.vat, row.tax) == (slip, 6 if free else 2, 0 if free else 7)
        assert ("Kleinunternehmer" in row.text) is free


def test_the_regimes_of_before_go_on_over_a_restart() -> None:
    book = switched(Playbook().ready(), True)
    assert list(book.state.regimes.values()) == [True]
    book.restart().tse_opens()
    lines = [{"text": "Brot", "price": 107, "vat": 2}]
    (book >> command("paper.capture", slip="9", at="2026-11-21T10:00:00+01:00", lines=lines)).says("accepted")
    assert [row.tax for row in book.done().receipt().document.vat] == [7]
