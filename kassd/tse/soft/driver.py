"""The port ``Tse`` around a soft device: one thread for the durable work, latency and faults around it.

The work is on the disk before the latency ends, so a caller that gives up never undoes it. ``close`` and
a later ``open`` are a power cycle: the clock is invalid and the self test due.
"""

import asyncio
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from kassd.clock import Clock
from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.codes import refused
from kassd.tse.log.messages import Operation
from kassd.tse.log.tar import END
from kassd.tse.port import ExportFilter, LastResult, Note, Secrets, SecretsForm, Signed, TseInfo
from kassd.tse.soft import archive, pki
from kassd.tse.soft.device import Device
from kassd.tse.soft.faults import Faults
from kassd.tse.soft.model import Entry, Model
from kassd.tse.soft.pins import default_secrets
from kassd.tse.soft.signer import Signer

T = TypeVar("T")
EXPORT_BATCH = 200


class SoftTse:
    """A TSE for development in the directory ``path``. Implements :class:`kassd.tse.port.Tse`."""

    secrets_form = SecretsForm(pin_digits=8, puk_digits=10)
    keep_alive_s: float | None = None
    tests_itself = False

    def __init__(
        self,
        path: str | Path,
        *,
        secrets: Secrets | None = None,
        model: Model | None = None,
        latency_s: float = 0.25,
        wire_timeout_s: float = 10.0,
        faults: Faults | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``secrets``: PINs of a provisioned TSE, default those of :func:`default_secrets`; ``model``
        counts only when the directory is empty; ``latency_s`` is the shortest time of a call."""
        self.path = Path(path)
        self.faults = faults or Faults(self.path)
        self.latency_s = latency_s
        self.wire_timeout_s = wire_timeout_s
        self._secrets = secrets
        self._model = model or Model()
        self._clock = clock or Clock()
        self._device: Device | None = None
        self._pin_errors: dict[str, str] = {}
        self._foreign: TseInfo | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="soft-tse")

    # power

    async def open(self) -> TseInfo:
        """Power up if it is not powered, and tell the state."""

        def work() -> TseInfo:
            if self._device is None:
                made_at = self._clock.wall_ns() // 1_000_000_000
                self._device = Device(Signer(self.path, self._model, made_at, self._clock.mono))
            return self._device.info()

        return await self._call("open", work)

    async def close(self) -> None:
        """Power down."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._power_down)

    def _power_down(self) -> None:
        if self._device is not None:
            self._device.signer.store.close()
            self._device = None

    def _powered(self) -> Device:
        if self._device is None:
            raise TseGone("Die Soft-TSE ist nicht geöffnet.")
        return self._device

    # life cycle and clients

    async def info(self) -> TseInfo:
        """State, counters and limits."""
        return await self._call("info", lambda: self._powered().info())

    async def keep_alive(self) -> None:
        """Nothing to do here."""

    async def provision(
        self, secrets: Secrets, client_id: str, note: Note, taken: frozenset[str] = frozenset()
    ) -> TseInfo:
        """Set the PINs, initialise and register ``client_id``; goes on where an interrupted one stopped.
        ``taken`` plays no part: its secrets lie beside it."""
        await note("set_secrets")

        def set_up(device: Device) -> None:
            if not device.signer.state.initialized:
                device.initialize()
            device.register_client(client_id)

        def work() -> TseInfo:
            device = self._powered()
            if not device.signer.state.initialized:
                device.set_secrets(secrets)
            self._secrets = secrets
            self._pin_errors.clear()
            self._as("Admin", set_up)
            return device.info()

        return await self._call("provision", work)

    async def self_test(self, client_id: str) -> None:
        """Run the self test."""
        await self._call("self_test", lambda: self._powered().self_test())

    async def set_time(self, unix_seconds: int) -> None:
        """Set the clock as TimeAdmin."""
        await self._call("set_time", lambda: self._as("TimeAdmin", lambda d: d.update_time(unix_seconds)))

    async def register(self, client_id: str) -> None:
        """Register a client; again is no error."""
        await self._call("register", lambda: self._as("Admin", lambda d: d.register_client(client_id)))

    async def deregister(self, client_id: str) -> None:
        """Deregister a client without open transactions."""
        await self._call("deregister", lambda: self._as("Admin", lambda d: d.deregister_client(client_id)))

    async def disable(self) -> None:
        """Put the TSE out of use for ever."""
        await self._call("disable", lambda: self._as("Admin", Device.disable))

    async def unblock(self, user: str, puk: str, new_pin: str) -> None:
        """Give ``Admin`` or ``TimeAdmin`` a new PIN with the PUK (beyond the port)."""
        await self._call("unblock", lambda: self._powered().unblock(user, puk, new_pin))

    # transactions

    async def start(self, client_id: str, process_type: str = "", process_data: bytes = b"") -> Signed:
        """Start a transaction."""
        return await self._transaction("start", 0, client_id, process_type, process_data)

    async def update(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Update an open transaction."""
        return await self._transaction("update", number, client_id, process_type, process_data)

    async def finish(self, number: int, client_id: str, process_type: str, process_data: bytes) -> Signed:
        """Finish an open transaction."""
        return await self._transaction("finish", number, client_id, process_type, process_data)

    async def _transaction(
        self, operation: Operation, number: int, client_id: str, process_type: str, process_data: bytes
    ) -> Signed:
        def work() -> Signed:
            return self._powered().transaction(operation, number, client_id, process_type, process_data)

        return await self._call(operation, work)

    async def open_transactions(self, client_id: str | None = None) -> tuple[int, ...]:
        """Numbers of the open transactions."""
        return await self._call("open_transactions", lambda: self._powered().open_transactions(client_id))

    async def last_result(self, client_id: str) -> LastResult | None:
        """The newest transaction message of a client."""
        return await self._call("last_result", lambda: self._powered().last_result(client_id))

    # stored log messages

    async def certificates(self) -> bytes:
        """The certificate chain as a TAR archive."""
        return await self._call("certificates", lambda: archive.certificate_archive(self._powered().signer))

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        """Stream a TAR archive; a full one read to its end allows :meth:`delete_exported`."""

        def begin() -> tuple[bytes, list[Entry], Iterator[bytes]]:
            signer = self._powered().signer
            entries = archive.select(signer, filter)
            return archive.head(signer), entries, archive.log_members(signer, entries)

        head, entries, members = await self._call("export", begin)
        yield head
        while batch := await self._run(lambda: b"".join(islice(members, EXPORT_BATCH))):
            yield batch
        yield END
        if archive.is_full(filter) and entries:
            await self._run(lambda: self._powered().mark_exported(entries[-1].counter))

    async def delete_exported(self) -> None:
        """Delete the exported log messages."""
        await self._call("delete_exported", lambda: self._as("Admin", Device.delete_exported))

    # how a call is made

    def _as(self, user: str, action: Callable[[Device], None]) -> None:
        """Do something logged in. A PIN the device refused is not tried again."""
        device = self._powered()
        if user in self._pin_errors:
            raise refused(self._pin_errors[user])
        pins = self._secrets or default_secrets(self.path)
        try:
            device.authenticate(user, pins.admin_pin if user == "Admin" else pins.time_admin_pin)
        except TseRefused as error:
            if error.code in (codes.WRONG_PIN, codes.PIN_BLOCKED):
                self._pin_errors[user] = error.code
            raise
        try:
            action(device)
        finally:
            if device.signer.store.is_open:
                device.log_out(user)

    async def _run(self, work: Callable[[], T]) -> T:
        """Work in the device's thread. A store that failed is closed; the next ``open`` recovers it."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except TseSilent:
            await self.close()
            raise
        except OSError as error:
            await self.close()
            raise TseGone(f"Die Soft-TSE in {self.path} ist nicht lesbar: {error}") from error

    async def _call(self, name: str, work: Callable[[], T]) -> T:
        began = time.monotonic()
        late_s, lost, wrong, expired, full = 0.0, False, False, False, False
        for armed in await self._run(lambda: self.faults.hitting(name)):
            fault = armed.fault
            match fault.kind:
                case "gone":
                    await self.close()
                    raise TseGone("Die Soft-TSE ist abgezogen (Störung auf Befehl).")
                case "silent":
                    await self.faults.lifted(armed)
                case "refuse":
                    raise refused(fault.code)
                case "clock_lost":
                    await self._run(self._lose_clock)
                case "clock_back" | "counter_gap" as kind:
                    await self._run(partial(self._misbehave, kind, fault.ms))
                case "late":
                    late_s += fault.ms / 1000
                case other:
                    lost, wrong = lost or other == "lost", wrong or other == "wrong"
                    expired, full = expired or other == "expired", full or other == "full"

        def disturbed() -> T:
            if self._device is not None:
                self._device.signer.expired, self._device.signer.full = expired, full
            return work()

        result = await self._run(disturbed)
        await asyncio.sleep(max(0.0, self.latency_s - (time.monotonic() - began)) + late_s)
        if lost:
            await asyncio.sleep(self.wire_timeout_s)
            raise TseSilent(f"Die Soft-TSE hat auf {name} nicht geantwortet (Störung auf Befehl).")
        return self._as_another(result) if wrong else result

    def _lose_clock(self) -> None:
        if self._device is not None:
            self._device.signer.time_valid = False

    def _misbehave(self, kind: str, ms: int) -> None:
        if self._device is not None and kind == "clock_back":
            self._device.signer.slip(ms)
        elif self._device is not None:
            self._device.signer.skip()

    def _as_another(self, result: T) -> T:
        """Let an answer look as if another TSE had given it."""
        if isinstance(result, TseInfo):
            if self._foreign is None:
                key = pki.foreign_key(self._powered().signer.state.model.curve)
                point = b64encode(key.point).decode()
                self._foreign = replace(result, serial_number=key.serial.hex(), public_key=point)
            other = self._foreign
            return replace(result, serial_number=other.serial_number, public_key=other.public_key)
        if isinstance(result, Signed):
            return replace(result, serial_number=result.serial_number[::-1])
        return result
