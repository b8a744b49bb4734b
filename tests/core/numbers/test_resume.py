"""After a rollback: selling waits, the numbers go on above the highest known one, the gap is shown."""

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.carry import durable
from kassd.core.document import Row
from kassd.mqtt.alerts import alerts
from tests.core.playbook import Playbook, add, cash, command, replayed, scan

BROKER = i.RollbackFound("broker", "broker: kennt 90 Journalzeilen, hier sind es 9.", 1, 40, 7)


def skipped(book: Playbook) -> list[Row]:
    document = book.facts(f.TillClosed)[-1].document
    return [row for s in document.sections if s.title == "Ausgelassene Nummern" for row in s.rows]


def test_nothing_is_booked_until_it_is_decided() -> None:
    book = Playbook().ready(1000)
    book >> add() >> BROKER
    before = book.state
    for refused in (
        add(),
        cash(),
        command("till.close", count={"100": 10}),
        command("cash.in", amount=1, kind="private", reason="x"),
    ):
        book >> refused
        book.says("rollback_undecided")
        assert book.replies[-1]["result"] == {"receipt": 40, "closing": 7}
    book >> scan("KASSDBAR")
    assert "älter" in book.state.station("main").message
    book.wait(3600).tick()
    assert not book.last.facts
    assert book.last.wake is None
    assert book.state.sales == before.sales
    assert "journal-rollback" in dict(alerts(book.state))
    book >> command("till.report")
    book.says("ok")


def test_the_numbers_go_on_above_the_highest_known() -> None:
    book = Playbook().ready(1000)
    book >> BROKER
    book >> i.RollbackFound("broker", "später", 1, 39, 8)
    book >> command("counters.resume", reason="altes Abbild zurückgespielt")
    book.says("ok") << "counters.skipped"
    assert book.replies[-1]["result"] == {"receipt": 40, "closing": 8, "epoch": 2}
    fact = book.facts(f.CountersSkipped)[-1]
    assert (fact.first_receipt, fact.last_receipt) == (3, 40)
    assert (fact.first_closing, fact.last_closing) == (1, 8)
    assert (fact.sources, fact.why) == (("broker",), "altes Abbild zurückgespielt")
    assert "journal-rollback" not in dict(alerts(book.state))
    book >> add() >> cash()
    book.done()
    assert book.receipt().number == 41
    assert book.receipt().sale.startswith("2-")
    book >> command("till.close", count={"1": 1350})
    book.says("accepted").done()
    assert book.facts(f.TillClosed)[-1].number == 9
    assert [(row.label, row.count, row.text) for row in skipped(book)] == [
        ("Belege 3 bis 40", 38, ""),
        ("Abschlüsse 1 bis 8", 8, ""),
        ("  Grund", None, "altes Abbild zurückgespielt"),
    ]
    assert durable(replayed(book.lines)) == durable(book.state)


def test_what_nobody_remembers_is_copied_from_the_last_z() -> None:
    book = Playbook().ready(1000)
    book >> i.TseSurveyed((), newest=12)
    book >> add()
    book.says("rollback_undecided")
    book >> command("counters.resume", reason="neue Karte")
    book.says("counters_unknown")
    assert book.replies[-1]["result"] == {"receipt": 12, "closing": None}
    book >> command("counters.resume", reason="neue Karte", receipt=11, closing=4)
    book.says("bad_args")
    book >> command("counters.resume", reason=" ", closing=4)
    book.says("reason_required")
    book >> command("counters.resume", reason="neue Karte", closing=4)
    assert book.replies[-1]["result"] == {"receipt": 12, "closing": 4, "epoch": 2}
    book >> i.TseSurveyed((), newest=12)
    assert book.state.remembered is None, "the TSE's counter is known now"


@pytest.mark.parametrize("typed", [{}, {"receipt": 2, "closing": 0}])
def test_numbers_that_were_not_lost_are_not_skipped(typed: dict[str, int]) -> None:
    book = Playbook().ready(1000) >> i.RollbackFound("broker", "anderer Inhalt", 1, 2, 0)
    book >> command("counters.resume", reason="geklärt", **typed)
    fact = book.facts(f.CountersSkipped)[-1]
    assert (fact.last_receipt, fact.last_closing, fact.epoch) == (0, 0, 2)
    book >> add() >> cash()
    book.done()
    assert book.receipt().number == 3


def test_what_the_mirror_has_given_back_is_not_lost() -> None:
    book = Playbook().ready(1000) >> i.RollbackFound("mirror", "Zeilen 4 bis 9 kamen aus dem Spiegel.")
    assert "journal-rollback" not in dict(alerts(book.state)), "nobody need decide anything"
    (book >> command("counters.resume", reason="altes Abbild")).says("no_rollback")
    book >> add()
    book.says("ok")
    book >> BROKER
    assert "Spiegel" in dict(alerts(book.state))["journal-rollback"].text_de


def test_a_decision_outlives_a_restart_and_so_does_the_question() -> None:
    book = Playbook().ready(1000) >> BROKER
    book.restart().tse_opens() >> add()
    book.says("rollback_undecided")
    book >> command("counters.resume", reason="altes Abbild")
    book.restart().tse_opens() >> add()
    book.says("ok")
    assert book.state.epoch == 2
