"""``state/orders``: what displays draw of open orders and parked sales."""

from kassd.core.codec import encode
from kassd.mqtt.orders import orders_document
from tests.core.playbook import Playbook, add, command

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
