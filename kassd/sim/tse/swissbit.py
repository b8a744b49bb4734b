"""A Swissbit TSE in software: a mounted volume with ``TSE_COMM.DAT``, ``TSE_INFO.DAT``, ``TSE_TAR.nnn``.

Wire faults besides the device's (``ms`` is their length, ``calls`` the port's names; opening a transaction
step is ``open_step``, its close has the step's name): ``busy`` stays busy after it is done; ``stale`` shows
the old answer before it looks busy; ``zero`` shows zeros; ``fetch`` lets the result be fetched with 83;
``fetch_forever`` never gives it; ``not_enough`` answers a close with 1006; ``malformed`` gives an impossible
length; ``stuck`` does not move the response counter; ``ignored`` does not notice the command.
"""

import errno
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from kassd.clock import Clock
from kassd.errors import TseRefused
from kassd.sim.tse.core import Core, Silence, Unplugged
from kassd.sim.tse.swissbit_card import Card, Status, status_of
from kassd.sim.tse.swissbit_files import TarStore, status_block
from kassd.sim.tse.volume import DeviceFile, Volume
from kassd.tse.soft import Model
from kassd.tse.soft.device import Device

T = TypeVar("T")
KINDS = frozenset(
    "busy stale zero fetch fetch_forever not_enough malformed stuck ignored".split()  # noqa: SIM905 (a table)
)
SECTOR, FILE_SECTORS = 512, 2_097_152
BUSY, FETCH, COMPLETE = 0xF3, 0xFD, 0xFF
BLIP_S = 0.2
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


class SwissbitSim:
    """One stick in ``folder``, plugged in at ``mountpoint``; a context manager. ``sector``: where process
    data is to be written (default: behind the log); ``tar_files``: how many gigabytes its store has."""

    def __init__(
        self,
        folder: Path,
        mountpoint: Path,
        *,
        model: Model | None = None,
        latency_s: float = 0.25,
        sector: int | None = None,
        tar_files: int = 2,
        clock: Clock | None = None,
    ) -> None:
        self.core = Core(folder, model, latency_s=latency_s, kinds=KINDS, clock=clock)
        self.mountpoint = mountpoint
        self._sector = sector
        self._powered: WeakKeyDictionary[Device, tuple[Card, TarStore]] = WeakKeyDictionary()
        self._lock = threading.RLock()
        self._away_until = 0.0
        self.mailbox = Mailbox(self)
        files: dict[str, DeviceFile] = {"TSE_COMM.DAT": self.mailbox, "TSE_INFO.DAT": StatusFile(self)}
        for n in range(tar_files):
            files[f"TSE_TAR.{n + 1:03d}"] = TarFile(self, n * FILE_SECTORS)
        self._files: Mapping[str, DeviceFile] = files
        self.volume = Volume(mountpoint, lambda: self._files, self._plugged)

    def start(self) -> None:
        """Mount the volume."""
        self.volume.mount()

    def stop(self) -> None:
        """Unmount and power down."""
        self.volume.unmount()
        self.mailbox.join()
        self.core.power_cycle()

    def __enter__(self) -> "SwissbitSim":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def power_cycle(self) -> None:
        """Take the power for a moment."""
        self.mailbox.join()
        self.core.power_cycle()
        self.mailbox.reset()

    def blip(self) -> None:
        """The stick was pulled in the middle of a command and is back in a moment."""
        self._away_until = time.monotonic() + BLIP_S
        self.mailbox.reset()

    def _plugged(self) -> bool:
        if not self.core.plugged():
            self.mailbox.reset()
            return False
        return time.monotonic() >= self._away_until

    def parts(self, device: Device) -> tuple[Card, TarStore]:
        """What belongs to this power-up of a device, its log up to date."""
        with self._lock:
            found = self._powered.get(device)
            if found is None:
                found = self._powered[device] = Card(self._sector), TarStore(device)
                found[0].power_up(device)
            found[1].sync(device)
            return found

    def call(self, name: str, work: Callable[[Device], T]) -> T:
        """Read from the device for a file; what goes wrong is an I/O error."""
        try:
            return self.core.call(name, work)
        except Unplugged:
            self.blip()
            raise OSError(errno.ENODEV, "unplugged") from None
        except (Silence, TseRefused) as error:
            raise OSError(errno.EIO, str(error)) from error


class StatusFile:
    """``TSE_INFO.DAT``."""

    def __init__(self, sim: SwissbitSim) -> None:
        self._sim = sim

    def size(self) -> int:
        """One sector."""
        return SECTOR

    def read(self, size: int, offset: int) -> bytes:
        """The status as it is now."""

        def work(device: Device) -> bytes:
            return status_block(device, *self._sim.parts(device))

        return self._sim.call("info", work)[offset : offset + size]

    def write(self, data: bytes, offset: int) -> int:
        """Read-only."""
        raise OSError(errno.EROFS, "read-only")


class TarFile:
    """One file of the log store; ``first`` is its first sector in the whole."""

    def __init__(self, sim: SwissbitSim, first: int) -> None:
        self._sim, self._first = sim, first

    def size(self) -> int:
        """One gigabyte."""
        return FILE_SECTORS * SECTOR

    def read(self, size: int, offset: int) -> bytes:
        """The archive; zeros while the interface is closed."""

        def work(device: Device) -> bytes:
            card, tar = self._sim.parts(device)
            return tar.read(self._first * SECTOR + offset, size) if card.ctss(device) else bytes(size)

        return self._sim.call("export", work)

    def write(self, data: bytes, offset: int) -> int:
        """Process data of the open transaction step."""
        if offset % SECTOR or len(data) % SECTOR:
            raise OSError(errno.EINVAL, "whole sectors only")
        self._sim.mailbox.take_data(self._first + offset // SECTOR, data)
        return len(data)


class Mailbox:
    """``TSE_COMM.DAT``: the newest answer; a command runs in a thread and is busy meanwhile."""

    def __init__(self, sim: SwissbitSim) -> None:
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
        if self._worker is not None:
            self._worker.join()

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
        self._worker.start()
        return len(data)

    def _name(self, command: bytes) -> str:
        if command[:1] == b"\x95" and self._card is not None and self._card.step is not None:
            return self._card.step.operation
        return NAMES.get(command[0] if command else 0, "unknown")

    def _run(self, command: bytes, name: str, faults: dict[str, float], generation: int) -> None:
        def work(device: Device) -> bytes:
            card, tar = self._sim.parts(device)
            with self._lock:
                self._card = card
            if "not_enough" in faults:
                raise Status(0x1006)
            data = card.execute(device, command)
            tar.sync(device)
            return data

        data, status = b"", 0
        try:
            data = self._sim.core.call(name, work)
        except Status as error:
            status = error.word
        except TseRefused as error:
            status = status_of(error)
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


def run_swissbit_sim(folder: Path, mountpoint: Path, *, latency_s: float = 0.25) -> None:
    """Serve until SIGINT or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with SwissbitSim(folder, mountpoint, latency_s=latency_s):
        ended.wait()
