"""FISCAL 2: outage and late answers. A receipt's form is fixed when it is issued."""

from dataclasses import replace
from datetime import datetime

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.signing import NOT_CONFIGURED, PROBE_MAX_S
from kassd.mqtt.alerts import alerts
from tests.core.playbook import CET, OPENED, Playbook, add, card, cash, command


def silent_finish() -> Playbook:
    """A sale issued as outage because its finish found no answer in 3 s."""
    book = Playbook().ready(1000)
    book >> add()
    book.sign() >> cash()
    book.wait(2.9).tick() << ""
    book.wait(0.2).tick() << "tse.outage_began tse.withdrawn sale.finished print.sending +print"
    return book


def test_start_failed_and_the_tse_comes_back_before_payment() -> None:
    book = Playbook().ready()
    book >> add()
    book >> i.TseAnswered(book.calls()[0].id, error="refused:busy", message="…")
    book << "tse.dropped tse.outage_began"
    book >> add() << "sale.line_added"
    book >> OPENED << "tse.outage_ended +tse.start ?tse.resume"
    book.sign() >> cash()
    book.sign()
    receipt = book.receipt()
    assert receipt.document.seal is not None
    assert not receipt.outage
    assert receipt.document.started_at == book.facts(f.SaleOpened)[-1].at


def test_start_failed_and_paid_means_no_new_start_ever() -> None:
    book = Playbook().ready().outage()
    book >> add() << "sale.opened sale.line_added"
    book >> cash() << "sale.payment_added sale.paid sale.numbered sale.finished print.sending +drawer +print"
    receipt = book.receipt()
    assert receipt.outage == book.facts(f.OutageBegan)[-1].id
    assert receipt.document.outage
    starts = len(book.wishes("tse.start"))
    book.tse_opens().wait(4000).tick().tse_opens()
    assert len(book.wishes("tse.start")) == starts
    assert book.facts(f.SaleFinished)[-1] == receipt


def test_paid_while_the_start_is_silent() -> None:
    book = Playbook().ready()
    book >> add() >> cash() << "sale.payment_added sale.paid +drawer"
    assert book.last.wake is not None
    book.wait(3).tick() << "tse.outage_began sale.numbered tse.withdrawn sale.finished print.sending +print"
    start = book.calls()[0]
    book >> book.tse.answer(start) << "tse.late tse.outage_ended ?tse.resume"
    assert book.state.tse.late[0].number == 2
    book >> i.TseSurveyed((2,)) << "+tse.finish"
    finish = book.calls()[0]
    assert finish.args["late"]
    assert finish.args["process_data"] == "Beleg^0.00_3.50_0.00_0.00_0.00^3.50:Bar"
    book.sign_one() << "tse.late"
    assert not book.state.tse.late


def test_finish_silent_stays_an_outage_receipt_and_is_finished_once() -> None:
    book = silent_finish()
    issued = book.receipt()
    assert issued.document.outage
    assert issued.document.seal is None
    numbers = book.state.receipt
    answer = book.tse.answer(book.calls()[0])
    book >> answer << "tse.late tse.outage_ended ?tse.resume"
    book >> answer << ""
    book >> i.TseSurveyed(()) << ""
    assert book.receipt() == issued
    assert book.state.receipt == numbers
    assert [wish.args["sale"] for wish in book.wishes("tse.finish")].count(book.receipt().sale) == 1
    book.paper() >> command("receipt.reprint")
    copy = book.facts(f.ReceiptCopied)[-1].document
    assert replace(copy, id=issued.document.id, copy_at="") == issued.document


def test_a_transaction_still_open_is_finished_before_the_closing() -> None:
    book = silent_finish()
    book >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False) << "tse.dropped"
    book >> OPENED << "tse.outage_ended ?tse.resume"
    book.paper() >> command("till.close", count={"50": 27}) << "till.closing_began till.movements_planned"
    book >> i.TseSurveyed(tuple(book.tse.open)) << "+tse.finish"
    book.sign_one() << "tse.late till.closed print.sending config.annex +print +archive"
    assert not any(fact.bon_type == "AVBelegabbruch" for fact in book.facts(f.SaleFinished))


def test_a_closing_does_not_wait_for_ever_for_a_late_finish() -> None:
    book = silent_finish()
    book >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False) >> OPENED
    book.paper() >> command("till.close", count={"50": 27})
    assert book.last.wake is not None
    book.wait(3.1).tick() << "tse.outage_began till.closed print.sending config.annex +print +archive"
    assert book.state.tse.late


def test_a_refused_late_finish_is_not_asked_again_and_never_aborted() -> None:
    book = silent_finish()
    book >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False) >> OPENED
    book >> i.TseSurveyed(tuple(book.tse.open)) << "+tse.finish"
    book >> i.TseAnswered(book.calls()[0].id, error="refused:no", message="…") << "tse.dropped"
    book >> i.TseSurveyed(tuple(book.tse.open)) << ""
    book.paper() >> command("till.close", count={"50": 27})
    assert not book.state.till.open
    book.restart()
    book >> OPENED >> i.TseSurveyed(tuple(book.tse.open)) << "+tse.finish"


def test_what_the_tse_does_not_have_open_is_not_finished() -> None:
    book = silent_finish()
    book >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False) >> OPENED
    book >> i.TseSurveyed(()) << "tse.dropped"
    assert book.facts(f.TseDropped)[-1].error == "not_open"
    assert not book.state.tse.late


def test_an_answer_in_time_ends_an_outage_that_others_began() -> None:
    book = Playbook().ready()
    book >> add()
    book.outage() >> OPENED
    book.sign() >> cash()
    book.sign()
    assert book.receipt().document.seal is not None


def test_a_refused_finish_makes_an_outage_receipt() -> None:
    book = Playbook().ready()
    book >> add()
    book.sign() >> card()
    book >> i.TseAnswered(book.calls()[0].id, error="refused:full", message="voll")
    book << "tse.dropped tse.outage_began sale.finished print.sending +print"
    assert book.facts(f.OutageBegan)[-1].reason == "refused:full"


def test_a_call_of_unknown_outcome_stays_on_the_list() -> None:
    book = Playbook().ready()
    book >> add()
    book >> i.TseAnswered(book.calls()[0].id, error="silent", message="…") << "tse.outage_began"
    assert len(book.calls()) == 1
    book >> OPENED << "tse.outage_ended ?tse.resume"
    book.sign() >> cash()
    book.sign()
    assert book.receipt().document.seal is not None
    assert len(book.wishes("tse.start")) == 2  # Anfangsbestand and this sale, once each


def test_a_call_that_never_begins_is_an_outage_not_an_endless_loop() -> None:
    book = Playbook().ready()
    book >> add()
    book >> i.TseAnswered(book.calls()[0].id, error="failed", begun=False) << "tse.dropped tse.outage_began"


def test_outage_is_recorded_from_begin_to_end_with_what_it_cost() -> None:
    book = Playbook().ready().outage("gone")
    for price in (100, 250):
        book >> add(price=price) >> card()
    book >> add(price=999) >> command("sale.abort")
    book >> OPENED
    began, ended = book.facts(f.OutageBegan)[-1], book.facts(f.OutageEnded)[-1]
    assert (began.id, began.reason) == (ended.id, "gone")
    assert (ended.unsigned, ended.unsigned_sum) == (3, 350)
    assert book.state.till.totals.counts["unsigned"] == 3
    assert book.state.till.totals.sums["unsigned"] == 350


def test_during_an_outage_only_the_probe_is_asked_for_with_growing_pauses() -> None:
    book = Playbook().ready().outage()
    pauses = []
    for _ in range(9):
        outage = book.state.tse.outage
        assert outage is not None
        assert book.last.wake == outage.probe_at
        pauses.append(outage.pause_s)
        book.wait(outage.pause_s).tick() << "?tse.probe"
        book >> i.TseUnavailable("gone", "…") << ""
        assert book.last.wake is not None
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert pauses[-1] == PROBE_MAX_S


def test_many_outages_of_a_day_stay_bounded_and_are_all_counted() -> None:
    book = Playbook().ready()
    for _ in range(30):
        book.outage() >> OPENED
    assert len(book.state.till.totals.outages) == 20
    assert book.state.till.totals.counts["outages"] == 30
    book >> command("till.report")
    rows = [row for section in book.facts(f.ReportMade)[-1].document.sections for row in section.rows]
    assert [row.count for row in rows if row.label.startswith("Ausfälle insgesamt")] == [30]


def test_the_wrong_tse_is_refused_and_only_a_bound_one_can_be_in_outage() -> None:
    book = Playbook().start() >> i.TseUnavailable("gone", "…") << ""
    book >> OPENED << "tse.bound config.annex ?tse.resume"
    book >> replace(OPENED, serial_number="cd" * 32) << "tse.outage_began"
    assert book.facts(f.OutageBegan)[-1].reason == "wrong_tse"
    assert len(book.facts(f.TseBound)) == 1


def test_a_tse_that_is_not_configured_any_more_is_an_outage_of_its_own() -> None:
    book = Playbook().ready() >> add() >> cash(amount=100)
    book.sign().restart()
    book >> i.TseUnavailable(NOT_CONFIGURED, "") << "tse.outage_began"
    text = dict(alerts(book.state))["tse-outage"].text_de
    assert "In der Konfiguration fehlt [tse]" in text
    assert "[tse] wieder eintragen" in text
    book >> cash()
    assert book.facts(f.SaleFinished)[-1].document.outage
    book >> i.TseUnavailable(NOT_CONFIGURED, "") << ""
    book.restart()  # it is configured again, and has been pulled
    book >> i.TseUnavailable("gone", "Die TSE ist weg.") << "tse.outage_ended tse.outage_began"
    assert book.facts(f.OutageBegan)[-1].reason == "gone"
    assert book.facts(f.OutageEnded)[-1].unsigned == 1
    book.tse_opens()
    assert book.state.tse.outage is None
    assert [outage.reason for outage in book.state.till.totals.outages] == [NOT_CONFIGURED, "gone"]


@pytest.mark.parametrize("moment", ["sale", "finish", "cash", "late"])
def test_an_expired_certificate_is_an_outage_at_every_moment(moment: str) -> None:
    expiry = int(datetime(2026, 11, 21, 13, 0, tzinfo=CET).timestamp())
    book = Playbook().start() >> replace(OPENED, certificate_expiry=expiry) >> i.TseSurveyed(())
    book >> command("till.open", counted=0)
    book.sign()
    if moment in ("finish", "late"):
        book >> add()
        book.sign()
    if moment == "late":
        book >> cash()
        book.wait(3.1).tick() >> i.TseAnswered(book.calls()[0].id, error="withdrawn", begun=False)
    calls = len(book.wishes("tse.start")) + len(book.wishes("tse.finish"))
    book.wait(3700)
    if moment == "sale":
        book >> add()
        book >> cash()
    elif moment == "finish":
        book >> card()
    elif moment == "cash":
        book >> command("cash.in", amount=5, kind="private", reason="x")
    book >> replace(OPENED, certificate_expiry=expiry)
    book.tick()
    assert len(book.wishes("tse.start")) + len(book.wishes("tse.finish")) == calls
    assert book.state.tse.outage is not None
    assert book.receipt().document.outage


def test_huge_slips_of_one_outage_do_not_share_a_line() -> None:
    book = Playbook().ready()
    for station in ("main", "zwei"):
        for _ in range(60):
            book >> add("ä" * 120, 1, station=station)
    book.sign() >> cash() >> cash(station="zwei")
    book.outage()
    first = [fact.kind for fact in book.last.facts].count("sale.finished")
    assert first == 1
    assert book.last.wake is not None
    assert book.last.wake <= book.mono
    book.tick()
    assert [fact.kind for fact in book.last.facts].count("sale.finished") == 1
    assert all(len(str(line["facts"]).encode()) < 60_000 for line in book.lines)
