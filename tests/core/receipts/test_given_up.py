"""An original that waited for its printer and was given up: it has not come out, and is asked for once."""

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core import printing
from kassd.core.receipts.handover import DEVICE
from kassd.mqtt.project import sale_document
from tests.core.playbook import Playbook, add, cash, command, device
from tests.core.receipts.test_exemption import EXEMPT
from tests.core.receipts.test_handover import LINK, made

SKIP = command("print.skip", printer="printer")
PRINT = command("receipt.print", receipt="2")


def waiting(**config: str) -> Playbook:
    """Receipt 2 waits for a printer without paper."""
    book = Playbook()
    book.config |= config
    book.ready() >> device("printer", "error")
    return (book >> add() >> cash()).sign()


def given_up() -> Playbook:
    book = waiting() >> SKIP
    return book << "print.done receipt.unprinted"


def test_it_is_printed_later_as_the_original_and_once() -> None:
    book = given_up()
    assert sale_document(book.state, "main").withheld
    book >> device("printer", "ready") >> PRINT << "receipt.handed_out print.sending +print"
    (job,) = book.state.jobs.values()
    assert (job.late, job.document.copy_at, job.document.id) == (True, "", "R2")
    assert not sale_document(book.state, "main").withheld
    (book.paper() >> PRINT).says("already_printed")
    (book >> command("receipt.print")).says("already_printed")
    assert not book.facts(f.ReceiptCopied)


def test_the_last_one_needs_no_number_and_a_restart_forgets_nothing() -> None:
    book = given_up().restart().tse_opens() >> device("printer", "ready")
    book >> command("receipt.print") << "receipt.handed_out print.sending +print"
    assert [job.late for job in book.state.jobs.values()] == [True]


def test_what_was_given_up_twice_has_not_come_out_either() -> None:
    book = given_up() >> PRINT << "receipt.handed_out +print"
    book >> SKIP << "print.done receipt.unprinted"
    book >> device("printer", "ready") >> PRINT << "receipt.handed_out print.sending +print"
    (book.paper() >> PRINT).says("already_printed")


def test_an_older_one_does_not_stand_for_the_last() -> None:
    book = (waiting() >> add() >> cash()).sign() >> SKIP
    book << "print.done receipt.unprinted print.done receipt.unprinted"
    assert book.state.station("main").withheld == "3"
    book >> device("printer", "ready")
    (book >> add() >> cash()).done()
    (book >> command("receipt.print")).says("already_printed")
    for number in ("2", "3"):
        book >> command("receipt.print", receipt=number) << "receipt.handed_out print.sending +print"
        book.paper()


def test_it_is_taken_as_a_code_instead_and_is_no_copy() -> None:
    book = given_up() >> command("receipt.offer", by="qr", receipt="2")
    book << "receipt.handed_out receipt.offer_asked +offer"
    assert book.facts(f.OfferAsked)[0].document == "R2"


def test_a_copy_and_a_receipt_that_is_offered_are_no_originals_that_are_missed() -> None:
    book = waiting(**LINK)
    book >> device(DEVICE, "ready")
    (book >> add() >> cash()).sign()
    made(book, "R3")
    book >> command("receipt.reprint", receipt="2") >> SKIP
    skipped = [fact.document for fact in book.facts(f.ReceiptUnprinted)]
    assert skipped == ["R2"]
    book >> device("printer", "ready") >> command("receipt.print", receipt="3")
    book << "receipt.offer_ended print.sending +print"


def test_a_fetched_one_that_waited_has_left() -> None:
    book = waiting(**LINK) >> device(DEVICE, "ready")
    (book >> add() >> cash()).sign()
    made(book, "R3") >> i.ReceiptFetched("R3", "html") << "receipt.fetched print.done"
    (book >> command("receipt.print", receipt="3")).says("already_printed")


def test_too_many_that_wait_are_given_up_and_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "MAX_WAITING", 2)
    book = waiting()
    for _ in range(2):
        (book >> add() >> cash()).sign()
    assert [fact.receipt for fact in book.facts(f.ReceiptUnprinted)] == ["2"]
    assert book.facts(f.PrintDone)[-1].reason == "queue_full"
    (book >> PRINT).says("ok")


def test_exempt_shops_print_on_demand_and_never_late() -> None:
    book = Playbook()
    book.config |= EXEMPT
    (book.ready() >> add() >> cash()).sign()
    book >> command("receipt.print") << "receipt.handed_out print.sending +print"
    assert "late" not in book.wishes("print")[-1].args
