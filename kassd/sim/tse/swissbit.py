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
from kassd.sim.tse.swissbit_card import Card
from kassd.sim.tse.swissbit_files import TarStore, status_block
from kassd.sim.tse.swissbit_mailbox import Mailbox
from kassd.sim.tse.volume import DeviceFile, Volume
from kassd.tse.soft import Model
from kassd.tse.soft.device import Device

T = TypeVar("T")
KINDS = frozenset(
    "busy stale zero fetch fetch_forever not_enough malformed stuck ignored".split()  # noqa: SIM905 (a table)
)
SECTOR, FILE_SECTORS = 512, 2_097_152
BLIP_S = 0.2


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


def run_swissbit_sim(folder: Path, mountpoint: Path, *, latency_s: float = 0.25) -> None:
    """Serve until SIGINT or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with SwissbitSim(folder, mountpoint, latency_s=latency_s):
        ended.wait()
