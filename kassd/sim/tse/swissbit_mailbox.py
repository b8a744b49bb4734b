"""``TSE_COMM.DAT`` of a simulated Swissbit TSE: framing, states, response counter, wire faults."""

import errno
import threading
import time
from typing import Protocol

from kassd.errors import TseRefused
from kassd.sim.tse.core import Core, Silence, Unplugged
from kassd.sim.tse.swissbit_card import Card
from kassd.sim.tse.swissbit_files import TarStore
from kassd.sim.tse.swissbit_words import Status, status_of
from kassd.tse.soft.device import Device

SECTOR = 512
BUSY, FETCH, COMPLETE = 0xF3, 0xFD, 0xFF
NAMES = {
    0x20: "login",
    0x23: "change_puk",
    0x24: "change_pin",
    0x40: "self_test",
    0x41: "register",
    0x42: "deregister",
    0x43: "list_clients",
    0x60: "ctss_enable",
    0x61: "ctss_disable",
    0x70: "initialize",
    0x80: "set_time",
    0x85: "open_transactions",
    0x86: "certificates",
    0x90: "open_step",
}


class Stick(Protocol):
    """The stick around the mailbox."""

    @property
    def core(self) -> Core: ...
    def parts(self, device: Device) -> tuple[Card, TarStore]: ...
    def blip(self) -> None: ...


class Mailbox:
    """``TSE_COMM.DAT``: the newest answer; a command runs in a thread and is busy meanwhile."""

    def __init__(self, sim: Stick) -> None:
        self._sim = sim
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._card: Card | None = None
        self._generation = 0
        self.reset()

    def reset(self) -> None:
        """Power-up: no answer yet. What a running command still answers is lost."""
        with self._lock:
            self._generation += 1
            self._counter = 0
            self._block = bytes(SECTOR)
            self._waiting: bytes | None = None
            self._given = True
            self._busy = False
            self._hidden_until = self._zero_until = 0.0

    def join(self) -> None:
        """Wait for the running command."""
        with self._lock:
            worker = self._worker
        if worker is not None:
            worker.join()

    def size(self) -> int:
        """One sector."""
        return SECTOR

    def read(self, size: int, offset: int) -> bytes:
        """The answer block."""
        with self._lock:
            now = time.monotonic()
            block = self._block
            if now < self._zero_until:
                block = bytes(SECTOR)
            elif self._busy and now >= self._hidden_until:
                block = self._counter.to_bytes(4, "big") + bytes((BUSY,)) + bytes(SECTOR - 5)
        return block[offset : offset + size]

    def take_data(self, sector: int, data: bytes) -> None:
        """Process data written into the store."""
        with self._lock:
            if self._card is not None:
                self._card.write(sector, data)

    def write(self, data: bytes, offset: int) -> int:
        """A command. One that comes while another runs is not noticed."""
        if offset or len(data) != SECTOR:
            raise OSError(errno.EINVAL, "one sector")
        size = int.from_bytes(data[:2], "big")
        command = data[2 : 2 + size]
        with self._lock:
            if self._busy:
                return len(data)
            if command[:1] == b"\x83":
                self._fetch()
                return len(data)
            name = self._name(command)
            faults = {fault.kind: fault.ms / 1000 for fault in self._sim.core.wire(name)}
            if "ignored" in faults:
                return len(data)
            now = time.monotonic()
            self._hidden_until = now + faults.get("stale", 0.0)
            self._zero_until = now + faults.get("zero", 0.0)
            self._busy, self._waiting = True, None
            work = (command, name, faults, self._generation)
            self._worker = threading.Thread(target=self._run, args=work, daemon=True)
            self._worker.start()  # inside: whoever finds it can wait for it
        return len(data)

    def _name(self, command: bytes) -> str:
        if command[:1] == b"\x95" and self._card is not None and self._card.step is not None:
            return self._card.step.operation
        return NAMES.get(command[0] if command else 0, "unknown")

    def _run(self, command: bytes, name: str, faults: dict[str, float], generation: int) -> None:
        def work(device: Device) -> tuple[bytes, int]:
            card, tar = self._sim.parts(device)
            with self._lock:
                self._card = card
            if "not_enough" in faults:
                return b"", 0x1006
            try:
                return card.execute(device, command), 0
            except Status as error:  # an answer like others: it can be lost or late
                return b"", error.word
            except TseRefused as error:
                return b"", status_of(error)
            finally:
                tar.sync(device)

        try:
            data, status = self._sim.core.call(name, work)
        except TseRefused as error:
            data, status = b"", status_of(error)
        except Silence:
            self._end(generation)
            return
        except Unplugged:
            self._sim.blip()
            return
        time.sleep(faults.get("busy", 0.0))
        self._answer(data, status, faults, generation, name)

    def _end(self, generation: int) -> None:
        with self._lock:
            if generation == self._generation:
                self._busy = False

    def _answer(self, data: bytes, status: int, faults: dict[str, float], generation: int, name: str) -> None:
        size = 0xFFFF if "malformed" in faults else len(data) + 2
        body = size.to_bytes(2, "big") + data + status.to_bytes(2, "big")
        with self._lock:
            if generation != self._generation:
                return
            self._busy = False
            self._counter += "stuck" not in faults
            if name == "self_test" or faults.keys() & {"fetch", "fetch_forever"}:
                self._waiting, self._given = body, "fetch_forever" not in faults
                self._show(FETCH, b"")
            else:
                self._show(COMPLETE, body)

    def _fetch(self) -> None:
        """83: give the waiting result, or say that there is none."""
        if self._waiting is not None and not self._given:
            return
        body = b"\0\x02\x10\x15" if self._waiting is None else self._waiting
        self._waiting = None
        self._counter += 1
        self._show(COMPLETE, body)

    def _show(self, state: int, body: bytes) -> None:
        head = self._counter.to_bytes(4, "big") + bytes((state,))
        self._block = (head + body).ljust(SECTOR, b"\0")
