"""A person settled a card payment while the terminal was silent, or the terminal itself said that nothing was
booked; when it names it all the same, both are compared.

Money without a sale is reversed by itself, once, where receipt number, trace, time and amount are those that
the terminal had approved for this very charge. What only looks like it may be what the customer has paid
with: that, what was approved and is not the last one any more, a sale without money, and what cannot be
reversed is told until a person settles it (``card.settle``).
"""

from typing import Literal

from kassd.core.cards import inputs
from kassd.core.cards.charging import require_free, reverse
from kassd.core.cards.data import CardData
from kassd.core.cards.facts import CardJudged
from kassd.core.cards.identity import is_exact, likeness
from kassd.core.cards.state import Charge
from kassd.core.cards.verdict import could_be, verdict
from kassd.core.decision import Draft, Rejected

Found = Literal["done", "failed", "unknown", "alike"]


def judge(d: Draft, answer: inputs.CardAnswered) -> None:
    """What the terminal says of a charge that a person has settled; one that is mute is asked again."""
    said = d.state.cards.settled.get(answer.charge)
    if said is None or answer.found == "mute":
        return
    found, data = _found(d, said.charge, answer)
    if found == "unknown" and said.charge.data is not None:  # nothing shows that it was undone
        found = "alike"
    d.fact(CardJudged(answer.charge, d.at, found, said.paid, data))


def look_again(d: Draft, told: inputs.CardLastTold) -> None:
    """Whether what the terminal names now is what it had said it had not booked. A charge that is still in
    doubt has its own answer to come."""
    cards = d.state.cards
    denied = cards.denied.get(told.terminal)
    if denied is None or told.last is None or denied.charge.operation == "reversal":
        return
    if any(one.terminal == told.terminal and one.in_doubt for one in cards.charges.values()):
        return
    found, data = _found(d, denied.charge, inputs.CardAnswered(denied.charge.id, "last", told.last))
    if data is not None:
        d.fact(CardJudged(denied.charge.id, d.at, found, paid=False, data=data))


def _found(d: Draft, charge: Charge, answer: inputs.CardAnswered) -> tuple[Found, CardData | None]:
    """What it comes to, and the transaction that is this one or like it."""
    last = answer.last
    found: Found = verdict(charge, answer.found, last)
    approved, known = charge.data, d.state.cards.last.get(charge.terminal)
    if last is not None and found == "done" and (approved is None or not is_exact(last, approved)):
        found = "alike"
    elif last is not None and found == "unknown" and _may_be(charge, last):
        found = "unknown" if known is not None and likeness(last, known) == "same" else "alike"
    return found, last if found in ("done", "alike") else None


def _may_be(charge: Charge, last: CardData) -> bool:
    """Whether ``last`` can be it for all that is told; where one was approved, another one is not."""
    if charge.data is not None and likeness(last, charge.data) == "other":
        return False
    return could_be(charge, last)


def settle_strays(d: Draft) -> None:
    """Give back what was charged without a sale and is certainly ours, as soon as its terminal is free. Only
    payments: what was given back without being booked cannot be charged again."""
    for charge_id, stray in d.state.cards.strays.items():
        if stray.paid or stray.tried or stray.data is None or not stray.is_own:
            continue
        if stray.charge.operation != "payment":
            continue
        try:
            require_free(d, stray.charge.terminal)
        except Rejected:
            continue
        d.actor = stray.charge.operator
        reverse(d, stray.charge.station, [stray.data], then="stray", receipt=charge_id)
        return
