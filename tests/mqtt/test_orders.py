"""``state/orders``: what displays draw of open orders and parked sales."""

from dataclasses import replace
from typing import Any

from kassd.core.codec import encode
from kassd.core.orders.groups import MAX_GROUPS, MAX_OPEN_OF_ALL, MAX_TABLE
from kassd.core.state import State
from kassd.mqtt.link import MAX_PACKET
from kassd.mqtt.orders import MAX_GROUPS_BYTES, OrdersView, orders_document
from kassd.mqtt.publisher import Publisher
from kassd.mqtt.session import HEAD, pack
from tests.core.playbook import Playbook, add, cash, command

BEER = {"text": "Pils 0,4", "price": 480, "vat": 1, "note": "kalt"}


def test_open_orders_with_lines_sums_waiter_and_since() -> None:
    book = Playbook().ready()
    assert encode(orders_document(book.state)) == {"groups": [], "total": 0}
    book >> command("order.send", table="5", lines=[{**BEER, "quantity": "2"}], client="theke-2")
    book >> add("Brot", 350) >> command("sale.park")
    first, second = encode(orders_document(book.state))["groups"]
    since = first.pop("since")
    assert since.startswith("2026-11-21T12:00")
    assert first == {
        "group": "T5-000001",
        "number": 1,
        "table": "5",
        "waiter": "theke-2",
        "total": 960,
        "lines": [
            {
                "n": 1,
                "text": "Pils 0,4",
                "quantity": "2",
                "unit_price": 480,
                "amount": 960,
                "vat": 1,
                "note": "kalt",
            }
        ],
    }
    assert (second["group"], second["table"], second["total"]) == ("P-000002", "", 350)
    assert orders_document(book.state).total == 1310


def test_a_group_that_is_being_billed_stays_shown() -> None:
    book = Playbook().ready()
    book >> command("order.send", table="5", lines=[BEER]) >> command("order.bill", table="5")
    (group,) = orders_document(book.state).groups
    assert (group.billing, group.lines, group.total) == (True, (), 0)


def tables(*names: str) -> Playbook:
    book = Playbook().ready()
    for name in names:
        (book >> command("order.send", table=name, lines=[BEER])).sign()
    return book


def test_the_document_of_an_unchanged_group_is_reused() -> None:
    book, view = tables("5", "6", "7"), OrdersView()
    first = view.document(book.state)
    (book >> command("order.send", table="6", lines=[BEER])).sign()
    second = view.document(book.state)
    assert [old is new for old, new in zip(first.groups, second.groups, strict=True)] == [True, False, True]
    assert second == orders_document(book.state), "as if it were built at once"
    assert second.total == 4 * 480
    book >> command("order.bill", table="7")
    third = view.document(book.state)
    assert (third.groups[2].billing, third) == (True, orders_document(book.state))
    (book >> cash()).done()
    assert [group.table for group in view.document(book.state).groups] == ["5", "6"]


def test_the_json_of_an_unchanged_group_is_reused() -> None:
    class Glass:
        said: tuple[dict[str, Any], ...] = ()

        def show(self, topic: str, document: dict[str, Any]) -> None:
            self.said += (document,)

        def clear(self, topic: str) -> None: ...

        def event(self, topic: str, document: dict[str, Any]) -> bool:
            return False

    book, view, glass = tables("5", "6"), OrdersView(), Glass()
    publisher = Publisher(glass, "b")
    publisher.publish("state/orders", view.document(book.state), 1, "now")
    (book >> command("order.send", table="6", lines=[BEER])).sign()
    publisher.publish("state/orders", view.document(book.state), 2, "now")
    old, new = (document["groups"] for document in glass.said)
    assert new[0] is old[0], "not encoded again"
    assert new == encode(orders_document(book.state))["groups"]
    publisher.clear("state/orders")
    publisher.publish("state/orders", view.document(book.state), 3, "now")
    assert glass.said[-1]["groups"] == new


def with_groups(count: int, lines: int, table: str = "{}", waiter: str = "theke") -> State:
    """So many groups of so many lines each, as the fold would have them."""
    book = tables("5")
    (one,) = book.state.orders.groups.values()
    groups = {}
    for number in range(1, count + 1):
        name = table.format(number)
        group = replace(
            one,
            id=f"T{name}-{number:06d}",
            number=number,
            table=name,
            operator=waiter,
            lines=tuple(replace(one.lines[0], n=n) for n in range(1, lines + 1)),
        )
        groups[group.id] = group
    return replace(book.state, orders=replace(book.state.orders, groups=groups))


def test_what_does_not_fit_is_left_out_and_counted() -> None:
    state = with_groups(80, 25)
    document, view = orders_document(state), OrdersView()
    shown = [group for group in document.groups if group.lines]
    assert MAX_GROUPS_BYTES * 0.9 < len(pack(encode(document))) <= MAX_GROUPS_BYTES + 100
    assert len(document.groups) == 80
    assert 30 < len(shown) < 80
    assert {group.lines_left_out for group in document.groups if not group.lines} == {25}
    assert all(group.lines_left_out == 0 and len(group.lines) == 25 for group in shown)
    assert (document.groups_left_out, shown) == (0, list(document.groups[: len(shown)]))
    assert document.total == sum(group.total for group in document.groups) == 80 * 25 * 480
    first, second = view.document(state), view.document(state)
    assert all(old is new for old, new in zip(first.groups, second.groups, strict=True))


def test_as_many_groups_and_lines_as_there_may_be_fit_a_packet() -> None:
    for state in (
        with_groups(MAX_GROUPS, MAX_OPEN_OF_ALL // MAX_GROUPS),
        with_groups(MAX_GROUPS, 4, f"{{:\U0001f37a<{MAX_TABLE}}}", "\U0001f37a" * 50),
    ):
        document = orders_document(state)
        assert len(pack(encode(document))) < MAX_PACKET - 10 * HEAD
        assert len(document.groups) + document.groups_left_out == MAX_GROUPS
        assert document.total == MAX_OPEN_OF_ALL * 480
    assert document.groups_left_out > 0, "names of four bytes a character"
    assert document.groups[0].table.startswith("1\U0001f37a"), "the oldest stay"
