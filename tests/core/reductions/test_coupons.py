"""Coupons: scanned or named, their days, goods and limits; they are no vouchers."""

from typing import Any

import pytest

from kassd.core import facts as f
from tests.core.goods.shop import by_vat, lines, sell, shop
from tests.core.playbook import Playbook, cash, command, scan
from tests.core.reductions.test_giving import discount, rabatt, sums

SUMMER = "9912345678904"


def coupons(**items: dict[str, Any]) -> Playbook:
    config = {
        f"coupon.{name}.{key}": value
        for name, item in items.items()
        for key, value in {"name": name, **item}.items()
    }
    return shop(**config)


def test_a_scanned_coupon_reduces_the_sale_once() -> None:
    book = coupons(sommer={"code": SUMMER, "title": "Sommer 10 %", "percent": "10"})
    book >> scan(SUMMER)
    assert book.state.station("main").message.startswith("Es ist kein Verkauf offen.")
    book >> sell("brot") >> scan(SUMMER)
    book << "sale.reduced sale.line_added"
    assert (lines(book)[-1].text, lines(book)[-1].name) == ("Coupon Sommer 10 %", "Coupon")
    book >> scan(SUMMER)
    assert "schon eingelöst" in book.state.station("main").message
    (book >> cash()).done()
    assert sums(book)["discounts.coupon"] == (1, -39)
    book >> sell("brot") >> command("sale.add", code=SUMMER)
    book.says("ok")  # again in the next sale
    assert by_vat(book) == {2: 351}
    assert not book.state.coupons


def test_anybody_who_sells_may_take_a_coupon() -> None:
    book = coupons(neu={"code": "NEU", "amount": 100})
    book >> sell("brot", client="theke-2") >> discount(coupon="NEU", client="theke-2")
    book.says("ok")


def test_a_code_good_only_once_is_used_up_by_the_receipt() -> None:
    book = coupons(brief={"code": "B-17", "amount": 200, "once": True})
    book >> sell("brot") >> discount(coupon="B-17") >> command("sale.abort")
    book.done() >> sell("brot") >> discount(coupon="B-17")
    book.says("ok")
    book >> sell("brot", client="theke-2") >> discount(coupon="B-17", client="theke-2")
    book.says("coupon_used")  # while the other station uses it
    (book >> cash()).done()
    book.restart().tse_opens()
    book >> discount(coupon="B-17", station="zwei")
    book.says("coupon_used")
    assert list(book.state.coupons) == ["B-17"]
    book >> command("sale.abort", station="zwei")
    book.done() >> command("till.close", count={"1": book.state.till.cash})
    book.done()
    assert list(book.state.coupons) == ["B-17"]
    book.config = {key: value for key, value in book.config.items() if not key.startswith("coupon.")}
    book.restart().tse_opens() >> command("till.open", counted=book.state.till.carried)
    book.done() >> command("till.close", count={"1": book.state.till.cash})
    assert book.done().state.coupons == {}  # what can no more be used is not remembered


@pytest.mark.parametrize("bill", [False, True])
def test_a_code_good_only_once_is_used_up_by_what_is_parked_too(bill: bool) -> None:
    book = coupons(brief={"code": "B-17", "amount": 200, "once": True})
    book >> sell("brot")
    if bill:
        book >> command("sale.park", table="5")
        book.done() >> command("order.bill", table="5")
    (book >> discount(coupon="B-17") >> command("sale.park")).says("ok")
    book >> sell("brot", station="zwei") >> discount(coupon="B-17", station="zwei")
    book.says("coupon_used")
    book.done() >> discount(coupon="B-17", station="zwei")
    book.says("coupon_used")
    book >> command("sale.recall", group="1")
    assert book.current().total == 390 - 200
    (book >> cash()).done()
    assert list(book.state.coupons) == ["B-17"]


def test_its_goods_its_days_and_its_least_sum() -> None:
    book = coupons(
        cola={"code": "COLA", "percent": "50", "articles": ["cola"], "min_total": 600},
        alt={"code": "ALT", "percent": "5", "last_day": "2026-11-20"},
        bald={"code": "BALD", "percent": "5", "first_day": "2026-11-22"},
        rauch={"code": "RAUCH", "percent": "5", "categories": ["tabak"]},
    )
    book >> sell("brot") >> discount(coupon="ALT")
    book.says("coupon_invalid")
    book >> discount(coupon="BALD")
    book.says("coupon_invalid")
    book >> discount(coupon="COLA")
    book.says("coupon_min_total")
    book >> sell("brot") >> discount(coupon="COLA")
    book.says("coupon_not_for_these")
    book >> sell("cola") >> sell("tabak") >> discount(coupon="RAUCH")
    book.says("coupon_not_for_these")
    book >> discount(coupon="COLA")
    assert rabatt(book) == [(1, -150)]
    book >> sell("cola")
    assert sum(cents for _, cents in rabatt(book)) == -299
    book >> command("sale.void_line", line=1) >> command("sale.void_line", line=2)
    assert rabatt(book) == []  # 5.98 is not enough any more
    book >> sell("brot")
    assert sum(cents for _, cents in rabatt(book)) == -299


def test_a_coupon_that_is_not_set_up_is_named() -> None:
    book = shop() >> sell("brot") >> command("sale.add", code="9812345678905")
    assert book.last.reply is not None
    assert book.last.reply.code in ("coupon_unknown", "bad_check_digit")


BRIEF = {"code": "B-17", "amount": 200, "once": True}


def is_good(book: Playbook) -> bool:
    """Whether the code can be used in a new sale, of which nothing is left."""
    book >> sell("brot", station="zwei") >> discount(coupon="B-17", station="zwei")
    code = book.replies[-1].get("code", "")
    assert code in ("", "coupon_used")
    book >> command("sale.abort", station="zwei")
    book.done()
    return not code


def parked(book: Playbook) -> Playbook:
    """Two loaves at table 5, a coupon over both."""
    book >> sell("brot") >> sell("burger") >> discount(coupon="B-17") >> command("sale.park", table="5")
    book.says("ok").done()
    assert not is_good(book)
    return book


def test_a_parked_sale_that_is_cancelled_gives_its_code_back() -> None:
    book = parked(coupons(brief=BRIEF))
    book >> command("order.cancel", table="5", lines={"1": "1"}, reason="doch nicht")
    assert not is_good(book.done()), "a share of it is still open"
    book >> command("order.cancel", table="5", reason="doch nicht")
    assert is_good(book.done())
    assert book.state.coupons == {}
    parked(book) >> command("till.close", count={"1": book.state.till.cash})
    book.done().restart().tse_opens() >> command("till.open", counted=book.state.till.carried)
    assert not is_good(book.done())
    book >> command("order.cancel", table="5", reason="auch am nächsten Tag nicht")
    assert is_good(book.done())
    book >> command("till.close", count={"1": book.state.till.cash})
    assert book.done().state.granted == {}, "nothing is left of what came to nothing"


def test_an_aborted_bill_keeps_it_until_the_order_is_cancelled() -> None:
    book = parked(coupons(brief=BRIEF)) >> command("order.bill", table="5") >> command("sale.abort")
    assert not is_good(book.done())
    book >> command("order.transfer", table="5", to_table="7", lines={"1": "1"})
    assert not is_good(book)
    assert not is_good(book.done())
    book >> command("order.cancel", table="5", reason="weg")
    assert not is_good(book.done()), "its share of the other line is at table 7"
    book >> command("order.cancel", table="7", reason="weg")
    assert is_good(book.done())


def test_a_code_taken_off_the_bill_is_good_again_once_the_bill_is_paid() -> None:
    book = parked(coupons(brief=BRIEF)) >> command("order.bill", table="5")
    for line in [line for line in lines(book) if line.name == "Coupon"]:
        (book >> command("sale.void_line", line=line.n)).says("ok")
    assert not is_good(book)
    (book >> cash()).says("accepted")
    assert by_vat(book.done()) == {2: 390 + 799}
    assert is_good(book)


def test_a_code_used_on_the_bill_is_good_again_if_the_bill_is_aborted() -> None:
    book = coupons(brief=BRIEF) >> sell("brot") >> command("sale.park", table="5")
    book.done() >> command("order.bill", table="5")
    (book >> discount(coupon="B-17")).says("ok")
    assert not is_good(book)
    book >> command("sale.abort")
    assert is_good(book.done())


@pytest.mark.parametrize("table", [False, True])
def test_a_cancelled_receipt_gives_it_back_and_one_paid_otherwise_does_not(table: bool) -> None:
    book = coupons(brief=BRIEF)
    if table:
        parked(book) >> command("order.bill", table="5")
    else:
        book >> sell("brot") >> discount(coupon="B-17")
    (book >> cash()).says("accepted")
    assert not is_good(book.done())
    paid = [fact for fact in book.facts(f.SaleFinished) if fact.bon_type == "Beleg"][-1]
    book >> command("receipt.correct_payment", receipt=str(paid.number), type="card")
    assert not is_good(book)
    assert not is_good(book.done())
    new = [fact for fact in book.facts(f.SaleFinished) if fact.bon_type == "Beleg"][-1]
    book >> command("receipt.cancel", receipt=str(new.number), reason="Irrtum", card_reversed=True)
    assert is_good(book.done())


def test_a_delivery_note_takes_it_and_its_bill_does_not_take_it_twice() -> None:
    book = coupons(brief=BRIEF) >> sell("brot") >> discount(coupon="B-17")
    book >> command("delivery.issue", customer="Krone")
    number = book.replies[-1]["result"]["number"]
    assert not is_good(book.done())
    book >> command("delivery.bill", number=number) >> cash()
    assert not is_good(book.done())
    assert [one.cents for one in book.state.granted.values() if one.cents] == [-200]
