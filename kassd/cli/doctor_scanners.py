"""What ``kassd doctor`` looks at of scanners: those configured that no running register speaks for, and those
that are plugged in and not configured."""

import contextlib
import errno
from collections.abc import Iterator, Mapping
from pathlib import Path

from kassd.cli.doctor_daemon import Row
from kassd.cli.doctor_nodes import EVDEV, HIDRAW, SERIAL, node
from kassd.devices.scanner.attached import attached, unused
from kassd.devices.scanner.hidpos import find_hidraw
from kassd.devices.scanner.node import find_node
from kassd.settings import Settings
from kassd.settings_base import Section
from kassd.settings_devices import ScannerSection

KINDS = {"serial": SERIAL, "evdev": EVDEV, "hidpos": HIDRAW}
TWO = 'nach dem Anschluss angeben, z. B. device = "/dev/kassd/by-path/…": kassd scanner pair'


def place(section: ScannerSection) -> str:
    """Path of its node. Raises OSError where it is looked for and there is none, or several."""
    if section.driver == "serial":
        return section.port
    return (find_hidraw if section.driver == "hidpos" else find_node)(section.device)


def look(section: ScannerSection, running: bool) -> Row:
    """Whether its device is there and may be used."""
    check = f"scanner {section.name}"
    try:
        path = place(section)
    except OSError as error:
        if error.errno == errno.ENOTUNIQ:
            return check, "error", f"{section.device} steckt mehrmals: welcher ist gemeint?", TWO
        return check, "warning", f"Scanner {section.device} fehlt", EVDEV.absent
    return node(check, path, "Scanner", KINDS[section.driver], running)


def places(loaded: Settings) -> Iterator[str]:
    """Paths of all devices that the configuration names, scanners or not."""
    for section in loaded.scanner:
        yield from places_of(section)
    yield from _paths(loaded.model_dump(mode="json"))


def places_of(section: Section) -> Iterator[str]:
    """Paths of what one section of the configuration names."""
    if isinstance(section, ScannerSection):
        with contextlib.suppress(OSError):  # none there
            yield place(section)
    yield from _paths(section.model_dump(mode="json"))


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("/dev/"):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _paths(one)
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one)


def strays(loaded: Settings, sysfs: Path = Path("/sys/class"), dev: Path = Path("/dev")) -> Iterator[Row]:
    """Scanners that nobody reads."""
    for one in unused(attached(sysfs, dev), places(loaded)):
        if one.is_known:
            message = f"{one.name or 'Ein Scanner'} steckt an {one.path} und ist nicht eingerichtet"
            yield (
                "scanner",
                "warning",
                message,
                "kassd scanner pair zeigt den Abschnitt für die Konfiguration",
            )
