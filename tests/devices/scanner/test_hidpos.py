"""The HID-POS driver; reports come through a socket that keeps them apart, as hidraw does."""

import errno
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices.scanner.hid import BEEPING, BOOT_KEYBOARD, COUNTED, counted
from devices.support import Recorder, running
from kassd.devices.config import ScannerConfig
from kassd.devices.port import Scan, ScanLost
from kassd.devices.scanner.hidpos import HidPosScanner, HidrawNode, find_hidraw, open_hidraw
from kassd.devices.scanner.pos import layout_of

EAN = b"4006381333931"
CONFIG = ScannerConfig("pos", "hidpos", device="/dev/kassd/scanner", station="kasse")


class Plug:
    """The scanner's end of the wire."""

    def __init__(self, descriptor: bytes) -> None:
        self.descriptor = descriptor
        self.inside: socket.socket | None = None
        self._host: socket.socket | None = None
        self.error = errno.ENOENT

    def plug(self) -> None:
        self.unplug()
        self.inside, self._host = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._host.setblocking(False)

    def unplug(self) -> None:
        for end in (self.inside, self._host):
            if end is not None:
                end.close()
        self.inside = self._host = None

    def opener(self, device: str) -> HidrawNode:
        assert device == CONFIG.device
        if self._host is None:
            raise OSError(self.error, "no such file", device)
        layout = layout_of(self.descriptor)
        assert layout is not None
        return HidrawNode(os.dup(self._host.fileno()), layout)

    def send(self, report: bytes) -> None:
        assert self.inside is not None
        self.inside.send(report)


@pytest.fixture
def plug() -> Iterator[Plug]:
    plug = Plug(BEEPING)
    plug.plug()
    yield plug
    plug.unplug()


async def test_scan(plug: Plug) -> None:
    seen = Recorder()
    async with running(HidPosScanner(CONFIG, seen, plug.opener)):
        await seen.state("ready")
        plug.send(counted(EAN))
        assert await seen.next(Scan) == Scan("pos", "kasse", EAN.decode(), "]E0")


async def test_as_many_as_the_kernel_keeps(plug: Plug) -> None:
    seen = Recorder()
    codes = [f"{n:013d}" for n in range(63)]
    async with running(HidPosScanner(CONFIG, seen, plug.opener)):
        await seen.state("ready")
        for code in codes:
            plug.send(counted(code.encode()))
        await seen.next(Scan, len(codes))
    assert [scan.text for scan in seen.of(Scan)] == codes


async def test_what_waited_while_the_register_was_busy_counts_each(plug: Plug) -> None:
    seen = Recorder()
    config = ScannerConfig("pos", "hidpos", device=CONFIG.device, double_ms=500)
    async with running(HidPosScanner(config, seen, plug.opener)):
        await seen.state("ready")
        for _ in range(3):
            plug.send(counted(EAN))
        await seen.next(Scan, 3)
    assert len(seen.of(Scan)) == 3


async def test_half_a_code_is_lost_in_time(plug: Plug) -> None:
    seen = Recorder()
    async with running(HidPosScanner(CONFIG, seen, plug.opener)):
        await seen.state("ready")
        plug.send(counted(b"first", more=True))
        assert (await seen.next(ScanLost)).reason == "timeout"


async def test_unplugged_in_between_and_back(plug: Plug) -> None:
    seen = Recorder()
    config = ScannerConfig("pos", "hidpos", device=CONFIG.device, gap_ms=60_000)
    async with running(HidPosScanner(config, seen, plug.opener)):
        await seen.state("ready")
        plug.send(counted(b"first", more=True))
        plug.unplug()
        assert (await seen.next(ScanLost)).reason == "unplugged"
        assert (await seen.state("absent", "unplugged")).message
        plug.plug()
        await seen.state("ready")
        plug.send(counted(EAN))
        assert (await seen.next(Scan)).text == EAN.decode()


async def test_what_the_kernel_could_not_keep_is_missing_in_no_code(plug: Plug) -> None:
    """hidraw keeps 63 reports and says nothing of those that it drops."""
    seen = Recorder()
    async with running(HidPosScanner(CONFIG, seen, plug.opener)):
        await seen.state("ready")
        for _ in range(63):
            plug.send(counted(b"x" * 50, more=True))
        plug.send(counted(b"last"))
        assert (await seen.next(ScanLost)).reason == "dropped"
        plug.send(counted(EAN))
        assert (await seen.next(Scan)).text == EAN.decode()
    assert len(seen.of(Scan)) == 1


async def test_opened_between_the_reports_of_a_code(plug: Plug) -> None:
    seen = Recorder()
    async with running(HidPosScanner(CONFIG, seen, plug.opener)):
        plug.send(counted(b"tail"))
        assert (await seen.next(ScanLost)).reason == "opened"
        await seen.state("ready")
        plug.send(counted(EAN))
        assert (await seen.next(Scan)).text == EAN.decode()
    assert len(seen.of(Scan)) == 1


async def test_it_sounds_its_error_where_it_can(plug: Plug) -> None:
    seen = Recorder()
    scanner = HidPosScanner(CONFIG, seen, plug.opener)
    await scanner.beep(True)  # not open: nothing happens
    async with running(scanner):
        await seen.state("ready")
        await scanner.beep(False)
        await scanner.beep(True)
        assert plug.inside is not None
        assert plug.inside.recv(10) == b"\x04\x02"


async def test_what_is_no_scanner_is_told(plug: Plug) -> None:
    plug.unplug()
    plug.error = errno.ENOTSUP
    seen = Recorder()
    async with running(HidPosScanner(CONFIG, seen, plug.opener)):
        assert "kassd scanner pair" in (await seen.state("error", "wrong_driver")).message


async def test_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    seen = Recorder()
    async with running(HidPosScanner(replace(CONFIG, device=str(file)), seen)):
        assert "driver" in (await seen.state("error", "wrong_driver")).message


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A keyboard, a scanner and two scanners of one kind."""
    devices = [
        (0, "0003:0000046D:0000C31C", "Keyboard", BOOT_KEYBOARD),
        (1, "0003:00000C2E:00000B67", "Voyager 1450", COUNTED),
        (2, "0003:000005E0:00001300", "Symbol", COUNTED),
        (10, "0003:000005E0:00001300", "Symbol", COUNTED),
        (11, "0003:000005E0:00001300", "Broken", b"\x26"),
    ]
    for number, ids, name, descriptor in devices:
        device = tmp_path / f"hidraw{number}" / "device"
        device.mkdir(parents=True)
        (device / "uevent").write_text(f"DRIVER=hid-generic\nHID_ID={ids}\nHID_NAME={name}\n")
        (device / "report_descriptor").write_bytes(descriptor)
    (tmp_path / "hidraw3").mkdir()  # just being unplugged
    return tmp_path


@pytest.mark.parametrize(
    ("device", "path"),
    [
        ("/dev/kassd/scanner", "/dev/kassd/scanner"),
        ("usb:0c2e:0b67", "/dev/hidraw1"),
        ("name:Voyager 1450", "/dev/hidraw1"),
    ],
)
def test_found(sysfs: Path, device: str, path: str) -> None:
    assert find_hidraw(device, sysfs) == path


@pytest.mark.parametrize(
    ("device", "number"),
    [
        ("usb:046d:c31c", errno.ENODEV),
        ("name:Keyboard", errno.ENODEV),
        ("by:05e0", errno.ENODEV),
        ("usb:05e0:1300", errno.ENOTUNIQ),
    ],
)
def test_none_or_two(sysfs: Path, device: str, number: int) -> None:
    with pytest.raises(OSError) as caught:
        find_hidraw(device, sysfs)
    assert caught.value.errno == number


def test_what_is_no_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError) as caught:
        open_hidraw(str(tmp_path / "file"))
    assert caught.value.errno == errno.ENOTTY
