"""The terminal's last receipt once more: no money moves, and the paper says what it is."""

import pytest

from kassd.core import facts as f
from kassd.core.cards import inputs
from kassd.core.cards.answers import NO_SLIP
from kassd.receipt.layout import plain_text
from tests.core.cards.till import CardTill
from tests.core.playbook import add, card, command

SLIPS = {"merchant": ("** HÄNDLERBELEG **", "BETRAG 3,50"), "customer": ("** KUNDENBELEG **", "BETRAG 3,50")}


def repeating() -> CardTill:
    """A payment is done, and its receipt is asked for again."""
    till = CardTill().ready()
    till >> add() >> card()
    till.done().settled() >> command("card.repeat") << "card.asked +card"
    return till


def slips(till: CardTill) -> None:
    for copy, lines in SLIPS.items():
        till >> inputs.CardSlipCame("karte", till.charge.id, copy, lines) << "card.slip_kept"  # type: ignore[arg-type]


def test_both_copies_are_printed_and_marked() -> None:
    till = repeating()
    assert till.state.outbox[till.charge.id].args["operation"] == "repeat"
    paid, batch = till.payments(), till.state.cards.batches
    slips(till)
    till.outcome("done")
    printed = [fact.document for fact in till.facts(f.CardSlipPrinted)]
    assert [document.title for document in printed] == ["Händlerbeleg", "Kundenbeleg"]
    for document, lines in zip(printed, SLIPS.values(), strict=True):
        text = plain_text(document, 42)
        assert "KOPIE" in text
        assert "Wiederholung des letzten Belegs" in text
        assert all(line in text for line in lines)
    assert till.charge_free()
    assert (till.payments(), till.state.cards.batches) == (paid, batch)
    assert till.state.cards.last["karte"].receipt == "0001"


@pytest.mark.parametrize(
    ("result", "message", "told"),
    [
        ("done", "", NO_SLIP),
        ("failed", "Kein Vorgang.", "Kein Beleg. Kein Vorgang."),
        ("unclear", "Ob gezahlt wurde, ist ungewiss.", "Kein Beleg. Die Verbindung ist abgerissen"),
    ],
)
def test_the_station_is_told_why_none_came(result: str, message: str, told: str) -> None:
    till = repeating()
    till.outcome(result, message=message)
    assert told in till.state.station("main").message
    assert "gezahlt" not in till.state.station("main").message
    assert till.charge_free()
    assert not till.facts(f.CardUnclear), "no money can have moved: nothing is asked for"
    assert not till.facts(f.CardSlipPrinted)


def test_the_terminal_does_one_thing_at_a_time() -> None:
    till = repeating()
    till >> add() >> card()
    till.says("terminal_busy")
    till >> command("card.repeat")
    till.says("terminal_busy")
    till >> command("card.abort") << "?card.abort"


def test_a_restart_does_not_begin_it_again() -> None:
    till = repeating()
    till.restart().tse_opens()
    assert till.charge_free()
    assert [fact.result for fact in till.facts(f.CardEnded)] == ["done", "failed"]


def test_of_a_terminal_that_is_not_there() -> None:
    till = CardTill().ready()
    till >> command("card.repeat", terminal="weg")
    till.says("terminal_unknown")


def test_a_closing_has_the_terminal_to_itself() -> None:
    till = CardTill().ready()
    till >> add() >> card()
    till.done().settled() >> command("till.close", count={"100": 0})
    assert till.charge.operation == "end_of_day"
    till >> command("card.repeat")
    till.says("terminal_busy")
