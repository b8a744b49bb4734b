"""The part of a soft TSE that signs: clock, counters, log messages, the store behind them.

Every state change goes through :meth:`Signer.record` or :meth:`Signer.log` and is durable after
:meth:`Signer.commit`. A counter is used once: the message that used it is on the disk before anyone
sees its signature.
"""

import hashlib
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.messages import Data, SystemData, TransactionData, encode, to_sign
from kassd.tse.log.system import Events
from kassd.tse.log.times import TimeFormat, to_iso
from kassd.tse.port import Signed
from kassd.tse.soft import pki
from kassd.tse.soft.model import Entry, Model, State
from kassd.tse.soft.store import Record, Store

GRANULARITY_MS: dict[TimeFormat, int] = {
    "unixTime": 1000,
    "utcTime": 60_000,
    "utcTimeWithSeconds": 1000,
    "generalizedTime": 1000,
    "generalizedTimeWithMilliseconds": 1,
}
Mono = Callable[[], int]


class Signer:
    """An open store, its key, and the volatile clock that a power-up loses."""

    def __init__(self, folder: Path, model: Model, made_at_s: int, mono: Mono = time.monotonic_ns) -> None:
        """Power up; makes a new TSE in factory state if ``folder`` holds none.

        Raises ``TseGone`` if another process uses the folder, ``TseRefused`` if it is damaged.
        """
        self.mono = mono
        self.store = Store(folder)
        self.store.open()
        try:
            self.state = self._load()
            if not self.state.serial:
                self._make(model, made_at_s)
            self.identity = pki.load(folder, self.state.model.curve)
        except BaseException:
            self.store.close()
            raise
        self.time_valid = False
        self.expired = False
        self.full = False
        self.set_clock(self.state.last_time)
        self.events = Events(self.state.model.version, self.state.model.time_format)

    def _load(self) -> State:
        state = State()
        for _, record in self.store.records():
            state.apply(record)
        return state

    def _make(self, model: Model, made_at_s: int) -> None:
        pki.create(self.store.folder, model.curve, made_at_s, model.certificate_days)
        serial = pki.load(self.store.folder, model.curve).public.serial.hex()
        minute = made_at_s // 60 * 60_000  # what every time format can say
        self.record({"t": "made", "model": asdict(model), "serial": serial, "ms": minute})
        self.commit()

    def set_clock(self, unix_ms: int) -> None:
        """Let the TSE's clock run on from ``unix_ms``."""
        self._base, self._base_mono = unix_ms, self.mono()

    def slip(self, ms: int) -> None:
        """Let the clock jump back, which a sound TSE's never does."""
        moment = self.now() - ms
        self.state.last_time = moment
        self.set_clock(moment)

    def skip(self) -> None:
        """Leave out a signature counter, which a sound TSE never does."""
        self.state.counter += 1

    def now(self) -> int:
        """The TSE's time in unix milliseconds, cut to what its time format can say."""
        moment = self._base + (self.mono() - self._base_mono) // 1_000_000
        step = GRANULARITY_MS[self.state.model.time_format]
        return max(moment // step * step, self.state.last_time)

    def record(self, record: Record) -> None:
        """Change the state; durable after :meth:`commit`."""
        self.store.stage(record)
        self.state.apply(record)

    def commit(self) -> None:
        """Wait until everything recorded is on the disk."""
        self.store.commit()

    def check_signing(self, emptying: bool = False) -> None:
        """Raise ``TseRefused`` if no signature can be made at all; ``emptying``: other than those by which a
        full store is emptied, for which there is always room."""
        state = self.state
        if self.expired or self.now() // 1000 > self.identity.expiry:
            raise refused(codes.CERTIFICATE_EXPIRED)
        if state.counter >= state.model.max_signatures:
            raise refused(codes.SIGNATURES_EXHAUSTED)
        if self.full or (state.stored >= state.model.max_bytes and not emptying):
            raise refused(codes.STORAGE)

    def log(
        self, data: Data, client_id: str = "", at: int | None = None, *, emptying: bool = False
    ) -> Signed:
        """Sign and record one log message; ``client_id`` is the client it is about; ``emptying``: see
        :meth:`check_signing`."""
        self.check_signing(emptying)
        model, counter = self.state.model, self.state.counter + 1
        moment = self.now() if at is None else at
        serial, oid = bytes.fromhex(self.state.serial), self.identity.algorithm.oid
        signed = to_sign(model.version, data, serial, oid, counter, moment, model.time_format)
        raw = self.identity.sign(signed)
        signature = b64encode(raw).decode()
        record: Record = {"t": "log", "k": "", "c": counter, "ms": moment, "cl": client_id}
        number = -1
        if isinstance(data, TransactionData):
            number = data.transaction_number
            record |= {"k": data.operation, "n": number, "sig": signature}
        elif isinstance(data, SystemData):
            record["k"] = data.operation
        record["m"] = b64encode(encode(signed, raw)).decode()
        self.record(record)
        return Signed(number, counter, to_iso(moment), self.state.serial, signature)

    def hash_secret(self, secret: str) -> str:
        """Salted hash under which a PIN or PUK is kept."""
        return hashlib.sha256(f"{self.state.serial}:{secret}".encode()).hexdigest()

    def entries(self) -> Iterator[Entry]:
        """Where each stored log message lies, in order; read from the file, so that none costs memory."""
        for span, record in self.store.committed():
            if record["t"] == "log":
                number = record.get("n", -1)
                client = record.get("cl", "") if number >= 0 else ""
                yield Entry(record["c"], record["ms"], number, client, span)

    def forget(self, upto: int) -> None:
        """Remove the stored log messages with counters up to ``upto``; counters go on."""
        kept = [found.span for found in self.entries() if found.counter > upto]
        self.store.replace(chain([self.state.snapshot()], map(self.store.read, kept)))
        self.state = self._load()
