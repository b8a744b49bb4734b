"""Input device nodes of the kernel: finding the configured one, owning it, asking it for its keys."""

import ctypes
import errno
import fcntl
import os
import stat
import struct
from pathlib import Path
from typing import Protocol

# Requests of linux/input.h that python-evdev does not know (asm-generic numbering: x86, ARM).
EVIOCSCLOCKID = 0x400445A0
EVIOCSMASK = 0x40104593
CLOCK_MONOTONIC = 1
MASK_BYTES = 8  # the kernel wants multiples of 8

SYSFS = Path("/sys/class/input")
DEV = Path("/dev/input")


class Node(Protocol):
    """An open stream of ``struct input_event``."""

    fd: int

    def held(self) -> frozenset[int]:
        """Codes of the keys that are down now."""
        ...

    def close(self) -> None:
        """Give the node back."""
        ...


class KernelNode:
    """``/dev/input/event*`` through python-evdev, grabbed: no other program or SysRq sees these keys.

    Only opening, grabbing and asking is evdev's; the events are read from ``fd`` by the scanner's own thread
    (evdev's asyncio loop knows neither SYN_DROPPED nor cancellation).
    """

    def __init__(self, path: str) -> None:
        """Raises OSError: ENOENT and so on, EBUSY when another program has grabbed it."""
        from evdev import InputDevice, ecodes  # 60 ms that only a till with such a scanner pays

        if not stat.S_ISCHR(os.stat(path).st_mode):  # evdev would leak the descriptor it opens
            raise OSError(errno.ENOTTY, "no input device", path)
        self._device = InputDevice(path, readonly=True)
        self.fd: int = self._device.fd
        try:
            self._device.grab()
            fcntl.ioctl(self.fd, EVIOCSCLOCKID, struct.pack("i", CLOCK_MONOTONIC))
            # A client's ring holds 64 events: without scan codes a code of 15 characters fits instead of 10.
            for kind in (ecodes.EV_MSC, ecodes.EV_LED):
                self._hide(kind)
        except OSError:
            self._device.close()
            raise

    def _hide(self, kind: int) -> None:
        nothing = ctypes.create_string_buffer(MASK_BYTES)
        fcntl.ioctl(self.fd, EVIOCSMASK, struct.pack("@IIQ", kind, MASK_BYTES, ctypes.addressof(nothing)))

    def held(self) -> frozenset[int]:
        """Codes of the keys that are down now (EVIOCGKEY)."""
        return frozenset(self._device.active_keys())

    def close(self) -> None:
        """Close; the kernel lifts the grab."""
        self._device.close()


def find_node(device: str, sysfs: Path = SYSFS, dev: Path = DEV) -> str:
    """Path of the node meant by ``device``: a path (a symlink too), ``usb:vvvv:pppp`` (hex) or ``name:…``.

    The first match by number is taken. Raises OSError(ENODEV) when there is none.
    """
    if device.startswith("/"):
        return device
    kind, _, wanted = device.partition(":")
    events = sorted(sysfs.glob("event*"), key=lambda entry: int(entry.name.removeprefix("event")))
    for event in events:
        if _matches(event / "device", kind, wanted):
            return str(dev / event.name)
    raise OSError(errno.ENODEV, "no such input device", device)


def _matches(entry: Path, kind: str, wanted: str) -> bool:
    try:
        if kind == "name":
            return (entry / "name").read_text(encoding="utf-8", errors="replace").strip() == wanted.strip()
        ids = [(entry / "id" / part).read_text(encoding="ascii").strip() for part in ("vendor", "product")]
        return kind == "usb" and ":".join(ids) == wanted.lower()
    except OSError:
        return False  # unplugged while we were looking


def open_node(device: str) -> Node:
    """Find and open the configured device. Raises OSError."""
    return KernelNode(find_node(device))
