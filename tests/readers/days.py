"""Two short days for the reader, and for whoever wants a playbook in which much has happened."""

from tests.core.goods.shop import ARTICLES
from tests.core.playbook import Playbook, add, card, cash, command, scan

SHOP = {
    "drawer.lade-2.name": "lade-2",
    "drawer.lade-2.station": "zwei",
    "currency.CHF.code": "CHF",
    "currency.CHF.rate": "0.95",
}
COUNTS = {"lade-2": {"100": 7}, "drawer/CHF": {"2000": 1}}


def two_days() -> Playbook:
    """Two periods with a bit of everything that moves sums."""
    book = Playbook()
    book.config |= SHOP
    book.ready(5000)
    for article in ARTICLES:
        book >> command("catalog.put", **article)
    book >> add("Brot", 350) >> scan("5449000000996") >> command("sale.discount", percent="10")
    book >> cash(given=2000)
    book.done() >> command("voucher.sell", kind="multi", value=1000) >> card()
    book.done() >> add("Torte", 2500, quantity="0.333", note="Gut") >> add("Torte", 2500)
    book >> command("sale.pay", type="voucher", code=next(iter(book.state.vouchers)), amount=300)
    book >> add("Kerze", 1234, 1) >> cash(given=1000) >> card()
    book.done() >> add("Wein", 990, 1) >> command("sale.void_line") >> add("Wein", 890, 1)
    book >> cash(currency="CHF", given=2000)
    book.done() >> command("cash.out", amount=500, kind="wages", reason="Lohn", person="Kim")
    book.done() >> command("cash.transfer", amount=700, to="lade-2")
    book.done() >> command("till.report")
    book.paper() >> add("Brot", 350) >> command("sale.abort")
    book.done() >> command("mode.training", on=True) >> add("Übung", 100) >> cash()
    book.done() >> command("mode.training", on=False)
    count = {"100": 40, "50": 3}
    book >> command("till.close", count=count, counts=COUNTS, skim=1000, reason="Wechselfehler")
    book.says("accepted").done()
    held = book.state.cash.held["|EUR"].amount
    book >> command("till.open", counted=held)
    book.done() >> add("Brot", 350) >> cash()
    book.done() >> command("till.close", count={"1": held + 350}, counts=COUNTS)
    book.says("accepted").done()
    return book
