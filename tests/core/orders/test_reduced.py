"""A reduced sale that is parked: each part of its bill bears its share."""

from typing import Any

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, cash, command


def parked(book: Playbook, **discount: Any) -> Playbook:
    book >> command("sale.discount", reason="Stammgast", **discount) >> command("sale.park", table="5")
    return book.done()


def billed(book: Playbook, **part: Any) -> int:
    """Cents of a bill of table 5, paid in cash."""
    (book >> command("order.bill", table="5", **part)).says("ok")
    book >> cash()
    return book.done().receipt().document.total


def test_each_bill_of_a_split_table_bears_its_share() -> None:
    book = parked(Playbook().ready() >> add(price=1000) >> add("Kuchen", 1000), percent="50")
    assert billed(book, lines={"1": "1"}) == 500
    assert billed(book, lines={"2": "1"}) == 500
    assert not book.state.orders.groups
    orders = [fact.document.total for fact in book.facts(f.SaleFinished) if fact.bon_type == "AVBestellung"]
    assert sum(orders) == 1000


def test_what_was_ordered_later_is_not_reduced() -> None:
    book = parked(Playbook().ready() >> add(price=1000, quantity="3") >> add("Kuchen", 1001, 1), amount=1000)
    book >> command("order.send", table="5", lines=[{"text": "Tee", "price": 300, "vat": 1}])
    group = book.done().state.orders.groups["T5-000001"]
    tee = next(line.n for line in group.lines if line.text == "Tee")
    assert billed(book, lines={str(tee): "1"}) == 300
    parts = [billed(book, lines={"1": "1"}) for _ in range(3)]
    assert sum(parts) == 3000 - 750
    assert max(parts) - min(parts) <= 1
    assert billed(book) == 1001 - 250
    assert not book.state.orders.groups


def test_a_bill_reduced_and_parked_again_can_be_split_too() -> None:
    book = Playbook().ready() >> add(price=1000) >> add("Kuchen", 500) >> command("sale.park", table="5")
    book.done() >> command("order.bill", table="5")
    parked(book, percent="10")
    (group,) = book.state.orders.groups.values()
    assert group.total == 1350
    assert billed(book, lines={"1": "1"}) == 900
    assert billed(book) == 450


def test_what_is_taken_back_takes_its_share_along() -> None:
    book = parked(Playbook().ready() >> add(price=1000) >> add("Kuchen", 500), percent="10")
    book >> command("order.cancel", table="5", lines={"1": "1"}, reason="zu spät")
    assert billed(book.done()) == 450


def test_too_many_reduced_lines_to_be_parked_are_said_to_be_so() -> None:
    book = Playbook().ready()
    for n in range(100):
        book >> add(f"Brot {n}", 350)
    book >> command("sale.discount", percent="10", reason="Haus")
    (book >> command("sale.park", table="5")).says("order_too_long")
    assert "Anteil am Rabatt" in book.replies[-1]["message"]
    assert len(book.current().standing()) == 101, "nothing has changed"
    (book >> command("sale.pay", type="card")).done()
    assert book.receipt().document.total == 100 * 315
