"""Prices by quantity stay exact while lines come and go."""

import random
from typing import Any

import pytest

from kassd.core import inputs as i
from kassd.core.goods.multibuy import is_multibuy
from tests.core.goods.shop import lines, put, sell, shop
from tests.core.playbook import Playbook, cash, command


def best(count: int) -> int:
    """What ``count`` yoghurts cost: 1.99 each, three for 5.00."""
    return count // 3 * 500 + count % 3 * 199


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7])
def test_three_for_five(count: int) -> None:
    book = shop()
    for _ in range(count):
        book >> sell("joghurt")
    assert book.current().total == best(count)
    reduced = [line for line in lines(book) if is_multibuy(line)]
    assert all((line.case, line.vat, line.reducible) == ("Rabatt", 2, False) for line in reduced)
    assert len(reduced) == count // 3


def test_a_void_gives_the_reduction_back() -> None:
    book = shop() >> sell("joghurt", quantity="2") >> sell("joghurt") >> sell("brot")
    assert book.current().total == 500 + 390
    book >> command("sale.void_line", line=2)
    assert book.current().total == 2 * 199 + 390
    (book >> command("sale.void_line", line=3)).says("already_voided")


def test_all_voided_is_no_sale() -> None:
    book = shop() >> sell("joghurt", quantity="6") >> command("sale.void_line")
    assert (book.current().total, lines(book)) == (0, ())
    (book >> cash()).says("nothing_due")


def test_the_reduction_itself_is_no_line_to_void() -> None:
    book = shop() >> sell("joghurt", quantity="3")
    (book >> command("sale.void_line", line=2)).says("line_follows")


def test_steps() -> None:
    book = shop() >> sell("kugel", quantity="4")
    assert book.current().total == 720
    assert (book >> sell("kugel")).current().total == 800
    assert (book >> sell("kugel", quantity="5")).current().total == 1500


def test_another_price_takes_no_part() -> None:
    book = shop() >> sell("joghurt", quantity="3", price=150)
    assert book.current().total == 450
    (line,) = lines(book)
    assert (line.list_price, line.price_why) == (199, "Preis von Hand")


def test_a_mix_begins_with_the_dearest() -> None:
    bundles = [{"quantity": "2", "price": 300}]
    book = shop()
    for name, price in (("rot", 200), ("blau", 250), ("gelb", 180)):
        put(book, id=name, name=name, price=price, vat=2, mix="Tulpen", bundles=bundles)
    book >> sell("gelb") >> sell("rot") >> sell("blau")
    assert book.current().total == 300 + 180
    book >> command("sale.void_line", line=2)
    assert book.current().total == 300


def test_any_order_of_entries_and_voids() -> None:
    for seed in range(20):
        dice, book, have = random.Random(seed), shop(), []
        for _ in range(25):
            if have and dice.random() < 0.4:
                n, count = have.pop(dice.randrange(len(have)))
                book >> command("sale.void_line", line=n)
            else:
                count = dice.randint(1, 4)
                book >> sell("joghurt", quantity=str(count))
                have.append((book.replies[-1]["result"]["line"], count))
            assert book.current().total == best(sum(count for _, count in have)), seed


def test_part_paid() -> None:
    book: Playbook = shop() >> sell("joghurt", quantity="3") >> sell("joghurt") >> cash(amount=600)
    (book >> command("sale.void_line")).says("sale_part_paid")


def _three_for(book: Playbook, price: int = 399, **more: Any) -> Playbook:
    bundles = [{"quantity": "3", "price": price}]
    return put(book, id="cola3", name="Cola", price=149, vat=1, bundles=bundles, **more)


@pytest.mark.parametrize("how", ["changed", "mixed", "removed"])
def test_a_catalogue_that_changes_takes_no_quantity_price_from_what_stands(how: str) -> None:
    """The prices are those of the moment of entry: voiding the goods voids what followed from them."""
    book = _three_for(shop()) >> sell("cola3", quantity="3")
    assert book.current().total == 399
    if how == "removed":
        book >> i.CatalogOffered((), ("cola3",), "h2")
    elif how == "changed":
        put(book, id="cola3", name="Cola", price=149, vat=1)
        book >> sell("cola3")
        assert book.current().total == 399 + 149
        book >> command("sale.void_line")
    else:
        _three_for(book, 300, mix="Cola") >> sell("cola3", quantity="3")
        assert book.current().total == 399 + 300
        book >> command("sale.void_line", line=3)
        assert book.current().total == 399
    book >> command("sale.void_line", line=1)
    assert (book.current().total, book.current().standing()) == (0, ())


def test_what_is_cancelled_of_a_parked_sale_loses_its_quantity_price() -> None:
    book = _three_for(shop()) >> sell("cola3") >> sell("cola3") >> sell("cola3")
    book >> command("sale.park", table="1")
    book.done() >> command("order.cancel", table="1", lines={"1": "1", "2": "1"}, reason="weg")
    book.says("ok").done() >> command("order.bill", table="1")
    assert [(line.text, line.amount) for line in lines(book)] == [("Cola", 149)]
    book = _three_for(shop()) >> sell("cola3", quantity="4")
    book >> command("sale.park", table="1")
    book.done() >> command("order.cancel", table="1", lines={"1": "1"}, reason="weg")
    book.done() >> command("order.bill", table="1")
    assert book.current().total == 399
