"""Whatever a sale or an order may hold, each line of the journal about it fits 64 KiB."""

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core import signing
from kassd.core.corrections.recall import find
from kassd.journal.line import Entry, encode_body
from tests.core.goods.shop import put, sell, shop
from tests.core.orders.test_placing import send
from tests.core.playbook import Lines, Playbook, add, cash, command

TEXTS = {
    "quotes": '"' * 255,
    "backslashes": "\\" * 255,
    "both": '"\\' * 127,
    "umlauts": "Ä" * 255,
    "four bytes": "🍞" * 255,
    "short quotes": 'Nägel 5" "Profi"',
    "short": "A",
}
LEFT = 2_000  # bytes for what the register of a test lacks: long names of the issuer, a long signature
NOTE = '"\\Ä' * 33


def fits(book: Playbook) -> None:
    """Raises :class:`LineTooLong` where a line is none."""
    for seq, line in enumerate(book.lines):
        entry = Entry("2026-01-01T00:00:00.000000Z", 10**12, "0" * 16, line["facts"], line["wishes"])
        assert len(encode_body(seq, entry)) < 65_536 - LEFT


def settled(book: Playbook) -> Playbook:
    """Time goes by until nothing is left to be done, a minute at most."""
    for _ in range(60):
        if not book.done().state.sales:
            break
        for sale, plan in tuple(book.state.corrections.plans.items()):
            recalled = find(Lines(book.lines), plan.receipt).receipt
            assert recalled is not None
            book >> i.ReceiptRecalled(sale, recalled)
        book.wait(1).tick()
    assert not book.state.sales
    fits(book)
    return book


def filled(book: Playbook, text: str, most: int = 500) -> int:
    """Open items until there is no room, or ``most``; how many there are."""
    for n in range(most):
        book >> add(text, 123, quantity="1.001", note=NOTE)
        if book.last.reply is not None and book.last.reply.code:
            book.says("sale_too_long")
            return n
    return most


def parked(text: str) -> Playbook:
    """The longest sale that may be parked, parked and signed; one of more lines is refused."""
    few, many = 0, 201
    while many - few > 1:
        book = Playbook().ready()
        n = filled(book, text, (few + many) // 2)
        book >> command("sale.park", table="5")
        assert book.last.reply is not None
        if n < (few + many) // 2 or book.last.reply.code:
            many = (few + many) // 2
        else:
            few, best = n, book
    return settled(best)


@pytest.mark.parametrize("name", TEXTS)
def test_the_longest_sale_is_paid_or_aborted(name: str) -> None:
    for end in (cash(), command("sale.abort")):
        book = Playbook().ready()
        assert filled(book, TEXTS[name]) > 5
        book >> end
        settled(book)


@pytest.mark.parametrize("name", TEXTS)
def test_the_longest_order_is_billed_in_parts_and_cancelled(name: str) -> None:
    book = parked(TEXTS[name])
    book >> command("order.bill", table="5", parts=3) >> cash()
    settled(book)
    book >> command("order.cancel", table="5", reason="weg")
    settled(book)


@pytest.mark.parametrize("name", TEXTS)
def test_the_longest_receipt_is_cancelled(name: str) -> None:
    book = Playbook().ready()
    filled(book, TEXTS[name])
    book >> cash()
    number = book.done().facts(f.SaleFinished)[-1].number
    book >> command("receipt.cancel", receipt=str(number), reason="falsch")
    settled(book.says("accepted"))
    assert book.facts(f.SaleFinished)[-1].document.total == -book.facts(f.SaleFinished)[-2].document.total
    settled(book)


@pytest.mark.parametrize("lost", [False, True])
def test_the_longest_order_is_sent_and_moved(lost: bool) -> None:
    for text in (TEXTS["both"], TEXTS["four bytes"], TEXTS["short"]):
        book = Playbook().ready()
        if lost:
            book.outage()
        item = {"text": text, "price": 123, "vat": 1, "quantity": "1.001", "note": NOTE}
        n = 100
        while not book.state.orders.groups:
            book >> send("5", *[item] * n)
            n -= 4
        settled(book)
        book >> command(
            "order.transfer", table="5", to_table="6", lines={str(k): "1.001" for k in range(1, 11)}
        )
        settled(book.says("ok"))
        assert {fact.bon_type for fact in book.facts(f.SaleFinished)[-2:]} == {"AVBestellung"}


def test_long_orders_of_an_outage_are_finished_late_one_after_another() -> None:
    book = Playbook().ready()
    for table in "123456":
        book >> send(table, *[{"text": '"' * 255, "price": 123, "vat": 1}] * 15)
        (start,) = [wish for wish in book.calls() if wish.kind == "tse.start"]
        book >> book.tse.answer(start)
    book.outage()
    for _ in range(10):
        book.wait(1).tick()
    for call in book.calls():
        book >> i.TseAnswered(call.id, error="gone", begun=False)
    assert len(book.state.tse.late) == 6
    assert not book.calls()
    fits(book.tse_opens().done())
    assert not book.state.tse.late


def test_an_order_of_an_outage_is_weighed_with_its_process_data() -> None:
    """As lines of a slip the third would fit as well; quotation marks are written four times as long."""
    book = Playbook().ready()
    short, long = {"text": "A", "price": 123, "vat": 1}, {"text": '"' * 255, "price": 123, "vat": 1}
    for table, items in (("1", [short] * 100), ("2", [short] * 100), ("3", [long] * 19)):
        book >> send(table, *items)
        book.says("ok")
    counts = [[fact.kind for fact in book.outage().last.facts].count("sale.finished")]
    counts += [[fact.kind for fact in book.tick().last.facts].count("sale.finished")]
    assert counts == [2, 1]
    settled(book)


def test_what_ends_at_once_at_many_stations_is_finished_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many calls as a line may wish for; the first answers bring the rest."""
    monkeypatch.setattr(signing, "MAX_CALLS", 5)
    book = Playbook()
    stations = [f"s{n}" for n in range(8)]
    book.config |= {f"client.{name}.station": name for name in stations}
    book.ready()
    for name in stations:
        book >> add(station=name)
    book.sign().wait(1801).tick()
    ended = len(book.facts(f.SaleFinished))
    assert [wish.kind for wish in book.last.wishes] == ["tse.finish"] * 5
    settled(book)
    assert len(book.facts(f.SaleFinished)) == ended + len(stations)
    assert max(len(line["wishes"]) for line in book.lines) == 5


def test_the_longest_sale_of_combos_under_three_rates() -> None:
    book = shop()
    put(book, id="los", name="L", price=100, vat=5)
    parts = [{"article": "burger"}, {"article": "cola"}, {"article": "los"}]
    put(book, id="m", name="M", price=1399, vat=2, parts=parts)
    for _ in range(200):
        book >> sell("m")
        if book.last.reply is not None and book.last.reply.code:
            break
    book.says("sale_too_long")
    assert len(book.current().lines) > 50
    book >> cash()
    settled(book)
