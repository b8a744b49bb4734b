"""What can happen to a register. Everything that changes state arrives as one of these."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from kassd.core.cards.inputs import CardInput
from kassd.core.catalog import Article
from kassd.core.corrections.found import Found, Recalled
from kassd.core.power.state import Level
from kassd.core.scale.order import WeighOrder
from kassd.core.status import DeviceStatus
from kassd.core.transfers.inputs import TransferDrawn as TransferDrawn
from kassd.deferred import dataclass

Origin = Literal["local", "uplink", "console"]


# What the disk takes: everything; lines, but no closing (it needs new files); the rest of the room that is
# laid out for lines, which belongs to what has been begun.
Room = Literal["ample", "lines", "rest"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an input is decided: the journal line it would become, local aware time, monotonic ns; ``room``:
    what the disk takes at that moment."""

    seq: int
    at: datetime
    mono: int
    room: Room = "ample"


@dataclass(frozen=True, slots=True)
class Started:
    """The process has started and the journal is read. ``config`` is the file, flattened to dotted keys
    (secrets as hashes); ``config_hash`` its SHA-256, '' while :class:`ConfigOffered` brings more of it."""

    config: Mapping[str, Any]
    config_hash: str
    software: str
    build: str


@dataclass(frozen=True, slots=True)
class ConfigOffered:
    """More of a configuration file that is too long for one line: what is in force with this part and those
    before it. ``config_hash`` with the last."""

    config: Mapping[str, Any]
    config_hash: str = ""


@dataclass(frozen=True, slots=True)
class CatalogOffered:
    """Part of a catalogue file that differs from the articles in force. ``done_hash`` with the last part.
    ``who`` and ``how`` stand in each fact."""

    articles: tuple[Article, ...]
    removed: tuple[str, ...] = ()
    done_hash: str = ""
    who: str = "operator"
    how: str = "file"


@dataclass(frozen=True, slots=True)
class CommandReceived:
    """A well-formed command. ``client`` is who the broker's ACL says it is. ``found``: the receipt or slip
    that its arguments name, looked up before (:mod:`kassd.core.corrections.found`). ``proven``: operators
    whose PIN came with it and is right (the PIN itself is not in ``args``)."""

    client: str
    id: str
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    if_rev: int | None = None
    origin: Origin = "local"
    found: Found | None = None
    proven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptRecalled:
    """A receipt whose lines ``sale`` repeats was looked up again (:mod:`kassd.core.corrections.rewrite`)."""

    sale: str
    receipt: Recalled


@dataclass(frozen=True, slots=True)
class Scanned:
    """A complete code from a scanner."""

    device: str
    station: str
    text: str
    aim: str = ""


@dataclass(frozen=True, slots=True)
class ScanFailed:
    """A scan was begun and lost; nothing may be sold."""

    device: str
    station: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A device reports a new status."""

    status: DeviceStatus


@dataclass(frozen=True, slots=True)
class PowerRead:
    """What a source of power tells; None: it says nothing of it. ``weak``: the board's own supply is too
    low."""

    level: Level | None = None
    percent: int | None = None
    minutes: int | None = None
    weak: bool | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A scale's answer: net ``grams``, cents per kg and the ``amount`` it has computed; or ``reason``, a
    short code, and its German ``message``."""

    scale: str
    order: WeighOrder
    grams: int = 0
    unit_price: int = 0
    amount: int = 0
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class TseOpened:
    """The TSE answers, has the right time and has passed its self test."""

    serial_number: str
    public_key: str
    algorithm: str
    time_format: str
    certificates: tuple[str, ...]
    certificate_expiry: int
    certification_id: str
    description: str
    client_id: str
    signature_counter: int = 0
    signatures_left: int | None = None
    memory_used: int | None = None


@dataclass(frozen=True, slots=True)
class TseMeasured:
    """What is left of the TSE; None: it does not tell. ``memory_used`` in percent, expiry unix seconds."""

    certificate_expiry: int
    signature_counter: int
    signatures_left: int | None = None
    memory_used: int | None = None


@dataclass(frozen=True, slots=True)
class TseStepAsked:
    """``kassd tse`` is about to send a command that cannot be undone."""

    serial_number: str
    step: str
    by: str


@dataclass(frozen=True, slots=True)
class TseSwapAsked:
    """The old TSE may go: its archive is verified (name, SHA-256, log messages), or it is defective ('')."""

    by: str
    reason: str
    archive: str = ""
    sha256: str = ""
    messages: int = 0


@dataclass(frozen=True, slots=True)
class TseSwapped:
    """The new TSE is set up."""

    info: TseOpened


@dataclass(frozen=True, slots=True)
class TseSurveyed:
    """After a (re)open every outstanding call was resolved; these transactions are open on the TSE.

    ``newest``: the TSE's transaction counter, None if other registers use the TSE too.
    """

    open_transactions: tuple[int, ...]
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class TseAnswered:
    """End of a start or finish call. ``error`` empty: signed. ``begun`` False: the TSE was not asked."""

    wish: str
    transaction_number: int = 0
    signature_counter: int = 0
    log_time: str = ""
    serial_number: str = ""
    signature: str = ""
    error: str = ""
    message: str = ""
    begun: bool = True


@dataclass(frozen=True, slots=True)
class TseUnavailable:
    """A probe, an opening or a self test failed."""

    error: str
    message: str


@dataclass(frozen=True, slots=True)
class TseArchived:
    """End of an ``archive`` wish; see :class:`kassd.core.facts_tse.TseArchived`."""

    wish: str
    serial_number: str
    first: int
    last: int
    messages: int
    sha256: str
    size: int
    file: str
    seq: int
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TseArchiveFailed:
    """An ``archive`` wish was tried in vain; it stays."""

    wish: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class TseReadBack:
    """Archived messages were read from the TSE again; ``problem`` '' if they were the same."""

    serial_number: str
    first: int
    last: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock jumped by ``seconds`` against the monotonic one, or its certainty changed.

    ``refused``: seconds by which the system clock stands off and is not believed.
    """

    seconds: int
    uncertain: bool
    refused: int = 0


@dataclass(frozen=True, slots=True)
class RollbackFound:
    """An anchor outside the disk remembers more than the journal (an old image, a swapped card), perhaps
    the epoch and the last numbers of receipt and closing."""

    source: str
    message: str
    epoch: int = 0
    receipt: int | None = None
    closing: int | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """End of a print job, as the printer tells it."""

    job: str
    result: Literal["confirmed", "failed", "unknown"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptOffered:
    """An electronic receipt is made: hashes as in :class:`kassd.core.receipts.facts.ReceiptOffered`; for the
    displays the QR code's ``content`` and modules (:class:`kassd.core.receipts.state.Offer`)."""

    document: str
    sha256: str
    token: str
    content: str
    edge: int
    bits: str


@dataclass(frozen=True, slots=True)
class ReceiptOfferFailed:
    """An electronic receipt cannot be made; ``reason``: too_large, not_made."""

    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptFetched:
    """Somebody asks for an electronic receipt by its link; the answer says whether it is still there."""

    document: str
    form: str


@dataclass(frozen=True, slots=True)
class Kicked:
    """End of a drawer kick."""

    job: str
    result: Literal["kicked", "refused", "failed", "unknown"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """The time asked for has come."""


@dataclass(frozen=True, slots=True)
class ExportEnded:
    """What ``client`` asked for was handed out to ``recipient``; ``sha256`` is that of its list of files."""

    operator: str
    what: str
    first: str
    last: str
    sha256: str
    recipient: str
    client: str


Input = (
    Started
    | ConfigOffered
    | CatalogOffered
    | CommandReceived
    | ReceiptRecalled
    | Scanned
    | ScanFailed
    | DeviceChanged
    | PowerRead
    | Weighed
    | TseOpened
    | TseMeasured
    | TseStepAsked
    | TseSwapAsked
    | TseSwapped
    | TseSurveyed
    | TseAnswered
    | TseUnavailable
    | TseArchived
    | TseArchiveFailed
    | TseReadBack
    | ClockStepped
    | RollbackFound
    | Printed
    | Kicked
    | CardInput
    | ReceiptOffered
    | ReceiptOfferFailed
    | ReceiptFetched
    | TransferDrawn
    | ExportEnded
    | Tick
)
