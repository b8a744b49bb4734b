"""What every TSE driver offers, in the words of BSI TR-03151 and TR-03153.

Calls are made strictly one at a time by :mod:`kassd.tse.worker`. Drivers raise only
:class:`~kassd.errors.TseError` and its leaves. A driver never retries a PIN and never hides an answer.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import field
from typing import Literal, Protocol

from kassd.deferred import dataclass

LifeCycle = Literal["factory", "no_time", "active", "deactivated", "disabled"]


@dataclass(frozen=True, slots=True)
class Signed:
    """Answer to start, update and finish.

    ``log_time`` UTC ``YYYY-MM-DDThh:mm:ss.fffZ``; ``serial_number`` 64 lower-case hex digits = SHA-256 of
    the uncompressed public key point; ``signature`` base64 of the plain ``r‖s``.
    """

    transaction_number: int
    signature_counter: int
    log_time: str
    serial_number: str
    signature: str


@dataclass(frozen=True, slots=True)
class LastResult:
    """The newest transaction log message of a client, as far as the device tells it."""

    operation: Literal["start", "update", "finish"]
    client_id: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class TseInfo:
    """Identity, state and limits. ``public_key`` base64 of the raw point 04‖X‖Y; ``certificates`` DER in
    base64, leaf first; ``certificate_expiry`` unix seconds; ``signatures_left`` and ``memory_used``
    (percent) are None where the device does not tell."""

    serial_number: str
    public_key: str
    signature_algorithm: str
    time_format: str
    life_cycle: LifeCycle
    time_valid: bool
    self_test_due: bool
    signature_counter: int
    transaction_counter: int
    open_transactions: int
    max_open_transactions: int
    clients: tuple[str, ...]
    max_clients: int
    certificate_expiry: int
    certificates: tuple[str, ...]
    certification_id: str
    description: str
    time_sync_interval: int
    signatures_left: int | None = None
    memory_used: int | None = None


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """All None: everything. Ends are inclusive; times unix seconds. ``after_counter``: only messages with a
    higher signature counter (what is new since an earlier export)."""

    client_id: str | None = None
    transaction_number: int | None = None
    first_transaction: int | None = None
    last_transaction: int | None = None
    start_time: int | None = None
    end_time: int | None = None
    after_counter: int | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """PINs and PUKs of one TSE; never journalled, never logged, never shown by ``repr``."""

    admin_pin: str = field(repr=False)
    time_admin_pin: str = field(repr=False)
    admin_puk: str = field(repr=False)
    time_admin_puk: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecretsForm:
    """How many digits the PINs and PUKs of a family have."""

    pin_digits: int
    puk_digits: int


Note = Callable[[str], Awaitable[None]]
"""Told the name of each step that changes a secret, before its command is sent, and of each refusal of a
secret, right after its answer; raises to stop."""


class Tse(Protocol):
    """One TSE. ``open`` may be called again after any error, and uses no PIN: it may be another register's
    TSE (who its clients are may be told by ``info`` only); ``close`` never raises.

    ``provision`` leads from any state short of ``disabled`` to ``active`` with ``client_id`` registered and
    ``secrets`` in force. Interrupted anywhere and called again with the same secrets it goes on; a PIN or PUK
    that the device refuses is never tried again by itself: ``taken`` are the notes of earlier calls for this
    device, in other processes too (:mod:`kassd.tse.trials`). ``keep_alive_s``: how often a device without
    work wants :meth:`keep_alive`; None: never. ``tests_itself``: at each power-up, and without a
    command for it; then ``self_test`` is refused.
    """

    secrets_form: SecretsForm
    keep_alive_s: float | None
    tests_itself: bool

    async def open(self) -> TseInfo: ...
    async def close(self) -> None: ...
    async def info(self) -> TseInfo: ...
    async def provision(
        self, secrets: Secrets, client_id: str, note: Note, taken: frozenset[str] = frozenset()
    ) -> TseInfo: ...
    async def keep_alive(self) -> None: ...
    async def self_test(self, client_id: str) -> None: ...
    async def set_time(self, unix_seconds: int) -> None: ...
    async def register(self, client_id: str) -> None: ...
    async def deregister(self, client_id: str) -> None: ...
    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed: ...
    async def update(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed: ...
    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed: ...
    async def open_transactions(self, client_id: str | None = None) -> tuple[int, ...]: ...
    async def last_result(self, client_id: str) -> LastResult | None: ...
    async def certificates(self) -> bytes: ...
    def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]: ...
    async def delete_exported(self) -> None: ...
    async def disable(self) -> None: ...
