"""Combos at one price: shares exact to the cent."""

from typing import Any

import pytest

from tests.core.goods.shop import by_vat, lines, put, sell, shop
from tests.core.playbook import Playbook, cash, command

PARTS = [{"article": "burger", "cost": 250}, {"article": "cola", "cost": 50}]


def menu(split: str) -> Playbook:
    return put(shop(), id="menue", name="Menü", price=999, vat=2, parts=PARTS, split=split)


@pytest.mark.parametrize(
    ("split", "food", "drink"),
    [
        ("70/30", 699, 300),  # 699.3 / 299.7
        ("prices", 727, 272),  # 7.99 : 2.99
        ("costs", 832, 167),  # 250 : 50 = 832.5 / 166.5, the tie goes to the first key
    ],
)
def test_t10_parts_add_up(split: str, food: int, drink: int) -> None:
    shares = {2: food, 1: drink}
    book = menu(split) >> sell("menue")
    (line,) = lines(book)
    assert {share.vat: share.amount for share in line.shares} == shares
    assert sum(share.amount for share in line.shares) == line.amount == 999
    assert [part.text for part in line.parts] == ["Burger", "Cola 0,5 l"]
    book >> cash()
    book.done()
    assert by_vat(book) == shares
    data = book.receipt().document.seal.process_data
    assert data == f"Beleg^{drink / 100:.2f}_{food / 100:.2f}_0.00_0.00_0.00^9.99:Bar"


def test_a_night_with_its_business_package_is_85_to_15() -> None:
    book = put(shop(), id="nacht", name="Übernachtung", price=9900, vat=2)
    put(book, id="paket", name="Business-Paket", price=0, vat=1)
    parts = [{"article": "nacht"}, {"article": "paket"}]
    put(book, id="zimmer", name="Zimmer", price=11_999, vat=2, parts=parts, split="85/15") >> sell("zimmer")
    (line,) = lines(book)
    assert {share.vat: share.amount for share in line.shares} == {2: 10_199, 1: 1800}
    put(book, id="los", name="Los", price=100, vat=5)
    put(book, id="kombi", name="Kombi", price=999, vat=2, parts=[*parts, {"article": "los"}], split="85/15")
    (book >> sell("kombi")).says("article_incomplete")
    assert "85/15" in book.replies[-1]["message"]


def test_three_menus_are_split_as_one_amount() -> None:
    book = menu("70/30") >> sell("menue", quantity="3")
    (line,) = lines(book)
    assert [share.amount for share in line.shares] == [899, 2098]
    book >> command("sale.void_line")
    assert book.current().total == 0
    assert sum(share.amount for entry in book.current().lines for share in entry.shares) == 0


def test_one_tax_key_needs_no_shares() -> None:
    parts = [{"article": "burger"}, {"article": "brot"}]
    book = put(shop(), id="menue", name="Menü", price=999, vat=2, parts=parts) >> sell("menue")
    (line,) = lines(book)
    assert (line.shares, line.vat, len(line.parts)) == ((), 2, 2)


def test_take_away_moves_a_part() -> None:
    parts = [{"article": "burger"}, {"article": "latte"}]
    book = put(shop(), id="menue", name="Menü", price=999, vat=2, parts=parts)
    book >> sell("menue", in_house=True)
    assert len(lines(book)[0].shares) == 2
    book >> command("sale.set_in_house", in_house=False)
    (line,) = lines(book)
    assert (line.shares, line.vat, line.amount) == ((), 2, 999)
    book >> command("sale.set_in_house", in_house=True)
    assert sum(share.amount for share in lines(book)[0].shares) == 999


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": [{"article": "burger"}]},
        {"parts": [{"article": "burger"}, {"article": "pf25"}]},
        {"parts": [{"article": "burger"}, {"article": "fehlt"}]},
        {"parts": [{"article": "burger"}, {"article": "m2"}]},
        {"parts": [{"article": "burger"}, {"article": "cola"}], "split": "costs"},
        {"parts": [{"article": "burger"}, {"article": "cola", "quantity": "0"}]},
    ],
)
def test_what_is_no_combo(wrong: dict[str, object]) -> None:
    book = shop()
    (book >> command("catalog.put", id="m2", name="M", price=1, vat=2, **wrong)).says("catalog_invalid")


def test_a_part_that_is_gone() -> None:
    book = menu("70/30")
    book >> command("catalog.put", id="cola", name="Cola", price=299, vat=6)
    (book >> sell("menue")).says("article_incomplete")


KIOSK = {"station.kiosk.name": "kiosk", "station.kiosk.attended": False}


def with_beer(**config: Any) -> Playbook:
    parts = [{"article": "bier"}, {"article": "brot"}]
    return put(shop(**config), id="vesper", name="Vesper", price=450, vat=2, parts=parts)


def test_a_combo_is_as_limited_as_its_parts() -> None:
    book = with_beer(**KIOSK)
    (book >> sell("vesper", station="kiosk")).says("age_unattended")
    (book >> sell("vesper")).says("ok")
    assert book.replies[-1]["result"]["age"] == 16
    (book >> cash()).says("age_check_required")
    parts = [{"article": "kapsel", "quantity": "4"}, {"article": "brot"}]
    put(book, id="sahne", name="Sahne-Set", price=700, vat=1, parts=parts)
    (book >> sell("sahne", station="kiosk")).says("age_unattended")
    (book >> sell("sahne", quantity="2")).says("ok")
    (book >> sell("sahne")).says("quantity_limit")
    (book >> sell("kapsel", quantity="3")).says("quantity_limit")
    (book >> sell("kapsel", quantity="2")).says("ok")


def test_chargers_of_several_orders_are_counted_together_and_again_where_they_are_billed() -> None:
    book = shop()
    six = [{"article": "kapsel", "quantity": "6"}]
    for table, says in (("1", "ok"), ("1", "quantity_limit"), ("2", "ok")):
        book >> command("order.send", table=table, lines=six)
        book.says(says).done()
    book >> command("order.merge", table="2", into_table="1")
    book.done() >> command("order.bill", table="1") >> command("sale.approve_age")
    (book >> cash()).says("quantity_limit")


@pytest.mark.parametrize(
    "more", [{"kind": "deposit"}, {"reducible": False}, {"agency": 7}, {"weighed": True, "unit": "kg"}]
)
def test_no_part_of_another_kind_or_price(more: dict[str, Any]) -> None:
    """Tobacco and price-bound books are sold at their price and alone; no agent's goods in it."""
    book = with_beer()
    book >> command("catalog.put", id="brot", name="Brot", price=390, vat=2, **more)
    book.says("catalog_invalid")
    assert "vesper" in book.replies[-1]["message"]
    book >> command("catalog.put", id="neu", name="Neu", price=390, vat=2, **more)
    book.says("ok")
    book >> command(
        "catalog.put", id="set", name="Set", price=9, vat=2, parts=[{"article": "neu"}, {"article": "bier"}]
    )
    book.says("catalog_invalid")


def test_a_deposit_class_stays_one_while_goods_name_it() -> None:
    book = shop()
    (book >> command("catalog.put", id="pf25", name="Pfand", price=25, vat=1)).says("catalog_invalid")
    (book >> command("catalog.put", id="pf25", name="Pfand", price=30, vat=1, kind="deposit")).says("ok")


def test_upc_and_ean_of_the_same_goods_are_one_code() -> None:
    book = put(shop(), id="a", name="A", price=100, vat=1, codes=["036000291452"])
    (book >> command("catalog.put", id="b", name="B", price=1, vat=1, codes=["0036000291452"])).says(
        "catalog_invalid"
    )
    (book >> command("catalog.put", id="a", name="A", price=1, vat=1, codes=["0036000291452"])).says("ok")
