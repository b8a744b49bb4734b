"""FISCAL 13 and 15: whose clock says what, and what the closing line is."""

from kassd.core import facts as f
from tests.core.playbook import Playbook, add, cash, command


def test_register_times_carry_their_offset_and_tse_times_are_unaltered() -> None:
    book = Playbook().ready()
    book >> add()
    started = book.tse.answer(book.calls()[0])
    book >> started
    book.wait(30) >> cash()
    finished = book.tse.answer(book.calls()[0])
    book >> finished
    receipt = book.receipt()
    document, seal = receipt.document, receipt.document.seal
    assert seal is not None
    assert (seal.start, seal.finish) == (started.log_time, finished.log_time)
    assert (seal.signature, seal.signature_counter) == (finished.signature, finished.signature_counter)
    assert document.started_at == "2026-11-21T12:00:00+01:00"
    assert document.issued_at == receipt.at == "2026-11-21T12:00:30+01:00"


def test_what_was_frozen_stays_when_the_clock_jumps() -> None:
    book = Playbook().ready()
    book >> add()
    book.wait(-7200).sign() >> cash()
    book.sign()
    assert book.receipt().document.started_at > book.receipt().document.issued_at


def test_the_closing_is_a_fact_without_a_transaction() -> None:
    book = Playbook().ready() >> command("till.close", count={})
    line = book.lines[-1]
    assert "till.closed" in [fact["kind"] for fact in line["facts"]]
    assert [wish["kind"] for wish in line["wishes"]] == ["print", "archive"]
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.software, closing.build) == ("1.0", "b1")


def test_the_business_day_is_that_of_the_opening() -> None:
    book = Playbook().ready()
    book.wait(86_400) >> command("till.close", count={})
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.business_day, closing.at[:10]) == ("2026-11-21", "2026-11-22")
