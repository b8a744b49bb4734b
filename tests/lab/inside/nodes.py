"""What udev made of what was plugged in, and who heard of it."""

import contextlib
import grp
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import evdev

from tests.lab.inside import gadgets
from tests.lab.inside.load import awake
from tests.lab.inside.waiting import until

OURS = Path("/dev/kassd")
NETLINK, UEVENT, OF_UDEV = Path("/proc/net/netlink"), 15, 2  # its protocol; the group that udev tells


def named() -> dict[str, tuple[str, int]]:
    """Group and mode of the nodes behind our names."""
    return {
        str(link.relative_to(OURS)): (group(str(link)), link.stat().st_mode & 0o777)
        for link in OURS.rglob("*")
        if link.is_symlink()
    }


def group(path: str) -> str:
    """Who may open a node."""
    return grp.getgrgid(Path(path).stat().st_gid).gr_name


def properties(path: str) -> dict[str, str]:
    """What udev knows of a device."""
    command = ["udevadm", "info", "--query=property", path]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(row.split("=", 1) for row in rows)


def hears(pid: int) -> bool:
    """Whether a process listens to what udev says of devices that it is done with."""
    own = _open(pid)
    rows = [row.split() for row in NETLINK.read_text().splitlines()[1:]]
    return any(
        int(row[1]) == UEVENT and int(row[3], 16) & OF_UDEV and f"socket:[{row[-1]}]" in own for row in rows
    )


def taken(name: str, socket: int, pid: int, after_s: float) -> float:
    """Plug a device in after a while; milliseconds from its link to the process that has it open."""
    time.sleep(after_s)
    with awake():
        gadgets.plug(name, socket)
        node = until(lambda: (OURS / name).exists() and str((OURS / name).resolve()), f"the link of {name}")
        began = time.perf_counter()
        until(lambda: has_open(pid, node), f"that {pid} opens {node}")
    return (time.perf_counter() - began) * 1000


def grab(path: str, ready: Callable[..., None]) -> None:
    """Another program has the input device for itself until it is ended; the value is its number."""
    with contextlib.closing(evdev.InputDevice(path)) as device:
        device.grab()
        ready(os.getpid())
        signal.pause()


def end(pid: int) -> None:
    """End a process that was begun here."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}/fd/0").exists(), f"that {pid} has ended")


def has_open(pid: int, node: str) -> bool:
    """Whether a process has it open; one that has ended has not."""
    return node in _open(pid)


def _open(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found.add(str(handle.readlink()))
    return found
