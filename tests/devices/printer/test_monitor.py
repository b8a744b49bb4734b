"""Which answers confirm which job, what a printer's silence means, and what noise does not mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.config import Confirm
from kassd.devices.printer.commands import PAPER_STATUS, QUERIES
from kassd.devices.printer.monitor import PROOFS, SILENT, Monitor

WELL = b"\x12\x12\x12\x12"
PAPER = b"\x00"


def answer_to(tail: bytes) -> bytes:
    return b"\x37\x22" + tail[-4:] + b"\x00"


def connected(confirm: Confirm = "status", answers: bytes = WELL) -> Monitor:
    """A printer that has been asked how it fares."""
    monitor = Monitor(confirm)
    monitor.ask(QUERIES)
    monitor.heard(answers)
    return monitor


def printed(monitor: Monitor) -> None:
    """A job whose bytes are all taken, and the questions behind it."""
    monitor.begin(b"bon")
    assert monitor.question() == PAPER_STATUS * PROOFS


def confirmed(monitor: Monitor, answers: bytes = WELL) -> bool:
    """What comes of it, after the answers to GS r."""
    if not monitor.vouched:
        return False
    monitor.ask(monitor.kinds)
    monitor.heard(answers)
    if monitor.answered and monitor.conclude():
        assert not monitor.confirmed
        monitor.heard(PAPER)
    return monitor.confirmed


def test_process_id_confirms_its_own_job_only() -> None:
    monitor = Monitor("process_id")
    first = monitor.begin(b"bon")
    assert monitor.question() == b""
    monitor.finish()
    second = monitor.begin(b"bon")
    assert first != second
    monitor.heard(answer_to(first))
    assert not monitor.confirmed
    monitor.heard(answer_to(second))
    assert monitor.confirmed
    monitor.finish()
    assert not monitor.confirmed
    monitor.heard(answer_to(second))
    assert not monitor.confirmed


def test_what_came_later_and_not_the_job_makes_it_lost() -> None:
    monitor = Monitor("process_id")
    monitor.begin(b"bon")
    monitor.heard(answer_to(monitor.probe()))
    assert (monitor.confirmed, monitor.lost) == (False, "lost")
    monitor.finish()
    monitor.begin(b"bon")
    assert monitor.lost == ""


def test_paper_reply_confirms_only_where_it_was_asked_for() -> None:
    monitor = Monitor("process_id")
    monitor.begin(b"bon")
    monitor.heard(PAPER * 2)
    assert not monitor.confirmed
    assert not monitor.vouched


def test_two_answers_and_a_printer_that_works_confirm() -> None:
    monitor = connected()
    printed(monitor)
    monitor.heard(PAPER)
    assert not monitor.vouched
    monitor.heard(b"\x03")
    assert monitor.vouched
    assert not monitor.confirmed
    assert confirmed(monitor)
    assert monitor.state.near_end is False, "DLE EOT was asked later"


def merging() -> Monitor:
    """One that has confirmed a slip, and has answered two questions by one byte."""
    monitor = connected()
    printed(monitor)
    monitor.heard(PAPER)
    assert not monitor.vouched
    assert monitor.again() == PAPER_STATUS
    assert monitor.again() == b"", "once"
    monitor.heard(PAPER)
    assert confirmed(monitor)
    monitor.finish()
    return monitor


def test_one_that_merges_two_answers_is_asked_one_after_the_other() -> None:
    for monitor in (merging(), Monitor("status", merging())):
        monitor.ask(QUERIES)
        monitor.heard(WELL)
        monitor.begin(b"bon")
        assert monitor.question() == PAPER_STATUS
        assert monitor.following() == b"", "the first is open"
        monitor.heard(PAPER)
        assert not monitor.vouched
        assert monitor.doubtful
        assert monitor.following() == b"", "it may be off"
        still_on(monitor)
        assert monitor.following() == PAPER_STATUS
        assert monitor.following() == b""
        monitor.heard(PAPER)
        assert monitor.following() == b""
        assert monitor.again() == b""
        assert confirmed(monitor)


def still_on(monitor: Monitor) -> None:
    """It answers right after the first byte."""
    monitor.ask(monitor.kinds)
    monitor.heard(WELL)
    assert monitor.answered
    monitor.check()
    assert not monitor.doubtful


def test_one_byte_is_doubtful_of_a_printer_that_has_not_answered_two_at_once() -> None:
    monitor = connected()
    printed(monitor)
    assert not monitor.doubtful, "nothing was answered"
    monitor.heard(PAPER)
    assert monitor.doubtful
    still_on(monitor)
    monitor.heard(PAPER)
    assert confirmed(monitor)
    monitor.finish()
    printed(monitor)
    monitor.heard(PAPER)
    assert not monitor.doubtful, "it is known to answer both"


def test_who_answers_nothing_in_real_time_is_not_asked_whether_it_is_on() -> None:
    monitor = Monitor("status")
    printed(monitor)
    monitor.heard(PAPER)
    assert not monitor.doubtful


def test_two_bytes_of_noise_are_too_many_for_one_that_merges() -> None:
    monitor = merging()
    monitor.begin(b"bon")
    monitor.question()
    monitor.heard(PAPER * 2)
    assert monitor.lost == "noise"


def test_one_that_has_answered_both_is_taken_for_one_that_merges_after_a_slip_in_doubt() -> None:
    monitor = connected()
    printed(monitor)
    monitor.heard(PAPER * 2)
    assert confirmed(monitor)
    monitor.finish()
    for again in (monitor, Monitor("status", monitor)):
        printed(again)
        again.heard(PAPER)
        assert again.again() == b""
        again.give_up(proven=True)
        again.finish()
        printed(again)
        again.heard(PAPER)
        assert again.again() == PAPER_STATUS


def test_who_did_not_confirm_is_asked_both_at_once_the_next_time() -> None:
    """One byte of noise and a printer that was off and on: nothing is learnt of it."""
    monitor = connected()
    printed(monitor)
    assert monitor.again() == b"", "nothing was answered"
    monitor.heard(PAPER)
    assert monitor.again() == PAPER_STATUS
    monitor.give_up(proven=False)
    monitor.finish()
    printed(monitor)


@pytest.mark.parametrize("bytes_before", [b"\x00", b"\x00" * 9, b"\x0c", b"\xff\x00\x00\x13"])
def test_what_comes_before_it_was_asked_counts_for_nothing(bytes_before: bytes) -> None:
    monitor = connected()
    monitor.begin(b"bon")
    monitor.heard(bytes_before)
    monitor.question()
    assert not monitor.vouched
    monitor.heard(PAPER)
    assert not monitor.vouched
    monitor.heard(PAPER)
    assert confirmed(monitor)


def test_a_falling_line_confirms_nothing() -> None:
    for nuls in range(1, 6):
        monitor = connected()
        printed(monitor)
        monitor.heard(bytes(nuls))
        assert not confirmed(monitor, b""), nuls
        monitor.learnt(())
        assert monitor.silent
        monitor.heard(b"\x00")  # switched on again
        assert monitor.silent


def test_without_the_last_answer_nothing_is_confirmed() -> None:
    monitor = connected()
    printed(monitor)
    monitor.heard(PAPER * 2)  # noise, while it prints
    monitor.ask(monitor.kinds)
    monitor.heard(WELL)
    assert monitor.conclude() == PAPER_STATUS
    assert not monitor.vouched
    assert not monitor.confirmed
    monitor.heard(b"\x0c")
    assert (monitor.confirmed, monitor.lost) == (False, "paper_end")


@given(st.binary(max_size=40))
def test_no_noise_confirms_a_printer_that_is_gone(noise: bytes) -> None:
    monitor = connected()
    printed(monitor)
    monitor.heard(noise)
    assert not confirmed(monitor, b"")


def test_more_answers_than_questions_are_noise() -> None:
    monitor = connected()
    printed(monitor)
    monitor.heard(PAPER * 3)
    assert monitor.lost == "noise"
    assert not confirmed(monitor)
    monitor.finish()
    printed(monitor)
    monitor.heard(PAPER * 2)
    assert confirmed(monitor)
    monitor.heard(PAPER)
    assert (monitor.confirmed, monitor.lost) == (True, "")


@pytest.mark.parametrize("answers", [b"\x0c\x00", b"\x00\x0c", b"\x0f\x0f", b"\x08\x00"])
def test_the_end_of_the_paper_never_confirms(answers: bytes) -> None:
    monitor = connected()
    printed(monitor)
    monitor.heard(answers)
    assert monitor.lost == "paper_end"
    assert not confirmed(monitor)
    assert monitor.state.paper_end is False, "shown as DLE EOT tells it"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (b"\x1a\x32\x12\x72", "paper_end"),
        (b"\x1a\x16\x12\x12", "cover_open"),
        (b"\x12\x12\x1a\x12", "cutter"),
    ],
)
def test_a_printer_in_trouble_at_the_end_of_the_slip_does_not_confirm(answers: bytes, why: str) -> None:
    monitor = connected()
    printed(monitor)
    monitor.heard(PAPER * 2)
    assert not confirmed(monitor, answers)
    assert monitor.lost == why


def test_late_paper_reply_pays_what_is_owed() -> None:
    monitor = connected()
    printed(monitor)
    monitor.finish()  # time-out
    printed(monitor)
    monitor.heard(PAPER * 3)
    assert not monitor.vouched
    monitor.heard(PAPER)
    assert confirmed(monitor)


def test_late_paper_reply_within_the_next_slip_pays_what_is_owed() -> None:
    monitor = connected()
    printed(monitor)
    monitor.finish()
    monitor.begin(b"bon")
    monitor.heard(PAPER * 2)
    monitor.question()
    assert not monitor.vouched
    monitor.heard(PAPER * 2)
    assert confirmed(monitor)


def test_who_answers_some_and_then_no_more_owes_nothing() -> None:
    """It was off and on, and nobody has noticed."""
    monitor = connected()
    printed(monitor)
    monitor.give_up(proven=False)
    monitor.finish()
    printed(monitor)
    monitor.heard(PAPER * 2)
    assert not monitor.vouched
    monitor.give_up(proven=False)
    monitor.finish()
    printed(monitor)
    monitor.heard(PAPER * 2)
    assert confirmed(monitor)


def test_who_has_confirmed_and_does_not_any_more_owes_nothing() -> None:
    monitor = connected()
    printed(monitor)
    monitor.give_up(proven=True)
    monitor.finish()
    printed(monitor)
    monitor.heard(PAPER * 2)
    assert confirmed(monitor)


def test_who_was_off_owes_nothing() -> None:
    monitor = connected()
    printed(monitor)
    monitor.ask(QUERIES)
    monitor.learnt(())
    assert monitor.silent
    monitor.heard(PAPER)
    assert not monitor.vouched
    monitor.give_up(proven=False)
    monitor.finish()
    printed(monitor)
    monitor.heard(PAPER * 2)
    assert confirmed(monitor)
    assert not monitor.silent


def test_answers_belong_to_the_last_question() -> None:
    monitor = Monitor("process_id")
    monitor.heard(b"\x32")  # nobody asked
    assert monitor.state.paper_end is None
    assert monitor.ask(QUERIES) == bytes.fromhex("100401100402100403100404")
    monitor.heard(b"\x1a\x32\x12")
    assert not monitor.answered
    monitor.heard(b"\x72")
    assert monitor.answered
    assert (monitor.state.offline, monitor.state.paper_end, monitor.state.cover_open) == (True, True, False)
    assert monitor.troubled


def learn(monitor: Monitor, answers: dict[int, int]) -> None:
    """As the driver does: all at once, then each alone."""
    monitor.ask(monitor.kinds)
    monitor.heard(bytes(answers.values()))
    assert not monitor.answered
    assert monitor.partly == bool(answers)
    known = []
    for kind in QUERIES:
        monitor.ask((kind,))
        monitor.heard(bytes((answers[kind],)) if kind in answers else b"")
        known += [kind] if monitor.answered else []
    monitor.learnt(known)


def test_a_kind_that_is_not_answered_is_unknown() -> None:
    monitor = Monitor("process_id")
    learn(monitor, {1: 0x12, 4: 0x1E})
    said = monitor.state
    assert (said.offline, said.near_end, said.paper_end) == (False, True, False)
    assert (said.cover_open, said.cutter, said.fatal, said.overheated) == (None,) * 4
    assert not monitor.silent
    assert monitor.shown()[:2] == ("degraded", "near_end")
    assert monitor.ask(monitor.kinds) == bytes.fromhex("100401100404")
    monitor.heard(b"\x1a\x72")
    assert monitor.answered
    assert (monitor.state.offline, monitor.state.paper_end, monitor.state.cover_open) == (True, True, None)


def test_what_is_not_answered_any_more_is_forgotten_and_nothing_else() -> None:
    monitor = Monitor("process_id")
    monitor.heard(b"\x10\x00\x00\x00")  # it tells changes by itself, too
    learn(monitor, {1: 0x12, 4: 0x12})
    assert monitor.state.cover_open is False
    monitor = connected(answers=b"\x12\x16\x12\x12")
    assert monitor.state.cover_open is True
    learn(monitor, {1: 0x12, 3: 0x12, 4: 0x12})
    assert (monitor.state.cover_open, monitor.state.paper_end) == (None, False)


def test_an_answer_that_was_late_is_nobody_elses() -> None:
    monitor = Monitor("process_id")
    monitor.ask(QUERIES)
    monitor.heard(b"\x12\x12\x12")
    for byte in b"\x1e\x12\x12\x12":  # the fourth of all comes as the first that was asked alone
        monitor.ask((QUERIES[0],))
        monitor.heard(bytes((byte,)))
    monitor.learnt(QUERIES)
    monitor.heard(b"\x12")
    assert monitor.state.known == set()
    assert monitor.troubled
    monitor.ask(monitor.kinds)
    monitor.heard(WELL)
    assert not monitor.troubled
    monitor.heard(b"\x12")
    assert not monitor.troubled


def test_never_answered_is_unknown_and_not_silent() -> None:
    monitor = Monitor("process_id")
    monitor.ask(QUERIES)
    monitor.learnt(())
    assert not monitor.silent
    assert monitor.mute
    assert monitor.shown() == ("ready", "", "")


def test_who_answers_otherwise_but_not_this_is_not_silent() -> None:
    monitor = Monitor("process_id")
    monitor.heard(b"\x10\x00\x00\x00")
    monitor.ask(QUERIES)
    monitor.learnt(())
    assert not monitor.silent
    assert not monitor.mute
    assert monitor.state.cover_open is False


def test_who_has_answered_on_an_earlier_connection_is_silent() -> None:
    monitor = Monitor("process_id", connected())
    monitor.ask(QUERIES)
    monitor.learnt(())
    assert monitor.silent
    assert not monitor.mute


def test_shown() -> None:
    monitor = connected("process_id")
    monitor.begin(b"bon")
    assert monitor.shown() == ("busy", "", "")
    monitor.heard(b"\x18\x00\x0c\x00")
    assert monitor.shown()[:2] == ("error", "paper_end")
    monitor.ask(QUERIES)
    monitor.learnt(())
    assert monitor.shown() == SILENT
