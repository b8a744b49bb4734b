"""A defect of the program costs one step: it is told, nothing of it stands, and the register goes on."""

from typing import NoReturn

import pytest

from kassd.core import decide as decide_module
from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.commands import SaleVoidLine
from kassd.core.decide import decide
from kassd.core.decision import Decision, Draft
from kassd.core.inputs import Stamp
from kassd.core.perform import PERFORMERS
from tests.core.playbook import Playbook, add, command, scan


def decided(book: Playbook, input: i.Input) -> Decision:
    return decide(book.state, input, Stamp(len(book.lines), book.at, book.mono))


def test_a_command_that_fails_is_answered_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Playbook().ready() >> add()

    def broken(d: Draft, station: str, args: SaleVoidLine) -> NoReturn:
        d.fact(f.LineVoided(d.state.station(station).current, 2, 1, d.at, ""))
        raise KeyError("Brot")

    monkeypatch.setitem(PERFORMERS, SaleVoidLine, broken)
    decision = decided(book, command("sale.void_line"))
    assert decision.reply is not None
    assert (decision.reply.status, decision.reply.code) == ("failed", "internal_error")
    assert [type(fault) for fault in decision.faults] == [KeyError]
    assert (decision.facts, decision.wishes) == ((), ())


def test_a_scan_that_fails_is_told_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> NoReturn:
        raise KeyError("Brot")

    book = Playbook().ready()
    monkeypatch.setattr("kassd.core.scanning.scanned", broken)
    decision = decided(book, scan("4006381333931"))
    (told,) = decision.volatile
    assert isinstance(told, f.MessageShown)
    assert (told.code, len(decision.faults), decision.facts) == ("internal_error", 1, ())


def test_a_rule_that_fails_is_left_out_and_the_next_start_gets_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the state calls for comes again with every input: also with a boot's."""
    book = Playbook().ready(1000) >> command("till.close", count={"1000": 1})

    def broken(d: Draft) -> NoReturn:
        d.fact(f.MovementsPlanned(()))
        raise ValueError("ein Fehler")

    rules = tuple(broken if rule.__name__ == "settle_till" else rule for rule in decide_module.RULES)
    monkeypatch.setattr(decide_module, "RULES", rules)
    for input in (i.Started(book.config, "h", "1.1", "b2"), i.Tick()):
        decision = decided(book, input)
        assert [str(fault) for fault in decision.faults] == ["ein Fehler"]
        assert not [fact for fact in decision.facts if isinstance(fact, f.MovementsPlanned)]
    decision = decided(book, command("cash.expected"))
    assert decision.reply is not None
    assert decision.reply.status == "ok"


def test_rules_that_feed_each_other_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def restless(d: Draft) -> None:
        d.fact(f.MessageShown("main", "…", ""))
        d.fact(f.DrawerAsked(d.at, "main", "", "…"))

    book = Playbook().ready()
    monkeypatch.setattr(decide_module, "RULES", (restless,))
    decision = decided(book, i.Tick())
    assert [str(fault) for fault in decision.faults] == ["the rules do not come to rest"]
