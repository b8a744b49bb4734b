"""FISCAL 3: what a new process makes of what the old one left."""

from kassd.core import facts as f
from kassd.core import inputs as i
from tests.core.playbook import OPENED, Playbook, add, card, cash, command, device


def test_an_open_sale_stays_open_and_keeps_its_transaction() -> None:
    book = Playbook().ready()
    book >> add() >> add(price=100)
    book.sign()
    sale = book.current()
    book.restart()
    assert book.current().lines == sale.lines
    assert book.current().transaction == sale.transaction
    book.tse_opens() >> cash()
    book.sign()
    assert sale.transaction is not None
    assert book.receipt().document.seal is not None
    assert book.facts(f.TseFinished)[-1].transaction_number == sale.transaction.number


def test_a_part_paid_sale_goes_on() -> None:
    book = Playbook().ready()
    book >> add() >> cash(amount=100)
    book.restart()
    assert (book.current().status, book.current().due) == ("paying", 250)
    book.tse_opens() >> card()
    book.sign()
    assert book.receipt().document.total == 350
    assert book.state.till.cash == 100


def test_a_start_whose_answer_was_never_read() -> None:
    book = Playbook().ready()
    book >> add()
    wish = book.calls()[0]
    answer = book.tse.answer(wish)  # the TSE has started; the power goes before the line is written
    book.restart() >> OPENED << "?tse.resume"
    assert book.calls() == [wish]
    book >> answer << "tse.started"
    book >> i.TseSurveyed((answer.transaction_number,)) << ""
    assert book.current().transaction is not None


def test_a_number_that_nobody_owns_ends_as_abort_with_a_number_of_its_own() -> None:
    book = Playbook().ready()
    before = book.state.receipt
    book.restart() >> OPENED
    book >> i.TseSurveyed((41, 41)) << ("sale.opened tse.started sale.abort_asked sale.numbered +tse.finish")
    book.tse.open.add(41)
    book.sign_one() << "tse.finished sale.finished"
    receipt = book.receipt()
    assert (receipt.bon_type, receipt.number) == ("AVBelegabbruch", before + 1)
    assert book.facts(f.SaleOpened)[-1].kind_of == "orphan"
    assert not book.state.sales


def test_an_orphan_while_the_till_is_closed_counts_in_the_next_period() -> None:
    book = Playbook().commissioned() >> i.TseSurveyed((41,))
    book.sign() >> command("till.open", counted=0)
    book.sign() >> command("till.close", count={})
    closing = book.facts(f.TillClosed)[0]
    assert (closing.first_receipt, closing.last_receipt) == (1, 2)
    assert closing.totals["counts"]["aborts"] == 1


def test_a_survey_that_an_outage_has_overtaken_says_nothing() -> None:
    book = Playbook().ready().outage() >> i.TseSurveyed((41,)) << ""
    assert not book.state.tse.surveyed


def test_a_sale_paid_before_the_power_cut_waits_for_the_tse_to_boot() -> None:
    book = Playbook().ready()
    book >> add()
    book.sign() >> cash()
    book.restart().wait(20).tick() << ""
    book.tse_opens()
    assert book.receipt().document.seal is not None
    assert book.receipt().document.total == 350


def test_a_tse_that_does_not_come_back_makes_it_an_outage() -> None:
    book = Playbook().ready()
    book >> add()
    book.sign() >> cash()
    book.restart().wait(34).tick()
    assert book.receipt().document.outage
    book = Playbook().ready()
    book >> add()
    book.sign() >> cash()
    book.restart().outage()
    assert book.receipt().document.outage


def test_a_closing_goes_on_after_a_restart() -> None:
    book = Playbook().ready(1000)
    book >> command("till.close", count={"100": 8}, skim=300, reason="fehlt") >> i.Tick()
    book.restart()
    assert book.state.till.procedure is not None
    book.tse_opens().sign()
    assert not book.state.till.open
    assert book.facts(f.TillClosed)[-1].carried == 500


def test_an_outage_outlasts_the_process() -> None:
    book = Playbook().ready().outage()
    book.restart()
    assert book.state.tse.outage is not None
    assert book.last.wake is not None
    book >> add() >> cash()
    assert book.receipt().document.outage
    book.tse_opens()
    assert book.state.tse.outage is None


def test_time_out_is_counted_anew() -> None:
    book = Playbook().ready()
    book >> add()
    book.sign().wait(1700).restart().tse_opens().wait(1700).tick() << ""
    book.wait(101).tick()
    assert book.facts(f.AbortAsked)[-1].why == "timeout"


def test_a_drawer_is_never_kicked_again() -> None:
    book = Playbook().ready()
    book >> add() >> cash()
    book.restart()
    assert book.facts(f.DrawerDone)[-1].result == "unknown"
    assert not [w for w in book.state.outbox.values() if w.kind == "drawer"]


def test_a_slip_that_was_waiting_prints_as_the_original_later() -> None:
    book = Playbook().ready()
    book >> device("printer", "error") >> add()
    book.sign() >> cash()
    book.sign().restart().tse_opens() >> device("printer", "ready") << "print.sending"
    job = next(iter(book.state.jobs.values()))
    assert job.late
    assert not job.document.copy_at


def test_a_slip_that_was_printing_is_repeated_as_copy_once() -> None:
    book = Playbook().ready()
    book >> add()
    book.sign() >> cash()
    book.sign().restart()
    job = next(iter(book.state.jobs.values()))
    assert job.document.copy_at
    assert not job.late
    book >> device("printer", "ready") << "print.sending"
    book.restart()
    assert not book.state.jobs
    assert [fact.why for fact in book.facts(f.ReceiptCopied)] == ["unknown"]


def test_two_huge_slips_that_were_printing_do_not_outgrow_the_line_of_the_start() -> None:
    book = Playbook().ready()
    for station in ("main", "zwei"):
        for _ in range(60):
            book >> add("ä" * 120, 1, station=station)
        book.sign() >> card(station=station)
        book.sign()
    book.restart()
    assert len(book.facts(f.ReceiptCopied)) == 1
    assert "bitte prüfen" in book.state.station("zwei").message
    assert [job.document.station for job in book.state.jobs.values()] == ["main"]


def test_the_finished_sale_is_still_shown() -> None:
    book = Playbook().ready()
    book >> add() >> cash()
    book.done().restart()
    last = book.state.station("main").last
    assert last is not None
    assert (last.status, last.number, last.change) == ("done", 2, 0)
