"""What a receipt to a customer is called, and what it says of the supply."""

import pytest

from kassd.core import facts as f
from kassd.receipt.layout import SERVICE_DATE, plain_text
from tests.core.playbook import Playbook, add, cash, command


def newest(book: Playbook) -> tuple[str, bool]:
    """Title of the newest receipt, and whether it names the day of the supply."""
    document = book.done().receipt().document
    return document.title, SERVICE_DATE in plain_text(document, 42)


def test_goods_make_an_invoice_also_with_a_voucher_beside_them() -> None:
    book = Playbook().ready()
    assert newest(book >> add() >> cash()) == ("Rechnung", True)
    assert newest(book >> add() >> command("voucher.sell", kind="multi", value=1000) >> cash()) == (
        "Rechnung",
        True,
    )


def test_money_for_a_voucher_of_any_rate_makes_no_invoice() -> None:
    book = Playbook().ready()
    assert newest(book >> command("voucher.sell", kind="multi", value=1000) >> cash()) == ("Quittung", False)
    single = command("voucher.sell", kind="single", value=1000, vat=1, text="Massage")
    assert newest(book >> single >> cash()) == ("Rechnung", True)


def test_the_payment_of_an_older_invoice_makes_no_second_one() -> None:
    book = Playbook().ready()
    book >> add() >> command("sale.pay", type="account", customer="Café Lindenhof")
    assert newest(book) == ("Rechnung", True)
    (number,) = book.state.credit.items
    assert newest(book >> command("account.settle", number=number) >> cash()) == ("Quittung", False)


def test_a_down_payment_alone_is_called_so() -> None:
    book = Playbook().ready()
    book >> command("downpayment.take", customer="Frau Wald", what="Torte", amount=1070, vat=2) >> cash()
    assert newest(book) == ("Anzahlungsrechnung", False)
    assert "die Leistung folgt" in plain_text(book.receipt().document, 42)


@pytest.mark.parametrize(("price", "title"), [(300, "Rückgabe"), (350, "Rechnung"), (400, "Rechnung")])
def test_an_exchange_is_a_return_where_money_goes_back(price: int, title: str) -> None:
    book = Playbook().ready(1000)
    book >> command("sale.return", text="Brot", price=350, vat=2, reason="hart") >> add("Torte", price)
    assert newest(book >> cash())[0] == title


def test_money_given_back_for_no_goods_is_called_so() -> None:
    book = Playbook()
    book.config["vouchers.refund"] = True
    book.ready() >> command("voucher.sell", kind="multi", value=1000)
    code = book.replies[-1]["result"]["code"]
    (book >> cash()).done()
    book >> command("voucher.refund", code=code, reason="Umzug") >> cash()
    assert newest(book)[0] == "Erstattung"


def test_what_only_moves_to_another_table_is_no_return() -> None:
    book = Playbook().ready()
    lines = [{"text": "Bier", "price": 420, "vat": 1, "quantity": "2"}]
    book >> command("order.send", table="5", lines=lines) >> command("order.send", table="6", lines=lines)
    book.sign() >> command("order.merge", table="5", into_table="6")
    book.sign()
    counts = book.state.till.totals.counts
    assert "returns" not in counts
    assert "orders_taken_back" not in counts
    assert [fact.name for fact in book.facts(f.SaleOpened)][-2:] == ["Umbuchung", "Umbuchung"]
    back = [{"text": "Bier", "price": 420, "vat": 1, "quantity": "-1"}]
    book >> command("order.send", table="6", lines=back, reason="warm")
    book.sign()
    totals = book.state.till.totals
    assert (totals.counts["orders_taken_back"], totals.sums["orders_taken_back"]) == (1, -420)


def test_what_comes_back_takes_its_reduction_along() -> None:
    book = Playbook().ready(1000)
    book >> add("Lampe", 8500) >> command("sale.discount", line=1, amount=1000, reason="verhandelt") >> cash()
    book.done() >> command("receipt.return", receipt="3", lines={"1": "1"}, reason="x")
    (book >> cash()).done()
    totals = book.state.till.totals
    assert (totals.counts["returns"], totals.sums["returns"]) == (1, -7500)
    assert (totals.counts["discounts"], totals.sums["discounts"]) == (1, 0)
