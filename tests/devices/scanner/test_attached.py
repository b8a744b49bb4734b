"""What is plugged in, as sysfs and udev's links tell it."""

from pathlib import Path

import pytest

from devices.scanner.hid import BOOT_KEYBOARD, COUNTED
from kassd.devices.scanner.attached import Attached, attached, unused

KEYBOARD = "e080ffdf01cfffff fffffffffffffffe"  # as scanners and keyboards have it alike
POWER_BUTTON = "10000000000000 0"


@pytest.fixture
def box(tmp_path: Path) -> tuple[Path, Path]:
    """(sysfs, dev): a keyboard, a power button, two scanners of one kind, one in HID-POS mode, one serial."""
    sysfs, dev = tmp_path / "sys", tmp_path / "dev"
    for number, name, keys in (
        (0, "Power Button", POWER_BUTTON),
        (1, "AT Keyboard", KEYBOARD),
        (2, "Voyager", KEYBOARD),
        (3, "Voyager", KEYBOARD),
    ):
        device = sysfs / f"input/event{number}/device"
        (device / "capabilities").mkdir(parents=True)
        (device / "name").write_text(f"{name}\n")
        (device / "capabilities/key").write_text(f"{keys}\n")
    for number, descriptor in ((0, BOOT_KEYBOARD), (1, COUNTED)):
        device = sysfs / f"hidraw/hidraw{number}/device"
        device.mkdir(parents=True)
        (device / "uevent").write_text("HID_ID=0003:000005E0:00001300\nHID_NAME=Symbol\n")
        (device / "report_descriptor").write_bytes(descriptor)
    (sysfs / "tty/ttyACM0").mkdir(parents=True)
    (sysfs / "tty/tty1").mkdir()
    for folder in ("input/by-path", "kassd/by-path", "serial/by-path"):
        (dev / folder).mkdir(parents=True)
    for node in ("input/event1", "input/event2", "input/event3", "hidraw0", "hidraw1", "ttyACM0"):
        (dev / node).touch()
    for link, node in {
        "input/by-path/platform-i8042-event-kbd": "input/event1",
        "input/by-path/pci-usb-0:1:1.0-event-kbd": "input/event2",
        "kassd/by-path/scanner-pci-usb-0:1:1.0": "input/event2",
        "kassd/by-path/scanner-pci-usb-0:2:1.0": "input/event3",
        "kassd/by-path/scanner-pci-usb-0:3:1.0": "hidraw1",
        "serial/by-path/pci-usb-0:4:1.0": "ttyACM0",
    }.items():
        (dev / link).symlink_to(dev / node)
    return sysfs, dev


def test_what_may_be_a_scanner_by_its_socket(box: tuple[Path, Path]) -> None:
    sysfs, dev = box
    known = dev / "kassd/by-path"
    assert attached(sysfs, dev) == [
        Attached("hidpos", dev / "hidraw1", known / "scanner-pci-usb-0:3:1.0", "Symbol", True),
        Attached("serial", dev / "ttyACM0", dev / "serial/by-path/pci-usb-0:4:1.0", "ttyACM0", False),
        Attached(
            *("evdev", dev / "input/event1", dev / "input/by-path/platform-i8042-event-kbd"),
            *("AT Keyboard", False),
        ),
        Attached("evdev", dev / "input/event2", known / "scanner-pci-usb-0:1:1.0", "Voyager", True),
        Attached("evdev", dev / "input/event3", known / "scanner-pci-usb-0:2:1.0", "Voyager", True),
    ]


def test_what_is_configured_by_whatever_path_is_used(box: tuple[Path, Path]) -> None:
    sysfs, dev = box
    used = [str(dev / "input/by-path/pci-usb-0:1:1.0-event-kbd"), str(dev / "ttyACM0"), "/dev/none"]
    left = unused(attached(sysfs, dev), used)
    assert [one.node.name for one in left] == ["hidraw1", "event1", "event3"]


def test_another_interface_of_a_used_scanner_is_used_as_well(box: tuple[Path, Path]) -> None:
    sysfs, dev = box
    (dev / "kassd/by-path/scanner-pci-usb-0:3:1.0").unlink()
    (dev / "kassd/by-path/scanner-pci-usb-0:1:1.1").symlink_to(dev / "hidraw1")
    left = unused(attached(sysfs, dev), [str(dev / "input/event2")])
    assert [one.node.name for one in left] == ["ttyACM0", "event1", "event3"]


def test_where_nothing_is_plugged_in(tmp_path: Path) -> None:
    assert attached(tmp_path, tmp_path) == []
