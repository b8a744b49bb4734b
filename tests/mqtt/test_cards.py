"""What displays and people see of a card payment on its way."""

from kassd.core.cards import inputs
from kassd.core.cards.data import CardData
from kassd.mqtt.alerts import alerts
from kassd.mqtt.project import customer_view, sale_document
from tests.core.cards.till import CardTill
from tests.core.playbook import add, card, command, device


def asked() -> CardTill:
    till = CardTill().ready()
    till >> add() >> card()
    return till


def test_the_sale_shows_what_the_terminal_does() -> None:
    till = asked()
    shown = sale_document(till.state, "main").card
    assert shown is not None
    assert (shown.terminal, shown.operation, shown.amount, shown.status) == ("karte", "payment", 350, "asked")
    till >> inputs.CardSays(till.charge.id, "Karte entnehmen")
    assert sale_document(till.state, "main").card.message == "Karte entnehmen"  # type: ignore[union-attr]
    assert customer_view(till.state, "main").message == "Karte entnehmen"
    till.done()
    assert sale_document(till.state, "main").card is None


def test_doubt_is_an_alert_until_it_is_settled() -> None:
    till = asked()
    rev = till.state.station("main").sale_rev
    till.outcome("unclear", "timeout")
    assert till.state.station("main").sale_rev > rev
    (alert,) = [alert for name, alert in alerts(till.state) if name.startswith("card-")]
    assert alert.severity == "critical"
    assert "Nicht noch einmal kassieren" in alert.text_de
    till.answer("last", CardData("karte", 999, "0815", "4711"))
    (alert,) = [alert for name, alert in alerts(till.state) if name.startswith("card-")]
    assert "Zuletzt am Terminal: 9,99 €, BNr. 0815 Trace 4711." in alert.text_de
    assert customer_view(till.state, "main").message == "Einen Moment bitte."
    till >> command("card.settle", paid=False, reason="Terminal zeigt Abbruch")
    assert not [name for name, _ in alerts(till.state) if name.startswith("card-")]


def test_a_terminal_that_is_away_and_a_day_that_differs_are_told() -> None:
    till = asked()
    till.done()
    till.settled()
    till >> command("card.end_of_day")
    till.outcome("done", count=2, amount=400)
    till >> device("karte", "absent")
    found = dict(alerts(till.state))
    assert "0,50 € mehr als die Kasse" in found["card-day-karte"].text_de
    assert "antwortet nicht" in found["terminal-karte"].text_de


def test_reversed_and_not_cancelled_is_told() -> None:
    till = asked()
    till.done()
    till.settled()
    till >> command("receipt.cancel", receipt=str(till.receipt().number), reason="Irrtum")
    till.done()
    assert (
        "noch nicht storniert" in dict(alerts(till.state))[f"card-reversed-{till.receipt().number}"].text_de
    )
