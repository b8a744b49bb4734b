"""Charges on their way, and what the register knows of each terminal. Theory of operation::

asked ──approved──▶ approved ──06 0F──▶ done
  │ ──06 1E, not sent ────────▶ failed
  └──broke off, contradictory──┴──▶ unclear ──the terminal's answer──▶ done or failed
                                       └──it does not decide──▶ unknown ──a person, a later answer──▶ both
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Literal

from kassd.core.cards.data import CardData
from kassd.core.cards.facts import CardDayEnded, ChargeKind, CopyKind
from kassd.core.cards.identity import is_exact
from kassd.deferred import dataclass, replace

ChargeStatus = Literal["asked", "approved", "unclear", "unknown"]

CHARGE_TABLE: dict[tuple[str, str], str] = {
    ("none", "card.asked"): "asked",
    ("asked", "card.approved"): "approved",
    ("asked", "card.ended"): "done or failed",
    ("asked", "card.unclear"): "unclear",
    ("approved", "card.approved"): "approved",
    ("approved", "card.ended"): "done or failed",
    ("approved", "card.unclear"): "unclear",
    ("unclear", "card.ended"): "done or failed",
    ("unclear", "card.unknown"): "unknown",
    ("unknown", "card.unknown"): "unknown",
    ("unknown", "card.ended"): "done or failed",
}


BY_HAND = "by_hand"  # among the operations of a batch: what people say of it


@dataclass(frozen=True, slots=True)
class TerminalSlip:
    """A receipt of the terminal, until it is printed."""

    copy: CopyKind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Charge:
    """One thing a terminal was asked for (:class:`kassd.core.cards.facts.CardAsked`). ``data``: what it has
    approved; ``last``: its last transaction when it was asked; ``shown``: what it does (volatile).
    ``others``: something of the kind may have been charged beside it, by hand or through the register.
    """

    id: str
    terminal: str
    operation: ChargeKind
    amount: int
    at: str
    status: ChargeStatus = "asked"
    sale: str = ""
    station: str = ""
    operator: str = ""
    known: CardData | None = None
    sure: bool = True
    original: CardData | None = None
    then: Literal["", "abort", "cancel", "stray"] = ""
    receipt: str = ""
    reason: str = ""
    rest: tuple[CardData, ...] = ()
    back: tuple[CardData, ...] = ()
    data: CardData | None = None
    last: CardData | None = None
    slips: tuple[TerminalSlip, ...] = ()
    message: str = ""
    others: bool = False
    shown: str = ""

    @property
    def in_doubt(self) -> bool:
        """Whether nobody but the terminal knows, or not even it."""
        return self.status in ("unclear", "unknown")

    @property
    def moves_money(self) -> bool:
        """Whether money may have moved by it."""
        return self.operation in ("payment", "reversal", "refund")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a terminal has done for this register since its last end of day, by operation: number and
    cents; ``by_hand``: what people say they have reversed there. ``booked``: cents of the payments of
    Vorgänge that name it; ``before``: cents of what was on a closing already."""

    counts: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, int] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    terminal_id: str = ""
    booked: int = 0
    before_count: int = 0
    before: int = 0

    @property
    def count(self) -> int:
        """Transactions of all kinds."""
        return sum(self.counts.values())

    @property
    def amount(self) -> int:
        """Cents that merchants get: payments less what was given back."""
        return sum(amount if key == "payment" else -amount for key, amount in self.sums.items())


@dataclass(frozen=True, slots=True)
class Reversed:
    """Payments of an old receipt are reversed (``back``); who cancels it where and why."""

    station: str
    operator: str
    reason: str
    at: str
    back: tuple[CardData, ...] = ()


@dataclass(frozen=True, slots=True)
class Stray:
    """A person and the terminal do not agree: money without a sale (``paid`` false), or a sale without money.
    Of the first, what is certainly this charge is reversed once (``tried``). ``data``: what the terminal has
    named since, None where it names neither the approved one nor one like it. ``denied``: no person but the
    terminal itself had said that nothing was booked."""

    charge: Charge
    paid: bool
    at: str
    data: CardData | None = None
    tried: bool = False
    denied: bool = False

    @property
    def is_own(self) -> bool:
        """Whether ``data`` is what the terminal had approved for this very charge."""
        approved = self.charge.data
        return self.data is not None and approved is not None and is_exact(self.data, approved)


@dataclass(frozen=True, slots=True)
class Cards:
    """``settled``: charges that a person settled while the terminal was silent, with what was said;
    ``denied``: by terminal, the last one that it says it has not booked, until it has another last
    transaction; ``strays``: by charge. ``charges`` by id; ``last`` and ``batches`` by terminal; ``unsure``:
    since when a terminal does not say whether ``last`` still is; ``reversed`` by receipt; ``ended``: ends of
    day of the open period, by terminal; ``differing``: ends of day that did not agree."""

    charges: Mapping[str, Charge] = field(default_factory=dict)
    last: Mapping[str, CardData] = field(default_factory=dict)
    unsure: Mapping[str, str] = field(default_factory=dict)
    batches: Mapping[str, Batch] = field(default_factory=dict)
    reversed: Mapping[str, Reversed] = field(default_factory=dict)
    ended: Mapping[str, tuple[CardDayEnded, ...]] = field(default_factory=dict)
    differing: Mapping[str, CardDayEnded] = field(default_factory=dict)
    settled: Mapping[str, Stray] = field(default_factory=dict)
    denied: Mapping[str, Stray] = field(default_factory=dict)
    strays: Mapping[str, Stray] = field(default_factory=dict)


def with_booked(cards: Cards, card: CardData, amount: int) -> Cards:
    """A payment of a Vorgang names a terminal."""
    batch = cards.batches.get(card.terminal, Batch())
    batches = {**cards.batches, card.terminal: replace(batch, booked=batch.booked + amount)}
    return replace(cards, batches=batches)


def closed(cards: Cards) -> Cards:
    """The period is over; batches that are not go on."""
    batches = {
        name: replace(batch, before_count=batch.count, before=batch.amount)
        for name, batch in cards.batches.items()
    }
    return replace(cards, ended={}, batches=batches)


def charge_of(cards: Cards, sale: str) -> Charge | None:
    """What a terminal does, or may have done, for a sale just now."""
    return next((charge for charge in cards.charges.values() if charge.sale == sale), None)


def taken_elsewhere(cards: Cards, amount: int) -> Cards:
    """Somebody took ``amount`` by hand: what a terminal tells of that amount need not be the register's."""
    return beside(cards, lambda charge: charge.amount == abs(amount))


def beside(cards: Cards, which: Callable[[Charge], bool]) -> Cards:
    """Those charges ``which`` is true of are no longer the only ones of their kind."""
    charges = {key: _beside(one, which) for key, one in cards.charges.items()}
    settled = {key: replace(one, charge=_beside(one.charge, which)) for key, one in cards.settled.items()}
    return replace(cards, charges=charges, settled=settled)


def _beside(charge: Charge, which: Callable[[Charge], bool]) -> Charge:
    return replace(charge, others=True) if not charge.others and which(charge) else charge


def unshown(cards: Cards) -> Cards:
    """Without what a power cut may forget."""
    return replace(cards, charges={key: replace(one, shown="") for key, one in cards.charges.items()})
