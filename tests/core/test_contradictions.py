"""Sums that do not add up are told at the closing, and never keep the shop from closing."""

from dataclasses import replace

import pytest

from kassd.core import facts as f
from kassd.core import till
from kassd.core.cash.state import Holding
from kassd.core.contradictions import contradictions
from kassd.core.state import State
from kassd.mqtt.alerts import alerts
from tests.core.playbook import Playbook, add, cash, command


def traded() -> Playbook:
    book = Playbook().ready(5000)
    book >> add() >> add("Tasse", 990, 1)
    return (book >> cash(given=2000)).done()


def with_totals(state: State, **changed: object) -> State:
    totals = replace(state.till.totals, **changed)  # type: ignore[arg-type] # any of them
    return replace(state, till=replace(state.till, totals=totals))


def test_a_day_of_trade_adds_up() -> None:
    book = traded()
    assert contradictions(book.state) == ()
    (book >> command("till.close", count={"10": 634})).done()
    assert book.facts(f.TillClosed)[-1].contradictions == ()
    assert book.state.till.contradictions == ()


def test_what_does_not_add_up_is_said() -> None:
    state = traded().state
    cases = dict(state.till.totals.cases)
    gross, net, tax = cases["Umsatz|1"]
    assert contradictions(with_totals(state, cases={**cases, "Umsatz|1": (gross, net, tax + 1)})) == (
        "Umsatz zu Schlüssel 1: Brutto 9,90 €, Netto 8,32 € und Steuer 1,59 €.",
    )
    paid = {**state.till.totals.payments, "Unbar|Karte": 100}
    assert contradictions(with_totals(state, payments=paid)) == (
        "Geschäftsvorfälle 63,40 €, Zahlungen 64,40 €.",
    )
    stolen = replace(state, cash=replace(state.cash, held={"|EUR": Holding(6000, 6000)}))
    assert contradictions(stolen) == ("Barzahlungen 63,40 €, Bestand 60,00 €.",)


def test_the_shop_closes_and_everybody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    book = traded()
    monkeypatch.setattr(till, "contradictions", lambda state: ("Barzahlungen 1,00 €, Bestand 2,00 €.",))
    (book >> command("till.close", count={"10": 634})).done()
    closed = book.facts(f.TillClosed)[-1]
    assert closed.contradictions == ("Barzahlungen 1,00 €, Bestand 2,00 €.",)
    assert closed.document.sections[-1].rows[0].label == "Barzahlungen 1,00 €, Bestand 2,00 €."
    assert not book.state.till.open
    alert = dict(alerts(book.state))["till-sums"]
    assert alert.severity == "critical"
    assert "Barzahlungen 1,00 €" in alert.text_de
    assert alert.since == closed.at
    monkeypatch.undo()
    (book >> command("till.open", counted=6340)).done()
    assert "till-sums" in dict(alerts(book.state))  # until a closing adds up
    (book >> command("till.close", count={"10": 634})).done()
    assert "till-sums" not in dict(alerts(book.state))
