"""Tenders of the configuration, cheques, cash of other currencies."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.commands import SalePay
from tests.core.playbook import Playbook, add, card, cash, command

CONFIG = {
    "tender.paypal.name": "paypal",
    "tender.paypal.type": "ElZahlungsdienstleister",
    "tender.paypal.text": "PayPal",
    "tender.edenred.name": "edenred",
    "tender.edenred.type": "Guthabenkarte",
    "currency.CHF.code": "CHF",
    "currency.CHF.rate": "0.95",
}


def shop(float_: int = 10_000) -> Playbook:
    book = Playbook()
    book.config |= CONFIG
    return book.ready(float_)


def pay(type: str, **args: Any) -> Any:
    return command("sale.pay", type=type, **args)


@pytest.mark.parametrize(
    ("args", "kind", "name"),
    [
        ({"type": "cash"}, "Bar", "Bar"),
        ({"type": "card"}, "Unbar", "Karte"),
        ({"type": "card", "brand": "girocard"}, "ECKarte", "girocard"),
        ({"type": "card", "brand": "VISA"}, "Kreditkarte", "Visa"),
        ({"type": "card", "brand": "Hauskarte"}, "Unbar", "Hauskarte"),
        ({"type": "cheque", "reference": "4711"}, "Unbar", "Scheck"),
        ({"type": "paypal", "reference": "T-1"}, "ElZahlungsdienstleister", "PayPal"),
        ({"type": "edenred"}, "Guthabenkarte", "edenred"),
    ],
)
def test_each_tender_has_its_type_and_name(args: dict[str, Any], kind: str, name: str) -> None:
    book = shop() >> add(price=350) >> command("sale.pay", **args)
    book.done()
    payment = book.facts(f.PaymentAdded)[-1]
    assert (payment.type, payment.name, payment.amount) == (kind, name, 350)
    assert payment.reference == args.get("reference", "")
    assert book.state.till.totals.payments[f"{kind}|{name}"] == 350
    assert book.state.till.cash == 10_000 + (350 if kind == "Bar" else 0)
    assert book.receipt().document.payments[0].reference == args.get("reference", "")


def test_only_what_goes_into_the_drawer_opens_it() -> None:
    for args, kicks in (({"type": "cheque", "reference": "1"}, 1), ({"type": "paypal"}, 0)):
        book = shop() >> add() >> command("sale.pay", **args)
        assert sum(wish.kind == "drawer" for wish in book.last.wishes) == kicks


def test_a_cheque_has_a_number_and_no_change() -> None:
    book = shop() >> add()
    (book >> pay("cheque")).says("bad_args")
    (book >> pay("cheque", reference="1", given=1000)).says("bad_args")
    (book >> pay("cheque", reference="1", amount=351)).says("amount_too_high")


def test_what_is_not_set_up_is_not_taken() -> None:
    book = shop() >> add()
    (book >> pay("bitcoin")).says("payment_type_unknown")
    (book >> pay("Keine")).says("payment_type_unknown")
    (book >> cash(currency="USD", given=100)).says("currency_unknown")
    (book >> card(currency="CHF", given=100)).says("bad_args")
    (book >> cash(brand="visa")).says("bad_args")


def test_no_tender_makes_a_sale_dearer() -> None:
    """§ 270a BGB: a payment's sum is the goods' sum; neither command nor configuration has a fee."""
    assert not {"fee", "surcharge", "percent"} & set(SalePay.__dataclass_fields__)
    for args in ({"type": "card", "brand": "visa"}, {"type": "paypal"}):
        book = shop() >> add(price=999) >> command("sale.pay", **args)
        assert book.done().receipt().document.total == 999
        assert [line.case for line in book.facts(f.LineAdded)[-1:]] == ["Umsatz"]
        assert sum(line.amount for line in book.facts(f.LineAdded) if line.case == "Umsatz") == 999


def test_cash_of_another_currency_and_change_in_euro() -> None:
    book = shop() >> add(price=1500) >> cash(currency="CHF", given=2000)
    reply = book.replies[-1]
    assert reply["result"] == {"sale": book.receipt_id(), "due": 0, "change": 400}
    book.done()
    franc, change = book.facts(f.PaymentAdded)[-2:]
    assert (franc.amount, franc.foreign, franc.currency, str(franc.rate)) == (1900, 2000, "CHF", "0.95")
    assert (change.amount, change.currency) == (-400, "EUR")
    assert book.facts(f.SaleNumbered)[-1].process_data.endswith("^-4.00:Bar_20.00:Bar:CHF")
    tenders = book.receipt().document.payments
    assert [(t.name, t.amount, t.foreign) for t in tenders] == [("Bar", 1900, 2000), ("Rückgeld", -400, 0)]
    assert book.receipt().document.change == 0


def test_too_little_foreign_cash_is_a_part_payment() -> None:
    book = shop() >> add(price=1500) >> cash(currency="CHF", given=1000)
    assert book.current().due == 550
    (book >> cash(currency="CHF", given=100, amount=550)).says("given_too_low")
    book >> cash()
    assert book.done().receipt().document.total == 1500


def test_what_was_undone_is_no_payment_and_its_change_is_on_no_slip() -> None:
    book = shop() >> add(price=1500) >> cash(currency="CHF", given=1000, amount=500)
    assert (book.current().paid, book.current().change) == (500, 450)
    book >> command("sale.undo")
    book << "sale.payment_added sale.payment_added sale.reopened +drawer"
    assert (book.current().status, book.current().paid, book.current().change) == ("open", 0, 0)
    (book >> command("sale.undo")).says("ok")
    assert book.current().total == 0, "the line, not the money again"
    book >> add(price=1500) >> cash(amount=500, given=2000)
    assert book.current().change == 1500
    book >> command("sale.undo") >> cash(given=1600)
    receipt = book.done().receipt().document
    assert (receipt.total, receipt.change) == (1500, 100)


def test_no_change_comes_out_of_a_float_that_is_still_being_booked() -> None:
    book = Playbook()
    book.config |= {"currency.CHF.code": "CHF", "currency.CHF.rate": "0.95"}
    book.commissioned() >> command("till.open", counted=3000, source="transit")
    book >> add(price=100) >> cash(currency="CHF", given=1000)
    book.says("busy")
    book.sign() >> cash(currency="CHF", given=1000)
    assert book.done().receipt().document.total == 100


def test_foreign_cash_needs_what_was_given_and_enough_change() -> None:
    book = shop(0) >> add(price=1500)
    (book >> cash(currency="CHF")).says("bad_args")
    (book >> cash(currency="CHF", given=0)).says("amount_invalid")
    (book >> cash(currency="CHF", given=2000)).says("cash_negative")


def test_an_abort_gives_each_currency_back() -> None:
    book = shop() >> add(price=3000) >> cash(currency="CHF", given=1000) >> pay("paypal", amount=100)
    (book >> command("sale.abort", cash_returned=949)).says("sale_part_paid")
    book >> command("sale.abort", cash_returned=950, card_reversed=True)
    book.done()
    back = book.facts(f.PaymentAdded)[-2:]
    assert [(p.type, p.name, p.amount, p.foreign) for p in back] == [
        ("Bar", "Bar zurück", -950, -1000),
        ("ElZahlungsdienstleister", "PayPal storniert", -100, 0),
    ]
    assert book.state.till.cash == 10_000


def test_the_last_of_many_payments_must_pay_the_rest() -> None:
    book = shop() >> add(price=10_000)
    for _ in range(19):
        book >> cash(amount=1)
    (book >> cash(amount=1)).says("amount_invalid")
    (book >> cash(currency="CHF", given=100)).says("amount_invalid")
    (book >> cash()).says("accepted")
