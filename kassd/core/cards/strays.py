"""A person settled a card payment while the terminal was silent; when it answers, both are compared.

Money without a sale is reversed by itself, once; a sale without money, and what cannot be reversed, is told
until a person settles it (``card.settle``).
"""

from kassd.core.cards import inputs
from kassd.core.cards.charging import require_free, reverse
from kassd.core.cards.facts import CardJudged
from kassd.core.cards.verdict import verdict
from kassd.core.decision import Draft, Rejected


def judge(d: Draft, answer: inputs.CardAnswered) -> None:
    """What the terminal says of a charge that a person has settled."""
    said = d.state.cards.settled.get(answer.charge)
    if said is None:
        return
    found = verdict(said.charge, answer.found, answer.last)
    data = answer.last if found == "done" else None
    d.fact(CardJudged(answer.charge, d.at, found, said.paid, data))


def settle_strays(d: Draft) -> None:
    """Give back what was charged without a sale, as soon as its terminal is free. Only payments: what was
    given back without being booked cannot be charged again."""
    for charge_id, stray in d.state.cards.strays.items():
        if stray.paid or stray.tried or stray.data is None or stray.charge.operation != "payment":
            continue
        try:
            require_free(d, stray.charge.terminal)
        except Rejected:
            continue
        d.actor = stray.charge.operator
        reverse(d, stray.charge.station, [stray.data], then="stray", receipt=charge_id)
        return
