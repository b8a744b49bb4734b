"""Every row of the transition tables is reached, and nothing happens outside of them."""

from typing import Any

import pytest

from kassd.core import inputs as i
from kassd.core.cards.state import CHARGE_TABLE
from kassd.core.state import PRINT_TABLE, SALE_TABLE, TRANSACTION_TABLE
from tests.core.cards.scenes import CARD_STORIES
from tests.core.playbook import Playbook, add, card, cash, command, device
from tests.core.test_property import Chaos
from tests.core.transfers.scenes import TRANSFER_STORIES

Row = tuple[str, str, str]


class Tracker:
    """Follows sales, transactions and jobs through the lines of a journal by the tables alone."""

    def __init__(self) -> None:
        self.sales: dict[str, str] = {}
        self.transactions: dict[str, str] = {}
        self.jobs: dict[str, str] = {}
        self.calls: dict[str, str] = {}
        self.charges: dict[str, str] = {}
        self.rows: set[Row] = set()

    def line(self, line: dict[str, Any]) -> None:
        for wish in line["wishes"]:
            if wish["kind"] == "print":
                self.jobs[wish["id"]] = "none"
                self.step("print", PRINT_TABLE, self.jobs, wish["id"], "print")
        for fact in line["facts"]:
            self.fact(fact["kind"], fact["data"])
        for wish in line["wishes"]:
            if wish["kind"].startswith("tse."):
                self.calls[wish["id"]] = wish["sale"]
                self.step("transaction", TRANSACTION_TABLE, self.transactions, wish["sale"], wish["kind"])

    def fact(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "sale.opened":
            self.sales[data["sale"]], self.transactions[data["sale"]] = "open", "none"
        elif kind.startswith("sale.") or kind == "receipt.corrected":
            self.step("sale", SALE_TABLE, self.sales, data["sale"], kind)
        if kind in ("transfer.asked", "transfer.ended"):
            self.step("sale", SALE_TABLE, self.sales, data["sale"], kind)
        if kind == "card.asked":
            self.charges[data["charge"]] = "none"
            if data.get("sale"):
                self.step("sale", SALE_TABLE, self.sales, data["sale"], kind)
        if kind in {event for _, event in CHARGE_TABLE}:
            self.step("charge", CHARGE_TABLE, self.charges, data["charge"], kind)
        if kind in ("tse.started", "tse.finished", "tse.late", "tse.dropped", "sale.finished"):
            self.step("transaction", TRANSACTION_TABLE, self.transactions, data["sale"], kind)
        if kind.startswith("print."):
            self.step("print", PRINT_TABLE, self.jobs, data["job"], kind)

    def step(self, name: str, table: Any, states: dict[str, str], key: str, event: str) -> None:
        row = (states[key], event)
        assert row in table, f"{name} {key}: no row {row}"
        self.rows.add((name, *row))
        states[key] = table[row]


def rows_of(book: Playbook) -> set[Row]:
    tracker = Tracker()
    for line in book.lines:
        tracker.line(line)
    return tracker.rows


def part_paid(book: Playbook) -> Playbook:
    book >> add("Brot", 300) >> add("Saft", 200) >> add("Ei", 50)
    return book >> cash(amount=100)


def late(book: Playbook) -> Playbook:
    """A receipt issued as outage while its finish is running."""
    book >> add()
    book.sign() >> cash()
    return book.wait(3.1).tick()


def sale_open_line(book: Playbook) -> None:
    book >> add() >> add() >> command("sale.void_line")


def sale_paying(book: Playbook) -> None:
    part_paid(book) >> add() >> command("sale.void_line") >> cash(amount=50) >> card()
    book.done()


def sale_paid_at_once(book: Playbook) -> None:
    book >> add(price=0) >> cash()
    book.done()


def sale_aborted(book: Playbook) -> None:
    book >> add() >> command("sale.abort")
    book.done()


def sale_typed(book: Playbook) -> None:
    book >> add() >> command("delivery.issue", customer="Hotel Krone")
    book.done()


def sale_aborted_after_money(book: Playbook) -> None:
    part_paid(book) >> command("sale.abort", cash_returned=100)
    book.done()


def sale_parked(book: Playbook) -> None:
    book >> add()
    book.sign() >> command("sale.park")
    book.sign() >> command("sale.recall", group="1") >> card()
    book.done()


def transaction_orphan(book: Playbook) -> None:
    book >> i.TseSurveyed((77,))
    book.sign()


def transaction_none(book: Playbook) -> None:
    book.outage() >> add() >> cash()


def transaction_start_refused(book: Playbook) -> None:
    book >> add()
    book >> i.TseAnswered(book.calls()[0].id, error="refused:busy", message="…")


def transaction_late_start(book: Playbook) -> None:
    book >> add() >> cash()
    book.wait(3.1).tick().sign()


def transaction_late_start_never_begun(book: Playbook) -> None:
    book >> add() >> cash()
    book.wait(3.1).tick() >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False)


def sale_customer(book: Playbook) -> None:
    book >> add()
    book >> command("sale.customer", name="Muster GmbH", street="Weg 1", postal_code="01067", city="Dresden")
    book.sign() >> cash(amount=100)
    book >> command("sale.customer")


def sale_corrects(book: Playbook) -> None:
    (book >> add(quantity="3") >> cash()).done()
    book >> command("receipt.return", receipt="3", lines={"1": "1"}, reason="zu viel")
    book.done() >> command("sale.abort")
    book.done() >> add() >> cash(amount=100)
    book >> command("receipt.return", receipt="3", lines={"1": "1"}, reason="zu viel")


def transaction_started_outage(book: Playbook) -> None:
    book >> add()
    book.sign().outage() >> cash()


def transaction_finish_refused(book: Playbook) -> None:
    book >> add()
    book.sign() >> cash()
    book >> i.TseAnswered(book.calls()[0].id, error="refused:full", message="…")


def transaction_late_finish(book: Playbook) -> None:
    late(book).sign()


def transaction_late_finish_not_begun_then_finished(book: Playbook) -> None:
    late(book) >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False)
    book.tse_opens().sign()


def transaction_late_but_not_open(book: Playbook) -> None:
    late(book) >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False)
    book.tse.open.clear()
    book.tse_opens()


def print_confirmed(book: Playbook) -> None:
    book >> add()
    book.sign() >> cash()
    book.done()


def print_returned(book: Playbook) -> None:
    book >> add()
    book.sign() >> cash()
    book.sign() >> i.Printed(next(iter(book.state.jobs)), "failed", "paper_end")


def print_moved(book: Playbook) -> None:
    book.config |= {"printer.printer.fallback": "printer-2"}
    book.restart().tse_opens() >> device("printer", "error") >> add()
    book.sign() >> card()
    book.sign() >> device("printer-2", "ready")


def print_skipped(book: Playbook) -> None:
    book >> device("printer", "error") >> add()
    book.sign() >> cash()
    book.sign() >> command("print.skip", printer="printer")


def sale_in_house_and_age(book: Playbook) -> None:
    book >> add("Bier", 300) >> command("sale.approve_age", age=16)
    book >> command("sale.set_in_house", in_house=True) >> cash(amount=100)
    book >> command("sale.approve_age", age=18) >> command("sale.set_in_house", in_house=False)


def sale_reduced(book: Playbook) -> None:
    """A reduction of the whole sale, given and taken back, before and after a part payment."""
    book >> add("Bier", 300) >> command("sale.discount", percent="10") >> command("sale.void_line")
    book >> cash(amount=100) >> command("sale.discount", percent="10") >> command("sale.void_line")


def sale_for_a_business_meal(book: Playbook) -> None:
    book >> add() >> command("sale.hospitality", on=True)
    book >> cash(amount=100) >> command("sale.hospitality", on=False)


def sale_handed_over(book: Playbook) -> None:
    book >> add() >> command("sale.hand_over", by="qr")
    book >> cash(amount=100) >> command("sale.hand_over", by="paper")


def sale_reopened(book: Playbook) -> None:
    book >> add() >> cash(amount=100) >> command("sale.undo")
    assert book.current().status == "open"


STORIES = (
    sale_open_line,
    sale_paying,
    sale_paid_at_once,
    sale_aborted,
    sale_typed,
    sale_reduced,
    sale_aborted_after_money,
    sale_customer,
    sale_parked,
    sale_in_house_and_age,
    sale_for_a_business_meal,
    sale_handed_over,
    sale_corrects,
    sale_reopened,
    transaction_orphan,
    transaction_none,
    transaction_start_refused,
    transaction_late_start,
    transaction_late_start_never_begun,
    transaction_started_outage,
    transaction_finish_refused,
    transaction_late_finish,
    transaction_late_finish_not_begun_then_finished,
    transaction_late_but_not_open,
    print_confirmed,
    print_returned,
    print_moved,
    print_skipped,
    *CARD_STORIES,
    *TRANSFER_STORIES,
)


@pytest.mark.parametrize("story", STORIES)
def test_stories_stay_on_the_tables(story: Any) -> None:
    book = Playbook().ready(1000)
    story(book)
    assert rows_of(book)


def test_every_row_is_reached_by_a_story() -> None:
    reached: set[Row] = set()
    for story in STORIES:
        book = Playbook().ready(1000)
        story(book)
        reached |= rows_of(book)
    tables = {"sale": SALE_TABLE, "transaction": TRANSACTION_TABLE, "print": PRINT_TABLE}
    tables["charge"] = CHARGE_TABLE
    wanted = {(name, *row) for name, table in tables.items() for row in table}
    assert reached == wanted, f"not reached: {sorted(wanted - reached)}"


@pytest.mark.parametrize("seed", range(12))
def test_chaos_stays_on_the_tables(seed: int) -> None:
    chaos = Chaos(seed)
    for _ in range(150):
        chaos.step()
    assert rows_of(chaos.book)
