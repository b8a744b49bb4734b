"""Who has a device file open, as far as the processes of this machine may be looked at."""

import os
from collections.abc import Sequence
from pathlib import Path

from kassd.deferred import dataclass

PROC = Path("/proc")
INIT = 1  # systemd's store of descriptors is a part of it


@dataclass(frozen=True, slots=True)
class Holder:
    """A process; ``name`` as the kernel tells it, 15 characters at most."""

    pid: int
    name: str


def holders(device: int, proc: Path = PROC) -> list[Holder]:
    """Processes other than this one that have the device with this number (``st_rdev``) open, by number.
    Those of other users are seen by root only."""
    numbers = sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal())
    return [
        Holder(number, name)
        for number in numbers
        if number != os.getpid() and (name := _name_of(proc / str(number), device))
    ]


def _name_of(process: Path, device: int) -> str:
    """Its name if it has the device open, else ''."""
    try:
        found = any(_is(handle, device) for handle in (process / "fd").iterdir())
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip() if found else ""
    except (PermissionError, FileNotFoundError, ProcessLookupError):  # another user's, or it has ended
        return ""


def _is(handle: Path, device: int) -> bool:
    try:
        # By its number: what a service had opened that has ended since has no path below /dev any more.
        return handle.stat().st_rdev == device
    except OSError:  # closed meanwhile, or a file that cannot be looked at: no device of ours
        return False


def named(found: Sequence[Holder]) -> str:
    """``evtest (PID 812), Xorg (PID 400)``."""
    return ", ".join(f"{one.name} (PID {one.pid})" for one in found)
