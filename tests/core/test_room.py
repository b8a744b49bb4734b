"""On a full disk: what was begun is ended, a closing is not begun, and nobody is told to wait in vain."""

import pytest

from kassd.core.commands import COMMANDS
from kassd.core.facts import MessageShown
from kassd.core.inputs import Room
from kassd.core.room import ENDING

from .playbook import Playbook, add, cash, command, scan


@pytest.fixture
def book() -> Playbook:
    return Playbook().ready(10_000)


@pytest.mark.parametrize("room", ["lines", "rest"])
def test_a_closing_is_not_begun(book: Playbook, room: Room) -> None:
    book.room = room
    (book >> command("till.close", count={"1": 10_000})).says("disk_full")
    assert book.state.till.procedure is None
    book.room = "ample"
    (book >> command("till.close", count={"1": 10_000})).says("accepted")


def test_a_closing_that_was_begun_waits_for_room_with_its_movements_signed(book: Playbook) -> None:
    book >> command("till.close", count={"1": 10_100}, reason="gezählt")
    book.room = "lines"
    book.sign().paper()
    assert not book.state.sales
    assert book.state.till.open
    (book >> add()).says("disk_full")
    assert "wartet auf Platz" in book.replies[-1]["message"]
    (book >> command("till.close", count={})).says("disk_full")
    book.tick() << ""
    book.room = "ample"
    book.tick() << "till.closed …"
    assert not book.state.till.open


def test_while_lines_fit_selling_goes_on(book: Playbook) -> None:
    book.room, number = "lines", book.state.receipt
    book >> add() >> cash()
    book.sign().paper()
    assert book.state.receipt == number + 1


def test_in_the_rest_of_the_room_only_what_was_begun_is_ended(book: Playbook) -> None:
    book >> add("Brot") >> add("Brezel")
    book.room = "rest"
    (book >> add()).says("disk_full")
    book >> scan("4006381333931") << ""
    assert isinstance(book.last.volatile[0], MessageShown)
    (book >> command("cash.in", kind="transit", amount=500, reason="Wechselgeld")).says("disk_full")
    (book >> command("till.report")).says("disk_full")
    (book >> command("cash.expected")).says("ok")
    (book >> command("sale.void_line")).says("ok")
    (book >> cash()).says("accepted")
    book.sign().paper()
    assert not book.state.sales
    assert not book.state.outbox
    (book >> add()).says("disk_full")
    book.room = "ample"
    (book >> add()).says("ok")


def test_a_control_code_ends_a_sale_in_the_rest_of_the_room(book: Playbook) -> None:
    book >> add()
    book.room = "rest"
    book >> scan("KASSDBAR") << "sale.payment_added …"


def test_a_scan_is_refused_for_the_disk(book: Playbook) -> None:
    book >> command("catalog.put", id="1", name="Brot", price=350, vat=2, codes=["4006381333931"])
    book.room = "rest"
    book >> scan("4006381333931") << ""
    shown = book.last.volatile[0]
    assert isinstance(shown, MessageShown)
    assert shown.code == "disk_full"


def test_what_ends_a_sale_is_a_command() -> None:
    assert set(ENDING) <= set(COMMANDS)
