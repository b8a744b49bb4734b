"""FISCAL 8: opening, movements, closing; each its own signed Vorgang; cash never below zero."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from tests.core.playbook import Playbook, add, card, cash, command


def movements(book: Playbook) -> list[tuple[str, int]]:
    cases = {fact.sale: fact.case for fact in book.facts(f.SaleOpened) if fact.kind_of == "cash"}
    return [(cases[s.sale], s.document.total) for s in book.facts(f.SaleFinished) if s.sale in cases]


def carried(amount: int) -> Playbook:
    """A closed till with stock."""
    book = Playbook().ready(amount)
    book >> command("till.close", count={"1": amount})
    return book.done()


@pytest.mark.parametrize(
    ("source", "counted", "movement"),
    [
        ("transit", 700, ("Geldtransit", 200)),
        ("transit", 300, ("Geldtransit", -200)),
        ("private", 700, ("Privateinlage", 200)),
        ("private", 300, ("Privatentnahme", -200)),
        ("difference", 700, ("DifferenzSollIst", 200)),
        ("difference", 300, ("DifferenzSollIst", -200)),
    ],
)
def test_a_float_that_differs_needs_a_source(source: str, counted: int, movement: tuple[str, int]) -> None:
    book = carried(500)
    book >> command("till.open", counted=counted)
    book.says("float_differs")
    assert book.replies[-1]["result"] == {"expected": 500, "counted": counted}
    book >> command("till.open", counted=counted, source=source, reason="nachgezählt")
    book.says("ok").sign()
    assert movements(book)[-2:] == [("Anfangsbestand", 500), movement]
    assert book.state.till.cash == counted
    assert book.state.till.procedure is None


def test_a_difference_needs_a_reason() -> None:
    book = carried(500) >> command("till.open", counted=1, source="difference", reason="  ")
    book.says("reason_required")


@pytest.mark.parametrize("counted", [-1, 100_000_000])
def test_a_float_out_of_bounds(counted: int) -> None:
    book = carried(0) >> command("till.open", counted=counted, source="transit")
    book.says("amount_invalid")


def test_an_empty_float_is_signed_and_prints_nothing() -> None:
    book = Playbook().commissioned() >> command("till.open", counted=0)
    book << "till.opened till.movements_planned sale.opened sale.line_added sale.paid +tse.start"
    book.sign()
    assert movements(book) == [("Anfangsbestand", 0)]
    assert book.facts(f.SaleNumbered)[0].process_data == "Beleg^0.00_0.00_0.00_0.00_0.00^"
    assert book.wishes("print") == []


def test_a_movement_is_a_signed_slip_on_key_5() -> None:
    book = Playbook().ready(1000)
    book >> command("operator.login", operator="Anna")
    book >> command("cash.out", amount=400, kind="private", reason="Blumen")
    book.says("accepted").sign()
    receipt = book.receipt()
    assert book.facts(f.SaleNumbered)[-1].process_data == "Beleg^0.00_0.00_0.00_0.00_-4.00^-4.00:Bar"
    assert (receipt.document.kind, receipt.document.reason, receipt.document.person) == (
        "cash",
        "Blumen",
        "Anna",
    )
    assert receipt.document.positions[0].vat == 5
    book >> command("cash.in", amount=50, kind="transit", reason="Wechselgeld")
    book.sign()
    assert movements(book)[-2:] == [("Privatentnahme", -400), ("Geldtransit", 50)]
    assert book.state.till.cash == 650
    assert len(book.wishes("print")) == 3  # the Geldtransit of the opening, too


@pytest.mark.parametrize("amount", [0, -1, 100_000_000])
def test_a_movement_out_of_bounds(amount: int) -> None:
    book = Playbook().ready(1000) >> command("cash.in", amount=amount, kind="transit", reason="x")
    book.says("amount_invalid")


@pytest.mark.parametrize(
    ("reason", "code"), [(" ", "reason_required"), ("x" * 256, "bad_args"), ("a\x07", "bad_args")]
)
def test_a_reason_is_one_printable_line(reason: str, code: str) -> None:
    for name, args in (("cash.in", {"amount": 1, "kind": "transit"}), ("drawer.open", {})):
        book = Playbook().ready(1000) >> command(name, reason=reason, **args)
        book.says(code)


def test_cash_is_never_below_zero() -> None:
    book = Playbook().ready(100)
    book >> add() >> cash(amount=200)
    book >> command("cash.out", amount=300, kind="transit", reason="Bank")
    book.sign() >> command("sale.abort", cash_returned=200)
    book.says("cash_negative")
    (
        book
        >> command("cash.in", amount=200, kind="transit", reason="zurück")
        >> command("sale.abort", cash_returned=200)
    )
    book.says("accepted")
    assert book.state.till.cash == 0


def test_what_moves_while_the_float_is_being_booked_comes_after_it() -> None:
    book = carried(500) >> command("till.open", counted=300, source="transit")
    assert book.state.till.expected_cash == 300
    book >> command("cash.out", amount=400, kind="private", reason="x")
    book.says("cash_negative")
    book >> command("till.close", count={"100": 3})
    book.says("busy")
    book >> command("cash.out", amount=100, kind="private", reason="x")
    book.says("accepted")
    assert book.state.till.expected_cash == 200
    book >> add()
    book.says("ok")
    book.sign()
    assert [fact.case for fact in book.facts(f.SaleOpened)][-4:] == [
        "Anfangsbestand",
        "",
        "Geldtransit",
        "Privatentnahme",
    ]
    assert book.state.till.expected_cash == 200


def test_a_closing_waits_for_what_is_being_signed() -> None:
    book = Playbook().ready(1000)
    book >> add() >> cash() >> command("till.close", count={"100": 13, "50": 1})
    book.says("accepted")
    assert not book.facts(f.TillClosed)
    book.sign()
    assert [fact.cash for fact in book.facts(f.TillClosed)] == [1350]


def test_a_person_who_moves_cash_gets_the_drawer_open() -> None:
    book = Playbook().ready(1000)
    book >> command("cash.in", amount=100, kind="transit", reason="Wechselgeld")
    assert [wish.args["why"] for wish in book.wishes("drawer")] == ["command"]


def test_close_books_difference_then_skim_then_closes() -> None:
    book = Playbook().ready(1000)
    book >> command("till.close", count={"500": 1, "100": 4}, skim=600)
    book.says("reason_required")
    assert book.replies[-1]["result"] == {
        "expected": 1000,
        "counted": 900,
        "drawer": "drawer",
        "currency": "EUR",
    }
    book >> command("till.close", count={"500": 1, "100": 4}, skim=600, reason="Wechselfehler")
    book.sign()
    assert movements(book)[-2:] == [("DifferenzSollIst", -100), ("Geldtransit", -600)]
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.cash, closing.carried) == (300, 300)
    assert book.state.till.carried == 300
    begun = book.facts(f.ClosingBegan)[-1]
    assert [count.pieces for count in begun.counts] == [{500: 1, 100: 4}]
    book.done() >> command("till.open", counted=300)
    book.says("ok")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"count": {"100": 10}, "skim": 1001}, "cash_negative"),
        ({"count": {"100": 10}, "skim": -1}, "amount_invalid"),
        ({"count": {"3": 1}}, "bad_args"),
        ({"count": {"100": -1}}, "bad_args"),
        ({"count": {"zehn": 1}}, "bad_args"),
        ({"count": {"100": 1.0}}, "bad_args"),
        ({"count": {"50000": 100_000}}, "amount_invalid"),
        ({"reason": "x" * 300, "count": {"100": 10}}, "bad_args"),
    ],
)
def test_a_closing_that_cannot_be(args: dict[str, Any], code: str) -> None:
    book = Playbook().ready(1000) >> command("till.close", **args)
    book.says(code)


def test_the_count_is_optional_where_there_is_no_cash() -> None:
    book = Playbook()
    book.config = {k: v for k, v in book.config.items() if not k.startswith("drawer.")}
    book.ready() >> add() >> card()
    book.sign() >> command("till.close") >> i.Tick()
    assert not book.state.till.open


def test_open_sales_without_payment_end_at_a_closing_part_paid_ones_prevent_it() -> None:
    book = Playbook().ready()
    book >> add() >> add(station="zwei") >> cash(amount=100)
    book >> command("till.close", count={"100": 1})
    book.says("sale_part_paid")
    book >> cash()
    book.sign() >> command("till.close", count={"50": 7})
    book.says("accepted")
    book.sign()
    assert [fact.why for fact in book.facts(f.AbortAsked)] == ["closing"]
    assert not book.state.till.open


def test_while_closing_nothing_is_sold_and_nothing_moves() -> None:
    book = Playbook().ready(1000) >> command("till.close", count={"100": 10}, skim=100)
    for request in (
        add(),
        cash(),
        command("cash.in", amount=1, kind="transit", reason="x"),
        command("till.close"),
    ):
        book >> request
        book.says("till_closing")
    book.sign()
    assert not book.state.till.open


def test_a_till_closes_without_a_tse() -> None:
    book = Playbook().ready(1000).outage() >> command("till.close", count={"100": 9}, skim=900, reason="x")
    assert not book.state.till.open
    assert [fact.document.outage for fact in book.facts(f.SaleFinished)][-2:] == [True, True]


def test_the_z_report_prints_at_the_station_that_closed() -> None:
    book = Playbook().ready() >> command("till.close", station="zwei", count={})
    book.sign()
    wish = book.wishes("print")[-1]
    assert (wish.args["printer"], wish.args["document"]) == ("printer-2", "Z1")


def test_the_z_names_who_closed_not_who_is_logged_in_later() -> None:
    book = Playbook().ready(100) >> command("operator.login", operator="Anna")
    book >> command("till.close", count={"100": 1}, skim=100) >> command("operator.logout")
    book.sign()
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.operator, closing.document.operator) == ("Anna", "Anna")
