"""Commands are carried out, and what they do to the current sale is judged.

A voucher, a down payment or a claim settled goods that stood then; a discount was given on them. Lines voided
or entered anew at another rate, goods returned or made cheaper may make that untrue. So whatever command does
it, it is refused once what is left does not bear what was settled or given. What did not hold before (a down
payment given back for no goods) is not judged.
"""

from collections.abc import Callable, Mapping

from kassd.core.arguments import Arguments
from kassd.core.credit import downpayments, receivables
from kassd.core.decision import Draft, Rejected
from kassd.core.entry import Line
from kassd.core.perform import PERFORMERS, Answer
from kassd.core.reductions.judging import judge_reductions
from kassd.core.state import Sale, State
from kassd.core.vouchers import redeem

# By GV_TYP of a line that settles: cents of what it was for that are left beside it, below 0 if it took more.
LEFT: Mapping[str, Callable[[State, Sale, Line], int]] = {
    "EinzweckgutscheinEinloesung": redeem.left_beside,
    "MehrzweckgutscheinEinloesung": redeem.left_beside,
    "Anzahlungsaufloesung": downpayments.left_beside,
    "Forderungsentstehung": receivables.left_beside,
}


def carry_out(d: Draft, station: str, args: Arguments) -> Answer:
    """What the command asks for at ``station``; :class:`~kassd.core.decision.Rejected` where it is not to be
    had."""
    before = d.state.current(station)
    answer = PERFORMERS[type(args)](d, station, args)
    after = None if before is None else d.state.sales.get(before.id)
    if before is not None and after is not None and after.lines is not before.lines and after.kind == "sale":
        _judge_settled(d.state, before, after)
        judge_reductions(d, before, after)
    return answer


def _judge_settled(state: State, before: Sale, after: Sale) -> None:
    if not any(line.case in LEFT for line in before.lines):
        return
    for line in after.standing():
        if line.case in LEFT and line.origin is None:
            left = LEFT[line.case]
            if left(state, after, line) < 0 <= left(state, before, line):
                raise Rejected("settled_first", {"line": line.n}, f"({line.text[:40]})")
