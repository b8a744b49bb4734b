"""Goods by weight at a station with a coupled scale: asked, compared, sold with what the law wants."""

from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.scale.order import WeighOrder
from kassd.core.status import DeviceStatus
from tests.core.playbook import CONFIG, Playbook, add, cash, command, device, scan
from tests.core.scale.scenes import CHEESE, SCALE


def shop(**config: Any) -> Playbook:
    book = Playbook()
    book.config = CONFIG | SCALE | config
    book.ready() >> device("waage", "ready") >> command("catalog.put", **CHEESE)
    return book


def asked(book: Playbook) -> WeighOrder:
    (ask,) = book.last.asks
    assert (ask.kind, ask.args["scale"]) == ("scale.weigh", "waage")
    order: WeighOrder = ask.args["order"]
    return order


def answered(order: WeighOrder, grams: int = 456, **more: Any) -> i.Weighed:
    amount = more.pop("amount", (grams * order.unit_price + 500) // 1000)
    return i.Weighed("waage", order, grams, more.pop("unit_price", order.unit_price), amount, **more)


def test_goods_by_weight_are_weighed() -> None:
    book = shop() >> command("sale.add", article="kaese", tare=12) << "?scale.weigh"
    book.says("accepted")
    order = asked(book)
    assert order == WeighOrder("main", "kaese", "", 2490, 12, "Bergkäse")
    book >> answered(order) << "sale.opened sale.line_added sale.line_weighed +tse.start"
    (line,) = book.current().lines
    assert (str(line.quantity), line.unit, line.unit_price, line.amount) == ("0.456", "kg", 2490, 1135)
    assert line.note == "gewogen, Tara 12 g"
    fact = book.facts(f.LineWeighed)[0]
    assert (fact.n, fact.net, fact.tare, fact.unit_price, fact.amount) == (1, 456, 12, 2490, 1135)
    assert (fact.scale, fact.serial_number, fact.certificate) == ("waage", "4711", "DE-18-B-PTB-0001")


def test_a_scan_weighs_too() -> None:
    book = shop() >> add() >> scan("2000000000015") << "?scale.weigh"
    book >> answered(asked(book)) << "sale.line_added sale.line_weighed"
    assert [line.amount for line in book.current().lines] == [350, 1135]


@pytest.mark.parametrize("args", [{"quantity": "0.3"}, {"quantity": "1"}])
def test_a_weight_of_another_scale_is_typed_in(args: dict[str, Any]) -> None:
    book = shop() >> command("sale.add", article="kaese", **args)
    book.says("ok")
    assert not book.last.asks
    assert not book.current().weighed


@pytest.mark.parametrize("state", ["absent", "error", "opening"])
def test_without_the_scale_a_weight_is_wanted(state: str) -> None:
    book = shop() >> device("waage", state) >> command("sale.add", article="kaese")
    book.says("weight_required")


@pytest.mark.parametrize("reason", ["timeout", "garbled", "fault", "authentication"])
def test_a_weighing_that_went_wrong_is_followed_by_another(reason: str) -> None:
    broken = i.DeviceChanged(DeviceStatus("waage", "error", reason, "Die Waage …"))
    book = shop() >> broken >> command("sale.add", article="kaese") << "?scale.weigh"
    book >> answered(asked(book)) << "sale.opened sale.line_added sale.line_weighed +tse.start"
    book >> broken >> scan("2000000000015") << "?scale.weigh"


@pytest.mark.parametrize("reason", ["permission", "claimed", "io"])
def test_a_port_that_cannot_be_opened_weighs_nothing(reason: str) -> None:
    book = shop() >> i.DeviceChanged(DeviceStatus("waage", "error", reason))
    (book >> command("sale.add", article="kaese")).says("weight_required")


def test_a_station_without_a_scale_asks_none() -> None:
    book = shop(**{"scale.waage.station": "zwei"}) >> command("sale.add", article="kaese")
    book.says("weight_required")


@pytest.mark.parametrize("wrong", [{"amount": 1136}, {"amount": 1134}, {"unit_price": 2491}])
def test_what_the_scale_reckons_otherwise_is_not_sold(wrong: dict[str, int]) -> None:
    book = shop() >> command("sale.add", article="kaese")
    book >> answered(asked(book), **wrong) << ""
    assert "rechnen verschieden" in book.state.station("main").message
    assert book.state.current("main") is None


def test_a_price_that_changes_meanwhile_is_weighed_again() -> None:
    book = shop() >> command("sale.add", article="kaese")
    order = asked(book)
    book >> command("catalog.put", **(CHEESE | {"price": 2590})) >> answered(order) << ""
    assert "rechnen verschieden" in book.state.station("main").message


def test_an_answer_for_another_sale_adds_nothing() -> None:
    book = shop() >> add() >> command("sale.add", article="kaese")
    order = asked(book)
    book >> cash()
    book.done() >> answered(order) << ""
    assert "Noch einmal wiegen" in book.state.station("main").message


def test_what_the_scale_says_is_shown() -> None:
    book = shop() >> command("sale.add", article="kaese")
    book >> answered(asked(book), 0, reason="overload", message="Zu schwer für diese Waage.") << ""
    assert book.state.station("main").message == "Zu schwer für diese Waage."
    book.tick() << ""


def test_after_the_verification_it_is_not_asked() -> None:
    book = shop(**{"scale.waage.valid_until": "2026-11-20"}) >> command("sale.add", article="kaese")
    book.says("scale_expired")
    book >> command("sale.add", article="kaese", quantity="0.3")
    book.says("ok")


@pytest.mark.parametrize("args", [{"tare": -1}, {"tare": 10_000}, {"price": 100}, {"note": "x"}])
def test_what_the_scale_cannot_be_told(args: dict[str, Any]) -> None:
    book = shop() >> command("sale.add", article="kaese", **args)
    book.says("bad_args")


def weighed(**config: Any) -> Playbook:
    book = shop(**config) >> command("sale.add", article="kaese")
    return book >> answered(asked(book))


def test_its_receipt_is_printed_whatever_was_chosen() -> None:
    book = weighed() >> command("sale.hand_over", by="qr")
    book.says("weighed_on_paper")
    book >> command("sale.hand_over", by="paper")
    book.says("ok")
    early = shop() >> add() >> command("sale.hand_over", by="qr") >> command("sale.add", article="kaese")
    early >> answered(asked(early)) >> cash()
    early.sign()
    assert early.wishes("print")
    assert not early.wishes("offer")


def test_no_exemption_withholds_it() -> None:
    exempt = {"receipt_exemption.file_number": "1/2", "receipt_exemption.valid_from": "2026-01-01"}
    book = weighed(**exempt, **{"receipt_exemption.valid_until": "2027-01-01"}) >> cash()
    book.sign()
    assert book.wishes("print")


def test_the_state_is_that_of_the_journal() -> None:
    book = weighed()
    book.restart()
    assert book.current().weighed
    assert book.current().total == 1135
