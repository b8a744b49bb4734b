"""What has been decided about payments through a terminal."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from kassd.core.cards.data import CardData
from kassd.core.document import Document
from kassd.core.fact import Fact
from kassd.deferred import dataclass

ChargeKind = Literal["payment", "reversal", "refund", "end_of_day", "repeat"]
CopyKind = Literal["merchant", "customer", "admin", "unknown"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardAsked(Fact):
    """The terminal shall do something; nothing has been sent yet. ``repeat``: send its last receipt again.
    ``charge`` is the id of its wish; ``amount`` cents, always positive; ``original``: what a reversal undoes;
    ``known``: the terminal's last transaction so far, None if it has none; ``sure``: it has said so on this
    connection. ``then``: what follows a reversal: ``abort`` the sale, ``cancel`` the ``receipt`` for
    ``reason``; ``rest``: what is to be reversed after it; ``back``: what the terminals said of reversing
    what came before."""

    kind = "card.asked"
    charge: str
    at: str
    terminal: str
    operation: ChargeKind
    amount: int = 0
    sale: str = ""
    station: str = ""
    operator: str = ""
    known: CardData | None = None
    original: CardData | None = None
    then: Literal["", "abort", "cancel", "stray"] = ""
    receipt: str = ""
    reason: str = ""
    rest: tuple[CardData, ...] = ()
    sure: bool = True
    back: tuple[CardData, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardApproved(Fact):
    """The terminal says that it is approved. It is told that this was heard once this line is durable; only
    then it becomes final there."""

    kind = "card.approved"
    charge: str
    at: str
    data: CardData


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardSlipKept(Fact):
    """A receipt of the terminal, line by line to the letter. ``charge`` '' where nobody asked for it."""

    kind = "card.slip_kept"
    charge: str
    at: str
    terminal: str
    copy: CopyKind
    lines: tuple[str, ...]
    sale: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardSlipPrinted(Fact):
    """A receipt of the terminal is printed here."""

    kind = "card.slip_printed"
    charge: str
    at: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardUnclear(Fact):
    """It broke off: whether money moved is asked of the terminal until it answers. ``message``: German."""

    kind = "card.unclear"
    charge: str
    at: str
    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardUnknown(Fact):
    """The terminal was asked and its answer does not decide: a person must (``card.settle``). ``last``: its
    last transaction, if it told."""

    kind = "card.unknown"
    charge: str
    at: str
    message: str
    last: CardData | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardEnded(Fact):
    """How it ended: ``done`` (money moved, or the day was ended) or ``failed`` (none did). ``how``: the
    terminal said so, by itself or ``asked``, or a person (``operator`` for ``reason``). ``code``: the
    terminal's result; ``message`` German; ``data`` of what is done."""

    kind = "card.ended"
    charge: str
    at: str
    result: Literal["done", "failed"]
    how: Literal["terminal", "asked", "operator"] = "terminal"
    code: str = ""
    message: str = ""
    data: CardData | None = None
    operator: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardLast(Fact):
    """The last transaction of a terminal that registered; None: it has none. ``mute``: it does not say; what
    was known of it stays, unsure."""

    kind = "card.last"
    terminal: str
    at: str
    last: CardData | None = None
    mute: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardReversed(Fact):
    """Every card payment of an old receipt is reversed at the terminal; its cancellation follows. ``back``:
    what the terminals said of each, in the order of the payments."""

    kind = "card.reversed"
    receipt: str
    at: str
    station: str
    operator: str
    reason: str
    back: tuple[CardData, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardReversedUsed(Fact):
    """The receipt whose payments were reversed is cancelled, or will not be (``why``)."""

    kind = "card.reversed_used"
    receipt: str
    at: str
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardUndone(Fact):
    """``operator`` says that a payment of ``sale``, or of an old ``receipt``, was reversed at the terminal by
    hand (or a refund of it taken back: ``amount`` cents, what it brings). Its numbers are not known."""

    kind = "card.undone"
    terminal: str
    at: str
    amount: int
    sale: str = ""
    receipt: str = ""
    operator: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardDayEnded(Fact):
    """End of day of a terminal. ``count`` and ``amount``: what the register knows of its transactions since
    the last one, ``counts`` and ``sums`` by operation (``by_hand``: :class:`CardUndone`), ``booked``: cents
    of payments that name it (None: not recorded), ``before_count`` and ``before``: what of it was on the
    closing before this one. ``closing``: a closing asked for it. ``terminal_count`` and
    ``terminal_amount``: what the terminal says, None if it did not; ``receipts``: its first and last number;
    ``message``: German, why not."""

    kind = "card.day_ended"
    terminal: str
    at: str
    count: int
    amount: int
    done: bool
    terminal_count: int | None = None
    terminal_amount: int | None = None
    terminal_id: str = ""
    receipts: str = ""
    message: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, int] = field(default_factory=dict)
    booked: int | None = None
    before_count: int = 0
    before: int = 0
    closing: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardJudged(Fact):
    """The terminal has answered after a person had settled ``charge``, or names it after it had said itself
    that nothing was booked; ``verdict``: what it comes to.
    Where it is ``done`` and nothing was ``paid`` in the person's eyes, that money (``data``) has no sale:
    it is reversed. ``alike``: it may be this one or another of the same amount, or, without ``data``, what
    the terminal had approved and does not name any more: a person must look. The other way
    round there is a sale without money. All are told until they are settled."""

    kind = "card.judged"
    charge: str
    at: str
    verdict: Literal["done", "failed", "unknown", "alike"]
    paid: bool
    data: CardData | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardStraySettled(Fact):
    """What did not agree is put right: at the terminal, or by ``operator`` for ``reason``."""

    kind = "card.stray_settled"
    charge: str
    at: str
    operator: str = ""
    reason: str = ""


# Not journalled.
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CardShown(Fact):
    """What the terminal does just now, German."""

    kind = "card.shown"
    charge: str
    message: str
