"""A reduction given by hand is judged again when goods go: its limit and its reason."""

from typing import Any

import pytest

from kassd.core import facts as f
from tests.core.goods.shop import ARTICLES, lines
from tests.core.people.kit import approved, login, staffed
from tests.core.playbook import Playbook, add, cash, command


def till(**config: Any) -> Playbook:
    """A shop in which ``k`` may sell and void, and give 10 % away."""
    book = Playbook()
    book.config |= {"discount.free_percent": "10", "client.k.name": "k", "client.k.rights": ["sell", "void"]}
    book.config |= {"client.k.station": "main"} | config
    book.ready(10_000)
    for article in ARTICLES:
        book >> command("catalog.put", **article)
    return book


def by_k(name: str, **args: Any) -> Any:
    return command(name, client="k", **args)


def sold(book: Playbook, *goods: tuple[str, str]) -> Playbook:
    for article, quantity in goods:
        book >> by_k("sale.add", article=article, quantity=quantity)
    return book


def test_goods_that_go_do_not_raise_what_is_free() -> None:
    book = sold(till(), ("burger", "10"), ("brot", "2"))
    (book >> by_k("sale.discount", amount=800, reason="Fest")).says("ok")
    before = book.current()
    (book >> by_k("sale.void_line", line=1)).says("unauthorized")
    assert "(Rabatt 7,80 € auf 7,80 €)" in book.replies[-1]["message"]
    assert book.replies[-1]["result"] == {"right": "discount"}
    assert book.current() == before
    (book >> command("sale.void_line", line=1)).says("ok")  # who has the right
    (book >> cash()).says("accepted").done()
    assert book.receipt().document.total == 0


def test_what_was_allowed_may_not_weigh_more_than_then() -> None:
    book = sold(till(), ("burger", "1"), ("brot", "1"), ("cola", "1"), ("joghurt", "1"))
    (book >> command("sale.discount", percent="50")).says("ok")
    for line in (1, 2):
        (book >> by_k("sale.void_line", line=line)).says("ok")  # 50 % stay 50 %
    (book >> by_k("sale.add", article="brot")).says("ok")
    book >> by_k("sale.abort")
    sold(book.done(), ("burger", "1"), ("brot", "1"))
    (book >> command("sale.discount", amount=390)).says("ok")
    (book >> by_k("sale.void_line", line=2)).says("unauthorized")
    (book >> by_k("sale.void_line", line=1)).says("unauthorized")
    (book >> by_k("sale.void_line", line=3)).says("ok")  # the discount itself
    (book >> by_k("sale.void_line", line=1)).says("ok")


def test_a_lines_own_reduction_weighs_the_same_without_the_others() -> None:
    book = sold(till(), ("burger", "1"), ("brot", "1"))
    (book >> command("sale.discount", line=2, percent="100", reason="Reklamation")).says("ok")
    (book >> by_k("sale.void_line", line=1)).says("ok")
    assert book.current().total == 0


@pytest.mark.parametrize("goods", ["burger", "menue", "cola", "limo", "latte"])
def test_percents_are_free_although_cents_are_rounded(goods: str) -> None:
    book = sold(till(), (goods, "1"), ("brot", "1"))
    (book >> by_k("sale.discount", percent="10")).says("ok")
    (book >> by_k("sale.void_line", line=2 if goods != "limo" else 3)).says("ok")
    (book >> by_k("sale.add", article="cola")).says("ok")
    (book >> by_k("sale.discount", amount=2)).says("unauthorized")


def test_goods_are_given_away_for_a_reason() -> None:
    book = sold(till(), ("burger", "1"), ("cola", "1"))
    (book >> command("sale.discount", amount=1098)).says("reason_required")
    (book >> command("sale.discount", amount=1000)).says("ok")
    (book >> command("sale.void_line", line=1)).says("discount_takes_all")
    (book >> command("sale.undo")).says("ok")
    (book >> command("sale.discount", amount=1000, reason="Jubiläum")).says("ok")
    (book >> command("sale.void_line", line=1)).says("ok")
    (book >> cash()).says("accepted").done()
    assert book.receipt().document.total == 0


def test_coupons_and_subsidies_are_their_own_reason() -> None:
    coupon = {"coupon.c.name": "c", "coupon.c.code": "C5", "coupon.c.amount": 300}
    book = sold(till(**coupon), ("burger", "1"), ("cola", "1"))
    (book >> command("sale.discount", amount=50)).says("ok")
    (book >> command("sale.discount", coupon="C5")).says("ok")
    (book >> command("sale.void_line", line=1)).says("ok")
    assert book.current().total == 0
    book >> by_k("sale.abort")
    sold(book.done(), ("burger", "1"), ("cola", "1"))
    (book >> command("sale.subsidy", kind="unecht", amount=500, payer="Werk", reason="Essen")).says("ok")
    (book >> command("sale.void_line", line=1)).says("ok")
    assert book.current().total == 0


def test_the_second_person_who_lets_goods_go_is_recorded() -> None:
    book = staffed(**{"role.helper.name": "helper", "role.helper.rights": ["sell", "void"]})
    book.config |= {"operator.anna.roles": ["helper"], "discount.free_amount": 200}
    login(book.restart().tse_opens(), "anna")
    book >> add("Brot", 1000) >> add("Kuchen", 1000) >> command("sale.discount", amount=200)
    (book >> command("sale.discount", amount=300)).says("unauthorized")
    (book >> approved(command("sale.discount", amount=300), "chef")).says("ok")
    (book >> command("sale.void_line", line=1)).says("unauthorized")
    (book >> approved(command("sale.void_line", line=1), "chef")).says("ok")
    given = [(one.operator, one.approver, one.command, one.right) for one in book.facts(f.OperatorApproved)]
    assert given == [
        ("anna", "chef", "sale.discount", "discount"),
        ("anna", "chef", "sale.void_line", "discount"),
    ]


@pytest.mark.parametrize(
    "item", [{"text": "Geschenk", "vat": 2}, {"article": "blumen"}, {"article": "brot"}], ids=str
)
def test_what_is_entered_for_nothing_needs_a_reason(item: dict[str, Any]) -> None:
    book = till()
    (book >> command("sale.add", price=0, **item)).says("reason_required")
    (book >> command("sale.add", price=0, reason=" ", **item)).says("reason_required")
    (book >> command("sale.add", price=0, reason="Stammgast", **item)).says("ok")
    (line,) = lines(book)
    assert (line.amount, "Stammgast" in line.below) == (0, True)
    (book >> cash()).says("accepted").done()
    assert book.facts(f.SaleFinished)[-1].document.total == 0
    (book >> command("order.send", table="1", lines=[{**item, "price": 0}])).says("reason_required")
    (book >> command("order.send", table="1", lines=[{**item, "price": 0, "reason": "Gast"}])).says("ok")


def test_who_has_not_given_it_sells_more_beside_it() -> None:
    book = till()
    (book >> by_k("sale.add", text="Rose", price=6, vat=1)).says("ok")
    (book >> command("sale.discount", percent="70")).says("ok")  # 4.2 cents, rounded down to 4
    (book >> by_k("sale.add", text="Strauß", price=461, vat=2)).says("ok")
    assert book.current().total == 467 - 327
    book >> by_k("sale.abort")
    sold(book.done(), ("brot", "1"))
    (book >> command("sale.discount", line=1, percent="90")).says("ok")
    (book >> command("sale.discount", percent="50")).says("ok")
    sold(book, ("burger", "1")).says("ok")
    assert book.current().total == 39 + 799 - 419
