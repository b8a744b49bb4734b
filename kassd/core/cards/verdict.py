"""Whether money moved, from what the terminal says when it is asked. Pure.

| approved before | the terminal's last transaction | verdict |
|---|---|---|
| yes | the approved one | done |
| yes | the one before, or none where there was none | failed: it took it back (2.2.8) |
| no | the one before, or none where there was none | failed |
| no | a new one of this amount | done |
| no | a new one that was declined | failed |
| any | another, or it says nothing of use | unknown: a person must look |
"""

from typing import Literal

from kassd.core.cards.data import CardData
from kassd.core.cards.state import Charge

Verdict = Literal["done", "failed", "unknown"]


def verdict(charge: Charge, found: Literal["last", "none", "mute"], last: CardData | None) -> Verdict:
    """``last``: its last transaction (``found`` is ``last``)."""
    if found == "mute" or (found == "last" and last is None):
        return "unknown"
    if last is None:
        return "failed" if charge.known is None else "unknown"
    if charge.known is not None and last.is_same(charge.known):
        return "failed"
    if charge.data is not None:
        return "done" if last.is_same(charge.data) else "unknown"
    if last.amount == 0:
        return "failed"
    original = charge.original
    if original is not None and last.original_trace and last.original_trace != original.trace:
        return "unknown"
    return "done" if last.amount == charge.amount else "unknown"
