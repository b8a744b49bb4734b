"""Each code that orders and parking can answer with, for tests/core/test_codes.py."""

from collections.abc import Callable
from dataclasses import replace

from tests.core.orders.test_placing import BEER, send
from tests.core.playbook import Playbook, add, command


def unknown_group(book: Playbook) -> None:
    book >> command("sale.recall", group="7")


def sale_open(book: Playbook) -> None:
    book >> send("5") >> add() >> command("sale.recall", table="5")


def table_taken(book: Playbook) -> None:
    book >> send("5") >> send("6") >> command("order.transfer", table="5", to_table="6")


def table_differs(book: Playbook) -> None:
    book >> send("5") >> command("order.bill", table="5") >> command("sale.park", table="6")


def nothing_to_order(book: Playbook) -> None:
    book >> add() >> command("sale.void_line") >> command("sale.park")


def nothing_open(book: Playbook) -> None:
    book >> send("5") >> command("order.bill", table="5")
    book >> command("order.walkout", table="5", reason="weg")


def not_orderable(book: Playbook) -> None:
    book >> add()
    sale = book.current()
    lines = (replace(sale.lines[0], case="MehrzweckgutscheinKauf"),)
    book.state = replace(book.state, sales={**book.state.sales, sale.id: replace(sale, lines=lines)})
    book >> command("sale.park")


def order_too_long(book: Playbook) -> None:
    for _ in range(2):
        book >> send("8", *[{**BEER, "text": "y" * 60, "note": "z" * 60}] * 70)
        book.sign()
    book >> send("5") >> command("order.merge", table="8", into_table="5")


def group_full(book: Playbook) -> None:
    for _ in range(3):
        book >> send("5", *[BEER] * 60)
        book.sign()


def orders_full(book: Playbook) -> None:
    book >> send("5")
    (group,) = book.state.orders.groups.values()
    many = {f"P-{n}": replace(group, id=f"P-{n}", table="") for n in range(500)}
    book.state = replace(book.state, orders=replace(book.state.orders, groups=many))
    for name in many:
        book.owed[name] = group.total
    book.owed["T5-000001"] = 0
    book >> send("6")


def orders_open(book: Playbook) -> None:
    book >> send("5")
    book.state = replace(book.state, config={**book.state.config, "orders.carry": False})
    book >> command("till.close", count={"1": 1000})


ORDER_SCENES: tuple[Callable[[Playbook], None], ...] = (
    unknown_group, sale_open, table_taken, table_differs, nothing_to_order, nothing_open, not_orderable,
    order_too_long, group_full, orders_full, orders_open,
)  # fmt: skip
