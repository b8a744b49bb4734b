"""What settled an old receipt without money goes back with its goods the same way: a voucher is worth that
much again, a claim is lower, a down payment open again. So goods never turn a voucher or a claim into money,
nor does an exchange of them.

Each return takes the share that its goods have in what was settled, exact to the cent over any number of
partial returns, and never more than they were worth. Pure arithmetic.
"""

from collections.abc import Mapping
from decimal import Decimal

from kassd.core.corrections.state import Taken
from kassd.core.entry import Line, Origin
from kassd.core.money import round_cents
from kassd.deferred import replace

# What settles goods of its own tax key only.
OF_A_KEY = ("EinzweckgutscheinEinloesung", "Anzahlungsaufloesung")
# What the line that goes back is called, by the GV_TYP of what it undoes.
TEXTS = {
    "EinzweckgutscheinEinloesung": "Zurück auf den Gutschein",
    "MehrzweckgutscheinEinloesung": "Zurück auf den Gutschein",
    "Forderungsentstehung": "Forderung verringert",
    "Anzahlungsaufloesung": "Anzahlung wieder offen",
    "ZuschussEcht": "Zuschuss zurück",
}


def settled_back(
    part: Line,
    of: Line,
    receipt: str,
    standing: tuple[Line, ...],
    back: Mapping[int, Taken],
    most: int | None,
) -> Line | None:
    """The line that takes back what ``part`` settled of the goods ``of``; None if there is nothing (more).

    ``standing``: the receipt's lines; ``back``: what of each is back with this; ``most``: cents that can
    still be taken back at all (of a claim: what is still open), None: no limit.
    """
    covered = [line for line in standing if _could_settle(part, line)]
    worth = sum(_worth(part, line, line.amount) for line in covered)
    returned = sum(
        _worth(part, line, back[line.n].amount, back[line.n]) for line in covered if line.n in back
    )
    fraction = min(Decimal(1), Decimal(returned) / worth) if worth > 0 else Decimal(1)
    settling = {line.n for line in standing if line.settles}
    goods = sum(taken.amount for n, taken in back.items() if n not in settling)
    given = sum(-taken.amount for n, taken in back.items() if n in settling)
    before = -back[part.n].amount if part.n in back else 0
    cents = min(round_cents(-part.amount * fraction) - before, goods - given)
    cents = cents if most is None else min(cents, most)
    if cents <= 0:
        return None
    number = part.voucher or part.account
    return replace(
        part,
        text=TEXTS[part.case],
        quantity=Decimal(1),
        unit_price=cents,
        amount=cents,
        of=of.n,
        note=f"Nr. {number}" if number else part.name,
        origin=Origin(receipt, part.n),
    )


def _could_settle(part: Line, line: Line) -> bool:
    """Whether ``part`` may have settled ``line``: no voucher pays for one, no account for an older claim."""
    if line.settles or line.origin is not None:
        return False
    return not line.voucher if part.voucher else line.case != "Forderungsaufloesung"


def _worth(part: Line, line: Line, amount: int, taken: Taken | None = None) -> int:
    """Cents of a line, or of what was ``taken`` of it, under the tax keys that ``part`` settles."""
    if part.case not in OF_A_KEY:
        return amount
    if not line.shares:
        return amount if line.vat == part.vat else 0
    amounts = [share.amount for share in line.shares] if taken is None else taken.parts
    return sum(cents for share, cents in zip(line.shares, amounts, strict=False) if share.vat == part.vat)
