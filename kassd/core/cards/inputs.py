"""What a card terminal reports, as the register hears it (:mod:`kassd.devices.port` says when)."""

from typing import Literal

from kassd.core.cards.data import CardData
from kassd.core.cards.facts import CopyKind
from kassd.core.corrections.found import Found
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class CardHeard:
    """It approves; it is answered once that is durable."""

    charge: str
    data: CardData


@dataclass(frozen=True, slots=True)
class CardSlipCame:
    """A whole receipt; its last message is answered once that is durable."""

    terminal: str
    charge: str
    copy: CopyKind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardSays:
    """What it does just now, German."""

    charge: str
    text: str


@dataclass(frozen=True, slots=True)
class CardLastTold:
    """It has told its last transaction, None if it has none or does not say (``mute``)."""

    terminal: str
    last: CardData | None
    mute: bool = False


@dataclass(frozen=True, slots=True)
class CardAnswered:
    """It was asked what became of ``charge``."""

    charge: str
    found: Literal["last", "none", "mute"]
    last: CardData | None = None


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """End of what it was asked for."""

    charge: str
    result: Literal["done", "failed", "unclear"]
    code: str = ""
    message: str = ""
    data: CardData | None = None
    count: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class CardReceiptFound:
    """The receipt whose card payments were reversed was looked up, to be cancelled."""

    receipt: str
    found: Found


CardInput = CardHeard | CardSlipCame | CardSays | CardLastTold | CardAnswered | CardOutcome | CardReceiptFound
