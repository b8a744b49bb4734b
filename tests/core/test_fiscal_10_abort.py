"""FISCAL 10: abort after money was taken is refused until each payment is given back."""

from typing import Any

import pytest

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, card, cash, command


def taken() -> Playbook:
    book = Playbook().ready()
    book >> add(price=1000) >> cash(amount=300) >> card(amount=200)
    return book.done()


@pytest.mark.parametrize(
    "args",
    [{}, {"cash_returned": 300}, {"card_reversed": True}, {"cash_returned": 299, "card_reversed": True}],
)
def test_refused_until_everything_is_given_back(args: dict[str, Any]) -> None:
    book = taken() >> command("sale.abort", **args)
    book.says("sale_part_paid")
    assert book.replies[-1]["result"] == {"cash": 300, "card": 200, "currencies": {"EUR": 300}}


def test_given_back_it_is_an_abort_without_payments() -> None:
    book = taken() >> command("sale.abort", cash_returned=300, card_reversed=True)
    book << "sale.payment_added sale.payment_added sale.abort_asked sale.numbered +drawer +tse.finish"
    assert book.facts(f.SaleNumbered)[-1].process_data == "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"
    book.sign()
    assert book.state.till.cash == 0
    assert sum(fact.amount for fact in book.facts(f.PaymentAdded)) == 0
    assert "Bar|Bar" not in book.state.till.totals.payments
    assert len(book.wishes("print")) == 0


def test_nothing_was_taken_so_nothing_can_be_given_back() -> None:
    book = Playbook().ready() >> add() >> command("sale.abort", cash_returned=1)
    book.says("sale_part_paid")
