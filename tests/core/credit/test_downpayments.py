"""Down payments: taxed when the money comes, deducted with their tax, given back on cancellation."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, card, cash, command


def taken(book: Playbook, **args: Any) -> str:
    """A down payment in cash; its number."""
    given = {"customer": "Frau Wald", "what": "Torte", **args}
    if "amounts" not in given:
        given = {"amount": 1070, "vat": 2} | given
    book >> command("downpayment.take", **given)
    assert book.replies[-1]["status"] == "ok", book.replies[-1]
    number: str = book.replies[-1]["result"]["number"]
    book >> cash()
    book.done()
    return number


def release(number: str, **args: Any) -> Any:
    return command("downpayment.release", number=number, **args)


def test_the_tax_arises_with_the_money_and_the_bill_deducts_it() -> None:
    book = Playbook().ready()
    number = taken(book, pickup="2026-12-24")
    first = book.receipt().document
    assert [(row.vat, row.gross, row.tax) for row in first.vat] == [(2, 1070, 70)]
    assert first.positions[0].text == "Anzahlung: Torte"
    assert first.service == "Anzahlung, die Leistung folgt"
    assert first.positions[0].note == f"Nr. {number}, Frau Wald, Abholung 24.12.2026"
    book >> add("Torte", 3210) >> release(number) >> cash()
    bill = book.done().receipt().document
    assert [(row.vat, row.gross, row.tax) for row in bill.vat] == [(2, 2140, 140)]
    assert bill.positions[-1].note == f"Nr. {number} vom 21.11.2026, enthaltene USt 0,70 €"
    assert [(r.type, r.number, r.line) for r in bill.references] == [("Transaktion", "2", 2)]
    cases = book.state.till.totals.cases
    assert cases["Anzahlungseinstellung|2"] == (1070, 1000, 70)
    assert cases["Anzahlungsaufloesung|2"] == (-1070, -1000, -70)
    (book >> add() >> release(number)).says("item_settled")


def test_rates_stay_apart() -> None:
    book = Playbook().ready()
    number = taken(book, amounts={"1": 1190, "2": 535})
    book >> add("Torte", 1000, vat=2)
    (book >> release(number)).says("ok")
    assert book.replies[-1]["result"]["left"] == 1190
    assert book.current().due == 465
    (book >> release(number)).says("item_not_for_these")
    book >> add("Sekt", 900, vat=1) >> release(number) >> cash()
    assert book.done().receipt().document.total == 465
    assert [share.amount for share in book.state.credit.items[number].left] == [290, 0]


def test_a_bill_covered_by_the_down_payment_ends_without_money() -> None:
    book = Playbook().ready()
    number = taken(book)
    book >> add("Törtchen", 500) >> release(number)
    assert book.current().due == 0
    (book >> cash()).says("accepted")
    assert book.done().receipt().document.payments == ()
    assert book.state.credit.items[number].balance == 570


def test_a_cancelled_order_gives_money_and_tax_back() -> None:
    book = Playbook().ready()
    number = taken(book)
    refund = command("downpayment.refund", number=number, reason="abbestellt")
    (book >> add() >> refund).says("sale_open")
    book >> command("sale.abort")
    book.done() >> refund >> cash()
    document = book.done().receipt().document
    assert (document.total, [(row.gross, row.tax) for row in document.vat]) == (-1070, [(-1070, -70)])
    assert "abbestellt" in document.positions[0].note
    assert book.state.till.cash == 0
    (book >> refund).says("item_settled")


def test_two_stations_do_not_deduct_it_twice() -> None:
    book = Playbook().ready()
    number = taken(book)
    book >> add("Torte", 3000) >> release(number) >> add("Torte", 3000, station="zwei")
    (book >> release(number, station="zwei")).says("item_not_for_these")
    book >> command("sale.abort", station="zwei")
    (book >> command("downpayment.refund", number=number, reason="x", station="zwei")).says("sale_open")
    book >> command("sale.void_line") >> card()
    book.done()
    assert book.state.credit.items[number].balance == 1070


def test_after_a_change_of_rates_it_is_deducted_with_the_tax_it_had() -> None:
    """§ 27 Abs. 1 UStG: the whole supply has the rate of its day, the down payment keeps its own."""
    book = Playbook().ready(5000)
    number = taken(book)
    item = book.state.credit.items[number]
    old = replace(item, left=(replace(item.left[0], rate=Decimal(5)),))
    book.state = replace(book.state, credit=replace(book.state.credit, items={number: old}))
    (book >> add("Torte", 3000) >> release(number)).says("ok")
    line = book.facts(f.LineAdded)[-1]
    assert (line.vat, line.rate, line.amount) == (22, 5, -1070), "the key of the former rate"
    (book >> command("sale.void_line") >> release(number)).says("ok")
    (book >> release(number)).says("item_not_for_these")
    book >> cash()
    vat = {row.vat: (row.gross, row.tax) for row in book.done().receipt().document.vat}
    assert vat == {2: (3000, 196), 22: (-1070, -51)}
    assert book.state.credit.items[number].settled


def test_pre_orders_by_day() -> None:
    book = Playbook().ready()
    late, early = taken(book, pickup="2026-12-24"), taken(book, pickup="2026-12-23", what="Stollen")
    none = taken(book)
    book >> command("downpayment.list")
    assert [row["number"] for row in book.replies[-1]["result"]["items"]] == [early, late, none]
    book >> command("downpayment.list", pickup="2026-12-23")
    assert [row["what"] for row in book.replies[-1]["result"]["items"]] == ["Stollen"]
    (book >> command("downpayment.list", pickup="Heiligabend")).says("bad_args")


def test_what_cannot_be_taken() -> None:
    book = Playbook().ready()
    fine = {"customer": "Wald", "what": "Torte", "amount": 100, "vat": 2}
    for change, code in (
        ({"customer": ""}, "bad_args"),
        ({"what": " "}, "bad_args"),
        ({"amount": 0}, "amount_invalid"),
        ({"vat": 5}, "unknown_vat"),
        ({"vat": None}, "bad_args"),
        ({"amounts": {"1": 5}}, "bad_args"),
        ({"pickup": "morgen"}, "bad_args"),
    ):
        (book >> command("downpayment.take", **fine | change)).says(code)
    (book >> add() >> release("A1-99")).says("item_unknown")
