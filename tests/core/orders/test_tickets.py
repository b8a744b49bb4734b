"""Tickets for kitchen and bar, and interim bills: no receipts, printed where they belong, counted."""

from dataclasses import replace

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.decision import Draft
from kassd.core.document import Document
from kassd.core.inputs import Stamp
from kassd.core.master import printers_of, stand_ins
from kassd.core.orders.tickets import for_kitchen
from tests.core.orders.test_placing import BEER, STEAK, result, send
from tests.core.playbook import NOON, Playbook, command, device


@pytest.fixture
def book() -> Playbook:
    found = Playbook()
    found.config |= {
        "printer.a-kueche.name": "a-kueche",
        "ticket.alles.printer": "a-kueche",
        "ticket.alles.title": "Küche",
    }
    found.ready()
    return found >> device("a-kueche", "ready")


def slips(book: Playbook) -> list[Document]:
    return [fact.document for fact in book.facts(f.OrderSlipMade)]


def test_an_order_is_printed_in_the_kitchen_at_once(book: Playbook) -> None:
    book >> send("5", {**BEER, "quantity": "2"}, STEAK)
    (ticket,) = slips(book)
    assert (ticket.kind, ticket.title, ticket.notes, ticket.printer) == (
        "ticket",
        "Küche",
        ("Tisch 5",),
        "a-kueche",
    )
    assert [(p.text, p.quantity, p.unit_price, p.note) for p in ticket.positions] == [
        (BEER["text"], 2, 0, ""),
        (STEAK["text"], 1, 0, "ohne Pommes"),
    ]
    assert [job.printer for job in book.state.jobs.values()] == ["a-kueche"]
    book >> command("order.cancel", table="5", lines={"2": "1"}, reason="zu lange")
    assert [(p.text, p.quantity) for p in slips(book)[-1].positions] == [(STEAK["text"], -1)]
    assert slips(book)[-1].reason == "zu lange"
    assert book.state.till.totals.counts["order.ticket"] == 2


def test_receipts_do_not_go_to_the_kitchen(book: Playbook) -> None:
    assert printers_of(book.state.config, "main") == ("printer",)
    assert printers_of(
        {k: v for k, v in book.state.config.items() if k != "printer.printer.name"}, "main"
    ) == ("a-kueche",)


def test_each_ticket_has_its_categories() -> None:
    book = Playbook()
    book.config |= {"ticket.theke.printer": "printer-2", "ticket.theke.categories": ["getraenke"]}
    book.ready() >> send("5")
    assert not slips(book), "an open item has no category"
    draft = Draft(book.state, Stamp(99, NOON, 0))
    order = next(iter(book.state.sales.values()))
    order = replace(
        order, lines=(replace(order.lines[0], group="getraenke"), replace(order.lines[0], group="speisen"))
    )
    for_kitchen(draft, book.state.orders.groups["T5-000001"], order)
    (made,) = [fact for fact in draft.facts if isinstance(fact, f.OrderSlipMade)]
    assert len(made.document.positions) == 1
    assert made.document.printer == "printer-2"


def test_a_ticket_after_paper_out_and_of_unknown_fate(book: Playbook) -> None:
    book >> device("a-kueche", "error") >> device("printer", "error") >> send("5")
    (job,) = book.state.jobs.values()
    assert (job.status, job.late) == ("queued", False)
    told = "Drucker a-kueche druckt nicht: bitte „Küche Tisch 5“ ansagen. Der Bon folgt."
    assert book.state.station("main").message == told
    book >> device("a-kueche", "ready")
    assert book.state.jobs[job.id].status == "sending"
    book >> i.Printed(job.id, "unknown", "cut")
    (copy,) = book.state.jobs.values()
    assert copy.printer == "a-kueche"
    assert copy.document.copy_at, "marked, so that nobody cooks twice"
    assert book.state.till.totals.counts.get("copies", 0) == 0


def test_tickets_of_a_kitchen_that_cannot_print_come_out_at_the_till(book: Playbook) -> None:
    book >> device("a-kueche", "absent") >> send("5")
    (job,) = book.state.jobs.values()
    assert (job.printer, job.status) == ("printer", "sending")
    told = "Drucker a-kueche druckt nicht: „Küche Tisch 5“ kommt aus dem Drucker printer."
    assert book.state.station("main").message == told
    book >> i.Printed(job.id, "confirmed") >> device("a-kueche", "ready") >> send("6")
    (job,) = book.state.jobs.values()
    assert job.printer == "a-kueche"
    book >> device("printer", "error") >> i.Printed(job.id, "failed", "unplugged") << "print.returned"
    book >> device("a-kueche", "absent") << ""
    assert "bitte „Küche Tisch 6“ ansagen" in book.state.station("main").message


def test_each_station_has_its_own_stand_in_for_the_kitchen(book: Playbook) -> None:
    config = book.state.config
    assert stand_ins(config, "a-kueche", "zwei") == ("printer", "printer-2")
    assert stand_ins(config | {"printer.a-kueche.fallback": "printer-2"}, "a-kueche", "main") == (
        "printer-2",
        "printer",
    )
    assert stand_ins(config, "printer", "main") == (), "no receipt comes out in the kitchen"


def test_an_interim_bill_is_no_receipt(book: Playbook) -> None:
    (book >> command("order.interim", table="5")).says("unknown_group")
    book >> send("5", {**BEER, "quantity": "2"})
    book.sign() >> command("order.interim", table="5")
    book << "order.slip_made print.sending +print"
    slip = slips(book)[-1]
    assert (slip.title, slip.total, slip.vat, slip.seal) == ("Zwischenrechnung - kein Beleg", 960, (), None)
    assert result(book) == {"group": "T5-000001", "total": 960}
    assert [job.printer for job in book.state.jobs.values()] == ["a-kueche", "printer"]
    assert (book.state.till.totals.counts["order.interim"], book.state.till.totals.sums["order.interim"]) == (
        1,
        960,
    )
    book >> command("order.bill", table="5")
    (book >> command("order.interim", table="5")).says("nothing_open")
    book >> command("sale.abort")
    (book >> command("order.interim", table="5", station="drei")).says("unknown_station")
