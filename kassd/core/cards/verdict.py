"""Whether money moved, from what the terminal says when it is asked. Pure.

| approved before | the terminal's last transaction | verdict |
|---|---|---|
| yes | the approved one | done |
| yes | the one before, none where there was none, or the reversal of the approved one | failed (2.2.8) |
| no | the one before, or none where there was none | failed |
| no | a new one of this amount and kind, and no other can have been made meanwhile | done |
| no | the very next one, and it was declined | failed |
| no | the next but one, and it takes back the next | failed (2.2.8) |
| any | anything else, or it says nothing of use | unknown: a person must look |

A terminal that says nothing of use (``mute``) has not said that there is nothing.
"""

from typing import Literal

from kassd.core.cards.data import CardData
from kassd.core.cards.identity import likeness, steps, takes_back, undoes
from kassd.core.cards.state import Charge

Verdict = Literal["done", "failed", "unknown"]


def verdict(charge: Charge, found: Literal["last", "none", "mute"], last: CardData | None) -> Verdict:
    """``last``: its last transaction (``found`` is ``last``)."""
    if found == "mute" or (found == "last" and last is None):
        return "unknown"
    if last is None:
        return "failed" if charge.known is None and charge.sure else "unknown"
    before = likeness(last, charge.known) if charge.known is not None else "other"
    if charge.data is not None:
        return _of_approved(last, charge.data, before)
    if before == "same":
        return "failed"
    if before == "unsure" or not charge.sure:
        return "unknown"
    if last.result == "declined":
        return "failed" if steps(charge.known, last) == 1 else "unknown"
    if _taken_back(charge, last):
        return "failed"
    return "done" if could_be(charge, last) and not charge.others else "unknown"


def could_be(charge: Charge, last: CardData) -> bool:
    """Whether ``last`` has the kind and amount of what was asked for."""
    if last.result != "approved" or last.amount != charge.amount:
        return False
    if charge.operation == "reversal":
        return charge.original is not None and undoes(last, charge.original.trace)
    return not takes_back(last)


def _of_approved(last: CardData, approved: CardData, before: str) -> Verdict:
    now = likeness(last, approved)
    if now == "same":
        return "done" if before != "same" else "unknown"
    gone = before == "same" or undoes(last, approved.trace)
    return "failed" if now == "other" and gone else "unknown"


def _taken_back(charge: Charge, last: CardData) -> bool:
    """Two transactions since: the first can only have been this one, and the second undoes it."""
    known = charge.known
    if charge.operation == "reversal" or known is None or steps(known, last) != 2:
        return False
    if last.result != "approved" or last.amount != charge.amount:
        return False
    return undoes(last, f"{int(known.trace) + 1:06d}") if known.trace.strip("0").isdigit() else False
