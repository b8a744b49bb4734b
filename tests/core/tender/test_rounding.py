"""Cash sums rounded to five cents: a line by tax key, for cash alone, off by default."""

import pytest

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, card, cash, command


def shop() -> Playbook:
    book = Playbook()
    book.config["cash.round_to"] = 5
    return book.ready(1000)


@pytest.mark.parametrize(
    ("price", "paid"), [(1, 0), (2, 0), (3, 5), (97, 95), (98, 100), (350, 350), (352, 350), (353, 355)]
)
def test_to_the_nearest_five_cents(price: int, paid: int) -> None:
    book = shop() >> add(price=price) >> cash()
    document = book.done().receipt().document
    assert document.total == paid
    assert [tender.amount for tender in document.payments] == ([paid] if paid else [])
    assert book.state.till.cash == 1000 + paid


def test_the_difference_is_divided_by_tax_key() -> None:
    book = shop() >> add(price=251, vat=1) >> add(price=251, vat=2) >> cash(given=1000)
    line = book.facts(f.LineAdded)[-1]
    assert (line.case, line.name, line.amount) == ("Rabatt", "Rundung", -2)
    assert [(share.vat, share.amount) for share in line.shares] == [(1, -1), (2, -1)]
    assert book.replies[-1]["result"]["change"] == 500
    book >> add(price=3, vat=1) >> cash()
    assert book.done().state.till.totals.cases["Aufschlag|1|Rundung|0"][0] == 2


def test_only_cash_that_pays_the_rest() -> None:
    book = shop() >> add(price=353) >> cash(amount=101) >> card(amount=51) >> cash(given=100)
    assert book.current().due == 101
    book >> cash(given=101)
    assert book.done().receipt().document.total == 352
    book >> add(price=353) >> card()
    assert book.done().receipt().document.total == 353


def test_off_by_default() -> None:
    book = Playbook().ready() >> add(price=353) >> cash()
    assert book.done().receipt().document.total == 353


@pytest.mark.parametrize(("price", "paid"), [(112, 110), (113, 115), (2, 0), (350, 350)])
def test_cash_that_goes_out_is_rounded_too(price: int, paid: int) -> None:
    book = shop() >> command("sale.return", text="Brot", price=price, vat=2, reason="alt")
    (book >> cash()).says("accepted")
    document = book.done().receipt().document
    assert document.total == -paid
    assert sum(row.gross for row in document.vat) == -paid
    assert book.state.till.cash == 1000 - paid
    book >> command("sale.return", text="Brot", price=price, vat=2, reason="alt") >> card()
    assert book.done().receipt().document.total == -price


def test_what_is_rounded_away_is_given_back_whole() -> None:
    book = shop() >> add(price=2) >> cash(given=100)
    assert book.replies[-1]["result"]["change"] == 100
    assert book.done().receipt().document.payments == ()
    assert book.state.till.cash == 1000
    book >> add(price=502) >> card(amount=500) >> cash(given=100)
    assert (book.replies[-1]["result"]["change"], book.replies[-1]["result"]["due"]) == (100, 0)
