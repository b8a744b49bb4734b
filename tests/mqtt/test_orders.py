"""``state/orders``: what displays draw of open orders and parked sales."""

from typing import Any

from kassd.core.codec import encode
from kassd.mqtt.orders import OrdersView, orders_document
from kassd.mqtt.publisher import Publisher
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
