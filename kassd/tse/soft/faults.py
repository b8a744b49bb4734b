"""Outages of a soft TSE on command: by method in the process, by a JSON file from outside it.

``faults.json`` in the store's directory is looked at on every call:
``{"faults": [{"kind": "silent", "calls": ["finish"], "times": 1}]}``; an absent file means none.
"""

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from kassd.core.codec import CodecError, decode, encode
from kassd.errors import TseRefused

FILE = "faults.json"
POLL_S = 0.02

KINDS = frozenset(
    {
        "gone",
        "silent",
        "refuse",
        "late",
        "expired",
        "full",
        "wrong",
        "clock_lost",
        "clock_back",
        "counter_gap",
        "lost",
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One disturbance. These kinds every TSE in software knows; a simulated wire adds its own.

    ``gone``: unplugged (a later ``open`` is a power-up). ``silent``: the call hangs, without acting, until
    the fault is lifted. ``refuse``: answers ``code``. ``late``: acts, and answers ``ms`` later. ``expired``,
    ``full``: certificate or store as named. ``wrong``: another serial and key. ``clock_lost``: the clock
    becomes invalid. ``clock_back``: it jumps back by ``ms``. ``counter_gap``: the signature counter leaves
    one out; both once for each call. ``lost``: acts, but the answer never comes (``TseSilent`` after the wire
    time-out).

    ``calls`` are port methods, none means all; the first ``skip`` such calls go well, then ``times`` are
    disturbed (None: until lifted).
    """

    kind: str
    calls: tuple[str, ...] = ()
    code: str = ""
    ms: int = 0
    skip: int = 0
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Content of the control file."""

    faults: tuple[Fault, ...] = ()


@dataclass(slots=True, eq=False)
class Armed:
    """A fault in force, and how many calls it has seen."""

    fault: Fault
    seen: int = 0

    def hits(self, call: str) -> bool:
        if self.fault.calls and call not in self.fault.calls:
            return False
        self.seen += 1
        past = self.seen - self.fault.skip
        return past > 0 and (self.fault.times is None or past <= self.fault.times)


@dataclass(slots=True)
class Faults:
    """The faults in force: those set by :meth:`set` and those of the file in ``folder``. Others than
    ``kinds`` are refused."""

    folder: Path
    kinds: frozenset[str] = KINDS
    _own: list[Armed] = field(default_factory=list)
    _file: list[Armed] = field(default_factory=list)
    _stamp: tuple[int, int, int] | None = None

    def set(self, *faults: Fault) -> None:
        """Replace the faults of this process; none lifts them."""
        self._own = self._armed(faults)

    def hitting(self, call: str, kinds: frozenset[str] = KINDS) -> list[Armed]:
        """Count one call of a port method and return the faults of these ``kinds`` that disturb it."""
        self._look()
        armed = (*self._own, *self._file)
        return [one for one in armed if one.fault.kind in kinds and one.hits(call)]

    async def lifted(self, armed: Armed) -> None:
        """Wait until a fault is no longer in force."""
        while armed in self._own or armed in self._file:
            await asyncio.sleep(POLL_S)
            self._look()

    def _look(self) -> None:
        path = self.folder / FILE
        try:
            status = path.stat()
            stamp = status.st_mtime_ns, status.st_size, status.st_ino
            if stamp == self._stamp:
                return
            plan: Plan = decode(Plan, json.loads(path.read_bytes()))
        except FileNotFoundError:
            self._file, self._stamp = [], None
            return
        except (CodecError, ValueError) as error:
            raise TseRefused("FaultsUnreadable", f"{path} ist nicht lesbar: {error}") from error
        self._file, self._stamp = self._armed(plan.faults), stamp

    def _armed(self, faults: tuple[Fault, ...]) -> list[Armed]:
        for fault in faults:
            if fault.kind not in self.kinds:
                known = ", ".join(sorted(self.kinds))
                message = f"{self.folder / FILE} ist nicht lesbar: {fault.kind!r} gibt es nicht, nur {known}"
                raise TseRefused("FaultsUnreadable", message)
        return [Armed(fault) for fault in faults]


def write_faults(folder: Path, *faults: Fault) -> None:
    """Set the faults of a soft TSE from outside its process; none lifts them."""
    path = folder / FILE
    if not faults:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(encode(Plan(faults))), encoding="utf-8")
    os.replace(fresh, path)
