"""The device behind every front end: power, latency, faults around the soft TSE's model. Thread-safe.

A front end turns bytes into :meth:`Core.call` and its result into bytes. What can go wrong with the device
itself is decided here; what can go wrong on the wire is the front end's, by fault kinds of its own.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from kassd.clock import Clock
from kassd.errors import TseRefused
from kassd.tse.codes import refused
from kassd.tse.soft.device import Device
from kassd.tse.soft.faults import KINDS, Armed, Fault, Faults
from kassd.tse.soft.model import Model
from kassd.tse.soft.signer import Signer

log = logging.getLogger(__name__)

T = TypeVar("T")
POLL_S = 0.01
PUK_TRIES = 3  # of every family
NS = 1_000_000_000


class Silence(Exception):
    """The device says nothing to this command (it may have acted)."""


class Unplugged(Exception):
    """The device is not there: the wire ends."""


class Core:
    """One simulated device in ``folder``; with the fault ``wrong`` another one, in ``folder/other``.

    ``call`` names are those of :class:`kassd.tse.port.Tse` (``start``, ``finish``, ``set_time`` …), so that
    one fault plan fits all families; ``latency_s`` is the least time of start, update and finish. ``kinds``
    are the wire faults that the front end adds; it asks for them with :meth:`wire`.
    """

    def __init__(
        self,
        folder: Path,
        model: Model | None = None,
        *,
        latency_s: float = 0.25,
        kinds: frozenset[str] = frozenset(),
        clock: Clock | None = None,
    ) -> None:
        self.folder = folder
        self.latency_s = latency_s
        self.faults = Faults(folder, KINDS | kinds)
        self._wires = kinds
        self._told = ""  # what was wrong with the plan of faults
        self._model = replace(model or Model(), puk_tries=PUK_TRIES)
        self._clock = clock or Clock()
        self._powered: dict[Path, Device] = {}
        self._lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def device(self) -> Device:
        """The device that is plugged in, powered up when it is first asked."""
        with self._lock:
            return self._device(self.folder)

    def _device(self, folder: Path) -> Device:
        if folder not in self._powered:
            folder.mkdir(parents=True, exist_ok=True)
            made_at = self._clock.wall_ns() // NS
            self._powered[folder] = Device(Signer(folder, self._model, made_at, self._clock.mono))
        return self._powered[folder]

    def power_cycle(self) -> None:
        """Power off; the next call powers up: the clock is invalid, the self test due, logins are gone."""
        with self._lock:
            for device in self._powered.values():
                device.signer.store.close()
            self._powered.clear()

    def call(self, name: str, work: Callable[[Device], T]) -> T:
        """Do ``work`` on the device under the faults in force.

        Raises ``TseRefused`` (to be answered with the vendor's error), :class:`Silence`, :class:`Unplugged`.
        """
        began = time.monotonic()
        with self._lock:
            lost, late_s, folder, expired, full = False, 0.0, self.folder, False, False
            for fault in (armed.fault for armed in self._hitting(name, KINDS)):
                match fault.kind:
                    case "gone":
                        self.power_cycle()
                        raise Unplugged
                    case "silent":
                        raise Silence
                    case "refuse":
                        raise refused(fault.code)
                    case "clock_lost":
                        self.device.signer.time_valid = False
                    case "clock_back":
                        self.device.signer.slip(fault.ms)
                    case "counter_gap":
                        self.device.signer.skip()
                    case "late":
                        late_s += fault.ms / 1000
                    case "wrong":
                        folder = self.folder / "other"
                    case kind:
                        lost, expired = lost or kind == "lost", expired or kind == "expired"
                        full = full or kind == "full"
            device = self._device(folder)
            device.signer.expired, device.signer.full = expired, full
            refusal = None
            try:
                result = work(device)
            except TseRefused as error:  # is an answer, too: late or lost like any other
                refusal = error
        pause = self.latency_s if name in ("start", "update", "finish") else 0.0
        time.sleep(max(0.0, pause - (time.monotonic() - began)) + late_s)
        if lost:
            raise Silence
        if refusal is not None:
            raise refusal
        return result

    def _hitting(self, name: str, kinds: frozenset[str]) -> list[Armed]:
        """As :meth:`Faults.hitting`. A plan that cannot be read is told, once, where the simulator runs: no
        wire has an answer for it."""
        try:
            found = self.faults.hitting(name, kinds)
        except TseRefused as error:
            if str(error) != self._told:
                log.error("%s Bis dahin stört nichts.", f"{error}.")
            self._told = str(error)
            return []
        self._told = ""
        return found

    def plugged(self) -> bool:
        """Whether the wire is there; without it (fault ``gone``) the device has no power either."""
        with self._lock:
            if not any(armed.fault.kind == "gone" for armed in self._hitting("plug", frozenset({"gone"}))):
                return True
            self.power_cycle()
            return False

    def wire(self, name: str) -> list[Fault]:
        """Count one exchange ``name`` and return the front end's own faults that disturb it."""
        with self._lock:
            return [armed.fault for armed in self._hitting(name, self._wires)]
