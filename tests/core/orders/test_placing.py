"""order.send and order.cancel: complete in one command, secured at once, taken back only with a reason."""

from typing import Any

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, cash, command, device

BEER = {"text": "Pils 0,4", "price": 480, "vat": 1}
STEAK = {"text": 'Schnitzel "Wien"', "price": 1890, "vat": 2, "note": "ohne Pommes"}


def send(table: str | None = "5", *lines: Any, **more: Any) -> Any:
    where = {} if table is None else {"table": table}
    return command("order.send", lines=list(lines or (BEER,)), **where, **more)


def result(book: Playbook) -> Any:
    return book.replies[-1]["result"]


def test_an_order_is_one_line_and_one_transaction() -> None:
    book = Playbook().ready()
    book >> send("5", {**BEER, "quantity": "2"}, STEAK)
    book << (
        "order.group_opened sale.opened sale.line_added sale.line_added order.placed sale.paid +tse.start"
    )
    assert result(book) == {
        "group": "T5-000001",
        "number": 1,
        "sale": book.replies[-1]["result"]["sale"],
        "total": 2850,
    }
    book.sign()
    finish = book.wishes("tse.finish")[-1].args
    assert finish["process_type"] == "Bestellung-V1"
    assert finish["process_data"] == '2;"Pils 0,4";4.80\r1;"Schnitzel ""Wien""";18.90'
    order = book.receipt()
    assert (order.bon_type, order.document.group, order.document.kind) == (
        "AVBestellung",
        "T5-000001",
        "order",
    )
    assert not order.document.payments
    assert not book.state.jobs, "an order is no receipt"
    assert not book.state.sales


def test_no_current_sale_is_touched_and_waiters_do_not_wait() -> None:
    book = Playbook().ready()
    book >> add("Brot", 350) >> send("5") >> send("7", STEAK, client="theke-2")
    book >> send("5", STEAK, client="theke-2") >> add("Saft", 200)
    assert book.current().total == 550
    book.sign()
    groups = book.state.orders.groups
    assert {g.id: (g.total, g.operator) for g in groups.values()} == {
        "T5-000001": (2370, "anzeige"),
        "T7-000002": (1890, "theke-2"),
    }
    assert [fact.bon_type for fact in book.facts(f.SaleFinished)][-3:] == ["AVBestellung"] * 3
    book >> cash()
    book.done()
    assert book.state.till.totals.counts["AVBestellung"] == 3
    assert "Umsatz|1" not in book.state.till.totals.cases, "orders are no turnover"


def test_an_order_without_a_table_has_a_number() -> None:
    book = Playbook().ready()
    book >> send(None)
    assert result(book)["group"] == "P-000001"
    book >> send(None, STEAK, group="1")
    assert result(book) | {"sale": ""} == {"group": "P-000001", "number": 1, "sale": "", "total": 2370}


def test_negative_quantity_takes_back_the_newest_with_reason_and_right() -> None:
    book = Playbook().ready()
    book >> send("5", BEER, {**BEER, "quantity": "2"}, STEAK)
    back = {"text": "Pils 0,4", "quantity": "-2"}
    (book >> send("5", back)).says("reason_required")
    (book >> send("5", back, client="theke-2", reason="vertippt")).says("unauthorized")
    (book >> send("5", {**back, "quantity": "-4"}, reason="vertippt")).says("quantity_invalid")
    book >> send("5", back, {**STEAK, "quantity": "1"}, reason="vertippt")
    book.sign()
    group = book.state.orders.groups["T5-000001"]
    assert [(line.n, line.quantity, line.amount) for line in group.lines] == [
        (1, 1, 480),
        (3, 1, 1890),
        (4, 1, 1890),
    ]
    assert book.receipt().document.reason == "vertippt"
    data = book.wishes("tse.finish")[-1].args["process_data"]
    assert data.startswith('-2;"Pils 0,4";4.80\r1;"Schnitzel')


def test_cancel_by_line_and_whole() -> None:
    book = Playbook().ready()
    book >> send("5", {**BEER, "quantity": "3"}, STEAK)
    (book >> command("order.cancel", table="5", reason=" ")).says("reason_required")
    (book >> command("order.cancel", table="5", lines={"9": "1"}, reason="x")).says("line_not_found")
    (book >> command("order.cancel", table="5", lines={"1": "4"}, reason="x")).says("quantity_invalid")
    (book >> command("order.cancel", table="5", lines={"1": "-1"}, reason="x")).says("quantity_invalid")
    book >> command("order.cancel", table="5", lines={"1": "1"}, reason="verschüttet")
    assert result(book)["total"] == 960 + 1890
    book >> command("order.cancel", table="5", reason="Gäste gegangen, nichts serviert")
    assert not book.state.orders.groups, "a closed group leaves"
    book.sign()
    (book >> command("order.cancel", table="5", reason="x")).says("unknown_group")
    book >> send("5")
    assert result(book)["group"] == "T5-000002", "unique for life"


def test_an_order_in_an_outage_is_recorded_unsigned() -> None:
    book = Playbook().ready().outage()
    book >> send("5", *[{**BEER, "note": f"Nr. {n}"} for n in range(80)])
    book.tick()
    assert book.receipt().outage
    assert book.receipt().bon_type == "AVBestellung"
    assert book.state.orders.groups["T5-000001"].total == 80 * 480


def test_what_cannot_be_ordered() -> None:
    book = Playbook().ready()
    (book >> command("order.send", table="5", lines=[])).says("nothing_to_order")
    (book >> send("5", {"article": "fehlt"})).says("unknown_article")
    (book >> send(" ")).says("bad_args")
    (book >> send(None, group="T9-000001")).says("unknown_group")
    (book >> send("5", {**BEER, "quantity": "0"})).says("quantity_invalid")
    assert not book.state.orders.groups
    closed = Playbook().commissioned()
    (closed >> send("5")).says("till_closed")


def test_groups_are_bounded() -> None:
    book = Playbook().ready()
    for _ in range(2):
        book >> send("5", *[BEER] * 70)
        book.sign()
    (book >> send("5", *[BEER] * 20)).says("group_full")


def test_orders_survive_a_restart() -> None:
    book = Playbook().ready()
    book >> send("5", BEER, STEAK)
    book.restart() >> device("printer", "ready")
    book.tse_opens()
    assert book.receipt().bon_type == "AVBestellung"
    assert book.state.orders.groups["T5-000001"].total == 2370


def test_quantity_reductions_of_an_order_stay_its_lines() -> None:
    book = Playbook().ready()
    book >> command(
        "catalog.put", id="bier", name="Pils", price=480, vat=1, bundles=[{"quantity": "3", "price": 1200}]
    )
    book >> send("5", *[{"article": "bier"}] * 3, {"article": "bier", "quantity": "3"})
    book.sign()
    assert book.state.orders.groups["T5-000001"].total == 2400
    book >> command("sale.recall", table="5")
    assert book.current().total == 2400


def test_whoever_serves_approves_the_guests_age() -> None:
    book = Playbook().ready()
    book >> command("catalog.put", id="rum", name="Rum", price=480, vat=1, age=18)
    rum = {"article": "rum"}
    (book >> send("5", rum, age=18, client="theke-2")).says("unauthorized")
    (book >> send("5", rum, age=17)).says("bad_args")
    book >> send("5", rum, age=18) >> send("6", rum)
    book.sign() >> command("order.bill", table="5")
    (book >> cash()).says("accepted")
    book.sign() >> command("order.bill", table="6")
    (book >> cash()).says("age_check_required")
