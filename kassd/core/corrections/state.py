"""What the register remembers of corrections: the newest of them, and those that are being written.

Whether a receipt of any age has been cancelled or taken back is looked up in the journal
(:mod:`kassd.core.corrections.found`). Between that reading and the decision other decisions may be made:
they are all among the newest corrections here, so that two commands at once cannot both succeed.
"""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from itertools import zip_longest
from typing import Literal

from kassd.deferred import dataclass

How = Literal["cancel", "replace", "return", "invoice", "paper", "withheld", "handed_out"]

KEPT = 64  # twice what is decided between a reading and the decision


@dataclass(frozen=True, slots=True)
class Corrects:
    """What a Vorgang does to an older receipt."""

    receipt: str
    how: How


@dataclass(frozen=True, slots=True)
class Taken:
    """How much of one line of a receipt went back: quantity and cents, positive for goods returned;
    ``parts``: the cents of each of its shares."""

    quantity: Decimal
    amount: int
    parts: tuple[int, ...] = ()

    def __add__(self, other: "Taken") -> "Taken":
        parts = tuple(a + b for a, b in zip_longest(self.parts, other.parts, fillvalue=0))
        return Taken(self.quantity + other.quantity, self.amount + other.amount, parts)


@dataclass(frozen=True, slots=True)
class Correction:
    """Something done to ``subject``: a receipt's number, or ``paper:<slip>``. ``by``: number of the Vorgang
    that does it, '' where there is none or it is under way; ``seq``: the line in which it ended; ``lines``
    of a return: the receipt's line → what of it went back."""

    subject: str
    how: How
    seq: int
    by: str = ""
    lines: Mapping[int, Taken] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A Vorgang that repeats the lines of ``receipt`` (``sign`` -1: reversed) and does not fit one journal
    line: the lines it still lacks are looked up again."""

    receipt: str
    sign: int


@dataclass(frozen=True, slots=True)
class Corrections:
    """``recent``: the newest :data:`KEPT`; ``forgotten``: line of the newest that is no longer among them."""

    recent: tuple[Correction, ...] = ()
    forgotten: int = -1
    plans: Mapping[str, Plan] = field(default_factory=dict)
