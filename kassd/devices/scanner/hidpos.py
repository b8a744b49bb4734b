"""A scanner in HID-POS mode on ``/dev/hidraw*``: no keyboard to anybody, no layout, AIM id with each code."""

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable
from pathlib import Path

from kassd.devices.config import ScannerConfig
from kassd.devices.hotplug import Plugs
from kassd.devices.port import Report
from kassd.devices.scanner.looped import Decoder, LoopedScanner, Opened
from kassd.devices.scanner.pos import PosDecoder, PosLayout, layout_of

# Requests of linux/hidraw.h (asm-generic numbering: x86, ARM).
HIDIOCGRDESCSIZE = 0x80044801
HIDIOCGRDESC = 0x90044802
LONGEST = 4096

SYSFS = Path("/sys/class/hidraw")
DEV = Path("/dev")


class HidrawNode:
    """An open hidraw device and what its descriptor says."""

    def __init__(self, fd: int, layout: PosLayout) -> None:
        self.fd = fd
        self.layout = layout

    def close(self) -> None:
        """Give it back."""
        os.close(self.fd)


class _Pos:
    def __init__(self, node: HidrawNode, decoder: Decoder) -> None:
        self.fd = node.fd
        self.decoder = decoder
        self.complaint = node.layout.complaint
        self.close = node.close


def open_hidraw(device: str) -> HidrawNode:
    """Find, open and understand the configured device. Raises OSError: ENOTSUP when it is no scanner."""
    path = find_hidraw(device)
    if not stat.S_ISCHR(os.stat(path).st_mode):
        raise OSError(errno.ENOTTY, "no hidraw device", path)
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        layout = _layout(_descriptor(fd), path)
    except OSError:
        os.close(fd)
        raise
    return HidrawNode(fd, layout)


def _descriptor(fd: int) -> bytes:
    size = bytearray(4)
    fcntl.ioctl(fd, HIDIOCGRDESCSIZE, size)
    whole = bytearray(size + bytes(LONGEST))
    fcntl.ioctl(fd, HIDIOCGRDESC, whole)
    return bytes(whole[4 : 4 + int.from_bytes(size, "little")])


def _layout(descriptor: bytes, path: str) -> PosLayout:
    try:
        layout = layout_of(descriptor)
    except ValueError as error:
        raise OSError(errno.ENOTSUP, f"report descriptor: {error}", path) from error
    if layout is None:
        raise OSError(errno.ENOTSUP, "no bar code scanner", path)
    return layout


def find_hidraw(device: str, sysfs: Path = SYSFS, dev: Path = DEV) -> str:
    """Path of the node meant by ``device``: a path (a symlink too), ``usb:vvvv:pppp`` (hex) or ``name:…``, of
    those that are scanners. Raises OSError: ENODEV when there is none, ENOTUNIQ when there are two."""
    if device.startswith("/"):
        return device
    kind, _, wanted = device.partition(":")
    found = [entry.name for entry in scanners(sysfs) if _is(entry, kind, wanted)]
    if not found:
        raise OSError(errno.ENODEV, "no such scanner", device)
    if len(found) > 1:
        raise OSError(errno.ENOTUNIQ, "several such scanners", device)
    return str(dev / found[0])


def scanners(sysfs: Path = SYSFS) -> list[Path]:
    """The entries of ``sysfs`` whose descriptor is that of a bar code scanner, by number."""
    found = []
    for entry in sorted(sysfs.glob("hidraw*"), key=lambda entry: int(entry.name.removeprefix("hidraw"))):
        with contextlib.suppress(OSError, ValueError):  # unplugged while we look, or no descriptor at all
            if layout_of((entry / "device/report_descriptor").read_bytes()) is not None:
                found.append(entry)
    return found


def name_of(entry: Path) -> str:
    """What a device calls itself."""
    return _said(entry).get("HID_NAME", "")


def _said(entry: Path) -> dict[str, str]:
    try:
        lines = (entry / "device/uevent").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}  # unplugged while we look
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def _is(entry: Path, kind: str, wanted: str) -> bool:
    said = _said(entry)
    if kind == "name":
        return said.get("HID_NAME", "").strip() == wanted.strip()
    _bus, vendor, product = (said.get("HID_ID", "") + "::").split(":")[:3]
    return kind == "usb" and f"{vendor[-4:]}:{product[-4:]}".lower() == wanted.lower()


class HidPosScanner(LoopedScanner):
    """Reads codes from the hidraw device ``config.device``; ``opener`` lets recorded reports come in."""

    def __init__(
        self,
        config: ScannerConfig,
        report: Report,
        opener: Callable[[str], HidrawNode] = open_hidraw,
        plugs: Plugs | None = None,
    ) -> None:
        super().__init__(config, report, config.device, plugs)
        self._opener = opener

    def open(self) -> Opened:
        """Find and open it. Raises OSError."""
        node = self._opener(self._config.device)
        return _Pos(node, PosDecoder(node.layout, self._config.gap * 1_000_000))

    async def beep(self, error: bool) -> None:
        """Let the scanner sound its error, where its descriptor says that it can."""
        opened = self._opened
        if isinstance(opened, _Pos) and error and opened.complaint:
            with contextlib.suppress(OSError):  # the reader notices and reports that it is gone
                os.write(opened.fd, opened.complaint)
