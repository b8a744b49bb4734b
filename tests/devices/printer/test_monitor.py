"""Which answers confirm which job, and what a printer's silence means."""

from kassd.devices.printer.monitor import SILENT, Monitor


def answer_to(tail: bytes) -> bytes:
    return b"\x37\x22" + tail[-4:] + b"\x00"


def test_process_id_confirms_its_own_job_only() -> None:
    monitor = Monitor("process_id")
    first = monitor.begin(b"bon")
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


def test_paper_reply_confirms_only_where_it_was_asked_for() -> None:
    monitor = Monitor("process_id")
    monitor.begin(b"bon")
    monitor.heard(b"\x00")
    assert not monitor.confirmed


def test_late_paper_reply_pays_what_is_owed() -> None:
    monitor = Monitor("status")
    monitor.begin(b"bon")
    monitor.finish()  # time-out
    monitor.begin(b"bon")
    monitor.heard(b"\x00")
    assert not monitor.confirmed
    monitor.heard(b"\x00")
    assert monitor.confirmed


def test_who_was_off_owes_nothing() -> None:
    monitor = Monitor("status")
    monitor.heard(b"\x12")
    monitor.begin(b"bon")
    monitor.ask()
    monitor.unanswered()
    assert monitor.silent
    monitor.finish()
    monitor.begin(b"bon")
    monitor.heard(b"\x00")
    assert monitor.confirmed
    assert not monitor.silent


def test_answers_belong_to_the_last_question() -> None:
    monitor = Monitor("process_id")
    monitor.heard(b"\x32")  # nobody asked
    assert monitor.state.paper_end is None
    assert monitor.ask() == bytes.fromhex("100401100402100403100404")
    monitor.heard(b"\x1a\x32\x12")
    assert not monitor.answered
    monitor.heard(b"\x72")
    assert monitor.answered
    assert (monitor.state.offline, monitor.state.paper_end, monitor.state.cover_open) == (True, True, False)
    assert monitor.troubled


def test_never_answered_is_unknown_and_not_silent() -> None:
    monitor = Monitor("process_id")
    monitor.ask()
    monitor.unanswered()
    assert not monitor.silent
    assert monitor.shown() == ("ready", "", "")


def test_shown() -> None:
    monitor = Monitor("process_id")
    monitor.begin(b"bon")
    assert monitor.shown() == ("busy", "", "")
    monitor.heard(b"\x18\x00\x0c\x00")
    assert monitor.shown()[:2] == ("error", "paper_end")
    monitor.unanswered()
    assert monitor.shown() == SILENT
