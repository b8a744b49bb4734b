"""What displays and other systems see of goods: deposit, age check, base price, stock."""

from decimal import Decimal

from kassd.core.decide import decide
from kassd.core.inputs import Stamp
from kassd.mqtt.documents import AgeCheck, StockMoved
from kassd.mqtt.project import customer_view, events, sale_document
from tests.core.goods.shop import put, sell, shop
from tests.core.playbook import cash, command


def test_an_age_check_is_asked_for_and_answered() -> None:
    book = shop() >> sell("bier")
    document = sale_document(book.state, "main")
    assert document.age_check == AgeCheck(16, "2010-11-21")
    assert [(line.case, line.of, line.age) for line in document.lines] == [("Umsatz", 0, 16), ("Pfand", 1, 0)]
    book >> command("sale.approve_age")
    assert sale_document(book.state, "main").age_check is None


def test_base_price_and_list_price() -> None:
    book = shop() >> sell("cola") >> sell("kaese", quantity="0.5") >> sell("brot", price=300)
    cola, cheese, bread = sale_document(book.state, "main").lines
    assert (cola.base_price, cola.base_unit) == (598, "l")
    assert (cheese.base_price, cheese.base_unit, cheese.unit) == (2490, "kg", "kg")
    assert (bread.base_price, bread.list_price, bread.price_why) == (None, 390, "Preis von Hand")
    assert customer_view(book.state, "main").lines[0].base_price == 598


def test_the_next_quantity_is_shown() -> None:
    book = (
        shop()
        >> command("sale.quantity", quantity="3")
        >> sell("brot")
        >> command("sale.quantity", quantity="2")
    )
    assert sale_document(book.state, "main").next_quantity == 2


def test_waste_moves_the_stock() -> None:
    book = shop()
    before = book.state
    book >> command("stock.waste", article="brot", quantity="2", reason="Bruch")
    (_, document), *rest = events(book.last, before, book.state)
    assert document == StockMoved("brot", "Bauernbrot", Decimal(-2), "", "Bruch")
    assert not rest


def test_a_combo_moves_its_parts() -> None:
    book = (shop() >> sell("menue", quantity="2")).sign() >> cash()
    before, answer = book.state, book.tse.answer(book.calls()[0])
    decision = decide(before, answer, Stamp(len(book.lines), book.at, book.mono))
    found = [d for kind, d in events(decision, before, before) if kind == "stock.moved"]
    assert [(d.article, d.quantity) for d in found if isinstance(d, StockMoved)] == [
        ("menue", -2),
        ("burger", -2),
        ("cola", -2),
    ]


def test_the_lowest_price_of_30_days_stands_beside_what_it_costs_otherwise() -> None:
    lists = {"name": "aktion", "title": "Aktion", "percent": "10", "first_day": "2026-11-21"}
    book = shop(**{f"price_list.aktion.{key}": value for key, value in lists.items()})
    book = put(book, id="brot", name="Brot", price=450, vat=2) >> sell("brot")
    (bread,) = sale_document(book.state, "main").lines
    assert (bread.unit_price, bread.list_price, bread.lowest_price) == (405, 450, 390)
