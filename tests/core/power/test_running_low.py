"""On battery: what is still begun, what is ended, and when the register ends."""

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.power.state import Level, PowerState
from kassd.core.power.wording import power_sentence
from tests.core.playbook import Playbook, add, cash, command, scan


def power(level: Level, percent: int | None = None, minutes: int | None = None) -> i.PowerRead:
    return i.PowerRead(level, percent, minutes)


def shop() -> Playbook:
    return Playbook().ready() >> power("mains", 100)


def kinds(book: Playbook) -> list[str]:
    found = [fact["kind"] for line in book.lines for fact in line["facts"]]
    return [kind for kind in found if kind.startswith("power.")]


def test_a_line_is_written_where_a_level_begins() -> None:
    book = shop()
    book >> power("mains", 99) << ""
    assert book.state.power.percent == 99
    book >> power("battery", 98, 60) << "power.changed"
    book >> power("battery", 97, 58) << ""
    book >> power("low", 30) << "power.changed"
    book >> power("mains", 31) << "power.changed"
    told = [(fact.level, fact.percent) for fact in book.facts(f.PowerChanged)]
    assert told == [("mains", 100), ("battery", 98), ("low", 30), ("mains", 31)]


def test_on_battery_everything_goes_on() -> None:
    book = shop() >> power("battery", 60) >> add()
    book.says("ok")
    assert book.current().total == 350


@pytest.mark.parametrize("level", ["low", "critical"])
def test_what_was_begun_is_paid_and_signed_and_nothing_new_is_begun(level: Level) -> None:
    book = shop() >> add() >> power(level, 8)
    book >> add("Kaffee", 200)
    book.says("ok")
    book >> cash()
    book.done()
    assert book.receipt().document.total == 550
    book >> add()
    book.says("battery_low")
    book >> scan("4006381333931") << ""
    assert "Netzteil anschließen" in book.state.station("main").message or "Artikel" in (
        book.state.station("main").message
    )
    book >> power("mains", 9) >> add()
    book.says("ok")


def test_a_scan_begins_nothing_either() -> None:
    book = shop() >> command("catalog.put", id="bier", name="Pils", price=210, vat=1, codes=["4006381333931"])
    book >> power("low", 20) >> scan("4006381333931") << ""
    assert "das Netzteil anschließen" in book.state.station("main").message
    assert book.state.current("main") is None
    book >> power("mains", 20) >> scan("4006381333931")
    assert book.current().total == 210


def test_the_till_is_closed_on_the_last_percents() -> None:
    book = shop() >> add() >> cash()
    book.done() >> power("low", 11) >> command("till.close", count={"50": 7})
    book.done()
    assert not book.state.till.open


def test_the_end_is_decided_once_nothing_is_sold() -> None:
    book = shop() >> power("critical", 9) << "power.changed"
    assert book.last.wake == book.mono + 5_000_000_000
    book.wait(4.9).tick() << ""
    book.wait(0.1).tick() << "power.ending"
    assert book.facts(f.PowerEnding)[0].open == 0
    book.wait(60).tick() << ""


def test_a_sale_holds_the_end_up_until_it_is_signed() -> None:
    book = shop() >> add() >> power("critical", 9)
    book.wait(20).tick() << ""
    book >> cash()
    assert "power.ending" not in kinds(book), "it is being signed"
    book.done()
    assert kinds(book)[-1] == "power.ending"


def test_a_sale_holds_the_end_up_no_longer_than_the_grace() -> None:
    book = shop() >> add() >> power("critical", 9)
    assert book.last.wake == book.mono + 60_000_000_000
    book.wait(60).tick() << "power.ending"
    assert book.facts(f.PowerEnding)[0].open == 1
    book.restart()
    assert book.current().total == 350, "it goes on"


def test_the_mains_call_the_end_off() -> None:
    book = shop() >> power("critical", 9)
    book.wait(4) >> power("mains", 9) << "power.changed"
    book.wait(600).tick() << ""
    assert "power.ending" not in kinds(book)
    book >> power("critical", 9)
    book.wait(5).tick() << "power.ending"


def test_a_new_process_knows_nothing_until_it_is_told() -> None:
    book = shop() >> power("low", 12)
    book.restart()
    assert book.state.power == PowerState()
    book.tse_opens() >> add()
    book.says("ok")
    book >> power("low", 12) << "power.changed"


def test_undervoltage_begins_and_ends() -> None:
    book = shop() >> i.PowerRead(weak=True) << "power.weak"
    assert book.state.power.level == "mains"
    book >> i.PowerRead(weak=True) << ""
    book >> i.PowerRead(weak=False) << "power.weak"
    assert book.state.power.weak == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PowerState("mains"), ""),
        (PowerState("battery", percent=63, minutes=40), "aus dem Akku (63 %, etwa 40 min)."),
        (PowerState("low", percent=20), "fast leer (20 %): es wird kein Verkauf mehr begonnen."),
        (PowerState("critical"), "Der Akku ist leer: die Kasse fährt herunter."),
        (PowerState("mains", weak="2026"), "Versorgungsspannung ist zu niedrig"),
    ],
)
def test_sentences(state: PowerState, words: str) -> None:
    assert words in power_sentence(state)
    assert bool(power_sentence(state)) == bool(words)
