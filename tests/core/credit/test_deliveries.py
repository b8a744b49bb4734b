"""Delivery notes are AVTransfer; the bill has the goods as they were delivered."""

import pytest

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, card, cash, command


def delivered(book: Playbook) -> str:
    book >> add("Brötchen", 40, quantity="50") >> add("Butter", 300, vat=2)
    book >> command("delivery.issue", customer="Hotel Krone")
    number: str = book.replies[-1]["result"]["number"]
    book.done()
    return number


def test_goods_leave_without_turnover() -> None:
    book = Playbook().ready()
    number = delivered(book)
    finished = book.receipt()
    assert finished.bon_type == "AVTransfer"
    assert finished.document.title == "Lieferschein"
    assert finished.document.reason == f"Lieferschein {number} an Hotel Krone"
    assert book.facts(f.SaleNumbered)[-1].process_data == "AVTransfer^0.00_23.00_0.00_0.00_0.00^"
    assert "Umsatz|2" not in book.state.till.totals.cases
    assert book.state.till.totals.counts["AVTransfer"] == 1
    assert book.wishes("print")[-1].args["document"] == finished.document.id


def test_the_bill_refers_to_it_and_has_its_lines() -> None:
    book = Playbook().ready()
    number = delivered(book)
    book >> command("delivery.bill", number=number)
    sale = book.current()
    assert [(line.text, line.amount, line.account) for line in sale.lines] == [
        ("Brötchen", 2000, number),
        ("Butter", 300, number),
    ]
    assert [(r.type, r.number) for r in sale.references] == [("Transaktion", "2")]
    (book >> command("delivery.bill", number=number, station="zwei")).says("sale_open")
    book >> card()
    bill = book.done().receipt().document
    assert bill.total == 2300
    assert bill.service == "Leistungsdatum 21.11.2026 (Lieferschein)"
    assert book.state.till.totals.cases["Umsatz|2"][0] == 2300
    (book >> command("delivery.bill", number=number)).says("item_settled")


def test_an_aborted_bill_leaves_it_open_across_a_closing() -> None:
    book = Playbook().ready()
    number = delivered(book)
    book >> command("delivery.bill", number=number) >> command("sale.abort")
    book.done() >> command("till.close", count={"1": 0})
    book.done().restart().tse_opens() >> command("till.open", counted=0)
    book.done() >> command("delivery.list", customer="Hotel Krone")
    assert [(row["number"], row["left"]) for row in book.replies[-1]["result"]["items"]] == [(number, 2300)]
    book >> command("delivery.bill", number=number) >> command("sale.pay", type="account", customer="Krone")
    assert book.done().receipt().document.total == 0


def test_what_is_no_delivery() -> None:
    book = Playbook().ready()
    (book >> command("delivery.issue", customer="Krone")).says("no_sale")
    book >> add() >> cash(amount=1)
    (book >> command("delivery.issue", customer="Krone")).says("sale_part_paid")
    book >> cash()
    book.done() >> command("voucher.sell", kind="multi", value=1)
    (book >> command("delivery.issue", customer="Krone")).says("not_on_delivery")
    book >> command("sale.void_line")
    (book >> command("delivery.issue", customer="Krone")).says("nothing_due")


def test_goods_that_come_back_of_the_bill_do_not_open_the_note_again() -> None:
    book = Playbook().ready(10_000)
    number = delivered(book)
    book >> command("delivery.bill", number=number) >> cash()
    bill = str(book.done().receipt().number)
    book >> command("receipt.return", receipt=bill, lines={"2": "1"}, reason="alt") >> cash()
    book.done() >> command("delivery.list")
    assert book.replies[-1]["result"]["count"] == 0
    (book >> command("delivery.bill", number=number)).says("item_settled")
    returned = str(book.receipt().number)
    (book >> command("receipt.cancel", receipt=returned, reason="doch nicht")).says("accepted")
    book.done()
    (book >> command("delivery.bill", number=number)).says("item_settled")
    (book >> command("receipt.cancel", receipt=bill, reason="falscher Kunde")).says("accepted")
    book.done() >> command("delivery.bill", number=number) >> cash()
    assert book.done().receipt().document.total == 2300


def test_a_bill_paid_otherwise_leaves_it_settled() -> None:
    book = Playbook().ready(10_000)
    number = delivered(book)
    book >> command("delivery.bill", number=number) >> card()
    book.done()
    for other in ("cash", "card"):
        bill = max(fact.number for fact in book.facts(f.SaleFinished) if fact.document.total > 0)
        (book >> command("receipt.correct_payment", receipt=str(bill), type=other)).says("accepted")
        book.done()
        (book >> command("delivery.bill", number=number)).says("item_settled")


def test_what_comes_back_is_no_delivery() -> None:
    book = Playbook().ready(10_000)
    book >> add(price=1000) >> cash()
    receipt = str(book.done().receipt().number)
    book >> command("receipt.return", receipt=receipt, lines={"1": "1"}, reason="alt")
    (book >> command("delivery.issue", customer="K")).says("not_on_delivery")
    book >> add("Kuchen", 5000)
    (book >> command("delivery.issue", customer="K")).says("not_on_delivery")
    book >> command("sale.abort")
    book.done() >> command("sale.return", text="Leergut", price=500, vat=1, reason="zurück")
    (book >> command("delivery.issue", customer="K")).says("not_on_delivery")


@pytest.mark.parametrize("kind", ["delivery", "invoice"])
def test_a_bill_is_neither_parked_nor_taken_apart(kind: str) -> None:
    """Parked it could be billed a second time; a part paid for would have settled all of it."""
    book = Playbook().ready()
    book >> add() >> add("Fass", 5000, 1) >> command(f"{kind}.issue", customer="Krone")
    number = book.replies[-1]["result"]["number"]
    again = command("delivery.bill" if kind == "delivery" else "invoice.pay", number=number)
    book.done() >> again
    (book >> command("sale.park", table="1")).says("not_orderable")
    (book >> command("sale.void_line", line=2)).says("billed_whole")
    more = command("sale.tip", amount=100, to="staff") if kind == "invoice" else add("Kuli", 100, 1)
    (book >> more >> command("sale.void_line")).says("ok")
    (book >> cash()).says("accepted").done()
    assert book.receipt().document.total == 5350
    (book >> again).says("item_settled")


@pytest.mark.parametrize("kind", ["delivery", "invoice"])
def test_goods_that_were_supplied_stay_eaten_there_or_taken_away(kind: str) -> None:
    """Their tax arose with the supply; what is added to the bill is new."""
    book = Playbook().ready()
    book >> command("catalog.put", id="torte", name="Torte", price=1000, vat=2, vat_in_house=1)
    book >> command("sale.add", article="torte") >> command(f"{kind}.issue", customer="Krone")
    number = book.replies[-1]["result"]["number"]
    book.done() >> command("delivery.bill" if kind == "delivery" else "invoice.pay", number=number)
    (book >> command("sale.set_in_house", in_house=True)).says("billed_as_supplied")
    assert book.replies[-1]["result"] == {"number": number}
    (book >> command("sale.set_in_house", line=1, in_house=True)).says("billed_as_supplied")
    (book >> command("sale.set_in_house", in_house=False)).says("ok")  # as it is
    if kind == "invoice":
        return
    book >> command("sale.add", article="torte")
    (book >> command("sale.set_in_house", line=2, in_house=True)).says("ok")
    assert [(line.vat, line.in_house) for line in book.current().standing()] == [(2, False), (1, True)]
    (book >> cash()).says("accepted").done()
    assert {row.vat: row.gross for row in book.receipt().document.vat} == {1: 1000, 2: 1000}


@pytest.mark.parametrize("kind", ["delivery", "invoice"])
def test_a_long_one_is_billed_in_several_lines_of_the_journal(kind: str) -> None:
    """And nothing comes between them, also after a power cut."""
    book = Playbook().ready()
    text = "Käsekuchen vom Blech mit Streuseln, Äpfeln und Rosinen, Stück Nr. "
    for n in range(135):
        book >> add(f"{text}{n:03d}", 100 + n, 1 + n % 2)
    address = {"street": "Weg 1", "postal_code": "01067", "city": "Dresden"} if kind == "invoice" else {}
    (book >> command(f"{kind}.issue", customer="Krone", **address)).says("accepted")
    number, total = book.replies[-1]["result"]["number"], book.replies[-1]["result"]["total"]
    book.done() >> command("delivery.bill" if kind == "delivery" else "invoice.pay", number=number)
    book.says("ok")
    assert book.replies[-1]["result"]["due"] == total
    assert 0 < len(book.current().lines) < 135
    assert book.last.wake == 0
    for meanwhile in (add(), cash(), command("sale.void_line"), command("sale.park", table="1")):
        (book >> meanwhile).says("busy")
    book.restart().tse_opens()
    while len(book.current().lines) < 135:
        before = len(book.current().lines)
        book.tick()
        assert len(book.current().lines) > before
    assert book.last.wake != 0
    assert len(book.current().references) == 1
    (book >> cash()).says("accepted").done()
    bill = book.receipt().document
    assert bill.total == total
    assert [p.text for p in bill.positions] == [f"{text}{n:03d}" for n in range(135)]
