"""Facts about the TSE (see :mod:`kassd.core.facts`, which gives them on)."""

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseBound(Fact):
    """This TSE signs for this register from now on (Stamm_TSE of DSFinV-K): put into use here on ``at``."""

    kind = "tse.bound"
    serial_number: str
    public_key: str
    algorithm: str
    time_format: str
    client_id: str
    certificates: tuple[str, ...]
    certificate_expiry: int
    certification_id: str
    description: str
    at: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseStarted(Fact):
    """The TSE started the transaction of a Vorgang."""

    kind = "tse.started"
    sale: str
    wish: str
    transaction_number: int
    signature_counter: int
    log_time: str
    serial_number: str
    signature: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseFinished(Fact):
    """The TSE finished the transaction of a Vorgang."""

    kind = "tse.finished"
    sale: str
    wish: str
    transaction_number: int
    signature_counter: int
    log_time: str
    serial_number: str
    signature: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseLate(Fact):
    """An answer that came after the receipt had been issued as outage; ``operation`` start or finish."""

    kind = "tse.late"
    sale: str
    wish: str
    operation: str
    transaction_number: int
    signature_counter: int
    log_time: str
    serial_number: str
    signature: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseDropped(Fact):
    """A call that will have no answer: not begun, or refused by the TSE. ``error`` ``not_open`` without a
    wish: the TSE does not have the transaction of an outage receipt open (any more)."""

    kind = "tse.dropped"
    wish: str
    sale: str
    error: str
    message: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseWithdrawn(Fact):
    """The call is not wanted any more; if the TSE has it already, its answer will be late."""

    kind = "tse.withdrawn"
    wish: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutageBegan(Fact):
    """The TSE does not sign any more; ``reason`` a code, ``message`` German (AEAO zu § 146a Nr. 1.14)."""

    kind = "tse.outage_began"
    id: str
    at: str
    reason: str
    message: str
    serial_number: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutageEnded(Fact):
    """The TSE signs again; how many Vorgänge were issued without it, and their sum in cents."""

    kind = "tse.outage_ended"
    id: str
    at: str
    unsigned: int
    unsigned_sum: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseArchived(Fact):
    """The TSE's log messages with the counters ``first`` to ``last`` lie in the archive, verified. ``file``
    is named from the archive's folder, with size in bytes and SHA-256 in hex; '' and ``messages`` 0: there
    was nothing new. ``seq``: up to this line the journal has been compared; ``findings``: German sentences
    about what contradicts (L-043, L-044)."""

    kind = "tse.archived"
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseArchiveFailed(Fact):
    """An export of the TSE's log could not be archived; it is tried again. ``message`` German."""

    kind = "tse.archive_failed"
    wish: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseReadBack(Fact):
    """Archived log messages were read from the TSE again and compared with the archive, byte for byte.
    ``problem``: '' or the German sentence that says what differed."""

    kind = "tse.read_back"
    at: str
    serial_number: str
    first: int
    last: int
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseSeen(Fact):
    """``ready``: the TSE answers; ``surveyed``: its open transactions were compared with ours."""

    kind = "tse.seen"
    ready: bool
    surveyed: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProbeAsked(Fact):
    """When (monotonic ns) the TSE is asked next whether it is back."""

    kind = "tse.probe_asked"
    mono: int
    pause_s: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseWarned(Fact):
    """The TSE's ``what`` (expiry, signatures, memory) has reached ``level``: days left or percent used
    (L-039); 0: no longer."""

    kind = "tse.warned"
    what: str
    level: int
    at: str
    message: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseStepTaken(Fact):
    """A command that changes or uses up a secret of the TSE, or puts it out of use, is sent next. A ``step``
    ending in ``_refused``: the TSE has just refused this PIN or PUK; it is not sent again."""

    kind = "tse.step_taken"
    serial_number: str
    step: str
    at: str
    by: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseSwapBegan(Fact):
    """The TSE is being replaced. ``archive``: its verified export (name, SHA-256, log messages), '' if it is
    defective and only what was archived before is left."""

    kind = "tse.swap_began"
    serial_number: str
    at: str
    by: str
    reason: str
    archive: str
    sha256: str
    messages: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TseReplaced(Fact):
    """TSE-Wechsel: another one signs from now on (Mitteilung nach § 146a Abs. 4 AO within a month)."""

    kind = "tse.replaced"
    old_serial_number: str
    new_serial_number: str
    at: str
    by: str
    reason: str
    last_transaction: int
