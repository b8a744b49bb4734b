"""Selling on account, paying later, invoices of other systems."""

from typing import Any

from kassd.core import facts as f
from kassd.core.entry import Reference
from tests.core.playbook import Playbook, add, card, cash, command, replayed


def on_account(customer: str = "Hotel Krone", **args: Any) -> Any:
    return command("sale.pay", type="account", customer=customer, **args)


def sold(book: Playbook, price: int = 3500) -> str:
    """Goods on account; the receivable's number."""
    book >> add(price=price) >> on_account()
    book.done()
    return next(reversed(book.state.credit.items))


def left(book: Playbook, number: str) -> int:
    return book.state.credit.items[number].balance


def test_turnover_now_money_later() -> None:
    book = Playbook().ready()
    number = sold(book)
    document = book.receipt().document
    assert (document.total, document.payments) == (0, ())
    assert document.positions[-1].note == f"Nr. {number}, Hotel Krone"
    assert book.state.till.totals.cases["Forderungsentstehung|5"][0] == -3500
    assert book.state.till.totals.cases["Umsatz|2"][0] == 3500
    assert left(book, number) == 3500
    book >> command("account.settle", number=number) >> cash()
    book.done()
    assert book.state.till.totals.cases["Forderungsaufloesung|5"] == (3500, 3500, 0)
    assert book.state.till.cash == 3500
    assert left(book, number) == 0
    (book >> command("account.settle", number=number)).says("item_settled")


def test_the_payment_refers_to_the_receipt() -> None:
    book = Playbook().ready()
    number = sold(book)
    book >> command("account.settle", number=number)
    assert book.current().references == (Reference("Transaktion", "2", register="KASSE-1", line=1),)
    book >> command("sale.abort")
    book.done() >> command("till.close", count={"1": 0})
    closing = book.done().facts(f.TillClosed)[-1]
    book >> command("till.open", counted=0)
    book.done() >> command("account.settle", number=number)
    (reference,) = book.current().references
    assert (reference.number, reference.closing, reference.closed_at) == ("2", 1, closing.at)
    book >> card()
    assert book.done().receipt().document.references == (reference,)


def test_in_parts_and_never_more_than_is_open() -> None:
    book = Playbook().ready()
    number = sold(book)
    book >> command("account.settle", number=number, amount=1000)
    (book >> command("account.settle", number=number, amount=2501, station="zwei")).says("amount_too_high")
    (book >> command("account.settle", number=number, station="zwei")).says("ok")
    assert book.current("zwei").total == 2500
    (book >> command("account.settle", number=number)).says("amount_invalid")
    book >> cash() >> command("sale.abort", station="zwei")
    book.done()
    assert left(book, number) == 2500


def test_part_money_part_account_and_a_void_takes_it_back() -> None:
    book = Playbook().ready() >> add(price=2000) >> cash(amount=500) >> on_account(amount=1000)
    (book >> on_account(amount=501)).says("amount_too_high")
    (number,) = book.state.credit.items
    (book >> command("account.settle", number=number)).says("item_unknown")
    book >> command("sale.void_line") >> cash()
    book.done()
    assert book.state.credit.items == {}
    assert book.state.till.cash == 2000


def test_an_abort_leaves_no_receivable() -> None:
    book = Playbook().ready() >> add(price=2000) >> on_account(amount=1000) >> command("sale.abort")
    assert book.done().state.credit.items == {}


def test_a_customer_is_needed() -> None:
    book = Playbook().ready() >> add()
    (book >> on_account("")).says("bad_args")
    book >> command("sale.customer", name="Hotel Krone") >> on_account("")
    assert next(iter(book.done().state.credit.items.values())).customer == "Hotel Krone"


def test_a_debt_is_not_paid_by_a_debt() -> None:
    book = Playbook().ready()
    number = sold(book)
    book >> command("account.settle", number=number)
    (book >> on_account()).says("amount_invalid")


def test_goods_on_account_are_not_voided_into_money() -> None:
    book = Playbook().ready() >> add(price=500) >> add(price=700) >> on_account(amount=1000)
    (book >> command("sale.void_line", line=1)).says("settled_first")


def test_the_list_knows_what_is_open() -> None:
    book = Playbook().ready()
    first, second = sold(book, 100), sold(book, 250)
    book >> add(price=1) >> on_account("Café Süd")
    book.done() >> command("account.settle", number=second, amount=50)
    book >> command("account.list", customer="Hotel Krone")
    result = book.replies[-1]["result"]
    assert [(row["number"], row["left"]) for row in result["items"]] == [(first, 100), (second, 200)]
    assert (result["count"], result["total"]) == (2, 350)
    assert replayed(book.lines).credit == book.state.credit


def test_an_invoice_of_another_system_is_only_paid() -> None:
    book = Playbook().ready() >> command("invoice.pay", number="RE-2026-17", amount=11900, customer="Krone")
    assert book.current().references == (Reference("ExterneRechnung", "RE-2026-17", line=1),)
    book >> cash()
    document = book.done().receipt().document
    assert [(row.vat, row.gross, row.tax) for row in document.vat] == [(5, 11900, 0)]
    (book >> command("invoice.pay", number=" ", amount=1)).says("bad_args")
    (book >> command("invoice.pay", number="1", amount=0)).says("amount_invalid")


def test_a_sale_refers_to_documents_of_other_systems() -> None:
    book = Playbook().ready() >> add()
    book >> command("sale.reference", type="ExternerLieferschein", number="LS-9")
    (book >> command("sale.reference", type="ExterneSonstige", number="7")).says("bad_args")
    book >> command("sale.reference", type="ExterneSonstige", number="7", name="Reparaturauftrag") >> cash()
    references = book.done().receipt().document.references
    assert [(r.type, r.number, r.name) for r in references] == [
        ("ExternerLieferschein", "LS-9", ""),
        ("ExterneSonstige", "7", "Reparaturauftrag"),
    ]


def test_settled_items_leave_after_a_while() -> None:
    book = Playbook().ready()
    number = sold(book)
    book >> command("account.settle", number=number) >> card()
    book.done() >> command("till.close", count={"1": 0})
    assert number in book.done().state.credit.items
    book.wait(100 * 86_400) >> command("till.open", counted=0)
    book.done() >> command("till.close", count={"1": 0})
    assert book.done().state.credit.items == {}


def ready(claims_vat: str) -> Playbook:
    book = Playbook()
    book.config = {**book.config, "business.claims_vat": claims_vat}
    return book.ready()


def mixed(book: Playbook) -> Any:
    """The official example: 13.00 at 19 %, 10.00 at 7 %."""
    return book >> add(price=1000, vat=1) >> add(price=300, vat=1) >> add(price=1000, vat=2)


def cases(book: Playbook) -> dict[str, int]:
    return {key: row[0] for key, row in book.state.till.totals.cases.items() if row[0]}


def test_tax_with_the_payment() -> None:
    book = ready("payment")
    mixed(book) >> on_account()
    document = book.done().receipt().document
    assert document.total == 0
    assert cases(book) == {"Umsatz|5": 2300, "Forderungsentstehung|5": -2300}
    (number,) = book.state.credit.items
    assert left(book, number) == 2300
    book >> command("account.settle", number=number, amount=1000) >> cash()
    book.done()
    assert left(book, number) == 1300
    book >> command("account.settle", number=number) >> cash()
    book.done()
    assert cases(book)["Forderungsaufloesung|1"] == 1300
    assert cases(book)["Forderungsaufloesung|2"] == 1000
    assert left(book, number) == 0
    assert replayed(book.lines).credit == book.state.credit


def test_tax_with_the_payment_takes_only_whole_sales() -> None:
    book = ready("payment")
    (mixed(book) >> on_account(amount=1000)).says("account_only_whole")
    book >> cash(amount=500)
    (book >> on_account()).says("account_only_whole")


def test_a_cancelled_claim_that_was_not_taxed_is_gone() -> None:
    book = ready("payment")
    mixed(book) >> on_account()
    number, receipt = next(iter(book.done().state.credit.items)), str(book.state.receipt)
    book >> command("receipt.cancel", receipt=receipt, reason="Irrtum")
    book.done()
    assert left(book, number) == 0
    assert cases(book) == {}
    (book >> command("account.settle", number=number)).says("item_settled")


def test_claims_whose_tax_is_unknown_stand_at_key_7() -> None:
    book = ready("unknown")
    mixed(book) >> on_account()
    book.done()
    (number,) = book.state.credit.items
    book >> command("account.settle", number=number) >> cash()
    book.done()
    totals = cases(book)
    assert (totals["Umsatz|1"], totals["Umsatz|2"]) == (1300, 1000)
    assert (totals["Forderungsentstehung|7"], totals["Forderungsaufloesung|7"]) == (-2300, 2300)
    book >> command("invoice.pay", number="4711", customer="Krone", amount=500) >> cash()
    assert book.done().state.till.totals.cases["Forderungsaufloesung|7"][0] == 2800
