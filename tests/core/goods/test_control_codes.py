"""Goods without a screen: printed codes for quantity, age, consumed here or taken away."""

import pytest

from kassd.core import facts as f
from kassd.core.barcodes.control import CONTROL
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
    assert "Personal" in book.state.station("main").message


def test_here_or_taken_away_by_a_printed_code() -> None:
    book = shop() >> sell("latte") >> scan("KASSDHIER")
    assert [line.vat for line in lines(book)] == [1]
    book >> scan("KASSDMIT")
    assert [line.vat for line in lines(book)] == [2]
    assert (shop() >> add() >> scan("KASSDHIER")).current().in_house is True


ALONE = {"station.main.name": "main", "station.main.attended": False}
SELF_SERVICE = {"MAL2", "MAL3", "MAL4", "MAL5", "MAL6", "MAL10", "HIER", "MIT"}


@pytest.mark.parametrize("name", CONTROL)
def test_customers_alone_take_no_money_void_nothing_and_see_no_report(name: str) -> None:
    """The codes are public; whoever serves themselves may say how many, and where it is eaten."""
    book = shop(**ALONE) >> scan("4006381333931")
    told = len(book.lines)
    book >> scan(f"KASSD{name}")
    refused = "bedienten Kasse" in book.state.station("main").message
    assert refused == (name not in SELF_SERVICE)
    assert len(book.lines) == told or not refused
    sale = book.current()
    assert (sale.payments, sale.total > 0) == ((), True)
    assert not book.facts(f.ReportMade)


def test_customers_alone_scan_goods_and_vouchers() -> None:
    book = shop(**ALONE) >> scan("KASSDMAL2") >> scan("4006381333931")
    assert [line.quantity for line in lines(book)] == [2]
