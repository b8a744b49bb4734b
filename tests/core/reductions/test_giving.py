"""Reductions given by hand: of a line, of the whole sale, limits, what must not be reduced, subsidies."""

from typing import Any

import pytest

from tests.core.goods.shop import by_vat, lines, put, sell, shop
from tests.core.playbook import Playbook, add, card, cash, command


def discount(**args: Any) -> Any:
    return command("sale.discount", **args)


def rabatt(book: Playbook) -> list[tuple[int, int]]:
    """(tax key, cents) of each reduction that stands."""
    return [(line.vat, line.amount) for line in lines(book) if line.case == "Rabatt"]


def sums(book: Playbook) -> dict[str, tuple[int, int]]:
    totals = book.state.till.totals
    return {key: (totals.counts[key], totals.sums[key]) for key in totals.counts}


def test_ten_percent_leave_deposit_tobacco_and_books_alone() -> None:
    book = put(shop(), id="buch", name="Roman", price=1200, vat=2, reducible=False)
    for article in ("brot", "limo", "tabak", "buch", "cola"):
        book >> sell(article)
    book >> discount(percent="10")
    book << "sale.reduced sale.line_added sale.line_added"
    # 3.90 under 7 %, 1.19 + 2.99 under 19 %: 10 % of 8.08 = 0.81, by largest remainder 0.39 and 0.42
    assert rabatt(book) == [(1, -42), (2, -39)]
    assert [line.text for line in lines(book)][-2:] == ["10 % Rabatt"] * 2
    assert book.last.reply is not None
    assert book.last.reply.result == {
        "sale": book.current().id,
        "amount": 81,
        "total": 390 + 119 + 25 + 890 + 1200 + 299 - 81,
    }
    (book >> cash()).done()
    assert by_vat(book) == {1: 119 + 25 + 890 + 299 - 42, 2: 390 + 1200 - 39}
    assert sums(book)["discounts"] == (1, -81)


def test_a_line_is_reduced_by_percent_then_by_amount_of_what_is_left() -> None:
    book = shop() >> sell("brot") >> sell("cola")
    book >> discount(line=1, percent="12.5")
    book << "sale.line_added"
    reduced = lines(book)[-1]
    assert (reduced.of, reduced.vat, reduced.amount, reduced.text) == (
        1,
        2,
        -49,
        "12,5 % Rabatt auf Bauernbrot",
    )
    book >> discount(line=1, amount=342)
    book.says("discount_too_high")
    book >> discount(line=1, amount=41)
    book.says("ok")
    assert book.current().total == 390 - 49 - 41 + 299
    (book >> cash()).done()
    assert sums(book)["discounts"] == (2, -90)


def test_a_combo_is_reduced_under_all_its_tax_keys() -> None:
    book = shop() >> sell("menue")
    before = {share.vat: share.amount for share in lines(book)[0].by_vat()}
    book >> discount(line=1, percent="10")
    reduced = lines(book)[-1]
    assert reduced.amount == -100
    assert {share.vat for share in reduced.by_vat()} == set(before) == {1, 2}
    assert sum(share.amount for share in reduced.by_vat()) == -100
    book >> discount(percent="10")  # of 8.99 that are left
    assert sum(cents for _, cents in rabatt(book)[1:]) == -90
    (book >> cash()).done()
    assert sum(by_vat(book).values()) == 999 - 190


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({}, "bad_args"),
        ({"percent": "10", "amount": 100}, "bad_args"),
        ({"percent": "0"}, "amount_invalid"),
        ({"percent": "100.01"}, "amount_invalid"),
        ({"percent": "0.001"}, "amount_invalid"),
        ({"percent": "100"}, "reason_required"),
        ({"amount": 0}, "amount_invalid"),
        ({"amount": 391}, "discount_too_high"),
        ({"line": 1, "percent": "0.01"}, "amount_invalid"),
        ({"line": 1, "percent": "100"}, "reason_required"),
        ({"line": 2, "percent": "10"}, "not_reducible"),
        ({"line": 9, "percent": "10"}, "line_not_found"),
        ({"coupon": "x", "percent": "10"}, "bad_args"),
        ({"coupon": "x"}, "coupon_unknown"),
    ],
)
def test_what_is_no_discount(terms: dict[str, Any], code: str) -> None:
    book = shop() >> sell("brot") >> sell("tabak") >> discount(**terms)
    book.says(code)


def test_goods_that_must_not_be_reduced_alone_are_refused() -> None:
    book = shop() >> discount(percent="10")
    book.says("no_sale")
    book >> sell("tabak") >> discount(percent="10")
    book.says("not_reducible")
    book >> command("sale.surcharge", percent="10", reason="Nachtzuschlag")
    book.says("not_reducible")  # nor sold above the printed price


def test_what_is_on_the_house_leaves_a_receipt_of_nothing() -> None:
    book = shop() >> sell("cola") >> discount(line=1, percent="100", reason="aufs Haus")
    free = lines(book)[-1]
    assert (free.text, free.name, free.note) == ("Gratis: Cola 0,5 l", "Gratis", "aufs Haus")
    book >> discount(line=1, amount=1)
    book.says("discount_too_high")
    (book >> cash()).done()
    assert book.receipt().document.total == 0
    assert book.receipt().document.payments == ()
    assert sums(book)["free"] == (1, -299)


def test_the_whole_sale_on_the_house_also_what_comes_later() -> None:
    book = shop() >> sell("cola") >> discount(percent="100", reason="Stammgast") >> sell("brot")
    assert book.current().total == 0
    (book >> cash()).done()
    assert sums(book)["free"] == (1, -689)


def test_small_discounts_are_free_the_others_need_the_right() -> None:
    book = shop(discount__free_percent="5", discount__free_amount=20)
    two: dict[str, Any] = {"client": "theke-2"}
    book >> sell("brot", **two) >> sell("cola", **two) >> discount(line=1, percent="5", **two)
    book.says("ok")  # 0.20
    book >> discount(line=1, amount=1, **two)
    book.says("unauthorized")  # 0.21 of 3.90
    book >> discount(percent="5", **two)
    book.says("unauthorized")  # more than 5 % of the sale together
    book >> discount(amount=10, **two)
    book.says("ok")  # 0.30 of 6.89 together
    book >> discount(amount=10, **two)
    book.says("unauthorized")
    book >> command("sale.surcharge", amount=10, reason="Zuschlag", **two)
    book.says("unauthorized")


def test_a_line_with_its_own_discount_leaves_the_quantity_price() -> None:
    book = shop() >> sell("joghurt") >> sell("joghurt") >> sell("joghurt")
    assert book.current().total == 500
    book >> discount(line=1, percent="100", reason="Deckel defekt")
    assert book.current().total == 398  # two at 1.99: no three any more
    book >> sell("joghurt")
    assert book.current().total == 500
    book >> command("sale.void_line", line=1)
    assert book.current().total == 500
    assert not any(line.of == 1 for line in lines(book))


def test_taking_the_reduction_of_a_line_back_brings_the_quantity_price_again() -> None:
    book = shop() >> sell("joghurt") >> sell("joghurt") >> sell("joghurt")
    book >> discount(line=3, percent="10") >> command("sale.void_line")
    assert [line.name for line in lines(book) if line.case == "Rabatt"] == ["Mengenrabatt"]
    assert book.current().total == 500


def test_a_surcharge_is_split_like_a_discount() -> None:
    book = shop() >> sell("brot") >> sell("cola") >> sell("tabak")
    book >> command("sale.surcharge", percent="20", reason="Nachtzuschlag")
    added = [(line.vat, line.amount, line.text) for line in lines(book) if line.case == "Aufschlag"]
    assert added == [(1, 60, "Nachtzuschlag 20 %"), (2, 78, "Nachtzuschlag 20 %")]
    book >> command("sale.surcharge", line=1, amount=50, reason="Geschenkverpackung")
    assert book.last.reply is not None
    assert book.last.reply.result is not None
    assert book.last.reply.result["amount"] == 60  # 20 % of it too
    (book >> cash()).done()
    assert sums(book)["surcharges"] == (2, 198)


def test_no_reduction_below_what_was_paid() -> None:
    book = shop() >> sell("brot") >> card(amount=300) >> discount(amount=91)
    book.says("sale_part_paid")
    book >> discount(amount=90)
    book << "sale.reduced sale.line_added sale.paid…"
    book.done()
    assert book.receipt().document.total == 300


def test_a_subsidy_that_fills_up_the_price_leaves_the_tax() -> None:
    book = shop() >> add("Mittagessen", 500, 2)
    book >> command("sale.subsidy", kind="echt", amount=200, payer="Gemeinde", reason="Schulessen")
    line = lines(book)[-1]
    assert (line.case, line.name, line.vat, line.amount) == ("ZuschussEcht", "Gemeinde", 5, -200)
    book >> command("sale.void_line", line=1)
    book.says("settled_first")
    (book >> cash()).done()
    assert by_vat(book) == {2: 500, 5: -200}
    assert sums(book)["subsidies"] == (1, -200)


def test_a_subsidy_for_something_else_reduces_the_price() -> None:
    book = shop() >> add("Mittagessen", 500, 2) >> sell("cola")
    book >> command("sale.subsidy", kind="unecht", amount=200, payer="Muster AG", reason="Kantine")
    found = [(line.case, line.vat, line.amount) for line in lines(book)][-2:]
    assert found == [("ZuschussUnecht", 1, -75), ("ZuschussUnecht", 2, -125)]
    book >> command("sale.subsidy", kind="echt", amount=600, payer="X", reason="Y")
    book.says("amount_too_high")
    book >> command("sale.subsidy", kind="echt", amount=1, payer=" ", reason="Y")
    book.says("person_required")
    (book >> cash()).done()
    assert by_vat(book) == {1: 224, 2: 375}
