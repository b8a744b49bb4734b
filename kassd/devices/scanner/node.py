"""Input device nodes of the kernel: finding the configured one, and owning it."""

import ctypes
import errno
import fcntl
import os
import stat
import struct
from pathlib import Path
from typing import Protocol

# Requests of linux/input.h that python-evdev does not know, or not of a descriptor that another process has
# opened (asm-generic numbering: x86, ARM).
EVIOCGID = 0x80084502
EVIOCSMASK = 0x40104593
EVIOCSCLOCKID = 0x400445A0
CLOCK_MONOTONIC = 1
MASK_BYTES = 8  # the kernel wants multiples of 8

SYSFS = Path("/sys/class/input")
DEV = Path("/dev/input")


class Node(Protocol):
    """An open stream of ``struct input_event``."""

    fd: int

    def close(self) -> None:
        """Give the node back."""
        ...


class KernelNode:
    """``/dev/input/event*``, grabbed: no other program or SysRq sees these keys.

    python-evdev opens and grabs; the events are read from ``fd`` by the scanner's own thread (evdev's asyncio
    loop knows neither SYN_DROPPED nor cancellation).
    """

    def __init__(self, fd: int) -> None:
        """Take over a descriptor that is open, grabbed and masked; it is closed with this node."""
        self.fd = fd

    @classmethod
    def opened(cls, path: str) -> "KernelNode":
        """Open and grab. Raises OSError: ENOENT and so on, EBUSY when another program has grabbed it."""
        from evdev import InputDevice, ecodes  # 60 ms that only a till with such a scanner pays

        if not stat.S_ISCHR(os.stat(path).st_mode):  # evdev would leak the descriptor it opens
            raise OSError(errno.ENOTTY, "no input device", path)
        device = InputDevice(path, readonly=True)
        try:
            device.grab()
            fcntl.ioctl(device.fd, EVIOCSCLOCKID, struct.pack("i", CLOCK_MONOTONIC))
            # A client's ring holds 64 events: without scan codes a code of 15 characters fits instead of 10.
            for kind in (ecodes.EV_MSC, ecodes.EV_LED):
                _hide(device.fd, kind)
            return cls(os.dup(device.fd))  # the same open file: still grabbed, whoever closes the other
        finally:
            device.close()

    def close(self) -> None:
        """Close; the kernel lifts the grab unless the descriptor is kept elsewhere."""
        os.close(self.fd)


def _hide(fd: int, kind: int) -> None:
    nothing = ctypes.create_string_buffer(MASK_BYTES)
    fcntl.ioctl(fd, EVIOCSMASK, struct.pack("@IIQ", kind, MASK_BYTES, ctypes.addressof(nothing)))


def find_node(device: str, sysfs: Path = SYSFS, dev: Path = DEV) -> str:
    """Path of the node meant by ``device``: a path (a symlink too), ``usb:vvvv:pppp`` (hex) or ``name:…``.

    Of several interfaces of one device the first by number is taken. Raises OSError: ENODEV when there is
    none, ENOTUNIQ when there are two such devices.
    """
    if device.startswith("/"):
        return device
    kind, _, wanted = device.partition(":")
    events = sorted(sysfs.glob("event*"), key=lambda entry: int(entry.name.removeprefix("event")))
    found = [event for event in events if _matches(event / "device", kind, wanted)]
    if not found:
        raise OSError(errno.ENODEV, "no such input device", device)
    if len({_plug(event / "device") for event in found}) > 1:
        raise OSError(errno.ENOTUNIQ, "several such input devices", device)
    return str(dev / found[0].name)


def _matches(entry: Path, kind: str, wanted: str) -> bool:
    try:
        if kind == "name":
            return (entry / "name").read_text(encoding="utf-8", errors="replace").strip() == wanted.strip()
        ids = [(entry / "id" / part).read_text(encoding="ascii").strip() for part in ("vendor", "product")]
        return kind == "usb" and ":".join(ids) == wanted.lower()
    except OSError:
        return False  # unplugged while we were looking


def _plug(entry: Path) -> Path:
    """The folder of the device itself: the interfaces of one USB device have it in common."""
    own = entry.resolve()
    return next((parent for parent in own.parents if (parent / "idVendor").exists()), own)


def open_node(device: str) -> Node:
    """Find and open the configured device. Raises OSError."""
    return KernelNode.opened(find_node(device))


def adopt_node(device: str, fd: int) -> Node:
    """Take over ``fd``, which an earlier process opened and grabbed. Raises OSError when it is not the
    configured device, or when that has been pulled out meanwhile; ``fd`` stays open then."""
    if os.stat(find_node(device)).st_rdev != os.fstat(fd).st_rdev:
        raise OSError(errno.ENODEV, "another device", device)
    fcntl.ioctl(fd, EVIOCGID, bytes(8))
    return KernelNode(fd)
