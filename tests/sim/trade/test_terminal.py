"""The card terminal of made-up trade reports as the driver of a real one does."""

from datetime import date, datetime
from pathlib import Path

import pytest

from kassd import settings
from kassd.core.cards.inputs import CardAnswered, CardHeard, CardOutcome, CardSlipCame
from kassd.core.facts import Wish
from kassd.journal import read_lines
from kassd.sim.trade import SHOPS, generate, write_setup
from kassd.sim.trade.acts import Fate
from kassd.sim.trade.shop import BERLIN
from kassd.sim.trade.terminal import LATE_S, NS, TIP, VirtualTerminal


def terminal() -> VirtualTerminal:
    return VirtualTerminal("karte", lambda: datetime(2026, 1, 5, 18, 30, tzinfo=BERLIN))


def wish(operation: str, amount: int = 0, **args: str) -> Wish:
    return Wish("1.0", "card", {"terminal": "karte", "operation": operation, "amount": amount, **args})


def test_heard_written_ended_in_this_order() -> None:
    there = terminal()
    assert there.told().last is None
    delays, reports = zip(*there.perform(wish("payment", 480)), strict=True)
    assert [type(report) for report in reports] == [CardHeard, CardSlipCame, CardSlipCame, CardOutcome]
    assert sorted(delays) == list(delays)
    assert reports[0].data == reports[-1].data == there.told().last
    assert reports[-1].data.amount == 480


@pytest.mark.parametrize(
    ("fate", "result", "amount"),
    [
        ("declines", "failed", 0),
        ("part", "done", 320),
        ("tip", "done", 480 + TIP),
        ("breaks", "unclear", 480),
    ],
)
def test_fates(fate: Fate, result: str, amount: int) -> None:
    there = terminal()
    there.fate = fate
    outcome = list(there.perform(wish("payment", 480)))[-1][1]
    assert isinstance(outcome, CardOutcome)
    assert outcome.result == result
    last = there.told().last
    assert (last.amount if last else 0) == amount
    assert there.fate == "pays", "once"


@pytest.mark.parametrize(("fate", "found", "after"), [("mute", "mute", 2), ("silent", "last", LATE_S)])
def test_asked_after_it_broke_off(fate: Fate, found: str, after: int) -> None:
    there = terminal()
    there.fate = fate
    list(there.perform(wish("payment", 480)))
    (delay, answer), *later = there.asked("1.0")
    assert isinstance(answer, CardAnswered)
    assert (answer.found, delay) == (found, after * NS)
    assert [delay for delay, _ in later] == ([LATE_S * NS] if fate == "mute" else [])


def test_nothing_is_charged_while_it_waits_for_a_card() -> None:
    there = terminal()
    there.fate = "waits"
    assert list(there.perform(wish("payment", 480))) == []
    assert list(there.abort("other")) == []
    ((_, outcome),) = there.abort("1.0")
    assert isinstance(outcome, CardOutcome)
    assert outcome.result == "failed"
    assert there.told().last is None


def test_its_day_is_what_it_has_taken_less_what_it_gave_back() -> None:
    there = terminal()
    list(there.perform(wish("payment", 480)))
    list(there.perform(wish("payment", 690)))
    undone = list(there.perform(wish("reversal", 480, receipt="0001")))[-1][1]
    assert isinstance(undone, CardOutcome)
    assert undone.data is not None
    assert undone.data.original_trace == "000001"
    list(there.perform(wish("refund", 100)))
    for count, amount in ((4, 590), (0, 0)):
        day = list(there.perform(wish("end_of_day")))[-1][1]
        assert isinstance(day, CardOutcome)
        assert (day.count, day.amount) == (count, amount)


def test_in_the_bar_both_sums_agree_at_each_closing(tmp_path: Path) -> None:
    """Also where a person and the terminal did not agree: what was charged without a sale went back."""
    config = settings.flatten(settings.load(write_setup(SHOPS["bar"], tmp_path)))
    made = generate(SHOPS["bar"], tmp_path, config, date(2026, 1, 8), 4, 7, 0.01)
    facts = [fact for line in read_lines(made.journal) for fact in line.facts]
    days = [fact["data"] for fact in facts if fact["kind"] == "card.day_ended"]
    assert len(days) >= 3
    judged = [fact["data"] for fact in facts if fact["kind"] == "card.judged"]
    assert ("done", False) in [(one["verdict"], one["paid"]) for one in judged], judged
    assert all(day["done"] and day["terminal_amount"] == day["amount"] for day in days), days
    assert sum(day["amount"] for day in days) == sum(
        fact["data"]["amount"]
        for fact in facts
        if fact["kind"] == "sale.payment_added" and fact["data"].get("card")
    )
