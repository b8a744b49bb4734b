"""Finding the configured input device; what happens with what is no keyboard."""

import errno
import os
from pathlib import Path

import pytest

from kassd.devices.scanner.node import KernelNode, find_node


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A keyboard, a scanner with two interfaces, two scanners of one kind, and one just being unplugged."""
    devices = [
        (2, "platform/i8042", "AT Keyboard", "0001", "0001"),
        (11, "usb1/1-1/1-1:1.0", "Symbol Bar Code Scanner", "05e0", "1200"),
        (9, "usb1/1-1/1-1:1.1", "Symbol Bar Code Scanner", "05e0", "1200"),
        (12, "usb1/1-2/1-2:1.0", "Voyager", "0c2e", "0b61"),
        (13, "usb1/1-3/1-3:1.0", "Voyager", "0c2e", "0b61"),
    ]
    for number, place, name, vendor, product in devices:
        device = tmp_path / "devices" / place
        (device / "id").mkdir(parents=True)
        (device / "name").write_text(name + "\n")
        (device / "id/vendor").write_text(vendor + "\n")
        (device / "id/product").write_text(product + "\n")
        if place.startswith("usb"):
            (device.parent / "idVendor").write_text(vendor + "\n")
        node = tmp_path / "class" / f"event{number}"
        node.mkdir(parents=True)
        (node / "device").symlink_to(device)
    (tmp_path / "class/event3").mkdir()
    return tmp_path / "class"


@pytest.mark.parametrize(
    ("device", "path"),
    [
        ("/dev/input/by-id/usb-Symbol-event-kbd", "/dev/input/by-id/usb-Symbol-event-kbd"),
        ("usb:05e0:1200", "/dev/input/event9"),
        ("usb:05E0:1200", "/dev/input/event9"),
        ("name:Symbol Bar Code Scanner", "/dev/input/event9"),
        ("name:AT Keyboard", "/dev/input/event2"),
    ],
)
def test_found(sysfs: Path, device: str, path: str) -> None:
    assert find_node(device, sysfs) == path


@pytest.mark.parametrize(
    ("device", "number"),
    [
        ("usb:05e0:9999", errno.ENODEV),
        ("name:Symbol", errno.ENODEV),
        ("serial:05e0:1200", errno.ENODEV),
        ("usb:0c2e:0b61", errno.ENOTUNIQ),
        ("name:Voyager", errno.ENOTUNIQ),
    ],
)
def test_none_or_two(sysfs: Path, device: str, number: int) -> None:
    with pytest.raises(OSError) as caught:
        find_node(device, sysfs)
    assert caught.value.errno == number


def test_what_is_no_input_device_is_refused_and_closed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError) as caught:
        KernelNode.opened(str(tmp_path / "file"))
    assert caught.value.errno == errno.ENOTTY
    assert len(os.listdir("/proc/self/fd")) <= before
