"""What is open as the register knows it."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from kassd.core.entry import Line, Share
from kassd.deferred import dataclass

WHOLE = ("delivery", "invoice")  # kinds whose lines a later receipt repeats
LETTERS = {"receivable": "F", "downpayment": "A", "delivery": "L", "invoice": "R"}  # numbers begin with it


@dataclass(frozen=True, slots=True)
class Item:
    """An open item. ``left``: what is open by tax key, cents as they were agreed. ``sale``: the unfinished
    sale that makes it, '' once it is open; ``receipt``, ``closing``, ``closed_at``: where it was made
    (``closed_at`` '' while that closing is still to come); ``settled``: the day nothing was left, '' before;
    ``lines``: of what is billed whole later (:data:`WHOLE`), ``bills``: numbers of the receipts that bill it
    and are not cancelled; ``owed``: of a receivable that is taxed when it is paid, the tax keys it was made
    of; ``cash``: cents of cash that have been paid towards it so far (linked payments, § 10 Abs. 6a GwG)."""

    number: str
    kind: Literal["receivable", "downpayment", "delivery", "invoice"]
    customer: str
    what: str
    at: str
    pickup: str = ""
    left: tuple[Share, ...] = ()
    lines: tuple[Line, ...] = ()
    bills: tuple[int, ...] = ()
    owed: tuple[Share, ...] = ()
    sale: str = ""
    receipt: int = 0
    closing: int = 0
    closed_at: str = ""
    settled: str = ""
    cash: int = 0

    @property
    def balance(self) -> int:
        """What is open, in cents."""
        return sum(share.amount for share in self.left)


@dataclass(frozen=True, slots=True)
class Credit:
    """``items`` by number; ``slips``: day → code of a taken slip for empties → number of the receipt."""

    items: Mapping[str, Item] = field(default_factory=dict)
    slips: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
