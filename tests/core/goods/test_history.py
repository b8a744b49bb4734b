"""Whoever announces a reduction states the lowest price of the 30 days before it (§ 11 PAngV)."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from kassd.core.goods.history import (
    Past,
    Prices,
    changed,
    lowest_before,
    lowest_before_change,
    without_old,
)
from tests.core.goods.shop import lines, put, sell, shop
from tests.core.playbook import CET, NOON, Playbook, cash, command

DAY = 86_400
START = datetime(2026, 3, 1, 8, 0, tzinfo=CET)


def days(n: float) -> datetime:
    return START + timedelta(days=n)


def history(*changes: tuple[float, int | None]) -> Prices:
    """The first price is there from day 0 on; then each from its day."""
    prices: Prices = {}
    old: int | None = None
    for day, price in changes:
        prices = changed(prices, "x", old, price, days(day))
        old = price
    return prices


def test_the_lowest_price_of_the_30_days_before_a_change() -> None:
    prices = history((0, 500), (10, 400), (20, 450), (45, 300))
    record = prices["x"]
    assert record.lowest == 400, "400 ended on day 20, within 30 days of day 45"
    assert record.past == (Past(400, "2026-03-21T07:00:00+00:00"), Past(450, "2026-04-15T07:00:00+00:00"))
    assert lowest_before_change(record, days(46)) == 400
    assert lowest_before_change(record, days(75)) is None, "by then it is the usual price"
    assert history((0, 500), (10, 400), (20, 450), (51, 300))["x"].lowest == 450, "400 is too long ago"


def test_what_never_changed_takes_no_room_and_what_is_old_is_forgotten() -> None:
    assert history((0, 500)) == {}
    assert dict(changed({}, "x", 500, 500, days(1))) == {}
    prices = history((0, 500), (10, 400))
    assert without_old(prices, days(39)) is prices
    assert dict(without_old(prices, days(40))) == {}


def test_an_article_that_was_away_remembers_its_price() -> None:
    prices = history((0, 500), (5, None), (7, 800))
    assert prices["x"].lowest == 500
    assert history((0, 500), (5, None))["x"].since == ""


def test_many_changes_take_a_month_of_days_at_most() -> None:
    rising = [(n / 10, 100 + n) for n in range(2000)]
    record = history(*rising)["x"]
    assert len(record.past) <= 32
    assert [one.price for one in record.past] == sorted({one.price for one in record.past})


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_all_prices_say(seed: int) -> None:
    """Against a list of everything: never above the truth, and below it only by what was charged on the day
    that has just left the window."""
    random = Random(seed)
    changes = [(0.0, 500)]
    while changes[-1][0] < 100:
        changes.append((changes[-1][0] + random.choice((0.2, 1, 3, 11)), random.randrange(100, 900, 100)))
    changes = [one for n, one in enumerate(changes) if n == 0 or one[1] != changes[n - 1][1]]
    record = history(*changes)["x"]
    (now, price), ends = changes[-1], [day for day, _ in changes[1:]]
    former = list(zip(ends, (cents for _, cents in changes), strict=False))
    exact = min(cents for end, cents in former if end > now - 30)
    loose = min(cents for end, cents in former if end > now - 31)
    assert record.lowest is not None
    assert loose <= record.lowest <= exact
    later = now + 2
    expected = min([price, *(cents for end, cents in former if end > later - 31)])
    assert expected <= lowest_before(record, price, days(later)) <= price


EVENING = {
    "price_list.abend.name": "abend",
    "price_list.abend.title": "Abendpreis",
    "price_list.abend.begin": "17:00",
    "price_list.abend.percent": "20",
    "price_list.abend.first_day": "2026-12-01",
}


def at(book: Playbook, day: str, hour: int = 18) -> Playbook:
    """Time passes until then; the till is closed and opened for the new day."""
    moment = datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=CET)
    return book.wait((moment - book.at).total_seconds())


def price(book: Playbook, article: str = "brot") -> Any:
    book >> command("article.price", article=article)
    return book.replies[-1]["result"]


def test_a_price_list_states_it_on_display_and_receipt() -> None:
    book = put(shop(**EVENING), id="brot", name="Bauernbrot", price=350, vat=2)
    book = put(at(book, "2026-11-23"), id="brot", name="Bauernbrot", price=420, vat=2)
    assert (price(book)["price"], price(book)["lowest_price"]) == (420, 350)
    assert "30 Tage" not in book.state.station("main").message, "nothing is cheaper"
    at(book, "2026-12-01")
    assert price(book) | {"text": ""} == {
        **{"article": "brot", "text": "", "price": 336, "vat": 2},
        **{"list_price": 420, "price_why": "Abendpreis", "lowest_price": 350},
    }
    assert book.state.station("main").message == (
        "Bauernbrot: 3,36 € (statt 4,20 €: Abendpreis), niedrigster Preis der letzten 30 Tage: 3,50 €"
    )
    book >> sell("brot")
    (line,) = lines(book)
    assert (line.unit_price, line.list_price, line.lowest_price) == (336, 420, 350)
    (book >> cash()).done()
    (position,) = book.receipt().document.positions
    assert position.note.split("\n") == [
        "statt 4,20 €: Abendpreis",
        "niedrigster Preis der letzten 30 Tage: 3,50 €",
    ]


def test_the_reduction_of_yesterday_counts_for_that_of_today() -> None:
    book = at(shop(**EVENING), "2026-12-01")
    assert price(book)["lowest_price"] == 390
    at(book, "2026-12-02")
    assert price(book)["lowest_price"] == 312, "it was sold at that price yesterday"


def test_a_list_for_whole_days_is_one_reduction_from_its_first_day() -> None:
    whole = {key: value for key, value in EVENING.items() if not key.endswith("begin")}
    book = at(shop(**whole), "2026-12-20")
    assert price(book)["lowest_price"] == 390
    put(book, id="brot", name="Bauernbrot", price=400, vat=2)
    assert price(book)["lowest_price"] == 390


def test_what_perishes_and_what_a_person_makes_cheaper_states_nothing() -> None:
    book = at(shop(**EVENING, **{"price_list.abend.lowest_price": False}), "2026-12-01")
    assert "lowest_price" not in price(book)
    book >> sell("brot") >> sell("burger", price=500)
    assert [line.lowest_price for line in lines(book)] == [None, None]
    assert "30 Tage" not in lines(book)[0].below


def test_a_lower_price_in_the_catalogue_states_it_for_30_days_also_after_a_restart() -> None:
    book = put(shop(), id="brot", name="Bauernbrot", price=300, vat=2)
    assert price(book)["lowest_price"] == 390
    assert "niedrigster Preis der letzten 30 Tage: 3,90 €" in book.state.station("main").message
    book >> command("till.close", count={"1": book.state.till.cash})
    book.done().restart().tse_opens()
    assert price(book)["lowest_price"] == 390
    at(book, "2026-12-22")
    assert "lowest_price" not in price(book)
    book >> command("till.open", counted=book.state.till.carried)
    book.done() >> command("till.close", count={"1": book.state.till.cash}, reason="x")
    assert dict(book.done().state.prices) == {}
    assert date.fromisoformat("2026-12-22") - NOON.date() == timedelta(days=31)
