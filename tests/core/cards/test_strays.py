"""A person settled what the terminal did not say; then it answers."""

from kassd.core import facts as f
from kassd.core.cards import inputs
from kassd.mqtt.alerts import alerts
from tests.core.cards.till import CardTill
from tests.core.playbook import add, card, cash, command, device


def settled(*, paid: bool) -> tuple[CardTill, str]:
    """The terminal is silent, and a person says what happened."""
    till = CardTill().ready()
    till >> add() >> card()
    charge = till.charge.id
    till.outcome("unclear", "unplugged")
    till >> device("karte", "absent") >> command("card.settle", paid=paid, reason="Kunde sagt es")
    if not paid:
        till >> cash()
    till.settled()
    return till, charge


def strays(till: CardTill) -> list[str]:
    return [alert.text_de for name, alert in alerts(till.state) if name.startswith("card-stray")]


def test_who_was_right_hears_no_more_of_it() -> None:
    till, charge = settled(paid=False)
    till >> inputs.CardAnswered(charge, "none") << "card.judged"
    assert not till.state.cards.settled
    assert not strays(till)
    till, charge = settled(paid=True)
    till >> inputs.CardAnswered(charge, "last", till.data(350)) << "card.judged"
    assert not strays(till)


def test_money_without_a_sale_is_reversed() -> None:
    till, charge = settled(paid=False)
    taken = till.data(350)
    till >> inputs.CardAnswered(charge, "last", taken) << "card.judged"
    assert "bucht sie zurück" in strays(till)[0]
    till >> device("karte", "ready") << "card.asked +card"
    assert (till.charge.operation, till.charge.original) == ("reversal", taken)
    till.done() << "card.ended card.stray_settled"
    assert not strays(till)
    assert till.payments() == [350], "cash, and nothing else was booked"


def test_what_cannot_be_reversed_is_a_persons() -> None:
    till, charge = settled(paid=False)
    till >> device("karte", "ready") >> inputs.CardAnswered(charge, "last", till.data(350))
    till << "card.judged card.asked +card"
    till.outcome("failed", "b5", "Storno nicht möglich.")
    till.tick()
    assert not till.state.cards.charges, "tried once"
    assert "von Hand stornieren" in strays(till)[0]
    till >> command("card.settle", paid=False, reason="am Terminal storniert") << "card.stray_settled"
    assert not strays(till)


def test_a_sale_without_money_is_told() -> None:
    till, charge = settled(paid=True)
    till >> device("karte", "ready") >> inputs.CardAnswered(charge, "none") << "card.judged"
    assert "als bezahlt bestätigt" in strays(till)[0]
    till >> command("card.settle", paid=False, reason="nachkassiert") << "card.stray_settled"


def test_it_is_asked_again_after_a_start() -> None:
    till, charge = settled(paid=False)
    till.restart()
    assert [ask.args["charge"] for ask in till.last.asks if ask.kind == "card.ask"] == [charge]
    assert till.facts(f.CardEnded)[-1].how == "operator"
