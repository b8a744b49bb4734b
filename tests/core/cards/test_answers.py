"""A payment through the terminal: each step on the disk before the next, and whatever may break off."""

from dataclasses import replace

import pytest

from kassd.core import facts as f
from kassd.core.cards import inputs
from kassd.core.cards.data import CardData
from kassd.mqtt.alerts import alerts
from tests.core.cards.till import CardTill
from tests.core.playbook import add, card, cash, command, device, scan


def asked(**config: object) -> CardTill:
    """3.50 € are asked of the terminal."""
    till = CardTill(**config).ready()
    till >> add() >> card() << "card.asked +card"
    return till


def test_wish_before_the_first_byte_and_payment_with_the_end() -> None:
    till = asked()
    assert till.last.reply
    assert till.last.reply.status == "accepted"
    assert till.last.reply.result == {
        "sale": till.current().id,
        "due": 350,
        "change": 0,
        "charge": till.charge.id,
    }
    assert till.current().status == "paying"
    wish = till.state.outbox[till.charge.id]
    assert wish.args == {"terminal": "karte", "operation": "payment", "amount": 350}
    data = till.approve()
    till << "card.approved"
    assert till.current().due == 350, "approved is not paid"
    till.outcome("done", data=data) << "card.ended sale.payment_added sale.paid"
    till.sign()
    (payment,) = till.facts(f.PaymentAdded)
    assert (payment.type, payment.name, payment.card) == ("ECKarte", "girocard", data)
    assert payment.reference == "T-ID 30010207 BNr. 0001 Trace 000001"
    assert payment.operator == "anzeige"
    assert till.charge_free()
    assert till.receipt().document.payments[0].reference == payment.reference


def test_nothing_else_is_taken_meanwhile() -> None:
    till = asked()
    for again in (
        card(),
        cash(),
        add(),
        command("sale.abort"),
        command("sale.undo"),
        command("sale.tip", amount=10),
    ):
        till >> again
        till.says("sale_paying")
    till >> scan("4006381333931")
    assert not till.last.facts
    till >> command("till.close")
    till.says("sale_paying")
    till.wait(4000).tick()
    assert till.current().status == "paying", "no time-out while a card is being charged"


def test_declined_the_sale_goes_on() -> None:
    till = asked()
    till.outcome("failed", "05", "Karte abgelehnt. Anders bezahlen.")
    till << "card.ended sale.reopened"
    assert till.state.station("main").message == "Karte abgelehnt. Anders bezahlen."
    till >> cash() << "sale.payment_added sale.paid +drawer"


def test_a_second_means_goes_on_where_the_first_was_declined() -> None:
    till = CardTill().ready()
    till >> add() >> cash(amount=100) >> card()
    till.outcome("failed", "6c") << "card.ended"
    assert till.current().status == "paying"
    till >> card()
    till.done() << "card.ended sale.payment_added sale.paid"
    assert till.payments() == [100, 250]


def test_partial_approval_leaves_the_rest_due() -> None:
    till = asked()
    till.done(200) << "card.ended sale.payment_added"
    assert till.current().due == 150
    assert "Nur 2,00 €" in till.state.station("main").message
    till >> cash() << "sale.payment_added sale.paid +drawer"


@pytest.mark.parametrize(("to", "case"), [("staff", "TrinkgeldAN"), ("owner", "TrinkgeldAG")])
def test_a_tip_at_the_terminal_is_a_line(to: str, case: str) -> None:
    till = asked(**{"tips.to": to})
    till.done(400) << "card.ended sale.line_added sale.payment_added sale.paid"
    line = till.facts(f.LineAdded)[-1]
    assert (line.case, line.amount) == (case, 50)


def test_a_tip_is_taken_though_no_line_has_room() -> None:
    till = CardTill().ready()
    for _ in range(200):
        till >> add()
    till >> card()
    till.done(70_100) << "card.ended sale.line_added sale.payment_added sale.paid"


def test_broken_off_the_terminal_is_asked_and_its_answer_decides() -> None:
    till = asked()
    data = till.approve()
    till.outcome("unclear", "timeout") << "card.unclear ?card.ask"
    till >> card()
    till.says("payment_unknown")
    till >> command("sale.abort")
    till.says("payment_unknown")
    till.answer("last", data) << "card.ended sale.payment_added sale.paid"
    assert till.facts(f.CardEnded)[-1].how == "asked"


def test_what_the_terminal_took_back_is_not_paid() -> None:
    till = asked()
    till.approve()
    till.outcome("unclear", "timeout")
    till.answer("none") << "card.ended sale.reopened"
    assert till.payments() == []
    till >> cash() << "sale.payment_added sale.paid +drawer"


def test_a_restart_asks() -> None:
    till = asked()
    till.restart()
    assert "card.unclear" in [fact.kind for fact in till.last.facts]
    assert [ask.kind for ask in till.last.asks][-1] == "card.ask"
    till.restart()
    assert [ask.args["charge"] for ask in till.last.asks] == [till.charge.id], "asked again, noted once"
    till.answer("none") << "card.ended sale.reopened"


def test_an_answer_that_does_not_decide_is_a_persons() -> None:
    till = asked()
    till.outcome("unclear", "timeout")
    foreign = till.data(999)
    till.answer("last", foreign) << "card.unknown"
    assert till.charge.last == foreign
    till >> command("card.settle", paid=True, reason="")
    till.says("reason_required")
    till >> command("card.settle", paid=True, reason="Händlerbeleg 0007 gesehen")
    till << "card.ended sale.payment_added sale.paid"
    ended = till.facts(f.CardEnded)[-1]
    assert (ended.how, ended.operator, ended.reason) == ("operator", "anzeige", "Händlerbeleg 0007 gesehen")


def test_a_person_may_also_say_that_nothing_was_paid_while_the_terminal_is_silent() -> None:
    till = asked()
    till >> command("card.settle", paid=False, reason="x")
    till.says("charge_running")
    charge = till.charge.id
    till.outcome("unclear", "timeout")
    till >> command("card.settle", paid=False, reason="Terminal zeigt Abbruch") << "card.ended sale.reopened"
    till >> inputs.CardAnswered(charge, "none") << "card.judged"
    till >> command("card.settle", paid=False, reason="x")
    till.says("no_charge")


def test_abort_is_asked_of_the_terminal() -> None:
    till = asked()
    till >> command("card.abort") << "?card.abort"
    till.outcome("failed", "6c")
    till >> command("card.abort")
    till.says("no_charge")


def test_without_a_ready_terminal_nothing_is_asked() -> None:
    till = CardTill().ready()
    till >> device("karte", "absent") >> add() >> card()
    till.says("terminal_absent")
    till >> card(manual=True) << "sale.payment_added sale.paid"


def test_other_stations_and_training_take_cards_as_before() -> None:
    till = CardTill().ready()
    till >> add(station="zwei") >> card(station="zwei") << "sale.payment_added sale.paid"
    till.sign().paper()
    till >> command("mode.training", on=True) >> add() >> card()
    assert not till.wishes("card")
    assert till.facts(f.PaymentAdded)[-1].name == "Karte"


def test_a_shared_terminal_does_one_thing_at_a_time() -> None:
    till = CardTill(**{"terminal.karte.shared": ["zwei"]}).ready()
    till >> add() >> card() >> add(station="zwei") >> card(station="zwei")
    till.says("terminal_busy")
    till.outcome("unclear", "timeout") >> card(station="zwei")
    till.says("payment_unknown")
    till.answer("mute") >> card(station="zwei") << "card.asked +card"


def test_abort_reverses_what_the_terminal_took() -> None:
    till = CardTill().ready()
    till >> add() >> card(amount=200)
    till.done()
    first = till.current().payments[0].card
    till >> command("sale.abort") << "card.asked +card"
    assert (till.charge.operation, till.charge.original) == ("reversal", first)
    assert till.wishes("card")[-1].args["receipt"] == "0001"
    till.done() << "card.ended sale.payment_added sale.abort_asked…"
    assert till.payments() == [200, -200]


def test_abort_waits_where_the_terminal_refuses_to_reverse() -> None:
    till = CardTill().ready()
    till >> add() >> cash(amount=50) >> card(amount=200)
    till.done()
    till >> command("sale.abort", cash_returned=50)
    till.outcome("failed", "b5", "Storno nicht möglich.") << "card.ended"
    assert "Nicht zurückgebucht. Storno nicht möglich." in till.state.station("main").message
    assert till.current().paid == 250
    till >> command("sale.abort", cash_returned=50)
    (
        till.outcome("failed", "b4")
        << "card.ended sale.payment_added sale.payment_added sale.abort_asked +drawer…"
    )
    assert till.payments() == [50, 200, -200, -50]


def test_what_is_to_be_done_again_is_what_was_asked_for() -> None:
    """A reversal in doubt is no payment: nobody is told to take money once more, nor not to."""
    till = CardTill().ready()
    till >> add() >> card(amount=200)
    first = till.done().current().payments[0].card
    till >> command("sale.abort")
    till.outcome("unclear", "timeout")
    told = [alert.text_de for name, alert in alerts(till.state) if name.startswith("card-")]
    assert "Nicht noch einmal stornieren." in told[0]
    till.answer("last", first)
    shown = till.state.station("main").message
    assert (
        shown == "Nicht zurückgebucht. Das Kartenterminal hat nichts gebucht. Bitte noch einmal stornieren."
    )
    till >> command("sale.abort")
    till.outcome("unclear", "timeout") >> command("card.settle", paid=False, reason="steht nicht am Terminal")
    assert till.state.station("main").message.endswith("Bitte noch einmal stornieren.")
    assert not [text for text in [*told, shown] if "kassieren" in text or "gezahlt" in text]


def test_several_card_payments_are_reversed_one_after_another() -> None:
    till = CardTill().ready()
    till >> add() >> card(amount=200)
    till.done()
    till >> card(amount=100)
    till.done()
    till >> command("sale.abort")
    till.done() << "card.ended sale.payment_added card.asked +card"
    till.done() << "card.ended sale.payment_added sale.abort_asked…"
    assert till.payments() == [200, 100, -200, -100]


def test_undo_reverses_and_the_sale_is_open_again() -> None:
    till = CardTill().ready()
    till >> add() >> card(amount=200)
    till.done()
    till >> command("sale.undo") << "card.asked +card"
    till.done() << "card.ended sale.payment_added sale.reopened"
    assert till.current().status == "open"


def test_goods_taken_back_are_refunded_to_the_card() -> None:
    till = CardTill().ready()
    (
        till
        >> command("sale.return", text="Brot", price=350, vat=2, reason="Mangel")
        >> card()
        << "card.asked +card"
    )
    assert (till.charge.operation, till.charge.amount) == ("refund", 350)
    till.done() << "card.ended sale.payment_added sale.paid"
    assert till.payments() == [-350]
    batch = till.state.cards.batches["karte"]
    assert (batch.count, batch.amount) == (1, -350)


def test_a_receipt_is_cancelled_when_the_terminal_has_given_back() -> None:
    till = asked()
    till.done()
    till.settled()
    number = till.receipt().number
    till >> command("receipt.cancel", receipt=str(number), reason="Irrtum") << "card.asked +card"
    till >> command("receipt.cancel", receipt=str(number), reason="Irrtum")
    till.says("terminal_busy")
    till.done() << "card.ended card.reversed ?card.recall"
    found = till.find(str(number))
    till >> inputs.CardReceiptFound(str(number), found)
    assert "card.reversed_used" in [fact.kind for fact in till.last.facts]
    till.settled()
    assert till.payments() == [350, -350]
    assert not till.state.cards.reversed


def test_reversed_and_then_a_power_cut() -> None:
    till = asked()
    till.done()
    till.settled()
    number = str(till.receipt().number)
    till >> command("receipt.cancel", receipt=number, reason="Irrtum")
    till.done()
    till.restart()
    assert [ask.kind for ask in till.last.asks] == ["card.recall"]


def test_the_terminals_receipts_are_kept_and_the_customers_is_printed() -> None:
    till = asked()
    till.approve()
    for copy in ("merchant", "customer"):
        (
            till
            >> inputs.CardSlipCame("karte", till.charge.id, copy, ("** BELEG **", "x" * 200))
            << "card.slip_kept"
        )
    (
        till.outcome("done", data=till.charge.data)
        << "card.ended card.slip_printed sale.payment_added sale.paid…"
    )
    (printed,) = till.facts(f.CardSlipPrinted)
    assert (printed.document.kind, printed.document.title) == ("card", "Kundenbeleg")
    assert printed.document.notes == ("** BELEG **", "x" * 64)


def test_who_must_sign_gets_the_merchants_copy_too() -> None:
    till = asked()
    till.approve()
    till >> inputs.CardSlipCame("karte", till.charge.id, "merchant", ("Unterschrift:", "______"))
    till.outcome("done", data=till.charge.data)
    assert [fact.document.title for fact in till.facts(f.CardSlipPrinted)] == ["Händlerbeleg"]


def test_intermediate_states_are_shown_and_not_journalled() -> None:
    till = asked()
    lines = len(till.lines)
    till >> inputs.CardSays(till.charge.id, "Karte einstecken")
    assert till.charge.shown == "Karte einstecken"
    assert len(till.lines) == lines


def test_the_last_transaction_of_a_terminal_is_known_before_it_is_asked() -> None:
    till = CardTill().ready()
    last = CardData("karte", 100, "0042", "000099")
    till >> inputs.CardLastTold("karte", last) << "card.last"
    till >> inputs.CardLastTold("karte", last) << ""
    till >> add() >> card()
    assert till.charge.known == last
    till.outcome("unclear", "unplugged")
    till.answer("last", last) << "card.ended sale.reopened"


def test_mute_is_not_none() -> None:
    """A 06 20 that says nothing wipes nothing of what is known, and makes it unsure."""
    till = asked()
    till.done()
    till.settled()
    known = till.state.cards.last["karte"]
    till >> inputs.CardLastTold("karte", None, mute=True) << "card.last"
    till >> inputs.CardLastTold("karte", None, mute=True) << ""
    till >> add() >> card()
    assert (till.charge.known, till.charge.sure) == (known, False)
    till.outcome("unclear", "unplugged")
    till.answer("last", known) << "card.ended sale.reopened"
    till >> inputs.CardLastTold("karte", known) << "card.last"
    till >> card()
    assert till.charge.sure


def test_asked_on_while_unknown() -> None:
    till = asked()
    approved = till.approve()
    till.outcome("unclear", "unplugged")
    till.answer("mute") << "card.unknown"
    till.answer("mute") << ""
    foreign = replace(till.data(999), trace="000900")
    till.answer("last", foreign) << "card.unknown"
    assert till.charge.last == foreign
    till.answer("last", foreign) << ""
    till.restart()
    assert [ask.args["charge"] for ask in till.last.asks if ask.kind == "card.ask"] == [till.charge.id]
    till >> inputs.CardLastTold("karte", approved) << "card.ended sale.payment_added sale.paid card.last"


def test_a_payment_by_hand_of_that_amount_makes_it_a_persons() -> None:
    till = CardTill().ready()
    till >> add() >> card()
    till.outcome("unclear", "unplugged")
    till >> add(station="zwei") >> card(station="zwei") << "sale.payment_added sale.paid"
    told = till.data(350)
    till.answer("last", told) << "card.unknown"
    text = next(alert.text_de for name, alert in alerts(till.state) if name.startswith("card-"))
    for part in ("3,50 €", "BNr. 0001", "Trace 000001", "22.11. 12:30:01", "bestätigen"):
        assert part in text


def test_a_second_approval_is_written_down_too() -> None:
    till = asked()
    till.approve() and till.approve()
    till << "card.approved"
    assert till.charge.data is not None
    assert till.charge.data.trace == "000002"
    till.outcome("unclear", "contradiction")
    till.answer("last", till.charge.data) << "card.ended sale.payment_added sale.paid"


def test_a_terminal_without_numbers_is_known_by_what_it_told() -> None:
    till = asked()
    bare = CardData("karte", 350)
    till >> inputs.CardHeard(till.charge.id, bare)
    till.outcome("done", data=bare)
    assert till.state.cards.last["karte"] == bare
