"""A person settled what the terminal did not say; then it answers."""

from dataclasses import replace
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core.cards import inputs
from kassd.core.cards.data import CardData
from kassd.mqtt.alerts import alerts
from tests.core.cards.till import CardTill
from tests.core.playbook import add, card, cash, command, device


def settled(*, paid: bool, approved: bool = False) -> tuple[CardTill, str]:
    """The terminal is silent, and a person says what happened."""
    till = CardTill().ready()
    till >> add() >> card()
    charge = till.charge.id
    if approved:
        till.approve()
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


def own(till: CardTill) -> CardData:
    """What the terminal had approved before it fell silent."""
    (approved,) = till.facts(f.CardApproved)
    return approved.data


def test_money_without_a_sale_that_is_certainly_ours_is_reversed() -> None:
    till, charge = settled(paid=False, approved=True)
    taken = own(till)
    till >> inputs.CardAnswered(charge, "last", taken) << "card.judged"
    assert "bucht sie zurück" in strays(till)[0]
    till >> device("karte", "ready") << "card.asked +card"
    assert (till.charge.operation, till.charge.original) == ("reversal", taken)
    till.done() << "card.ended card.stray_settled"
    assert not strays(till)
    assert till.payments() == [350], "cash, and nothing else was booked"


@pytest.mark.parametrize("differs", ["at", "receipt", "amount"])
def test_what_only_looks_like_it_is_never_reversed(differs: str) -> None:
    """Trace and the rest agree, one of the four does not: a person must look."""
    till, charge = settled(paid=False, approved=True)
    changed: dict[str, Any] = {"at": "1122 180000", "receipt": "0815", "amount": 999}
    till >> inputs.CardAnswered(charge, "last", replace(own(till), **{differs: changed[differs]}))
    till << "card.judged"
    till >> device("karte", "ready")
    assert not till.state.cards.charges, "no money moves"
    (text,) = strays(till)
    assert "Am Terminal nachsehen" in text


def test_a_new_one_of_the_amount_is_a_persons_where_nothing_was_heard() -> None:
    till, charge = settled(paid=False)
    till >> inputs.CardAnswered(charge, "last", till.data(350)) << "card.judged"
    till >> device("karte", "ready")
    assert not till.state.cards.charges
    (text,) = strays(till)
    for told in ("3,50 €", "BNr. 0001", "Trace 000001", "22.11. 12:30:01", "von Hand stornieren"):
        assert told in text
    till >> command("card.settle", paid=False, reason="am Terminal storniert") << "card.stray_settled"
    assert not strays(till)


def test_what_was_taken_by_hand_meanwhile_is_not_reversed() -> None:
    """The network is away; the customer pays at the terminal by itself, and that is booked by hand."""
    till = CardTill().ready()
    till >> add() >> card()
    till.done()
    till.settled()
    till >> add() >> card()
    charge = till.charge.id
    till.outcome("unclear", "unplugged")
    till >> device("karte", "absent") >> command("card.settle", paid=False, reason="Terminal zeigt nichts")
    till >> card(manual=True) << "sale.payment_added sale.paid"
    till.settled()
    by_hand = till.data(350)
    till >> inputs.CardLastTold("karte", by_hand) << "card.judged card.last"
    till >> inputs.CardAnswered(charge, "last", by_hand) << ""
    till >> device("karte", "ready")
    assert not till.wishes("card")[2:], "two payments were asked for, and no reversal"
    assert "Trace 000002" in strays(till)[0]


def test_the_answer_may_come_by_itself_and_late() -> None:
    """Mute when it was asked, and a person said that nothing was paid: what was approved is not forgotten."""
    till, charge = settled(paid=False, approved=True)
    till >> inputs.CardLastTold("karte", None, mute=True) << "card.last"
    till >> inputs.CardAnswered(charge, "mute") << ""
    assert till.state.cards.settled
    till >> device("karte", "ready") >> inputs.CardLastTold("karte", own(till))
    till << "card.judged card.last card.asked +card"
    assert (till.charge.operation, till.charge.then) == ("reversal", "stray")


def test_settled_while_unknown_is_judged_as_well() -> None:
    till = CardTill().ready()
    till >> add() >> card()
    approved = till.approve()
    till.outcome("unclear", "unplugged")
    till.answer("mute") << "card.unknown"
    till >> command("card.settle", paid=False, reason="x") >> cash()
    till.settled()
    till >> inputs.CardLastTold("karte", approved) << "card.judged card.last card.asked +card"


def test_a_later_payment_of_the_register_is_no_stray() -> None:
    till, _charge = settled(paid=False)
    till >> inputs.CardLastTold("karte", None, mute=True) >> device("karte", "ready") >> add() >> card()
    till.done()
    later = till.facts(f.CardEnded)[-1].data
    till >> inputs.CardLastTold("karte", later) << "card.judged"
    assert not strays(till)


@pytest.mark.parametrize("amount", [350, 700])
def test_approved_without_a_sale_is_told_although_another_payment_has_followed(amount: int) -> None:
    """Mute until the next payment is done: it names that one, and nothing shows that the first was undone."""
    till, charge = settled(paid=False, approved=True)
    taken = own(till)
    till >> inputs.CardLastTold("karte", None, mute=True) >> device("karte", "ready")
    for _ in range(amount // 350):
        till >> add()
    till >> card()
    till.done().settled()
    later = till.facts(f.CardEnded)[-1].data
    assert later is not None
    assert later.amount == amount
    till >> inputs.CardLastTold("karte", later)
    assert charge in till.state.cards.strays
    till >> device("karte", "ready")
    assert not till.state.cards.charges, "the terminal does not say so: no money moves by itself"
    (text,) = strays(till)
    for told in ("3,50 €", f"BNr. {taken.receipt}", f"Trace {taken.trace}", "von Hand stornieren"):
        assert told in text
    assert f"Trace {later.trace}" not in text
    till >> command("card.settle", paid=False, reason="am Terminal storniert") << "card.stray_settled"
    assert not strays(till)


def test_approved_and_taken_back_or_believed_is_no_stray() -> None:
    till, charge = settled(paid=False, approved=True)
    undone = till.data(350, original_trace=own(till).trace)
    till >> inputs.CardAnswered(charge, "last", undone) << "card.judged"
    assert not strays(till)
    till, charge = settled(paid=True, approved=True)
    till >> inputs.CardAnswered(charge, "last", till.data(700)) << "card.judged"
    assert not strays(till)


def test_what_cannot_be_reversed_is_a_persons() -> None:
    till, charge = settled(paid=False, approved=True)
    till >> device("karte", "ready") >> inputs.CardAnswered(charge, "last", own(till))
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


def test_the_registers_sum_of_the_batch_is_what_the_terminal_says_in_the_end() -> None:
    """Else the end of day would differ from the terminal's for no reason (GoBD Rz 55)."""
    till, charge = settled(paid=False, approved=True)
    till >> inputs.CardAnswered(charge, "last", own(till))
    assert till.state.cards.batches["karte"].amount == 350, "charged, if without a sale"
    till >> device("karte", "ready")
    till.done()
    batch = till.state.cards.batches["karte"]
    assert (batch.count, batch.amount) == (2, 0)
    till, charge = settled(paid=True)
    assert till.state.cards.batches["karte"].amount == 350, "as somebody says"
    till >> inputs.CardAnswered(charge, "none")
    batch = till.state.cards.batches["karte"]
    assert (batch.count, batch.amount) == (0, 0), "the terminal has nothing of it"


def denied(operation: str = "payment", *, approved: bool = False) -> tuple[CardTill, str]:
    """Broken off; the terminal says that nothing was booked, and the customer pays in cash."""
    till = CardTill().ready()
    till >> add() >> card()
    charge = till.charge.id
    if approved:
        till.approve()
    till.outcome("unclear", "unplugged")
    till.answer("none")
    till >> cash()
    till.settled()
    return till, charge


@pytest.mark.parametrize("restarted", [False, True])
def test_what_the_terminal_names_after_it_had_said_that_there_is_nothing_is_told(restarted: bool) -> None:
    till, charge = denied()
    assert not strays(till)
    if restarted:
        till.restart()
        till >> device("karte", "ready")
    till >> inputs.CardLastTold("karte", till.data(350)) << "card.judged card.last"
    (text,) = strays(till)
    for told in ("3,50 €", "nach Auskunft des Terminals nicht gebucht", "BNr. 0001", "von Hand stornieren"):
        assert told in text
    assert not till.state.cards.charges, "it may be another's: no money moves by itself"
    till >> inputs.CardLastTold("karte", till.state.cards.last["karte"]) << ""
    till >> command("card.settle", charge=charge, paid=False, reason="storniert") << "card.stray_settled"
    assert not strays(till)


def test_what_it_had_approved_and_denied_and_has_booked_is_reversed() -> None:
    till, charge = denied(approved=True)
    till >> inputs.CardLastTold("karte", own(till)) << "card.judged card.last card.asked +card"
    assert (till.charge.operation, till.charge.then, till.charge.receipt) == ("reversal", "stray", charge)
    till.done() << "card.ended card.stray_settled"
    assert not strays(till)
    assert till.state.cards.batches["karte"].amount == 0


@pytest.mark.parametrize("last", ["other amount", "declined", "undoes"])
def test_what_cannot_be_what_was_denied_is_no_stray(last: str) -> None:
    till, _charge = denied()
    data = {
        "other amount": till.data(700),
        "declined": replace(till.data(350), result="declined"),
        "undoes": till.data(350, original_trace="000815"),
    }[last]
    till >> inputs.CardLastTold("karte", data) << "card.last"
    assert not strays(till)
    assert not till.state.cards.denied, "it has gone on"


def test_the_registers_next_payment_is_not_what_was_denied() -> None:
    till, _charge = denied()
    till >> device("karte", "ready") >> add() >> card()
    till.done()
    till.settled()
    assert not till.state.cards.denied
    till >> inputs.CardLastTold("karte", till.state.cards.last["karte"]) << ""
    assert not strays(till)


def test_of_two_in_doubt_the_one_that_is_still_asked_about_has_its_answer_first() -> None:
    till, _charge = denied()
    till >> device("karte", "ready") >> add() >> card()
    taken = till.approve()
    till.outcome("unclear", "unplugged")
    till >> inputs.CardLastTold("karte", taken) << "card.last"
    till.answer("last", taken)
    assert till.facts(f.CardEnded)[-1].result == "done"
    assert not strays(till)


def test_a_reversal_that_was_denied_is_tried_again_and_no_stray() -> None:
    till = CardTill().ready()
    till >> add() >> card(amount=200)
    first = till.done().current().payments[0].card
    assert first is not None
    till >> command("sale.abort")
    till.outcome("unclear", "timeout")
    till.answer("last", first)
    undone = till.data(200, original_trace=first.trace)
    till >> inputs.CardLastTold("karte", undone) << "card.last"
    assert not strays(till)
