"""What a closing carries and shows, a business day that is over, the annex."""

from datetime import datetime, timedelta

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.annex import annex_hash
from kassd.core.carry import durable
from kassd.core.cash.state import Holding
from kassd.core.document import Row
from kassd.mqtt.alerts import alerts
from tests.core.cash.test_movements import shop
from tests.core.playbook import CET, Playbook, add, card, cash, command, replayed


def rows(book: Playbook, title: str) -> list[Row]:
    document = book.facts(f.TillClosed)[-1].document
    return [row for section in document.sections if section.title == title for row in section.rows]


def test_the_closing_carries_the_stock_of_every_account() -> None:
    book = shop() >> command("cash.transfer", amount=2_000, to="berta") >> add(price=1_000)
    book.done() >> cash(currency="CHF", given=2_000)
    book.done() >> command("till.close", count={"100": 71}, counts={"berta": {"1000": 2}})
    book.says("count_required")
    assert book.replies[-1]["result"] == {"expected": 2000, "missing": ["drawer/CHF"]}
    wrong = {"berta": {"1000": 2}, "drawer/CHF": {"1": 2}}
    (book >> command("till.close", count={"100": 71}, counts=wrong)).says("bad_args")
    assert "(drawer, CHF 0,01: keine Stückelung" in book.replies[-1]["message"]
    assert book.replies[-1]["result"]["detail"].startswith("drawer/CHF.1: expected")
    counts = {"berta": {"1000": 2}, "drawer/CHF": {"1000": 2}}
    book >> command("till.close", count={"100": 71}, counts=counts)
    book.says("accepted").done()
    closing = book.facts(f.TillClosed)[-1]
    assert closing.holdings == {
        "|EUR": Holding(7_100, 7_100),
        "|CHF": Holding(2_000, 1_900),
        "berta|EUR": Holding(2_000, 2_000),
    }
    assert (closing.cash, closing.late, closing.reason) == (9_100, False, "")
    labels = [row.label for row in rows(book, "Bargeld")]
    names = ["drawer", "drawer, CHF", "lade-2", "berta", "Bargeld in Euro gesamt"]
    assert [label for label in labels if label in names] == names
    assert [row.amount for row in rows(book, "Zahlungsarten")] == [1_000, 10_000]


def test_payments_stand_by_type_and_name() -> None:
    book = Playbook().ready(1000)
    for payment in (card(), card(brand="visa"), cash()):
        book >> add() >> payment
        book.done()
    book >> command("till.close", count={"50": 27})
    book.done()
    assert [(row.label, row.amount) for row in rows(book, "Zahlungsarten")] == [
        ("Bar", 350),
        ("Bar (Geldbewegungen)", 1000),
        ("Visa (Kreditkarte)", 350),
        ("Karte (Unbar)", 350),
    ]


def test_turnover_by_operator_only_where_it_is_configured() -> None:
    for configured in (False, True):
        book = Playbook()
        book.config["reports.operators"] = configured
        book.ready() >> command("operator.login", operator="Anna") >> add() >> card()
        book.done() >> command("operator.login", operator="Ben") >> add() >> card()
        book.done() >> command("till.close", count={})
        book.done()
        shown = [(row.label, row.amount) for row in rows(book, "Belege je Bediener")]
        assert shown == ([("Anna", 350), ("Ben", 350)] if configured else [])
        counts = {row.label: row.count for row in rows(book, "Vorgänge")}
        assert counts["Anmeldungen"] == 2


def late_evening(ends: str = "00:00") -> Playbook:
    book = Playbook(at=datetime(2026, 11, 21, 23, 30, tzinfo=CET))
    book.config["cash.day_ends"] = ends
    return book.ready(1000)


def test_a_day_that_is_over_is_visible_until_it_is_closed_with_a_reason() -> None:
    book = late_evening()
    assert book.last.wake == book.state.till.day_ends
    book.wait(29 * 60).tick() << ""
    book.wait(90).tick() << "till.day_passed"
    assert book.last.wake is None
    alert = dict(alerts(book.state))["till-day"]
    assert "2026-11-21" in alert.text_de
    book >> command("till.report")
    report = book.facts(f.ReportMade)[-1].document.sections[0]
    assert "Nach dem Geschäftstag noch offen" in [row.label for row in report.rows]
    book >> command("till.close", count={"100": 10})
    book.says("reason_required")
    assert "2026-11-21" in book.replies[-1]["message"]
    book >> command("till.close", count={"100": 10}, reason="Feier bis nach Mitternacht")
    book.says("accepted").done()
    closing = book.facts(f.TillClosed)[-1]
    assert (closing.business_day, closing.late) == ("2026-11-21", True)
    assert closing.reason == "Feier bis nach Mitternacht"
    assert [row.text for row in rows(book, "Zeitraum") if row.label == "  Grund"] == [closing.reason]
    assert "till-day" not in dict(alerts(book.state))
    assert durable(replayed(book.lines)) == durable(book.state)


def test_a_bar_may_close_in_the_night() -> None:
    book = late_evening("04:00").wait(4 * 3600).tick()
    book << ""
    book >> command("till.close", count={"100": 10})
    book.says("accepted")


def closing_alert(book: Playbook) -> bool:
    return "till-closing" in dict(alerts(book.state))


def test_a_till_that_is_still_open_is_reminded_of_until_it_is_closed() -> None:
    book = Playbook(at=datetime(2026, 11, 21, 19, 0, tzinfo=CET))
    book.config |= {"cash.day_ends": "02:00", "cash.remind_at": "21:30"}
    book.ready(1000)
    assert book.last.wake == book.state.till.remind_at
    book.wait(2 * 3600).tick() << ""
    assert not closing_alert(book)
    book.wait(1800).tick() << "till.closing_reminded"
    assert book.last.wake == book.state.till.day_ends
    assert dict(alerts(book.state))["till-closing"].severity == "info"
    book.wait(60).tick() << ""
    book.restart().tse_opens()
    assert closing_alert(book)
    assert len(book.facts(f.ClosingReminded)) == 1
    book >> command("till.close", count={"100": 10})
    book.says("accepted").done()
    assert not closing_alert(book)
    assert durable(replayed(book.lines)) == durable(book.state)


def test_after_the_day_the_reminder_gives_way_and_without_a_setting_there_is_none() -> None:
    book = late_evening()
    assert book.state.till.remind_at == 0
    book.config |= {"cash.day_ends": "04:00", "cash.remind_at": "02:00"}
    book.restart().tse_opens().wait(2 * 3600).tick() << ""
    book.wait(1800).tick() << "till.closing_reminded"
    book.wait(2 * 3600).tick() << "till.day_passed"
    shown = dict(alerts(book.state))
    assert "till-day" in shown
    assert "till-closing" not in shown


def test_a_restart_and_a_turned_clock_know_the_days_end() -> None:
    book = late_evening().restart()
    assert book.last.wake == book.state.till.day_ends
    book.wait(31 * 60).tick()
    assert [fact.business_day for fact in book.facts(f.DayPassed)] == ["2026-11-21"]
    book = late_evening()
    book.at += timedelta(hours=1)
    book >> i.ClockStepped(3600, False)
    assert book.facts(f.DayPassed)


def test_the_annex_is_hashed_at_each_change_and_closing() -> None:
    book = Playbook().ready(0)
    first = book.facts(f.ConfigAnnex)
    assert first[-1].sha256 == annex_hash(book.state) == book.state.annex
    book >> command("catalog.put", id="1", name="Brot", price=1, vat=2)
    assert len(book.facts(f.ConfigAnnex)) == len(first)
    book.config["cash.blind"] = True
    book.restart()
    changed = book.facts(f.ConfigAnnex)
    assert len(changed) == len(first) + 1
    assert changed[-1].sha256 != first[-1].sha256
    book.tse_opens() >> command("till.close", count={})
    book.done()
    assert [fact.sha256 for fact in book.facts(f.ConfigAnnex)][-2:] == [changed[-1].sha256] * 2


def test_an_export_is_a_fact_and_counted() -> None:
    book = Playbook().ready(0) >> command("export.record", what="tar", first="2026-11-01", last="2026-11-30")
    book.says("ok") << "export.made"
    fact = book.facts(f.ExportMade)[-1]
    assert (fact.operator, fact.what, fact.first, fact.last) == ("anzeige", "tar", "2026-11-01", "2026-11-30")
    book >> command("export.record", what=" ")
    book.says("bad_args")
    book >> command("export.record", client="theke-2", what="tar")
    book.says("unauthorized")
    book >> command("till.close", count={})
    book.done()
    assert {row.label: row.count for row in rows(book, "Vorgänge")}["Datenexporte"] == 1
