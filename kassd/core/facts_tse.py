"""Facts about the TSE (see :mod:`kassd.core.facts`, which gives them on)."""

from dataclasses import dataclass

from kassd.core.fact import Fact


@dataclass(frozen=True, slots=True)
class TseBound(Fact):
    """This TSE signs for this register from now on (Stamm_TSE of DSFinV-K)."""

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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class TseDropped(Fact):
    """A call that will have no answer: not begun, or refused by the TSE. ``error`` ``not_open`` without a
    wish: the TSE does not have the transaction of an outage receipt open (any more)."""

    kind = "tse.dropped"
    wish: str
    sale: str
    error: str
    message: str


@dataclass(frozen=True, slots=True)
class TseWithdrawn(Fact):
    """The call is not wanted any more; if the TSE has it already, its answer will be late."""

    kind = "tse.withdrawn"
    wish: str


@dataclass(frozen=True, slots=True)
class OutageBegan(Fact):
    """The TSE does not sign any more; ``reason`` a code, ``message`` German (AEAO zu § 146a Nr. 1.14)."""

    kind = "tse.outage_began"
    id: str
    at: str
    reason: str
    message: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class OutageEnded(Fact):
    """The TSE signs again; how many Vorgänge were issued without it, and their sum in cents."""

    kind = "tse.outage_ended"
    id: str
    at: str
    unsigned: int
    unsigned_sum: int


@dataclass(frozen=True, slots=True)
class TseSeen(Fact):
    """``ready``: the TSE answers; ``surveyed``: its open transactions were compared with ours."""

    kind = "tse.seen"
    ready: bool
    surveyed: bool


@dataclass(frozen=True, slots=True)
class ProbeAsked(Fact):
    """When (monotonic ns) the TSE is asked next whether it is back."""

    kind = "tse.probe_asked"
    mono: int
    pause_s: int
