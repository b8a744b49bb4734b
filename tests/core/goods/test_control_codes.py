"""Goods without a screen: printed codes for quantity, age, consumed here or taken away."""

from tests.core.goods.shop import lines, sell, shop
from tests.core.playbook import add, scan


def test_quantity_by_a_printed_code() -> None:
    book = shop() >> scan("KASSDMAL6") >> scan("4006381333931") >> scan("4006381333931")
    assert [line.quantity for line in lines(book)] == [6, 1]


def test_age_by_a_printed_code_where_somebody_serves() -> None:
    book = shop() >> sell("bier") >> scan("KASSDALTER") >> scan("KASSDBAR")
    book << "sale.payment_added sale.paid +drawer"
    alone = {
        "station.main.name": "main",
        "station.main.attended": False,
        "station.main.age_gate": "attendant",
    }
    book = shop(**alone) >> sell("bier") >> scan("KASSDALTER")
    assert book.current().age_approved == 0
    assert "Recht" in book.state.station("main").message


def test_here_or_taken_away_by_a_printed_code() -> None:
    book = shop() >> sell("latte") >> scan("KASSDHIER")
    assert [line.vat for line in lines(book)] == [1]
    book >> scan("KASSDMIT")
    assert [line.vat for line in lines(book)] == [2]
    assert (shop() >> add() >> scan("KASSDHIER")).current().in_house is True
