"""The commands of this room. A payment is ``sale.pay {"type": "card"}``."""

from kassd.core.arguments import Arguments
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CardAbort(Arguments):
    """Ask the terminal to break off what it does for the current sale. It may be too late for that: what
    became of it is seen in ``state/sale``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CardSettle(Arguments):
    """A person says what became of a card payment (reversal, refund) that nobody else can tell: ``paid``, the
    money has moved, or it has not. ``charge``: which (default: the current sale's); ``reason``: what was seen
    where, e.g. on the terminal's receipt."""

    right = "refund"

    paid: bool
    reason: str
    charge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CardEndOfDay(Arguments):
    """End the day of the card terminal ``terminal`` (Kassenschnitt; default: the station's); its sums are
    compared with the register's own and stand on the closing. A closing does it by itself."""

    right = "till"

    terminal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CardRepeat(Arguments):
    """Ask the card terminal ``terminal`` (default: the station's) for its last receipt once more; it is kept
    and printed, marked as a repetition. No money moves."""

    terminal: str = ""


COMMANDS: dict[str, type[Arguments]] = {
    "card.abort": CardAbort,
    "card.settle": CardSettle,
    "card.end_of_day": CardEndOfDay,
    "card.repeat": CardRepeat,
}
