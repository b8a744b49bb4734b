"""printer.test: a page at this printer, now; it is no slip that waits, moves or is repeated."""

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.master import DEFAULT_STATION
from tests.core.playbook import Playbook, add, cash, command, device

TEST = command("printer.test", printer="printer")


def asked() -> Playbook:
    return Playbook().ready() >> TEST << "printer.tested print.sending +print"


def test_the_page_comes_out_of_the_printer_that_was_named() -> None:
    book = asked()
    assert book.replies[-1]["result"] == {"printer": "printer", "document": f"D{len(book.lines) - 1}"}
    (job,) = book.state.jobs.values()
    assert (job.printer, job.document.kind, job.document.title) == ("printer", "test", "Druckertest")
    assert job.document.station == DEFAULT_STATION
    book.paper()
    assert not book.state.jobs
    (fact,) = book.facts(f.PrinterTested)
    assert (fact.printer, fact.document) == ("printer", job.document)
    assert book.state.till.totals == Playbook().ready().state.till.totals, "nothing is booked or counted"


def test_it_waits_for_the_slip_that_is_being_printed() -> None:
    book = (Playbook().ready() >> add() >> cash()).sign() >> TEST << "printer.tested +print"
    assert [job.status for job in book.state.jobs.values()] == ["sending", "queued"]
    book.paper()
    assert not book.state.jobs


def test_a_printer_that_does_not_print_says_why() -> None:
    book = Playbook().ready() >> device("printer", "error")
    (book >> TEST).says("printer_away")
    (book >> command("printer.test", printer="mond")).says("printer_unknown")
    assert not book.state.jobs


def test_what_fails_is_over_and_what_is_unknown_is_looked_at() -> None:
    book = asked()
    book >> i.Printed(next(iter(book.state.jobs)), "failed", "paper_out") << "print.done"
    assert not book.state.jobs
    book = asked()
    book >> i.Printed(next(iter(book.state.jobs)), "unknown", "offline") << "print.done"
    assert book.state.station("main").message == "Druckertest: bitte prüfen, ob gedruckt wurde."
    assert not book.state.jobs
    assert not book.facts(f.ReceiptCopied)


def test_after_a_restart_it_is_not_repeated() -> None:
    book = asked().restart()
    assert not book.state.jobs
    assert not book.facts(f.ReceiptCopied)


def test_it_goes_to_no_other_printer() -> None:
    book = Playbook()
    book.config |= {"printer.zweiter.name": "zweiter"}
    (book.ready() >> device("zweiter", "ready") >> add() >> cash()).sign()
    book >> TEST >> device("printer", "error")
    waiting = [job for job in book.state.jobs.values() if job.document.kind == "test"]
    assert [(job.printer, job.status) for job in waiting] == [("printer", "queued")]
