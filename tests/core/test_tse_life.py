"""Warnings before a TSE's end, the steps of its setting up, its replacement: decided and folded."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.document import Row
from kassd.core.reports import report_sections
from kassd.core.tse_life import DAYS, PERCENT, check_waits, swap_refusal, till_refusal
from tests.core.playbook import NOON, OPENED, SERIAL, Playbook, add, cash, command

NEW = replace(OPENED, serial_number="cd" * 32, public_key="bmV1", certificate_expiry=2_100_000_000)
EXPIRY = OPENED.certificate_expiry
ASK = i.TseSwapAsked("console:anna", "Zertifikat läuft ab", "swap-9.tar", "ef" * 32, 9)
LOOK = i.TseMeasured(EXPIRY, 10)
DEFECTIVE = i.TseSwapAsked("console:anna", "defekt")


def ahead(book: Playbook, days: float) -> Playbook:
    """Turn the clock to ``days`` before the end of the certificate."""
    book.at = NOON + timedelta(seconds=EXPIRY - NOON.timestamp() - days * 86_400)
    return book


def used(counter: int, of: int) -> i.TseMeasured:
    return i.TseMeasured(0, counter, of - counter)


def memory(percent: int) -> i.TseMeasured:
    return i.TseMeasured(0, 0, None, percent)


def closed() -> Playbook:
    """A commissioned register between two days."""
    book = Playbook().ready()
    book >> command("till.close", count={})
    return book.done()


def swapped() -> Playbook:
    """The new TSE is bound; its first process waits for it."""
    book = closed() >> ASK >> i.TseSwapped(NEW)
    assert check_waits(book.state)
    return book


def warned(book: Playbook) -> list[tuple[str, int]]:
    return [(fact.what, fact.level) for fact in book.facts(f.TseWarned)]


# -- warnings -----------------------------------------------------------------------------------------


def test_each_step_to_the_end_of_the_certificate_is_said_once() -> None:
    book = Playbook().ready()
    for level in sorted(DAYS, reverse=True):
        ahead(book, level + 1.001) >> LOOK
        before = warned(book)
        ahead(book, level + 0.9) >> LOOK << "tse.warned"
        assert warned(book) == [*before, ("expiry", level)]
        ahead(book, level + 0.1) >> LOOK << ""
        noun = "1 Tag," if level == 1 else f"{level} Tage,"
        assert f"noch {noun} bis 18.05.2033. Bitte eine neue TSE" in book.state.tse.warnings["expiry"].message
    assert warned(book) == [("expiry", level) for level in (180, 90, 60, 30, 14, 7, 1)]


def test_after_the_end_the_warning_stays() -> None:
    book = ahead(Playbook().ready(), -3)
    book >> LOOK << "tse.warned"
    assert "noch 0 Tage" in book.state.tse.warnings["expiry"].message
    book >> LOOK << ""


@pytest.mark.parametrize(("what", "measure"), [("signatures", lambda p: used(p, 100)), ("memory", memory)])
def test_each_step_of_what_is_used_is_said_once(what: str, measure: object) -> None:
    assert callable(measure)
    book = Playbook().ready()
    book >> measure(79) << ""
    for level in sorted(PERCENT):
        book >> measure(level) << "tse.warned"
        assert f"{level} %" in book.state.tse.warnings[what].message
        book >> measure(level + 1) << ""
    assert warned(book) == [(what, 80), (what, 90), (what, 95)]
    book >> measure(12) << "tse.warned"  # emptied after an export
    assert warned(book)[-1] == (what, 0)
    assert book.state.tse.warnings == {}
    book >> measure(12) << ""


def test_a_tse_that_tells_nothing_is_not_warned_of() -> None:
    book = Playbook().ready() >> i.TseMeasured(0, 5)
    assert (book.last.facts, book.state.tse.warnings) == ((), {})
    book >> i.TseMeasured(0, 0, 0) << ""  # a device without any signature at all


def test_nobody_is_warned_of_a_tse_that_is_not_the_registers() -> None:
    book = Playbook().start() >> memory(99) << ""
    book = Playbook().ready() >> replace(NEW, memory_used=99)
    assert warned(book) == []


def test_an_opening_measures_too() -> None:
    book = Playbook().ready() >> replace(OPENED, signature_counter=93, signatures_left=7, memory_used=96)
    assert warned(book) == [("signatures", 90), ("memory", 95)]


def test_a_warning_survives_a_restart_and_is_not_said_again() -> None:
    book = Playbook().ready() >> memory(82)
    book.restart() >> replace(OPENED, memory_used=82)
    assert warned(book) == [("memory", 80)]
    assert book.state.tse.warnings["memory"].level == 80


def test_the_reports_have_a_row_for_each_warning() -> None:
    book = Playbook().ready() >> memory(91)
    ahead(book, 20.5) >> LOOK
    (rows,) = [section.rows for section in report_sections(book.state) if section.title == "TSE"]
    assert rows == (
        Row("keine Ausfälle"),
        Row("Der Speicher der TSE ist zu 91 % belegt. " + ADVICE),
        Row("Das Zertifikat der TSE gilt noch 20 Tage, bis 18.05.2033. " + ADVICE),
    )


ADVICE = "Bitte eine neue TSE bestellen und mit kassd tse swap tauschen."


# -- steps --------------------------------------------------------------------------------------------


def test_a_step_is_journalled_with_whose_it_is_and_who_asked() -> None:
    book = Playbook().start() >> i.TseStepAsked(SERIAL, "change_puk", "console:anna") << "tse.step_taken"
    (step,) = book.facts(f.TseStepTaken)
    assert (step.serial_number, step.step, step.by) == (SERIAL, "change_puk", "console:anna")
    assert step.at.startswith("2026-11-21T")


# -- the swap -----------------------------------------------------------------------------------------


def test_a_swap_from_beginning_to_end() -> None:
    book = closed()
    ahead(book, 5) >> LOOK
    book >> ASK << "tse.swap_began"
    swap = book.state.tse.swap
    assert swap is not None
    assert (swap.serial_number, swap.by, swap.reason) == (SERIAL, "console:anna", "Zertifikat läuft ab")
    (began,) = book.facts(f.TseSwapBegan)
    assert (began.archive, began.sha256, began.messages) == ("swap-9.tar", "ef" * 32, 9)
    last = book.tse.transaction
    book.tse.transaction = book.tse.counter = 0
    book >> i.TseSwapped(NEW) << "tse.replaced tse.bound sale.opened config.annex +tse.start"
    (replaced,) = book.facts(f.TseReplaced)
    assert (replaced.old_serial_number, replaced.new_serial_number) == (SERIAL, NEW.serial_number)
    assert (replaced.by, replaced.reason, replaced.last_transaction) == ("console:anna", ASK.reason, last)
    bound = book.state.tse.bound
    assert bound is not None
    assert (bound.serial_number, bound.certificate_expiry) == (NEW.serial_number, NEW.certificate_expiry)
    assert (book.state.tse.swap, book.state.tse.warnings, book.state.tse.newest) == (None, {}, 0)
    book.sign()
    assert not book.state.sales
    check = book.receipt()
    assert (check.bon_type, check.outage, book.tse.transaction) == ("AVBelegabbruch", "", 1)


def test_a_new_tse_is_fresh_until_it_signs_more_than_its_check() -> None:
    book = swapped()
    assert not book.state.tse.fresh, "its check waits"
    book.sign().restart()
    assert book.state.tse.fresh
    book >> NEW
    book.done() >> command("till.open", counted=0)
    book.done()
    assert not book.state.tse.fresh


def test_a_check_without_signature_makes_no_tse_fresh() -> None:
    book = swapped() >> i.TseUnavailable("gone", "Die TSE antwortet nicht.")
    book >> command("till.open", counted=0)
    book >> command("till.close", count={})
    assert not check_waits(book.state)
    assert not book.state.tse.fresh


def test_the_swap_and_its_check_survive_restarts() -> None:
    book = (closed() >> ASK).restart()
    assert book.state.tse.swap is not None
    book >> i.TseSwapped(NEW)
    book.restart()
    assert check_waits(book.state)
    book >> NEW
    book.resume()
    assert not book.state.sales
    assert book.receipt().bon_type == "AVBelegabbruch"


def test_a_warning_of_the_old_tse_ends_with_it() -> None:
    book = closed() >> memory(96) >> ASK >> i.TseSwapped(NEW)
    assert book.state.tse.warnings == {}
    book.sign() >> memory(96) << "tse.warned"


@pytest.mark.parametrize(
    ("book", "word"),
    [
        (Playbook().start(), "kassd tse setup"),
        (Playbook().ready(), "till.close"),
        (swapped(), "öffnen und abschließen"),
    ],
)
def test_when_no_swap_may_begin(book: Playbook, word: str) -> None:
    assert word in swap_refusal(book.state)
    book >> ASK << ""
    assert book.state.tse.swap is None


def test_a_transaction_that_the_old_tse_can_still_finish_comes_first() -> None:
    book = Playbook().ready() >> add()
    book.sign() >> cash()
    book.outage().paper()
    book >> command("till.close", count={"1": 350})
    book.paper()
    assert swap_refusal(book.state) == "", "nothing can be finished on a TSE that is away"
    book >> OPENED
    assert "kurz laufen lassen" in swap_refusal(book.state)


def test_what_a_defective_tse_cannot_finish_is_dropped() -> None:
    book = Playbook().ready() >> add()
    book.sign() >> cash()
    book.outage().paper()
    book >> command("till.close", count={"1": 350})
    late = book.state.tse.late
    assert len(late) == 1
    book.paper() >> DEFECTIVE << "tse.swap_began"
    book >> i.TseSwapped(NEW) << "tse.dropped tse.replaced tse.bound sale.opened config.annex"
    (dropped,) = [fact for fact in book.facts(f.TseDropped) if fact.error == "tse_replaced"]
    assert dropped.sale == late[0].sale
    assert book.state.tse.late == ()
    book >> NEW
    book.resume()
    assert book.state.tse.outage is None, "the outage was the old one's"
    assert not book.state.sales


def test_a_second_swap_does_not_begin_while_one_is_on_its_way() -> None:
    book = closed() >> ASK
    book >> DEFECTIVE << ""
    assert len(book.facts(f.TseSwapBegan)) == 1


def test_the_old_tse_does_not_replace_itself_and_nothing_is_bound_without_a_swap() -> None:
    closed() >> ASK >> i.TseSwapped(OPENED) << ""
    closed() >> i.TseSwapped(NEW) << ""
    Playbook().start() >> i.TseSwapped(NEW) << ""


def test_no_other_tse_while_the_register_sells() -> None:
    """Between the halves of a swap it may have been opened: transactions belong to the TSE they began on."""
    book = closed() >> ASK
    book >> command("till.open", counted=0)
    book.done()
    assert "till.close" in till_refusal(book.state)
    book >> i.TseSwapped(NEW) << ""
    book >> command("till.close", count={})
    book.done() >> i.TseSwapped(NEW) << "tse.replaced…"


def test_a_new_tse_that_does_not_sign_is_an_outage_and_a_closing_ends_its_check() -> None:
    book = swapped()
    book.restart().outage("gone")
    assert book.state.tse.outage is not None
    assert book.state.tse.outage.reason == "gone"
    book >> command("till.open", counted=0)
    book.paper() >> command("till.close", count={})
    assert not check_waits(book.state)
    assert swap_refusal(book.state) == ""
