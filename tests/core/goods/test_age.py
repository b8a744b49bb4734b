"""Age limits and limits of quantity (JuSchG, NpSG)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.goods.age import born_before
from tests.core.goods.shop import lines, put, sell, shop
from tests.core.playbook import Playbook, add, card, cash, command

KIOSK = {"station.kiosk.name": "kiosk", "station.kiosk.attended": False, "printer.printer.station": "main"}
LIMITED = {"client.kasse-1.name": "kasse-1", "client.kasse-1.rights": ["sell", "void"]}


def test_beer_is_not_paid_before_somebody_has_approved() -> None:
    book = shop() >> command("operator.login", operator="Anna") >> sell("bier")
    book.says("ok")
    assert book.replies[-1]["result"]["born_before"] == "2010-11-21"
    assert "ab 16" in book.state.station("main").message
    (book >> cash()).says("age_check_required")
    (book >> command("sale.approve_age", client="kasse-2")).says("ok")
    (approved,) = book.facts(f.AgeApproved)
    assert (approved.age, approved.by, approved.client, approved.station) == (16, "Anna", "kasse-2", "main")
    assert "born" not in str(book.lines), "no date of birth is kept"
    (book >> cash()).says("accepted")
    book.done()


def test_once_per_sale_for_the_highest_class() -> None:
    book = shop() >> sell("bier") >> command("sale.approve_age") >> sell("bier")
    assert "born_before" not in book.replies[-1]["result"]
    book >> sell("korn")
    (book >> card()).says("age_check_required")
    assert book.replies[-1]["result"] == {"age": 18, "born_before": "2008-11-21"}
    book >> command("sale.approve_age", age=16) >> card()
    book.says("age_check_required")
    book >> command("sale.approve_age", age=18) >> card()
    book.says("accepted")
    assert [fact.age for fact in book.facts(f.AgeApproved)] == [16, 18]


def test_a_void_takes_the_question_away_and_the_next_customer_is_asked_again() -> None:
    book = shop() >> add() >> sell("korn") >> command("sale.void_line") >> cash()
    book.says("accepted").done()
    book >> sell("korn") >> command("sale.approve_age") >> cash()
    book.done() >> sell("korn") >> cash()
    book.says("age_check_required")


def test_who_may_only_sell_may_not_approve() -> None:
    book = shop(**LIMITED) >> sell("bier")
    (book >> command("sale.approve_age", client="kasse-1")).says("unauthorized")
    (book >> command("sale.approve_age", origin="uplink")).says("not_allowed_here")
    (book >> command("sale.approve_age", age=21)).says("bad_args")


def test_nobody_attends_the_item_is_refused() -> None:
    book = shop(**KIOSK)
    (book >> sell("bier", station="kiosk")).says("age_unattended")
    assert book.state.current("kiosk") is None
    (book >> sell("brot", station="kiosk")).says("ok")
    book >> command("sale.approve_age", station="kiosk", age=18, client="aufsicht")
    (book >> sell("korn", station="kiosk")).says("ok")
    (approved,) = book.facts(f.AgeApproved)
    assert (approved.by, approved.client, approved.station) == ("aufsicht", "aufsicht", "kiosk")
    (book >> sell("kapsel", station="kiosk")).says("age_unattended")


def test_an_attendant_approves_for_a_lane_under_their_own_name() -> None:
    book = shop(**KIOSK, **{"station.kiosk.age_gate": "attendant"})
    book >> command("operator.login", operator="Ben") >> sell("bier", station="kiosk")
    (book >> card(station="kiosk")).says("age_check_required")
    book >> command("sale.approve_age", station="kiosk", client="handy")
    (approved,) = book.facts(f.AgeApproved)
    assert (approved.by, approved.client, approved.station) == ("Ben", "handy", "kiosk")
    (book >> card(station="kiosk")).says("accepted")


def test_eleven_chargers_are_refused_however_they_are_packed() -> None:
    book = shop()
    (book >> sell("kapsel", quantity="11")).says("quantity_limit")
    (book >> sell("kapsel", quantity="10")).says("ok")
    (book >> sell("kapsel")).says("quantity_limit")
    (book >> sell("kapseln", over_limit=True)).says("quantity_limit")
    book >> command("sale.void_line") >> sell("kapseln")
    book.says("ok")
    (book >> cash()).says("age_check_required")


def test_the_shops_own_limit_can_be_passed_with_the_right() -> None:
    book = shop(**LIMITED)
    (book >> sell("aktion", quantity="2")).says("ok")
    (book >> sell("aktion", quantity="2")).says("quantity_limit")
    (book >> sell("aktion", quantity="2", over_limit=True, client="kasse-1")).says("unauthorized")
    (book >> sell("aktion", quantity="2", over_limit=True)).says("ok")


def test_approval_and_restart() -> None:
    book = shop() >> sell("bier") >> command("sale.approve_age")
    book.restart().tse_opens()
    assert book.current().age_approved == 16
    (book >> cash()).says("accepted")


def test_nothing_to_approve() -> None:
    book = shop()
    (book >> command("sale.approve_age")).says("no_sale")
    (book >> add() >> command("sale.approve_age")).says("nothing_to_approve")


@pytest.mark.parametrize(("day", "born"), [("2026-11-21", "2008-11-21"), ("2028-02-29", "2010-02-28")])
def test_born_before(day: str, born: str) -> None:
    assert born_before(date.fromisoformat(day), 18) == born


def test_the_limit_is_the_articles_of_now() -> None:
    book = put(shop(), id="korn", name="Korn", price=799, vat=1, age=18, max_per_sale="1")
    (book >> sell("korn", quantity="2")).says("quantity_limit")


GRILL = {"id": "grill", "name": "Grillpaket", "price": 999, "vat": 2, "split": "prices"}
PACK = [{"article": "aktion", "quantity": "2"}, {"article": "brot"}]


def grill_shop(**config: Any) -> Playbook:
    return put(shop(**config), **GRILL, parts=PACK)


def test_the_shops_limit_counts_what_combos_hold() -> None:
    book = grill_shop() >> sell("grill")
    book.says("ok")
    (book >> sell("aktion", quantity="2")).says("quantity_limit")
    assert book.replies[-1]["result"] == {"max": "3", "article": "aktion"}
    assert "(Kaffee 500 g: höchstens 3)" in book.replies[-1]["message"]
    (book >> sell("grill")).says("quantity_limit")
    (book >> sell("aktion")).says("ok")
    book >> command("sale.void_line", line=1) >> sell("aktion", quantity="2")
    book.says("ok")
    put(book, **GRILL, parts=PACK, max_per_sale="1")
    (book >> sell("grill")).says("quantity_limit")
    assert book.replies[-1]["result"]["article"] == "aktion"


def test_a_combo_that_holds_a_limited_article_twice() -> None:
    book = put(shop(), **GRILL, parts=[*PACK, {"article": "aktion", "quantity": "2"}])
    (book >> sell("grill")).says("quantity_limit")
    (book >> sell("grill", over_limit=True)).says("ok")


def test_what_comes_back_does_not_let_more_go_out() -> None:
    book = shop() >> command("sale.return", article="aktion", quantity="3", reason="zu viel")
    (book >> sell("aktion", quantity="4")).says("quantity_limit")


def order(table: str, article: str, quantity: str = "1", **more: Any) -> Any:
    return command("order.send", table=table, lines=[{"article": article, "quantity": quantity, **more}])


def test_orders_of_a_table_count_together_and_what_is_taken_back_does_not() -> None:
    book = grill_shop(**LIMITED)
    (book >> order("5", "aktion", "2")).says("ok")
    book.sign()
    (book >> order("5", "grill")).says("quantity_limit")
    refused = order("5", "grill", over_limit=True)
    (book >> replace(refused, client="kasse-1")).says("unauthorized")
    (book >> order("6", "grill")).says("ok")
    back = [{"article": "aktion", "quantity": "-1"}, {"article": "grill", "quantity": "1"}]
    (book.sign() >> command("order.send", table="5", lines=back, reason="war aus")).says("ok")
    (book.sign() >> refused).says("ok")
    (book.sign() >> command("order.bill", table="5")).says("ok")
    (book.sign() >> cash()).says("accepted")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("order.merge", {"into_table": "5"}),
        ("order.transfer", {"to_table": "5", "lines": {"1": "2"}}),
    ],
)
def test_orders_that_come_to_one_bill_count_together(name: str, args: dict[str, Any]) -> None:
    book = grill_shop(**LIMITED) >> order("5", "grill") >> order("6", "aktion", "3")
    book.says("ok").sign()
    together = command(name, table="6", **args)
    (book >> together).says("quantity_limit")
    (book >> command(name, table="6", **args, over_limit=True, client="kasse-1")).says("unauthorized")
    (book >> command("order.transfer", table="6", to_table="5", lines={"1": "1"})).says("ok")
    (book.sign() >> command(name, table="6", **args, over_limit=True)).says("ok")
    (book.sign() >> command("order.bill", table="5")).says("ok")
    assert sum(line.quantity for line in lines(book) if line.article == "aktion") == 3


def test_what_is_parked_counts_with_what_is_open_there() -> None:
    book = grill_shop() >> order("5", "aktion", "2")
    book.sign() >> sell("aktion", quantity="2") >> command("sale.park", table="5")
    book.says("quantity_limit")
    (book >> command("sale.park", table="5", over_limit=True)).says("ok")
    book.sign() >> command("order.bill", table="5", lines={"1": "2"})
    (book.sign() >> command("sale.park")).says("ok")  # as it came
    book.sign() >> command("order.bill", table="5", lines={"1": "2"})
    (book.sign() >> sell("aktion")).says("ok")
    (book >> command("sale.park")).says("quantity_limit")
    (book >> cash()).says("accepted")


@pytest.mark.parametrize("gate", ["none", "attendant"])
def test_what_was_ordered_elsewhere_is_not_paid_where_nobody_serves(gate: str) -> None:
    book = shop(**KIOSK, **{"station.kiosk.age_gate": gate})
    lines = [{"article": "bier"}, {"article": "kapsel"}]
    for table, ordered in (("1", lines[:1]), ("2", lines[1:]), ("3", [{"article": "limo"}])):
        (book >> command("order.send", table=table, age=18, lines=ordered)).says("ok")
        book.done()
    (book >> command("order.bill", table="2", station="kiosk")).says("age_unattended")
    book >> command("order.bill", table="1", station="kiosk")
    if gate == "none":
        book.says("age_unattended")
        group = book.state.orders.groups["T1-000001"]
        (book >> command("sale.recall", group=group.id, station="kiosk")).says("age_unattended")
        (book >> command("order.bill", table="3", station="kiosk")).says("ok")
    else:
        book.says("ok")
        (book >> card(station="kiosk")).says("accepted")
