"""Prices of the moment, tax keys of the moment, base prices."""

from datetime import datetime
from decimal import Decimal

import pytest

from kassd.core.goods.article import Article
from kassd.core.goods.pricing import base_price, price_lists
from tests.core.goods.shop import lines, put, sell, shop
from tests.core.playbook import CET, Playbook, add, cash, command, scan

HAPPY = {
    "price_list.happy.name": "happy",
    "price_list.happy.title": "Happy Hour",
    "price_list.happy.weekdays": ["sa"],
    "price_list.happy.begin": "12:00",
    "price_list.happy.end": "14:00",
    "price_list.happy.percent": "20",
    "price_list.happy.prices.cola": 200,
}


def test_happy_hour_is_frozen_in_the_line() -> None:
    book = shop(**HAPPY) >> sell("burger") >> sell("cola") >> sell("tabak", price=890)
    burger, cola, tobacco = lines(book)
    assert (burger.unit_price, burger.list_price, burger.price_why) == (639, 799, "Happy Hour")
    assert (cola.unit_price, tobacco.unit_price, tobacco.list_price) == (200, 890, None)
    for _ in range(6):  # the customer takes time, and the hour passes
        book.wait(1500) >> sell("cola")
    assert [line.unit_price for line in lines(book)][:2] == [639, 200]
    assert lines(book)[-1].unit_price == 299


@pytest.mark.parametrize(
    ("begin", "end", "weekdays", "at", "applies"),
    [
        ("17:00", "19:00", [], "2026-11-21T17:00", True),
        ("17:00", "19:00", [], "2026-11-21T19:00", False),
        ("22:00", "02:00", ["sa"], "2026-11-22T01:59", True),
        ("22:00", "02:00", ["so"], "2026-11-22T01:59", False),
        ("22:00", "02:00", ["sa"], "2026-11-21T02:00", False),
        ("", "", ["sa"], "2026-11-21T23:59", True),
        ("18:00", "", [], "2026-11-21T23:59", True),
    ],
)
def test_when_a_price_list_applies(begin: str, end: str, weekdays: list[str], at: str, applies: bool) -> None:
    config = {
        "price_list.x.title": "X",
        "price_list.x.begin": begin,
        "price_list.x.end": end,
        "price_list.x.weekdays": weekdays,
        "price_list.x.percent": "10",
    }
    (found,) = price_lists(config)
    assert found.applies(datetime.fromisoformat(at).replace(tzinfo=CET)) is applies


def test_days_and_categories_of_a_price_list() -> None:
    (found,) = price_lists(
        {
            "price_list.x.title": "X",
            "price_list.x.percent": "50",
            "price_list.x.categories": ["brot"],
            "price_list.x.first_day": "2026-11-21",
            "price_list.x.last_day": "2026-11-21",
        }
    )
    noon = datetime(2026, 11, 21, 12, tzinfo=CET)
    assert found.applies(noon)
    assert not found.applies(noon.replace(day=20))
    assert not found.applies(noon.replace(day=22))
    assert found.price(Article("1", "Brot", 99, 2, category="brot")) == 50
    assert found.price(Article("2", "Tee", 99, 2)) is None


@pytest.mark.parametrize(
    ("content", "unit", "price", "found"),
    [
        ("0.5", "l", 149, (298, "l")),
        ("330", "ml", 99, (300, "l")),
        ("250", "g", 199, (796, "kg")),
        ("9", "g", 199, None),
        ("12", "piece", 240, (20, "Stück")),
        ("70", "cm", 350, (500, "m")),
    ],
)
def test_base_price(content: str, unit: str, price: int, found: object) -> None:
    article = Article("1", "X", price, 1, content=Decimal(content), content_unit=unit)  # type: ignore[arg-type] # parametrized
    assert base_price(article, price) == found


def test_loose_goods_have_only_their_price_by_weight() -> None:
    assert base_price(Article("1", "Käse", 2490, 2, weighed=True), 2490) == (2490, "kg")
    assert base_price(Article("1", "Tasche", 450, 1), 450) is None


def test_weighed_goods() -> None:
    book = shop() >> sell("kaese")
    book.says("weight_required")
    book >> sell("kaese", quantity="0.235")
    (line,) = lines(book)
    assert (line.amount, line.unit, line.quantity) == (585, "kg", Decimal("0.235"))


def test_price_per_one_and_a_half_metres() -> None:
    book = shop() >> sell("stoff", quantity="2")
    (line,) = lines(book)
    assert (line.amount, line.factor, line.unit, line.unit_price) == (2000, Decimal("1.5"), "m", 1500)


def test_open_price_and_another_price() -> None:
    limited = {"client.k.name": "k", "client.k.rights": ["sell"]}
    book = shop(**limited)
    (book >> sell("blumen")).says("price_required")
    (book >> sell("blumen", price=1200, client="k")).says("ok")
    (book >> sell("brot", price=300, client="k")).says("unauthorized")
    (book >> sell("brot", price=390, client="k")).says("ok")
    (book >> sell("brot", price=300)).says("ok")
    (book >> sell("tabak", price=800)).says("price_fixed")
    (book >> sell("tabak", price=900)).says("price_fixed")
    assert [line.list_price for line in lines(book)] == [None, None, 390]


def test_in_house_and_take_away() -> None:
    book = shop() >> sell("latte") >> sell("latte", in_house=True)
    assert [(line.vat, line.in_house) for line in lines(book)] == [(2, False), (1, True)]
    book >> command("sale.set_in_house", in_house=True)
    assert [(line.vat, line.rate, line.amount) for line in lines(book)] == [(1, 19, 390), (1, 19, 390)]
    assert (book >> sell("latte")).current().lines[-1].vat == 1
    (book >> command("sale.set_in_house", in_house=False, line=2)).says("ok")
    assert [line.vat for line in lines(book)] == [1, 1, 2]
    (book >> cash()).says("accepted")
    book.done()
    assert sum(row.gross for row in book.receipt().document.vat) == 3 * 390


def test_the_station_says_what_is_usual() -> None:
    book = shop(**{"register.in_house": True, "station.zwei.name": "zwei", "station.zwei.in_house": False})
    book >> sell("latte") >> sell("latte", station="zwei")
    assert book.current().lines[0].vat == 1
    assert book.current("zwei").lines[0].vat == 2


def test_deposit_goes_with_a_line_that_changes() -> None:
    book = shop() >> sell("limo", quantity="2") >> command("sale.set_in_house", in_house=True)
    drink, deposit = lines(book)
    assert (deposit.of, deposit.amount, drink.in_house) == (drink.n, 50, True)
    assert book.current().total == 288


def test_tax_keys_that_change() -> None:
    change = [{"day": "2026-11-22", "vat": 1}, {"day": "2027-01-01", "vat": 6}]
    book = put(shop(), id="x", name="X", price=100, vat=2, vat_changes=change) >> sell("x")
    assert lines(book)[0].vat == 2
    book.wait(86_400)
    book >> sell("x")
    assert lines(book)[-1].vat == 1


def test_a_tax_key_of_ones_own() -> None:
    own = {
        "vat.diff.name": "diff", "vat.diff.key": 1000, "vat.diff.rate": "0", "vat.diff.title": "§ 25a UStG",
        "vat.diff.text": "Gebrauchtgegenstände/Sonderregelung",
    }  # fmt: skip
    book = put(shop(**own), id="rad", name="Fahrrad gebraucht", price=9900, vat=1000) >> sell("rad")
    book >> cash()
    book.done()
    (row,) = book.receipt().document.vat
    assert (row.vat, row.code, row.tax, row.text) == (1000, "Q", 0, "Gebrauchtgegenstände/Sonderregelung")
    assert book.receipt().document.seal.process_data == "Beleg^0.00_0.00_0.00_0.00_99.00^99.00:Bar"
    (book >> command("catalog.put", id="y", name="Y", price=1, vat=1001)).says("catalog_invalid")
    (book >> add(vat=11)).says("unknown_vat")


def test_a_key_taken_away_sells_nothing() -> None:
    book = put(shop(**{"vat.d.name": "d", "vat.d.key": 1000, "vat.d.rate": "0", "vat.d.title": "x"}),
               id="rad", name="Rad", price=1, vat=1000)  # fmt: skip
    for key in [key for key in book.config if key.startswith("vat.")]:
        del book.config[key]
    book >> command("till.close", count={"1": 10_000})
    book.done().start().tse_opens() >> command("till.open", counted=10_000)
    (book.done() >> sell("rad")).says("unknown_vat")


def test_a_price_check_begins_nothing() -> None:
    book = shop(**HAPPY)
    before = len(book.lines)
    book >> command("article.price", article="limo")
    assert book.replies[-1]["result"] == {
        "article": "limo", "text": "Limo", "price": 95, "vat": 1, "list_price": 119,
        "price_why": "Happy Hour", "lowest_price": 95, "deposit": 25,
    }  # fmt: skip
    assert book.state.station("main").message == (
        "Limo: 0,95 € (statt 1,19 €: Happy Hour), niedrigster Preis der letzten 30 Tage: 0,95 €, "
        "zzgl. 0,25 € Pfand"
    ), "it was sold at that price last week"
    assert (len(book.lines), book.state.current("main")) == (before, None)
    book >> command("article.price", article="cola")
    assert book.replies[-1]["result"]["base_price"] == 400
    (book >> command("article.price", code="4006381333930")).says("bad_check_digit")


def test_quantity_before_the_scan() -> None:
    book = shop() >> command("sale.quantity", quantity="3") >> scan("4006381333931") >> scan("4006381333931")
    assert [line.quantity for line in lines(book)] == [3, 1]
    book >> command("sale.quantity", quantity="4") >> command("sale.quantity", quantity="0")
    book >> scan("4006381333931") >> scan("2*4006381333931") >> sell("brot", quantity="5")
    assert [line.quantity for line in lines(book)][2:] == [1, 2, 5]
    (book >> command("sale.quantity", quantity="-1")).says("quantity_invalid")
    assert not [line for line in book.lines if "station.quantity" in str(line)], "not journalled"


def test_waste_is_a_fact_and_no_vorgang() -> None:
    book = shop() >> command("stock.waste", article="brot", quantity="2", reason="verbrannt")
    book << "stock.wasted"
    assert book.state.till.totals.counts["waste"] == 1
    (book >> command("stock.waste", article="brot", quantity="2", reason="")).says("reason_required")
    (book >> command("stock.waste", article="nichts", quantity="2", reason="x")).says("unknown_article")


def test_a_scan_costs_the_same_in_a_large_catalogue() -> None:
    book: Playbook = shop() >> sell("brot")
    assert book.current().lines[0].gtin == "4006381333931"


def test_a_long_sale_is_changed_line_by_line() -> None:
    book = shop()
    for _ in range(95):
        book >> sell("latte")
    book >> command("sale.set_in_house", in_house=True)
    book.says("sale_too_long")
    (book >> command("sale.set_in_house", in_house=True, line=1)).says("ok")


def test_the_first_price_list_of_the_file_comes_first() -> None:
    lists = {f"price_list.{name}.title": name for name in ("a", "b", "c")}
    config = lists | {f"price_list.{name}.percent": "10" for name in ("a", "b", "c")}
    config |= {"price_list.a.rank": 2, "price_list.b.rank": 1}  # type: ignore[dict-item] # JSON values
    assert [one.title for one in price_lists(config)] == ["c", "b", "a"]


@pytest.mark.parametrize("quantity", ["0.05", "1.5"])
def test_what_is_sold_by_the_piece_is_sold_whole(quantity: str) -> None:
    book = shop()
    for article in ("tabak", "limo", "menue", "pf25"):
        (book >> sell(article, quantity=quantity)).says("whole_pieces_only")
        asked = command("sale.return", article=article, quantity=quantity, reason="x")
        (book >> asked).says("whole_pieces_only")
    order = command("order.send", table="1", lines=[{"article": "tabak", "quantity": quantity}])
    (book >> order).says("whole_pieces_only")
    put(book, id="band", name="Band", price=300, vat=1, unit="Stk.")
    (book >> sell("band", quantity=quantity)).says("whole_pieces_only")
    for article in ("kaese", "stoff"):
        (book >> sell(article, quantity=quantity)).says("ok")
    (book >> add(quantity=quantity)).says("ok")
    (book >> sell("tabak", quantity="2.0")).says("ok")


def test_what_is_given_away_needs_a_reason() -> None:
    """As a reduction of all of it does (L-106): another price is enough of a reason for another price."""
    book = shop()
    (book >> sell("burger", price=0)).says("reason_required")
    (book >> sell("burger", price=0, reason=" ")).says("reason_required")
    (book >> sell("burger", price=0, reason="Reklamation")).says("ok")
    line = book.current().lines[-1]
    assert (line.amount, line.list_price, line.price_why) == (0, 799, "Preis von Hand: Reklamation")
    (book >> sell("burger", price=700)).says("ok")
    order = [{"article": "burger", "price": 0}]
    (book >> command("order.send", table="1", lines=order)).says("reason_required")
    (book >> command("order.send", table="1", lines=[order[0] | {"reason": "Haus"}])).says("ok")
    (book >> sell("wurst", price=0)).says("ok")  # it costs nothing anyway
    (book >> sell("blumen", price=0)).says("reason_required")
    (book >> sell("blumen", price=0, reason="verwelkt")).says("ok")
