"""A GiroCode is shown, and nothing is booked before somebody says what became of it."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.codec import encode
from kassd.core.inputs import CommandReceived, Printed
from kassd.core.transfers.inputs import TransferDrawn
from kassd.mqtt.project import customer_view, sale_document
from kassd.receipt.layout import plain_text
from tests.core.playbook import Playbook, add, card, cash, command, device
from tests.core.transfers.scenes import ACCOUNT, shown

CONTENT = "BCD\n002\n1\nSCT\n\nBackhaus Muster\nDE89370400440532013000\nEUR3.50\n\n\nKASSE-1 {}"


def giro(**args: Any) -> CommandReceived:
    return command("sale.pay", type="girocode", **args)


def till(**config: object) -> Playbook:
    book = Playbook()
    book.config |= {**ACCOUNT, **config}
    return book.ready()


def test_shown_and_received() -> None:
    book = till() >> add()
    book.sign() >> giro() << "transfer.asked"
    sale = book.current()
    assert sale.transfer is not None
    assert (sale.status, sale.paid, sale.due) == ("paying", 0, 350)
    assert sale.transfer.content == CONTENT.format(sale.id)
    shown_ = sale_document(book.state, "main")
    assert shown_.transfer is not None
    assert encode(shown_)["transfer"]["status"] == "unconfirmed", "always sent"
    assert (shown_.transfer.status, shown_.transfer.amount, shown_.paid) == ("unconfirmed", 350, 0)
    assert "nicht bestätigt" in shown_.transfer.message
    book >> command("transfer.settle", paid=True, received=True)
    book << "transfer.ended sale.payment_added sale.paid sale.numbered +tse.finish"
    (payment,) = book.facts(f.PaymentAdded)
    assert (payment.type, payment.name, payment.amount) == ("Unbar", "Überweisung", 350)
    assert payment.reference == f"KASSE-1 {sale.id}"
    assert "Unbar" in book.facts(f.SaleNumbered)[-1].process_data
    book.done()


def test_accepted_without_having_seen_the_money_says_so_wherever_it_stands() -> None:
    book = till() >> add()
    book.sign() >> giro() >> command("transfer.settle", paid=True)
    book.done()
    document = book.facts(f.SaleFinished)[-1].document
    assert "Überweisung, unbestätigt" in plain_text(document, 42)
    book >> command("till.report")
    rows = [row.label for section in book.facts(f.ReportMade)[-1].document.sections for row in section.rows]
    assert any("Überweisung, unbestätigt" in label for label in rows), rows


@pytest.mark.parametrize("way", ["cash", "card"])
def test_paid_otherwise(way: str) -> None:
    book = till() >> add()
    book.sign() >> giro() >> (cash() if way == "cash" else card())
    assert [fact.result for fact in book.facts(f.TransferEnded)] == ["dropped"]
    assert [payment.amount for payment in book.facts(f.PaymentAdded)] == [350]
    book.done()


def test_not_paid_the_sale_goes_on() -> None:
    book = shown(Playbook().ready())
    book >> command("transfer.settle", paid=False) << "transfer.ended sale.reopened"
    assert book.current().status == "open"
    book >> add("Saft", 200) >> giro()
    assert book.facts(f.TransferAsked)[-1].amount == 550


def test_nothing_else_happens_meanwhile() -> None:
    book = shown(Playbook().ready())
    for name in ("sale.void_line", "sale.undo", "sale.park"):
        book >> command(name)
        book.says("transfer_open")
    book >> add()
    book.says("transfer_open")
    book >> command("till.close")
    book.says("transfer_open")


def test_nobody_comes_and_the_sale_is_not_ended_by_time() -> None:
    """Money may be on its way: only a person ends it."""
    book = shown(Playbook().ready())
    book.wait(7200).tick()
    assert book.state.current("main") is not None
    book >> command("sale.abort") << "transfer.ended sale.reopened sale.abort_asked"


def test_a_part_and_the_rest_in_cash() -> None:
    book = till() >> add()
    book.sign() >> giro(amount=150) >> command("transfer.settle", paid=True, received=True)
    assert book.current().due == 200
    book >> cash()
    book.done()
    assert [(p.type, p.amount) for p in book.facts(f.PaymentAdded)] == [("Unbar", 150), ("Bar", 200)]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"amount": 351}, "amount_too_high"),
        ({"amount": 0}, "amount_invalid"),
        ({"given": 500}, "bad_args"),
        ({"tip": "staff"}, "bad_args"),
    ],
)
def test_refused(args: dict[str, object], code: str) -> None:
    book = till() >> add() >> giro(**args)
    book.says(code)


def test_a_shop_without_an_account_has_no_code() -> None:
    book = Playbook().ready() >> add() >> giro()
    book.says("payment_type_unknown")


def test_money_does_not_go_out_by_code() -> None:
    book = till() >> command("sale.return", text="Brot", price=350, vat=2, reason="alt") >> giro()
    book.says("amount_invalid")


def test_in_training_nobody_is_asked_for_real_money() -> None:
    book = till() >> command("mode.training", on=True) >> add()
    book.sign() >> giro()
    assert not book.facts(f.TransferAsked)
    book.done()


def test_a_restart_shows_it_again_without_what_only_displays_had() -> None:
    book = shown(Playbook().ready())
    transfer = book.current().transfer
    assert transfer is not None
    sale = book.current().id
    book >> TransferDrawn(sale, transfer.content, 33, "AAAA") << ""
    drawn = sale_document(book.state, "main").transfer
    assert drawn is not None
    assert (drawn.edge, drawn.bits) == (33, "AAAA")
    seen = customer_view(book.state, "main")
    assert seen.transfer is not None
    assert "scannen" in seen.message
    book.restart().tse_opens()
    again = book.current().transfer
    assert again == transfer
    book >> command("transfer.settle", paid=True)
    book.done()


def test_a_drawing_that_comes_too_late_is_left_out() -> None:
    book = shown(Playbook().ready())
    sale = book.current().id
    book >> command("transfer.settle", paid=False) >> TransferDrawn(sale, "BCD", 33, "AAAA") << ""
    assert sale_document(book.state, "main").transfer is None


def test_on_paper_where_it_is_wanted() -> None:
    book = till(**{"girocode.slip": True}) >> add()
    book.sign() >> giro() << "transfer.asked transfer.printed print.sending +print"
    document = book.facts(f.TransferPrinted)[-1].document
    text = plain_text(document, 42)
    assert "kein Beleg" in text
    assert "DE89 3704 0044 0532 0130 00" in text
    assert document.code == book.facts(f.TransferAsked)[-1].content
    book.paper() >> command("transfer.settle", paid=False)


def codes(book: Playbook) -> list[str]:
    """The code's slips that are still to come, and how far they are."""
    return [job.status for job in book.state.jobs.values() if job.document.kind == "transfer"]


@pytest.mark.parametrize(
    "end", [cash(), card(), command("sale.abort"), command("transfer.settle", paid=True, received=True)]
)
def test_a_slip_that_waits_is_withdrawn_with_its_code(end: CommandReceived) -> None:
    book = till(**{"girocode.slip": True}) >> device("printer", "absent") >> add()
    book.sign() >> giro()
    assert codes(book) == ["queued"]
    book >> end
    (done,) = book.facts(f.PrintDone)
    assert (done.result, done.reason) == ("skipped", "transfer_over")
    book >> device("printer", "ready")
    assert codes(book) == []


def test_asked_again_only_the_newest_slip_waits() -> None:
    book = till(**{"girocode.slip": True}) >> device("printer", "absent") >> add()
    book.sign() >> giro()
    book.wait(1) >> giro()
    assert codes(book) == ["queued"]
    (job,) = book.state.jobs.values()
    assert job.document == book.facts(f.TransferPrinted)[-1].document


def test_a_slip_that_came_back_from_the_printer_too_late_is_withdrawn() -> None:
    book = till(**{"girocode.slip": True}) >> add()
    book.sign() >> giro()
    (job,) = book.state.jobs
    book >> cash()
    assert codes(book) == ["sending"]
    book >> Printed(job, "failed", "paper_end")
    assert codes(book) == []


def test_a_slip_that_broke_off_is_no_receipt_to_copy() -> None:
    book = till(**{"girocode.slip": True}) >> add()
    book.sign() >> giro()
    (job,) = book.state.jobs
    book >> Printed(job, "unknown", "interrupted") << "print.done"
    assert not book.facts(f.ReceiptCopied)
    assert "bitte prüfen" in book.state.station("main").message


def test_nor_after_a_restart() -> None:
    book = till(**{"girocode.slip": True}) >> add()
    book.sign() >> giro()
    book.restart()
    assert [done.reason for done in book.facts(f.PrintDone)] == ["restart"]
    assert not book.facts(f.ReceiptCopied)
