"""What people do at a register, and what happens to it: one act after another.

A flow is a generator: it yields an act and is sent what came of it (the reply of a command, a document that
was looked at), so that it can react as a person does. Who plays it (the virtual register, a real one over
MQTT) is no concern of a flow.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """Press a button. Answer: the reply; anything but ok and accepted ends the generation unless the flow
    expects that ``code``. ``pin_of``: operators whose PIN is typed in with it."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    station: str = "main"
    code: str = ""
    pin_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold a code before the scanner."""

    code: str
    station: str = "main"


@dataclass(frozen=True, slots=True)
class Look:
    """Look at the display. Answer: the document ``sale``, ``till`` or ``orders``."""

    document: Literal["sale", "till", "orders"] = "sale"
    station: str = "main"


@dataclass(frozen=True, slots=True)
class Wait:
    """Let seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Tse:
    """``gone``: pulled out; ``silent``: swallows the next finish; ``late``: answers the next finish after the
    deadline; ``back``: all is well again."""

    what: Literal["gone", "silent", "late", "back"]


@dataclass(frozen=True, slots=True)
class Paper:
    """The printer's roll runs out, or a new one is put in."""

    out: bool


@dataclass(frozen=True, slots=True)
class PowerCut:
    """The power fails, and comes back."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Card:
    """The memory card is copied; or, ``put_back``, the power is cut, the copy takes the card's place and the
    power comes again."""

    put_back: bool


Fate = Literal["pays", "declines", "part", "tip", "breaks", "mute", "silent", "waits", "undone"]


@dataclass(frozen=True, slots=True)
class Terminal:
    """What becomes of the card that is held to the terminal next: it ``pays``, the host ``declines`` or
    approves a ``part``, the customer adds a ``tip``; the connection ``breaks`` after the approval; it breaks,
    and the terminal is ``mute`` when it is asked for minutes, or ``silent``; it ``waits`` for a card. Or
    what it took last is ``undone`` by hand at once."""

    fate: Fate


@dataclass(frozen=True, slots=True)
class Articles:
    """The office puts another article file there; nobody has read it yet."""

    text: str


Act = Command | Scan | Look | Wait | Tse | Paper | PowerCut | Card | Terminal | Articles
Flow = Generator[Act, Answer, None]
