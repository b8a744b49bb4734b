"""Slips on their way to paper: one original, copies marked, late ones said so, nothing piles up."""

from dataclasses import replace

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.master import stand_ins
from kassd.core.printing import MAX_WAITING, stranded
from kassd.core.status import DeviceStatus
from kassd.mqtt.alerts import alerts
from tests.core.playbook import Playbook, add, card, command, device


def sold(book: Playbook) -> Playbook:
    book >> add()
    book.sign() >> card()
    return book.sign()


def job(book: Playbook) -> str:
    return next(iter(book.state.jobs))


def test_confirmed() -> None:
    book = sold(Playbook().ready())
    book >> i.Printed(job(book), "confirmed") << "print.done"
    assert not book.state.jobs
    assert not book.state.outbox


def test_unknown_is_repeated_once_as_copy() -> None:
    book = sold(Playbook().ready())
    original = book.receipt().document
    book >> i.Printed(job(book), "unknown", "interrupted") << "print.done receipt.copied print.sending +print"
    copy = book.state.jobs[job(book)].document
    assert replace(copy, id=original.id, copy_at="") == original
    assert copy.copy_at
    assert copy.id != original.id
    book >> i.Printed(job(book), "unknown", "interrupted") << "print.done"
    assert "bitte prüfen" in book.state.station("main").message
    assert not book.state.jobs


def test_what_a_printer_says_of_itself_is_shown() -> None:
    status = DeviceStatus("printer", "ready", conditions={"paper_end": "no", "cutter": "unknown"})
    book = Playbook().ready() >> i.DeviceChanged(status)
    assert book.state.devices["printer"] == status
    book << "", "nothing of it is journalled"


def test_a_printer_that_never_answers_is_no_reason_for_a_copy() -> None:
    book = sold(Playbook().ready())
    book >> i.Printed(job(book), "unknown", "unconfirmed") << "print.done"


def test_a_report_of_unknown_fate_names_itself() -> None:
    book = Playbook().ready() >> command("till.report")
    book >> i.Printed(job(book), "unknown", "lost") >> i.Printed(job(book), "unknown", "lost")
    assert book.state.station("main").message.startswith("X-Bericht")


def test_copies_never_share_an_id_even_when_an_older_slip_turns_out_unknown() -> None:
    book = sold(Playbook().ready())
    book >> command("receipt.reprint") << "receipt.copied +print"
    sold(book)
    book >> i.Printed(job(book), "unknown", "lost")
    ids = [fact.document.id for fact in book.facts(f.ReceiptCopied)]
    assert len(ids) == len(set(ids)) == 2
    assert book.state.till.totals.counts["copies"] == 2


def test_failed_waits_rests_and_prints_later_as_the_original_in_order() -> None:
    book = sold(sold(Playbook().ready()))
    first = job(book)
    book >> i.Printed(first, "failed", "paper_end") << "print.returned"
    assert book.state.jobs[first].late
    assert book.last.wake == book.state.jobs[first].rest_until
    book.tick() << ""  # neither it nor the one behind it
    book.wait(2).tick() << "print.sending"
    assert [j.id for j in book.state.jobs.values() if j.status == "sending"] == [first]
    assert book.last.wake == book.state.till.day_ends
    book >> i.Printed(first, "confirmed") << "print.done print.sending"
    assert not [j for j in book.state.jobs.values() if j.late]


def test_without_paper_it_is_late_and_copies_are_not() -> None:
    book = Playbook().ready() >> device("printer", "error")
    sold(book)
    assert book.wishes("print")[-1].args["late"]
    assert book.last.wake == book.state.till.day_ends
    book >> command("receipt.reprint")
    assert "late" not in book.wishes("print")[-1].args
    book >> device("printer", "degraded") << "print.sending"


def test_an_answer_for_a_job_that_is_not_printing_means_nothing() -> None:
    book = Playbook().ready() >> device("printer", "error")
    sold(book) >> i.Printed(job(book), "confirmed") << ""
    book >> i.Printed("99.9", "confirmed") << ""


def test_skip_gives_up_what_waits_and_not_what_prints() -> None:
    book = sold(sold(sold(Playbook().ready())))
    (
        book
        >> command("print.skip", printer="printer")
        << "print.done receipt.unprinted print.done receipt.unprinted"
    )
    assert [j.status for j in book.state.jobs.values()] == ["sending"]
    assert {fact.result for fact in book.facts(f.PrintDone)} == {"skipped"}


def test_a_printer_away_for_good_does_not_fill_the_state() -> None:
    book = Playbook().ready() >> device("printer", "absent")
    for _ in range(MAX_WAITING + 3):
        sold(book)
    assert len(book.state.jobs) == MAX_WAITING
    assert [fact.reason for fact in book.facts(f.PrintDone)] == ["queue_full"] * 3
    assert job(book) not in {fact.job for fact in book.facts(f.PrintDone)}


def test_a_register_without_printer_sells_all_the_same() -> None:
    book = Playbook()
    book.config = {k: v for k, v in book.config.items() if not k.startswith("printer.")}
    sold(book.ready())
    assert book.receipt().document.total == 350
    assert not book.wishes("print")
    book >> command("till.report")
    book.says("ok")


def test_reprint_is_of_the_last_receipt_not_of_a_cash_slip() -> None:
    book = sold(Playbook().ready())
    receipt = book.receipt().document
    book >> command("cash.in", amount=5, kind="transit", reason="x")
    book.done() >> command("receipt.reprint")
    assert book.facts(f.ReceiptCopied)[-1].number == receipt.number


def two_printers() -> Playbook:
    """``b`` stands before ``a`` in the file; both belong to ``main``."""
    book = Playbook()
    book.config = {k: v for k, v in book.config.items() if not k.startswith("printer.printer.")}
    book.config |= {"printer.b.name": "b", "printer.a.name": "a", "printer.a.rank": 1}
    return book.ready() >> device("a", "ready") >> device("b", "ready")


def printers(book: Playbook) -> list[object]:
    return [wish.args["printer"] for wish in book.wishes("print")]


def test_of_two_printers_the_first_of_the_file_prints_also_after_a_restart() -> None:
    book = sold(two_printers())
    book.paper().restart().tse_opens() >> device("a", "ready") >> device("b", "ready")
    sold(book)
    assert printers(book) == ["b", "b"]


def test_the_second_printer_stands_in_while_the_first_cannot() -> None:
    book = sold(two_printers() >> device("b", "error"))
    assert printers(book) == ["a"]
    assert "late" not in book.wishes("print")[0].args
    sold(book.paper() >> device("a", "absent"))
    assert printers(book) == ["a", "b"], "with neither it waits at the first"
    sold(book >> device("a", "ready"))
    assert printers(book) == ["a", "b", "a"], "what waits at one is not printed by the other, too"


def test_what_waits_goes_to_the_printer_that_can_and_the_station_is_told() -> None:
    book = two_printers() >> device("b", "error") >> device("a", "opening")
    sold(book)
    (waiting,) = book.state.jobs.values()
    assert (waiting.printer, waiting.status, waiting.late) == ("b", "queued", True)
    book >> device("a", "ready") << "print.moved print.sending"
    assert book.state.jobs[waiting.id].printer == "a"
    assert book.facts(f.PrintMoved) == [f.PrintMoved(waiting.id, "a", "error")]
    number = book.receipt().document.number
    assert f"Rechnung {number}“ kommt aus dem Drucker a" in book.state.station("main").message
    book >> i.Printed(waiting.id, "failed", "paper_end") >> device("a", "error") << ""
    book >> device("b", "ready") << "print.moved print.sending"
    book >> i.Printed(waiting.id, "confirmed") << "print.done"
    assert len(book.facts(f.PrintDone)) == 1


def test_what_is_being_printed_stays_and_is_repeated_by_the_other() -> None:
    book = sold(two_printers())
    original = job(book)
    book >> device("b", "error") << "", "it may still come out"
    assert book.state.jobs[original].printer == "b"
    book >> i.Printed(original, "unknown", "interrupted")
    (copy,) = book.state.jobs.values()
    assert (copy.printer, copy.status, bool(copy.document.copy_at)) == ("a", "sending", True)


def test_a_printer_that_has_said_nothing_yet_is_waited_for() -> None:
    book = two_printers().restart().tse_opens() >> device("a", "ready")
    sold(book)
    assert printers(book)[-1] == "a", "the first that can"
    book.paper() >> device("a", "error") >> device("b", "opening")
    sold(book)
    book >> device("a", "ready") << ""
    assert [one.printer for one in book.state.jobs.values()] == ["b"]
    book >> device("b", "ready") << "print.sending"


def test_a_fallback_may_stand_elsewhere_and_comes_first() -> None:
    book = two_printers()
    book.config |= {"printer.b.fallback": "printer-2"}
    book.restart().tse_opens() >> device("printer-2", "ready")
    sold(book >> device("b", "error") >> device("a", "error"))
    assert [one.printer for one in book.state.jobs.values()] == ["printer-2"]
    assert "late" not in book.wishes("print")[-1].args, "the customer still waits"
    assert stand_ins(book.state.config, "b", "main") == ("printer-2", "a")
    assert stand_ins(book.state.config, "a", "main") == ("b",)
    assert stand_ins(book.state.config, "printer-2", "zwei") == ()


def renamed(book: Playbook) -> Playbook:
    """Both printers are gone from the configuration; the station's is now ``new``, which is not there yet."""
    book.config = {k: v for k, v in book.config.items() if not k.startswith("printer.")}
    book.config |= {"printer.new.name": "new"}
    return book.restart().tse_opens()


def test_what_waits_for_a_printer_that_is_gone_is_printed_late_by_the_stations() -> None:
    book = two_printers() >> device("b", "error") >> device("a", "error")
    for _ in range(3):
        sold(book)
    renamed(book)
    moved = book.facts(f.PrintMoved)
    assert [(one.printer, one.reason) for one in moved] == [("new", "removed")] * 3
    assert all(job.late and job.printer == "new" for job in book.state.jobs.values())
    number = book.receipt().document.number
    assert f"nicht mehr eingerichtet: „Rechnung {number}“ kommt aus new" in book.state.station("main").message
    (book >> device("new", "ready")).paper()
    assert not book.state.jobs
    assert [one.result for one in book.facts(f.PrintDone)[-3:]] == ["confirmed"] * 3
    assert not book.facts(f.ReceiptCopied)


def test_what_was_moved_from_a_printer_that_is_gone_goes_on_to_one_that_prints() -> None:
    book = two_printers() >> device("b", "error") >> device("a", "error")
    sold(book)
    book.config |= {"printer.spare.name": "spare", "printer.spare.rank": 1}
    (renamed(book) >> device("new", "error")) >> device("spare", "ready")
    assert [job.printer for job in book.state.jobs.values()] == ["new"]
    book.config |= {"printer.spare.name": "spare", "printer.spare.rank": 1}
    (book.restart().tse_opens() >> device("new", "error")) >> device("spare", "ready")
    assert [job.printer for job in book.state.jobs.values()] == ["spare"]


def no_printer(book: Playbook) -> Playbook:
    book.config = {k: v for k, v in book.config.items() if not k.startswith("printer.")}
    return book.restart().tse_opens()


def test_without_any_printer_the_original_is_asked_for_where_there_is_one() -> None:
    book = sold(two_printers() >> device("b", "error") >> device("a", "error"))
    number = book.receipt().document.number
    no_printer(book)
    assert [job.document.number for job in stranded(book.state)] == [number]
    (alert,) = [alert for name, alert in alerts(book.state) if name == "print-stranded"]
    assert f"eingerichtet ist: Rechnung {number}." in alert.text_de
    book >> command("receipt.print")
    book.says("printer_absent")
    book.config |= {"printer.far.name": "far", "printer.far.station": "zwei"}
    book.restart().tse_opens() >> device("far", "ready")
    assert stranded(book.state), "nobody at the other station waits for it"
    book >> command("receipt.print", receipt=number, station="zwei")
    book.says("ok")
    (job,) = book.state.jobs.values()
    assert (job.printer, job.status, job.late, job.document.copy_at) == ("far", "sending", True, "")
    assert not [name for name, _ in alerts(book.state) if name == "print-stranded"]
    (book >> i.Printed(job.id, "confirmed")) >> command("receipt.print", receipt=number, station="zwei")
    book.says("already_printed")


def test_an_original_that_waits_is_not_said_to_be_printed() -> None:
    book = sold(two_printers() >> device("b", "error") >> device("a", "error"))
    book >> command("receipt.print")
    book.says("print_waiting")


def test_what_waits_for_a_printer_that_is_gone_can_be_given_up() -> None:
    book = no_printer(sold(two_printers() >> device("b", "error") >> device("a", "error")))
    book >> command("print.skip", printer="b")
    book.says("ok")
    assert not book.state.jobs
    book >> command("print.skip", printer="b")
    book.says("printer_unknown")
