"""Guests move, waiters change, goods change the bill: the sums of every group stay those of its orders."""

from kassd.core import facts as f
from tests.core.orders.test_placing import BEER, STEAK, result, send
from tests.core.playbook import Playbook, card, command


def two_tables() -> Playbook:
    book = Playbook().ready()
    book >> send("5", {**BEER, "quantity": "3"}, STEAK)
    book.wait(60) >> send("7", BEER)
    return book.sign()


def test_guests_move_and_the_group_keeps_its_name() -> None:
    book = two_tables()
    book >> command("order.transfer", table="5", to_table="9", waiter="Ben")
    book << "order.moved"
    group = book.state.orders.groups["T5-000001"]
    assert (group.table, group.operator, group.total) == ("9", "Ben", 3330)
    (book >> command("order.transfer", table="9", to_table="7")).says("table_taken")
    (book >> command("order.transfer", table="9")).says("bad_args")
    (book >> command("order.transfer", table="9", lines={"1": "1"})).says("bad_args")
    book >> send("9", STEAK)
    assert result(book)["group"] == "T5-000001"


def test_goods_change_the_group_by_two_orders() -> None:
    book = two_tables()
    first = book.state.orders.groups["T5-000001"].first_order_at
    book >> command("order.transfer", table="5", to_table="7", lines={"1": "2"})
    book.sign()
    assert [w.args["process_data"] for w in book.wishes("tse.finish")][-2:] == [
        '-2;"Pils 0,4";4.80',
        '2;"Pils 0,4";4.80',
    ]
    groups = book.state.orders.groups
    assert (groups["T5-000001"].total, groups["T7-000002"].total) == (480 + 1890, 480 + 960)
    assert groups["T7-000002"].first_order_at == first, "the earlier order counts"
    book >> command("order.transfer", table="5", to_table="8", lines={"2": "1"})
    assert result(book) == {"group": "T8-000003", "total": 1890}


def test_two_tables_pay_together() -> None:
    book = two_tables()
    book >> command("order.merge", table="7", into_table="5")
    assert result(book) == {"group": "T5-000001", "total": 3810}
    assert list(book.state.orders.groups) == ["T5-000001"]
    book.sign() >> command("order.bill", group="T5-000001")
    book.sign() >> card()
    book.done()
    assert not book.state.orders.groups
    sums: dict[str, int] = {}
    for fact in book.facts(f.SaleFinished):
        if fact.document.group:
            sign = -1 if fact.bon_type == "Beleg" else 1
            sums[fact.document.group] = sums.get(fact.document.group, 0) + sign * fact.document.total
    assert sums == {"T5-000001": 0, "T7-000002": 0}, "orders - bills"


def test_what_cannot_be_merged() -> None:
    book = two_tables()
    (book >> command("order.merge", table="7", into_table="7")).says("bad_args")
    (book >> command("order.merge", table="7")).says("bad_args")
    (book >> command("order.merge", table="7", into="99")).says("unknown_group")
    book >> command("order.bill", table="7")
    (book >> command("order.merge", table="7", into="1")).says("nothing_open")
    for _ in range(2):
        book >> send("8", *[{**BEER, "text": "y" * 60, "note": "z" * 60}] * 65)
        book.sign()
    (book >> command("order.merge", table="8", into_table="5")).says("order_too_long")


def test_the_list_of_open_groups() -> None:
    book = two_tables()
    book >> command("order.list")
    assert [(g["group"], g["table"], g["total"]) for g in result(book)["groups"]] == [
        ("T5-000001", "5", 3330),
        ("T7-000002", "7", 480),
    ]
    book >> command("order.list", table="7")
    assert result(book)["waiter"] == "anzeige"
    assert result(book)["lines"] == [
        {"n": 1, "text": "Pils 0,4", "quantity": "1", "unit_price": 480, "amount": 480, "vat": 1}
    ]
    assert not book.last.facts
