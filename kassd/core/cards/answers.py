"""What a terminal reports becomes facts: approvals, receipts, ends, answers to questions."""

from typing import Literal

from kassd.core import facts as f
from kassd.core import paying
from kassd.core.cards import inputs
from kassd.core.cards.charging import reverse, say
from kassd.core.cards.closing import note_day
from kassd.core.cards.copies import fitting, print_copies
from kassd.core.cards.data import CardData
from kassd.core.cards.state import Charge
from kassd.core.cards.strays import judge, look_again
from kassd.core.cards.verdict import verdict
from kassd.core.cards.words import AGAIN, by_person, reversal_of
from kassd.core.corrections.cancel import on_reversed
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import standing_payments
from kassd.core.money import euros
from kassd.core.state import Sale
from kassd.core.tender.means import means_of_card
from kassd.core.tips.giving import tip_of_terminal

ALREADY_REVERSED = "b4"
NO_SLIP = "Das Kartenterminal hat keinen Beleg geschickt. Es druckt ihn selbst, oder es hat keinen."
NOT_TOLD = "Das Kartenterminal sagt nicht eindeutig, ob gebucht wurde."
BROKE_OFF = "Die Verbindung zum Kartenterminal ist abgerissen; es wird gefragt, ob gebucht wurde."
RESTARTED = (
    "Die Kasse wurde mitten in einer Buchung des Kartenterminals neu gestartet; das Terminal wird gefragt."
)
REPEAT_RESTARTED = "Die Kasse wurde neu gestartet, bevor der Beleg da war. Bitte noch einmal anfordern."
DAY_RESTARTED = (
    "Die Kasse wurde mitten im Kassenschnitt des Terminals neu gestartet: am Terminal nachsehen, ob er "
    "gemacht ist, sonst dort nachholen."
)
REPEAT_BROKE_OFF = "Die Verbindung ist abgerissen, bevor der Beleg da war. Bitte noch einmal anfordern."
DAY_BROKE_OFF = (
    "Die Verbindung ist mitten im Kassenschnitt des Terminals abgerissen: am Terminal nachsehen, ob er "
    "gemacht ist, sonst dort nachholen."
)


def on_card(d: Draft, input: inputs.CardInput) -> None:
    """Anything a terminal reports. What nobody waits for any more is left out."""
    if isinstance(input, inputs.CardLastTold):
        _on_last(d, input)
        return
    if isinstance(input, inputs.CardReceiptFound):
        on_reversed(d, input)
        return
    charge = d.state.cards.charges.get(input.charge)
    if charge is None:
        if isinstance(input, inputs.CardAnswered):
            judge(d, input)
        return
    d.actor = charge.operator  # whoever asked for it; a device has no name
    match input:
        case inputs.CardHeard(_, data) if charge.status in ("asked", "approved"):
            d.fact(f.CardApproved(charge.id, d.at, data))
        case inputs.CardSlipCame(terminal, _, copy, lines):
            d.fact(f.CardSlipKept(charge.id, d.at, terminal, copy, fitting(lines), charge.sale))
        case inputs.CardSays(_, text):
            d.fact(f.CardShown(charge.id, text))
        case inputs.CardOutcome():
            _on_outcome(d, charge, input)
        case inputs.CardAnswered() if charge.in_doubt:
            _on_answered(d, charge, input)


def _on_last(d: Draft, told: inputs.CardLastTold) -> None:
    """Whoever is still in doubt looks at it before it counts as known."""
    cards = d.state.cards
    found: Literal["last", "none"] = "last" if told.last is not None else "none"
    if not told.mute:
        for said in tuple(cards.settled.values()):
            if said.charge.terminal == told.terminal:
                judge(d, inputs.CardAnswered(said.charge.id, found, told.last))
        look_again(d, told)
        for charge in tuple(cards.charges.values()):
            if charge.terminal == told.terminal and charge.status == "unknown":
                d.actor = charge.operator
                _on_answered(d, charge, inputs.CardAnswered(charge.id, found, told.last))
    last, unsure = d.state.cards.last.get(told.terminal), told.terminal in d.state.cards.unsure
    if told.mute != unsure or (not told.mute and last != told.last):
        d.fact(f.CardLast(told.terminal, d.at, told.last, told.mute))


def resume(d: Draft) -> None:
    """After a start: whatever was on its way is asked for; what moves no money is not begun again."""
    for said in d.state.cards.settled.values():
        d.ask("card.ask", terminal=said.charge.terminal, charge=said.charge.id)
    for charge in tuple(d.state.cards.charges.values()):
        if not charge.moves_money:
            message = DAY_RESTARTED if charge.operation == "end_of_day" else REPEAT_RESTARTED
            end(d, charge, inputs.CardOutcome(charge.id, "failed", "restart", message))
        elif charge.status in ("asked", "approved"):
            _doubt(d, charge, "restart", RESTARTED)
        elif charge.in_doubt:
            d.ask("card.ask", terminal=charge.terminal, charge=charge.id)


def _on_outcome(d: Draft, charge: Charge, outcome: inputs.CardOutcome) -> None:
    if charge.in_doubt:
        return
    if outcome.result == "unclear" and charge.moves_money:
        _doubt(d, charge, outcome.code, outcome.message)
    elif outcome.result == "unclear":  # whatever broke it off: this is what to do
        message = DAY_BROKE_OFF if charge.operation == "end_of_day" else REPEAT_BROKE_OFF
        end(d, charge, inputs.CardOutcome(charge.id, "failed", outcome.code, message))
    elif charge.operation == "reversal" and outcome.code == ALREADY_REVERSED:
        end(d, charge, inputs.CardOutcome(charge.id, "done", outcome.code, outcome.message))
    else:
        end(d, charge, outcome)


def _doubt(d: Draft, charge: Charge, reason: str, message: str) -> None:
    d.fact(f.CardUnclear(charge.id, d.at, reason, message))
    d.ask("card.ask", terminal=charge.terminal, charge=charge.id)
    say(d, charge.station, BROKE_OFF)


def _on_answered(d: Draft, charge: Charge, answer: inputs.CardAnswered) -> None:
    found = verdict(charge, answer.found, answer.last)
    if found == "unknown":
        if charge.status == "unclear" or (answer.last is not None and answer.last != charge.last):
            d.fact(f.CardUnknown(charge.id, d.at, NOT_TOLD, answer.last))
            say(d, charge.station, f"{NOT_TOLD} Am Terminal nachsehen und bestätigen.")
        return
    data = answer.last if found == "done" else None
    message = (
        "" if found == "done" else f"Das Kartenterminal hat nichts gebucht. Bitte {AGAIN[charge.operation]}."
    )
    end(d, charge, inputs.CardOutcome(charge.id, found, "", message, data), how="asked")


def end(
    d: Draft,
    charge: Charge,
    outcome: inputs.CardOutcome,
    how: Literal["terminal", "asked", "operator"] = "terminal",
    operator: str = "",
    reason: str = "",
) -> None:
    """It is done, or known not to be; the sale goes on from there."""
    done, data = outcome.result == "done", outcome.data or charge.data
    if done and data is None and charge.moves_money:  # somebody says so, or it was already
        data = CardData(charge.terminal, charge.amount)
    result: Literal["done", "failed"] = "done" if done else "failed"
    told = (outcome.code, outcome.message, data if done else None, operator, reason)
    d.fact(f.CardEnded(charge.id, d.at, result, how, *told))
    print_copies(d, charge)
    if charge.operation == "end_of_day":
        _day_ended(d, charge, outcome, done)
    elif charge.operation == "repeat":
        _repeated(d, charge, outcome, done)
    elif done and data is not None:
        _money_moved(d, charge, data, by_person(data.reference) if how == "operator" else data.reference)
    else:
        _nothing_moved(d, charge, outcome.message)


def _money_moved(d: Draft, charge: Charge, data: CardData, reference: str) -> None:
    sale = d.state.sales.get(charge.sale)
    if charge.then == "cancel":
        _reverse_next(d, charge, data)
        return
    if charge.then == "stray":
        d.fact(f.CardStraySettled(charge.receipt, d.at))
        return
    if sale is None:
        raise RuntimeError(f"charge {charge.id} has no sale")
    sign = 1 if charge.operation == "payment" else -1
    if data.amount > charge.amount and sign > 0:
        tip_of_terminal(d, sale, data.amount - charge.amount)
    card = charge.original or data
    means = means_of_card(card.type, card.name)
    if charge.operation == "reversal" and charge.original is not None:
        reference = reversal_of(charge.original.reference, data)
    paying.book_card(d, d.state.sales[sale.id], means, sign * data.amount, data, reference)
    if data.amount < charge.amount:
        text = f"Nur {euros(data.amount)} € hat das Kartenterminal genehmigt. Den Rest anders kassieren."
        say(d, charge.station, text)
    if charge.then == "abort":
        _reverse_next(d, charge, data)
    elif charge.operation == "reversal":
        _reopened(d, d.state.sales[sale.id])
    else:
        paying.end_if_paid(d, d.state.sales[sale.id])


def _reverse_next(d: Draft, charge: Charge, data: CardData) -> None:
    """The next payment, or what the reversals were for. ``data``: what the terminal said of this one."""
    sale, back = d.state.sales.get(charge.sale), (*charge.back, data)
    if charge.rest:
        try:
            reverse(
                d,
                charge.station,
                charge.rest,
                sale=sale,
                then=charge.then,
                receipt=charge.receipt,
                reason=charge.reason,
                back=back,
            )
        except Rejected as rejection:
            say(d, charge.station, rejection.reply("", 0).message)
    elif charge.then == "cancel":
        d.fact(f.CardReversed(charge.receipt, d.at, charge.station, charge.operator, charge.reason, back))
        d.ask("card.recall", receipt=charge.receipt)
    elif sale is not None:
        paying.end_aborted(d, sale)


def _nothing_moved(d: Draft, charge: Charge, message: str) -> None:
    sale = d.state.sales.get(charge.sale)
    if sale is not None:
        _reopened(d, sale)
    word = "" if charge.operation == "payment" else "Nicht zurückgebucht. "
    say(d, charge.station, word + message)


def _reopened(d: Draft, sale: Sale) -> None:
    if sale.status == "paying" and not standing_payments(sale.payments):
        d.fact(f.SaleReopened(sale.id, d.at, d.operator(sale.station)))


def _repeated(d: Draft, charge: Charge, outcome: inputs.CardOutcome, done: bool) -> None:
    if not done:
        say(d, charge.station, f"Kein Beleg. {outcome.message}".strip())
    elif not charge.slips:
        say(d, charge.station, NO_SLIP)


def _day_ended(d: Draft, charge: Charge, outcome: inputs.CardOutcome, done: bool) -> None:
    """The register's sums of the batch beside the terminal's."""
    note_day(d, charge.terminal, outcome if done else None, outcome.message)


__all__ = ["end", "on_card", "resume"]
