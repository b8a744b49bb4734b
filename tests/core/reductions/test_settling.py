"""Reductions of the whole sale while lines come and go."""

import random

import pytest

from kassd.core.facts import ReductionEnded
from kassd.core.money import round_cents
from kassd.core.reductions.settling import is_of_sale, what_is_left
from tests.core.goods.shop import lines, sell, shop
from tests.core.playbook import Playbook, cash, command
from tests.core.reductions.test_giving import discount, rabatt


def test_ten_percent_hold_for_what_comes_later_and_go_with_what_is_voided() -> None:
    book = shop() >> sell("brot") >> discount(percent="10")
    assert book.current().total == 351
    book >> sell("cola")
    book << "sale.line_added sale.line_added"
    assert book.current().total == 390 + 299 - 69
    book >> command("sale.void_line")  # the goods, not the reduction that came with them
    assert [line.text for line in lines(book)] == ["Bauernbrot", "10 % Rabatt"]
    assert book.current().total == 351
    book >> command("sale.void_line", line=1)
    assert lines(book) == ()
    book >> sell("cola")
    assert book.current().total == 269  # it still holds
    (book >> cash()).done()


def test_the_reduction_is_voided_as_one() -> None:
    book = shop() >> sell("brot") >> sell("cola") >> discount(percent="10")
    book >> command("sale.void_line")
    book << "sale.reduction_ended sale.line_voided sale.line_voided"
    assert book.current().total == 689
    book >> discount(percent="10") >> sell("brot")
    second = [line.n for line in lines(book) if is_of_sale(line)][-1]
    book >> command("sale.void_line", line=second)
    assert len(book.facts(ReductionEnded)) == 2
    assert book.current().total == 390 + 299 + 390
    assert book.current().reductions == ()


def test_an_amount_never_takes_more_than_is_left() -> None:
    book = shop() >> sell("brot") >> sell("cola") >> discount(amount=500, reason="Fest")
    assert book.current().total == 189
    book >> command("sale.void_line", line=2)
    assert book.current().total == 0  # 3.90 of the 5.00
    book >> sell("cola")
    assert book.current().total == 189


def test_several_apply_in_the_order_they_were_given() -> None:
    book = shop() >> sell("brot", quantity="2") >> discount(amount=80) >> discount(percent="10")
    assert book.current().total == 630
    other = shop() >> sell("brot", quantity="2") >> discount(percent="10") >> discount(amount=80)
    assert other.current().total == 622
    line = shop() >> sell("brot", quantity="2") >> discount(percent="10") >> discount(line=1, amount=80)
    assert line.current().total == 630  # single lines first


def test_in_house_takes_the_reduction_to_the_other_tax_key() -> None:
    book = shop() >> sell("latte") >> sell("brot") >> discount(percent="10")
    assert sum(cents for vat, cents in rabatt(book) if vat == 1) == 0
    book >> command("sale.set_in_house", in_house=True)
    found: dict[int, int] = {}
    for vat, cents in rabatt(book):
        found[vat] = found.get(vat, 0) + cents
    assert found == {1: -39, 2: -39}
    (book >> cash()).done()


def test_a_parked_sale_keeps_its_reduction_and_never_goes_below_nothing() -> None:
    book = shop() >> sell("brot") >> sell("cola") >> discount(percent="50")
    book >> command("sale.park")
    group = next(iter(book.done().state.orders.groups))
    book >> command("sale.recall", group=group)
    book.says("ok").done()
    assert book.current().total == 344
    book >> command("sale.void_line", line=1)
    assert book.current().total == 149
    book >> command("sale.void_line", line=2)
    assert lines(book) == ()
    book >> sell("brot") >> discount(percent="10")
    (book >> cash()).done()
    assert book.receipt().document.total == 351


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_and_goes_it_is_exact(seed: int) -> None:
    """The sum is that of a sale in which the same lines had been there from the start."""
    chance, book = random.Random(seed), shop()
    articles = ("brot", "cola", "menue", "joghurt", "kugel", "tabak", "limo", "latte")
    book >> sell("brot") >> discount(percent=chance.choice(["10", "33.33", "7.5"]))
    for _ in range(25):
        goods = [line.n for line in lines(book) if line.case == "Umsatz"]
        what = chance.random()
        if what < 0.55 or not goods:
            book >> sell(chance.choice(articles), quantity=chance.choice(["1", "2", "5"]))
        elif what < 0.8:
            book >> command("sale.void_line", line=chance.choice(goods))
        elif what < 0.9:
            book >> discount(line=chance.choice(goods), percent="20")
        else:
            book >> command("sale.set_in_house", in_house=chance.random() < 0.5)
        _exact(book)
    _exact(book)
    if book.current().standing():
        (book >> cash()).done()


def _exact(book: Playbook) -> None:
    sale = book.current()
    left = what_is_left(sale)
    percent = sale.reductions[0].percent
    assert percent is not None
    taken = sum(line.amount for line in sale.standing() if is_of_sale(line))
    assert -taken == round_cents(left.total * percent / 100)
    for key, cents in left.keys.items():
        of_key = -sum(line.amount for line in lines(book) if is_of_sale(line) and line.vat == key[0])
        assert abs(of_key - cents * percent / 100) < 1
    assert sale.total >= 0
