"""Finding the configured input device; what happens with what is no keyboard."""

import errno
import os
from pathlib import Path

import pytest

from kassd.devices.scanner.node import KernelNode, find_node


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    devices = [
        (2, "AT Keyboard", "0001", "0001"),
        (11, "Symbol Bar Code Scanner", "05e0", "1200"),
        (9, "Symbol Bar Code Scanner", "05e0", "1200"),
    ]
    for number, name, vendor, product in devices:
        device = tmp_path / f"event{number}" / "device"
        (device / "id").mkdir(parents=True)
        (device / "name").write_text(name + "\n")
        (device / "id/vendor").write_text(vendor + "\n")
        (device / "id/product").write_text(product + "\n")
    (tmp_path / "event3").mkdir()  # just being unplugged
    return tmp_path


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


@pytest.mark.parametrize("device", ["usb:05e0:9999", "name:Symbol", "serial:05e0:1200"])
def test_not_found(sysfs: Path, device: str) -> None:
    with pytest.raises(OSError) as caught:
        find_node(device, sysfs)
    assert caught.value.errno == errno.ENODEV


def test_what_is_no_input_device_is_refused_and_closed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError) as caught:
        KernelNode(str(tmp_path / "file"))
    assert caught.value.errno == errno.ENOTTY
    assert len(os.listdir("/proc/self/fd")) == before
