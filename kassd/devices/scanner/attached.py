"""What is plugged in that may be a scanner, as the kernel tells it in sysfs.

USB has no bit that says so, and a keyboard scanner has the same keys as a keyboard: which of them is one is
known by udev's rules (``/dev/kassd/by-path``), by the configuration, or by how it types
(:mod:`kassd.devices.scanner.pairing`).
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from kassd.deferred import dataclass
from kassd.devices.scanner import hidpos

Driver = Literal["serial", "hidpos", "evdev"]
Links = dict[Path, Path]

SYSFS = Path("/sys/class")
DEV = Path("/dev")
BY_PATH = ("kassd/by-path", "input/by-path", "serial/by-path")  # the first that has one
NEEDED_KEYS = (*range(2, 12), 28)  # digits and Enter
SERIAL_PORTS = ("ttyACM*", "ttyUSB*")
_INTERFACE = re.compile(r":\d+\.\d+(-.*)?$")


@dataclass(frozen=True, slots=True)
class Attached:
    """A device. ``path`` stays the same for this socket of the computer, where udev makes such names;
    ``is_known``: a rule of udev calls it a scanner."""

    driver: Driver
    node: Path
    path: Path
    name: str
    is_known: bool


def attached(sysfs: Path = SYSFS, dev: Path = DEV) -> list[Attached]:
    """Keyboards, HID-POS scanners and serial ports on USB."""
    links = _links(dev)
    found = []
    for driver, node, name in _nodes(sysfs, dev):
        path = links.get(node, node)
        found.append(Attached(driver, node, path, name, (dev / BY_PATH[0]) in path.parents))
    return found


def unused(found: Iterable[Attached], used: Iterable[str]) -> list[Attached]:
    """Those that none of the paths ``used`` leads to. A scanner of several interfaces is one."""
    found, paths = list(found), {Path(path).resolve() for path in used}
    plugs = {socket(one.path) for one in found if one.node.resolve() in paths}
    return [one for one in found if one.node.resolve() not in paths and socket(one.path) not in plugs]


def socket(path: Path) -> str:
    """Which plug a name below a by-path folder belongs to: without the interface and what kind it is."""
    return _INTERFACE.sub("", path.name.removeprefix("scanner-"))


def _links(dev: Path) -> Links:
    """Node → its first name by path."""
    links: Links = {}
    for folder in BY_PATH:
        for link in sorted((dev / folder).glob("*")):
            links.setdefault(link.resolve(), link)
    return links


def _nodes(sysfs: Path, dev: Path) -> Iterator[tuple[Driver, Path, str]]:
    for entry in hidpos.scanners(sysfs / "hidraw"):
        yield "hidpos", dev / entry.name, hidpos.name_of(entry)
    for pattern in SERIAL_PORTS:
        for entry in sorted((sysfs / "tty").glob(pattern)):
            yield "serial", dev / entry.name, entry.name
    for entry in sorted((sysfs / "input").glob("event*")):
        device = entry / "device"
        if set(NEEDED_KEYS) <= _keys(device / "capabilities/key"):
            yield "evdev", dev / "input" / entry.name, _text(device / "name")


def _keys(file: Path) -> set[int]:
    """Words of 64 bits in hex, the highest first."""
    words = _text(file).split()[::-1]
    return {64 * n + bit for n, word in enumerate(words) for bit in range(64) if int(word, 16) >> bit & 1}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""  # unplugged while we look
