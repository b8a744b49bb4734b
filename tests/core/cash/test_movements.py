"""Cash movements: each kind its business case, account by account, each sum exact and never below zero."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.carry import durable
from kassd.core.cash.accounts import expected_json
from tests.core.playbook import Playbook, add, card, cash, command, replayed

MORE = {
    "drawer.lade-2.name": "lade-2",
    "drawer.lade-2.station": "zwei",
    "purse.berta.name": "berta",
    "purse.berta.operator": "Berta",
    "currency.CHF.code": "CHF",
    "currency.CHF.rate": "0.95",
}


def shop(float_: int = 10_000) -> Playbook:
    """Two drawers, a purse, francs."""
    book = Playbook()
    book.config |= MORE
    return book.ready(float_)


def stock(book: Playbook) -> dict[str, int]:
    return {f"{row['drawer']} {row['currency']}": row["expected"] for row in expected_json(book.state)}


@pytest.mark.parametrize(
    ("name", "kind", "case", "gv_name"),
    [
        ("cash.in", "transit", "Geldtransit", ""),
        ("cash.in", "change", "Geldtransit", "Wechselgeld"),
        ("cash.in", "private", "Privateinlage", ""),
        ("cash.in", "deposit", "Einzahlung", ""),
        ("cash.out", "transit", "Geldtransit", ""),
        ("cash.out", "change", "Geldtransit", "Wechselgeld"),
        ("cash.out", "private", "Privatentnahme", ""),
        ("cash.out", "wages", "Lohnzahlung", ""),
        ("cash.out", "expense", "Auszahlung", ""),
    ],
)
def test_each_kind_is_a_signed_slip_of_its_business_case(
    name: str, kind: str, case: str, gv_name: str
) -> None:
    book = Playbook().ready(1000)
    book >> command(name, amount=300, kind=kind, reason="Grund", person="Frau Klein", voucher="RE-17")
    book.says("accepted").sign()
    sign = 1 if name == "cash.in" else -1
    (line,) = [fact for fact in book.facts(f.LineAdded) if fact.case == case and fact.amount == sign * 300]
    assert (line.name, line.vat) == (gv_name, 5)
    document = book.receipt().document
    assert (document.reason, document.person, document.total) == ("Grund", "Frau Klein", sign * 300)
    assert [(r.type, r.number) for r in document.references] == [("ExterneSonstige", "RE-17")]
    assert book.state.till.cash == 1000 + sign * 300
    assert book.wishes("print")[-1].args["document"] == document.id


def test_cash_goes_where_the_payment_is_taken() -> None:
    book = shop()
    book >> add() >> cash()
    book.done() >> add(station="zwei") >> cash(station="zwei")
    book.done() >> command("operator.login", operator="Berta") >> add() >> cash(given=500)
    book.done() >> add() >> card()
    book.done()
    assert stock(book) == {"drawer EUR": 10_350, "lade-2 EUR": 350, "berta EUR": 350}
    assert [p.drawer for p in book.facts(f.PaymentAdded) if p.type == "Bar"][-3:] == ["", "lade-2", "berta"]
    book >> command("cash.expected")
    assert book.replies[-1]["result"]["expected"] == 11_050
    assert book.replies[-1]["result"]["drawers"] == expected_json(book.state)
    book << ""


def test_no_account_pays_out_what_another_holds() -> None:
    book = shop()
    for args in ({"drawer": "lade-2"}, {"drawer": "berta"}, {"station": "zwei"}):
        book >> command("cash.out", amount=1, kind="private", reason="x", **args)
        book.says("cash_negative")
        assert book.replies[-1]["result"] == {"expected": 0}
    book >> command("cash.out", amount=10_001, kind="private", reason="x")
    book.says("cash_negative")
    book >> command("cash.out", amount=10_000, kind="private", reason="x", drawer="drawer")
    book.says("accepted").done()
    assert stock(book) == {"drawer EUR": 0, "lade-2 EUR": 0, "berta EUR": 0}


def test_a_transfer_is_one_vorgang_that_adds_up_to_nothing() -> None:
    book = shop()
    book >> command("cash.transfer", amount=2_500, to="berta", reason="Wechselgeld")
    book.says("accepted").sign()
    assert stock(book) == {"drawer EUR": 7_500, "lade-2 EUR": 0, "berta EUR": 2_500}
    document = book.receipt().document
    assert [(p.amount, p.vat) for p in document.positions] == [(-2_500, 5), (2_500, 5)]
    assert [p.text for p in document.positions] == [
        "Geldtransit von drawer: 25,00 €",
        "Geldtransit an berta: 25,00 €",
    ]
    assert [p.amount for p in document.payments] == [-2_500, 2_500]
    assert document.total == 0
    assert book.facts(f.SaleNumbered)[-1].process_data == "Beleg^0.00_0.00_0.00_0.00_0.00^"
    book.done() >> command("cash.transfer", amount=2_500, drawer="berta", to="drawer")
    book.says("accepted").done()
    assert stock(book) == {"drawer EUR": 10_000, "lade-2 EUR": 0, "berta EUR": 0}


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"amount": 0, "to": "berta"}, "amount_invalid"),
        ({"amount": 1, "to": "drawer"}, "bad_args"),
        ({"amount": 1, "to": "nirgends"}, "unknown_drawer"),
        ({"amount": 10_001, "to": "berta"}, "cash_negative"),
        ({"amount": 1, "drawer": "lade-2", "to": "berta"}, "cash_negative"),
    ],
)
def test_a_transfer_that_cannot_be(args: dict[str, Any], code: str) -> None:
    shop().__rshift__(command("cash.transfer", **args)).says(code)


def test_francs_are_held_by_themselves_and_go_to_the_bank() -> None:
    book = shop()
    book >> add(price=1_000) >> cash(currency="CHF", given=2_000)
    book.done()
    assert stock(book) == {
        "drawer EUR": 10_000 - 900,
        "drawer CHF": 2_000,
        "lade-2 EUR": 0,
        "berta EUR": 0,
    }
    book >> command("cash.out", amount=2_001, kind="transit", currency="CHF", reason="Bank")
    book.says("cash_negative")
    book >> command("cash.out", amount=500, kind="private", currency="CHF", reason="Urlaub")
    book.says("bad_args")
    book >> command("cash.out", amount=500, kind="transit", currency="CHF", reason="Bank")
    book.says("accepted").done()
    assert book.facts(f.SaleNumbered)[-1].process_data == "Beleg^0.00_0.00_0.00_0.00_-4.75^-5.00:Bar:CHF"
    assert stock(book)["drawer CHF"] == 1_500
    book >> command("cash.out", amount=1_500, kind="transit", currency="CHF", reason="Bank")
    book.done()
    assert "drawer CHF" not in stock(book)
    assert sum(p.amount for p in book.facts(f.PaymentAdded) if p.currency == "CHF") == 0


def test_a_float_in_every_account_is_booked_account_by_account() -> None:
    book = shop()
    book >> command("cash.transfer", amount=2_500, to="berta") >> add(price=1_000)
    book.done() >> cash(currency="CHF", given=2_000)
    book.done()
    counts = {"berta": {"500": 5}, "drawer/CHF": {"2000": 1}}
    book >> command("till.close", count={"100": 66}, counts=counts)
    book.says("accepted").done()
    assert (book.state.till.open, book.state.till.carried) == (False, 9_100)
    book >> command("till.open", counted=6_600, drawers={"berta": 2_000})
    book.says("float_differs")
    assert book.replies[-1]["result"] == {"expected": 2_500, "counted": 2_000, "drawer": "berta"}
    book >> command("till.open", counted=6_600, drawers={"berta": 2_000}, source="private")
    book.says("ok")
    assert book.state.till.expected_cash == 8_600
    book.done()
    floats = [fact for fact in book.facts(f.SaleOpened) if fact.case == "Anfangsbestand"][-3:]
    paid = {p.sale: (p.drawer, p.currency, p.amount) for p in book.facts(f.PaymentAdded)}
    assert [paid[fact.sale] for fact in floats] == [
        ("", "EUR", 6_600),
        ("", "CHF", 1_900),
        ("berta", "EUR", 2_500),
    ]
    assert book.state.till.cash == 8_600
    assert stock(book)["berta EUR"] == 2_000
    assert durable(replayed(book.lines)) == durable(book.state)


def test_a_drawer_is_counted_once_at_the_opening() -> None:
    book = Playbook()
    book.config |= MORE
    book.commissioned()
    (book >> command("till.open", counted=0, drawers={"drawer": 500}, source="transit")).says("bad_args")
    assert "zweimal" in book.replies[-1]["message"]
    (book >> command("till.open", counted=0, drawers={"lade-2": 500}, source="transit")).says("ok")
