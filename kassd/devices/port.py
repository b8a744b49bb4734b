"""What the rooms of the edge offer to the register, and how they speak back.

Drivers move bytes and report; they decide nothing. Each driver gets a :class:`Report` and calls it from
the event loop only. ``run`` is started by the supervisor and lives as long as the daemon: absence,
unplugging and replugging are states, not errors.
"""

from collections.abc import Callable
from typing import Literal, Protocol

from kassd.core.cards.data import CardData
from kassd.core.power.state import Level
from kassd.core.scale.order import WeighOrder
from kassd.core.status import DeviceStatus
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Scan:
    """One complete code from a scanner. ``text`` without prefix and suffix; ``aim`` the AIM id or ''."""

    device: str
    station: str
    text: str
    aim: str = ""


@dataclass(frozen=True, slots=True)
class ScanLost:
    """A code was begun and not completed, or the kernel dropped events: nothing may be sold."""

    device: str
    station: str
    reason: str


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """End of one print job: ``confirmed`` by the printer, ``failed`` (known not printed at all), or
    ``unknown`` (bytes left us and no confirmation came)."""

    device: str
    job: str
    result: Literal["confirmed", "failed", "unknown"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KickOutcome:
    """End of one drawer kick: ``kicked`` (pulse given), ``refused`` (duty limit), ``failed``, or ``unknown``:
    a printer was pulled out before it can be said to have given the pulse."""

    device: str
    job: str
    result: Literal["kicked", "refused", "failed", "unknown"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PowerReading:
    """What a source of power says now; None: it says nothing of it. ``percent`` and ``minutes`` of the
    battery, ``weak``: the board's own supply is too low."""

    level: Level | None = None
    percent: int | None = None
    minutes: int | None = None
    weak: bool | None = None


@dataclass(frozen=True, slots=True)
class WeighOutcome:
    """A scale's answer to ``order``; with ``reason`` nothing was weighed (``message``: German, what to
    do)."""

    device: str
    order: WeighOrder
    grams: int = 0
    unit_price: int = 0
    amount: int = 0
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class CardHeard:
    """The terminal approves. It hears that this was understood only after :meth:`Terminal.go_on`."""

    device: str
    charge: str
    data: CardData


@dataclass(frozen=True, slots=True)
class CardSlip:
    """A whole receipt of the terminal; its last message is answered only after :meth:`Terminal.go_on`."""

    device: str
    charge: str
    copy: Literal["merchant", "customer", "admin", "unknown"]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardText:
    """What the terminal does just now, German."""

    device: str
    charge: str
    text: str


@dataclass(frozen=True, slots=True)
class CardLast:
    """The terminal's ``last`` transaction, None if it has none or does not say (``mute``)."""

    device: str
    last: CardData | None
    mute: bool = False


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What the terminal says when it is asked what became of ``charge``: its ``last`` transaction, that there
    is ``none``, or nothing of use (``mute``: it is asked again)."""

    device: str
    charge: str
    found: Literal["last", "none", "mute"]
    last: CardData | None = None


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """End of what the terminal was asked for: ``done``; ``failed`` (known not done: ``code`` not_sent, or the
    terminal's result in hex); ``unclear`` (it broke off). ``count`` and ``amount``: the sums of an end of
    day, None if it told none."""

    device: str
    charge: str
    result: Literal["done", "failed", "unclear"]
    code: str = ""
    message: str = ""
    data: CardData | None = None
    count: int | None = None
    amount: int | None = None


DeviceEvent = (
    DeviceStatus
    | Scan
    | ScanLost
    | PrintOutcome
    | KickOutcome
    | CardHeard
    | CardSlip
    | CardText
    | CardLast
    | CardAnswer
    | CardOutcome
    | PowerReading
    | WeighOutcome
)
Report = Callable[[DeviceEvent], None]


class Keeper(Protocol):
    """Keeps open descriptors for the process that comes after this one, by name."""

    def take(self, name: str) -> int | None:
        """What an earlier process has left under ``name``; it belongs to the caller then."""
        ...

    def keep(self, name: str, fd: int) -> None:
        """Leave ``fd`` to whoever comes next. A copy is kept: this one is closed as any other."""
        ...

    def forget(self, name: str) -> None:
        """Keep nothing under ``name`` any more."""
        ...


class Nobody:
    """A :class:`Keeper` that has nothing and keeps nothing."""

    def take(self, name: str) -> int | None:
        """None."""
        return None

    def keep(self, name: str, fd: int) -> None:
        """It ends with this process."""

    def forget(self, name: str) -> None:
        """There is nothing."""


class Scanner(Protocol):
    """A barcode scanner; reports :class:`Scan` and :class:`ScanLost`."""

    name: str

    async def run(self) -> None: ...
    async def beep(self, error: bool) -> None: ...


class Runnable(Protocol):
    """A part that only reports."""

    async def run(self) -> None: ...


class Printer(Protocol):
    """A receipt printer: a byte transport with status.

    ``send`` writes one whole job (confirmation request included by the driver) and reports its
    :class:`PrintOutcome`; jobs are sent one after another. ``kick`` sends the drawer bytes before any job
    that has not begun.
    """

    name: str

    async def run(self) -> None: ...
    def send(self, job: str, data: bytes) -> None: ...
    def kick(self, job: str) -> None: ...


class Scale(Protocol):
    """A coupled scale; reports one :class:`WeighOutcome` for each order."""

    name: str

    async def run(self) -> None: ...
    def weigh(self, order: WeighOrder) -> None: ...


class Drawer(Protocol):
    """A cash drawer on a GPIO pin; reports :class:`KickOutcome`."""

    name: str

    async def run(self) -> None: ...
    def kick(self, job: str) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What a terminal shall do. ``charge`` is the wish's id; ``amount`` cents; ``receipt``: the number of the
    terminal's payment to be reversed; ``known``: the last transaction of the terminal, as who asks knows it,
    ``sure`` if the terminal has said so."""

    charge: str
    operation: Literal["payment", "reversal", "refund", "end_of_day", "repeat"]
    amount: int = 0
    receipt: str = ""
    known: CardData | None = None
    sure: bool = True


class Terminal(Protocol):
    """A card terminal; does one thing at a time. ``charge`` is given once for each wish, ever; ``ask`` finds
    out what became of one that broke off, however long it takes."""

    name: str

    async def run(self) -> None: ...
    def charge(self, request: ChargeRequest) -> None: ...
    def go_on(self, charge: str) -> None: ...
    def ask(self, charge: str) -> None: ...
    def abort(self, charge: str) -> None: ...
