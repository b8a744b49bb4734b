"""The closing and the terminals' ends of day."""

from kassd.core import facts as f
from kassd.core.cards.closing import card_sums
from tests.core.cards.till import CardTill
from tests.core.playbook import add, card, command, device


def sold() -> CardTill:
    till = CardTill().ready()
    till >> add() >> card()
    till.done()
    till.settled()
    return till


def rows(till: CardTill) -> list[tuple[str, int | None, int | None]]:
    (closed,) = till.facts(f.TillClosed)
    found = [s for s in closed.document.sections if s.title == "Kartenterminals"]
    return [(row.label, row.count, row.amount) for row in found[0].rows]


def test_a_closing_ends_the_terminals_day_and_compares() -> None:
    till = sold()
    assert card_sums(till.state).rows[0].amount == 350
    till >> command("till.close", count={"1": 0})
    assert till.charge.operation == "end_of_day"
    till.outcome("done", count=1, amount=350)
    till.settled()
    assert rows(till)[:2] == [("karte: laut Kasse", 1, 350), ("  laut Terminal", 1, 350)]
    assert not till.state.cards.batches
    assert not till.state.cards.ended
    assert not till.state.cards.differing


def test_a_difference_is_shown_and_stays_until_the_next() -> None:
    till = sold()
    till >> command("till.close", count={"1": 0})
    till.outcome("done", count=2, amount=400)
    till.settled()
    assert ("  Differenz", None, 50) in rows(till)
    assert till.state.cards.differing["karte"].terminal_amount == 400


def test_without_the_terminal_the_closing_says_so_and_the_batch_goes_on() -> None:
    till = sold()
    till >> device("karte", "absent") >> command("till.close", count={"1": 0})
    till.settled()
    assert ("  Kassenschnitt nicht gemacht", None, None) in rows(till)
    assert till.state.cards.batches["karte"].amount == 350


def test_an_end_of_day_that_breaks_off_does_not_hold_the_closing() -> None:
    till = sold()
    till >> command("till.close", count={"1": 0})
    till.outcome("unclear", "timeout", "Verbindung weg. Ob gezahlt wurde, ist ungewiss.")
    till.settled()
    assert till.facts(f.TillClosed)
    (day,) = till.facts(f.CardDayEnded)
    assert "mitten im Kassenschnitt" in day.message
    assert "gezahlt" not in day.message
    till.restart()
    assert till.state.cards.batches["karte"].count == 1


def test_a_restart_in_the_middle_of_it_ends_the_closing() -> None:
    till = sold()
    till >> command("till.close", count={"1": 0})
    till.restart()
    till.tse_opens().paper()
    assert till.facts(f.TillClosed)
    (day,) = till.facts(f.CardDayEnded)
    assert "mitten im Kassenschnitt" in day.message
    assert "Kartenzahlung" not in day.message


def test_by_hand() -> None:
    till = sold()
    till >> command("card.end_of_day") << "card.asked +card"
    till.outcome("done", count=1, amount=350)
    assert not till.state.cards.batches
    till >> command("card.end_of_day", terminal="weg")
    till.says("terminal_unknown")


def test_doubt_blocks_the_closing() -> None:
    till = CardTill().ready()
    till >> add() >> card()
    till.outcome("unclear", "timeout")
    till >> command("till.close", count={"1": 0})
    till.says("payment_unknown")
