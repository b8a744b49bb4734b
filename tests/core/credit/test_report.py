"""X and Z show what the shop owes and is owed."""

from kassd.core.credit.report import open_money
from tests.core.playbook import Playbook, add, cash, command


def test_what_is_open_by_count_and_sum() -> None:
    book = Playbook().ready()
    assert open_money(book.state).rows == ()
    for name, args in (
        ("voucher.sell", {"kind": "multi", "value": 5000}),
        ("downpayment.take", {"customer": "Wald", "what": "Torte", "amount": 300, "vat": 2}),
    ):
        book >> command(name, **args) >> cash()
        book.done()
    book >> add() >> command("sale.pay", type="account", customer="Krone")
    book.done() >> add(price=700) >> command("delivery.issue", customer="Krone")
    book.done() >> command("voucher.sell", kind="multi", value=100)
    rows = [(row.label, row.count, row.amount) for row in open_money(book.state).rows]
    assert rows == [
        ("Gutscheine im Umlauf", 1, 5000),
        ("Offene Rechnungen", 1, 350),
        ("Offene Anzahlungen", 1, 300),
        ("Lieferscheine ohne Rechnung", 1, 700),
    ]
