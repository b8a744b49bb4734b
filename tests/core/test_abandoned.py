"""kassd.core.abandoned: a station leaves the configuration while a sale is begun there."""

import pytest

from kassd.core.abandoned import abandoned, abandoned_sentence, working_stations
from kassd.mqtt.alerts import alerts
from tests.core.playbook import CONFIG, Playbook, add, cash, command

WITHOUT = {
    key: value for key, value in CONFIG.items() if not key.startswith(("client.", "printer.printer-2"))
}
AT_TWO = {"station": "zwei"}


def begun(paid: int) -> Playbook:
    """At station ``zwei`` somebody has entered 3.50 € and paid ``paid`` cents; then the station is gone."""
    book = Playbook().ready(5000)
    book >> add(client="theke-2")
    if paid:
        book >> cash(client="theke-2", amount=paid)
    book.sign().paper()
    book.config = dict(WITHOUT)
    return book.restart()


def test_it_is_told_with_station_and_sum_until_it_has_ended() -> None:
    book = begun(100).tse_opens()
    (sale,) = abandoned(book.state)
    assert "Kassenplatz zwei " in abandoned_sentence(sale)
    assert "1,00 € von 3,50 € bezahlt" in abandoned_sentence(sale)
    assert dict(alerts(book.state))["station-zwei"].text_de == abandoned_sentence(sale)
    book >> cash(**AT_TWO)
    assert "station-zwei" not in dict(alerts(book.state))


@pytest.mark.parametrize(
    "end", [cash(**AT_TWO), command("sale.abort", cash_returned=100, **AT_TWO)], ids=["pay", "abort"]
)
def test_it_is_brought_to_its_end_there_and_the_station_is_gone(end: object) -> None:
    book = begun(100).tse_opens()
    book >> add(**AT_TWO)
    book.says("ok")
    book >> command("sale.undo", **AT_TWO)
    book >> end  # type: ignore[operator]  # it is a command
    assert book.last.reply is not None
    assert book.last.reply.status in ("ok", "accepted")
    book.sign()
    assert not book.state.sales
    assert working_stations(book.state) == ("main",)
    book >> add(**AT_TWO)
    book.says("unknown_station")
    book.restart()
    assert list(abandoned(book.state)) == []


def test_the_till_is_not_closed_before_and_says_where_and_how_much() -> None:
    book = begun(100).tse_opens()
    book >> command("till.close", count={"1": 5100})
    book.says("sale_part_paid")
    assert book.last.reply is not None
    assert "(Kassenplatz zwei: 1,00 € von 3,50 € bezahlt)" in book.last.reply.message
    book >> cash(**AT_TWO)
    book.sign().paper()
    book >> command("till.close", count={"1": 5350})
    book.sign().paper()
    assert not book.state.till.open


def test_an_unpaid_one_ends_by_itself() -> None:
    book = begun(0).tse_opens()
    assert [sale.station for sale in abandoned(book.state)] == ["zwei"]
    book.wait(1801).tick()
    book.sign()
    assert list(abandoned(book.state)) == []


def test_other_configurations_are_looked_at_before_they_are_in_force() -> None:
    book = Playbook().ready()
    book >> add(client="theke-2")
    assert list(abandoned(book.state)) == []
    assert [sale.station for sale in abandoned(book.state, WITHOUT)] == ["zwei"]
