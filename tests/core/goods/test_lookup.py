"""What codes say of a piece: labels, press, GS1."""

from decimal import Decimal
from typing import Any

import pytest

from kassd.core.barcodes.check_digit import gtin_check_digit
from kassd.core.goods.lookup import times
from tests.core.goods.shop import label, lines, put, shop
from tests.core.playbook import command, scan


def test_a_weight_in_the_code() -> None:
    book = shop() >> scan(label("28", "1234", "00235"))
    (line,) = lines(book)
    assert (line.article, line.quantity, line.unit, line.amount) == ("kaese", Decimal("0.235"), "kg", 585)


def test_a_price_in_the_code() -> None:
    code = label("22", "1234", "01499")
    book = shop() >> command("sale.add", code=code, quantity="2")
    (line,) = lines(book)
    assert (line.article, line.unit_price, line.amount, line.price_why) == (
        "wurst", 1499, 2998, "Preis vom Etikett",
    )  # fmt: skip
    (book >> command("sale.add", code=code, price=100)).says("price_fixed")


def test_a_wrong_value_check_digit_sells_nothing() -> None:
    right = label("28", "1234", "00235")
    body = right[:6] + str((int(right[6]) + 1) % 10) + right[7:12]
    book = shop() >> command("sale.add", code=body + str(gtin_check_digit(body)))
    book.says("bad_code")
    assert "Prüfziffer" in book.replies[-1]["message"]


def test_press_needs_no_article() -> None:
    book = shop() >> scan("4190102109254") >> scan("419010210925403")
    first, second = lines(book)
    assert (first.text, first.amount, first.vat, first.reducible) == ("Presse 01021", 925, 2, False)
    assert (first.price_why, first.gtin) == ("gebundener Preis", "4190102109254")
    assert second.text == "Presse 01021 03"
    book = put(shop(), id="blatt", name="Das Blatt", price=1, vat=2, codes=["4190102109254"])
    assert lines(book >> scan("4190102109254"))[0].text == "Das Blatt"


def gs1(day: str) -> str:
    return f"(01)04006381333931(15){day}(10)L7"


@pytest.mark.parametrize(("mode", "code"), [("warn", "ok"), ("refuse", "best_before")])
def test_past_its_best_before_date(mode: str, code: str) -> None:
    book = shop(register__expired=mode) >> command("sale.add", code=gs1("261120"))
    book.says(code)
    if code == "ok":
        (line,) = lines(book)
        assert (line.article, line.batch, line.best_before) == ("brot", "L7", "2026-11-20")
        assert "20.11.2026" in book.state.station("main").message


def test_still_good() -> None:
    book = shop(register__expired="refuse") >> command("sale.add", code=gs1("261121"))
    assert lines(book)[0].best_before == "2026-11-21"
    assert book.state.station("main").message == ""


def test_past_its_use_by_date_it_is_never_sold() -> None:
    book = shop() >> command("sale.add", code="(01)04006381333931(17)261120")
    book.says("best_before")


def test_a_digital_link_and_net_weight() -> None:
    cheese = {"id": "alp", "name": "Alpkäse", "price": 2490, "vat": 2, "codes": ["4006381333948"]}
    for told in ({"weighed": True}, {"unit": "kg"}):
        book = put(shop(), **cheese, **told) >> scan("https://example.com/01/04006381333948?3103=000500")
        (line,) = lines(book)
        assert (line.article, line.quantity, line.amount) == ("alp", Decimal("0.5"), 1245)


@pytest.mark.parametrize("weight", ["001250", "000500", "002000"])
def test_a_net_weight_is_no_number_of_pieces(weight: str) -> None:
    code = f"(01)04006381333931(3103){weight}"
    book = shop() >> command("sale.add", code=code)
    book.says("weight_on_pieces")
    (book >> command("sale.add", code=code, quantity="2")).says("weight_on_pieces")
    assert book.state.current("main") is None
    (book >> command("sale.add", code="4006381333931")).says("ok")


def test_a_number_of_pieces_in_the_code() -> None:
    book = shop() >> command("sale.add", code="(01)04006381333931(30)6")
    assert [(line.article, line.quantity) for line in lines(book)] == [("brot", Decimal(6))]


@pytest.mark.parametrize("told", [{"weighed": True}, {"unit": "kg"}, {}])
def test_a_price_beside_the_weight_is_that_of_the_whole_piece(told: dict[str, Any]) -> None:
    book = put(shop(), id="alp", name="Alpkäse", price=2490, vat=2, codes=["4006381333948"], **told)
    book >> command("sale.add", code="(01)04006381333948(3103)001250(3922)2990")
    (line,) = lines(book)
    assert (line.quantity, line.unit_price, line.amount, line.unit) == (Decimal(1), 2990, 2990, "")


def test_wrong_codes() -> None:
    book = shop()
    (book >> command("sale.add", code="4006381333930")).says("bad_check_digit")
    (book >> command("sale.add", code="982987654099" + str(gtin_check_digit("982987654099")))).says(
        "coupon_unknown"
    )
    (book >> command("sale.add", code="ABC")).says("unknown_article")


def test_a_quantity_before_the_code() -> None:
    assert times("3*400") == (Decimal(3), "400")
    assert times("2,5 x KAESE") == (Decimal("2.5"), "KAESE")
    assert times("KAESE") == (None, "KAESE")
