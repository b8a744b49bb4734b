"""The keyboard driver with its thread; events come through a pipe in place of the kernel's node."""

import asyncio
import errno
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from devices.support import Keyboard, Recorder, running
from kassd.devices.config import ScannerConfig
from kassd.devices.port import Scan, ScanLost
from kassd.devices.scanner.evdev import EvdevScanner

EAN = "4006381333931"
CONFIG = ScannerConfig(name="wedge", driver="evdev", device="/dev/input/event7", station="kasse")


class Socket:
    """Where a keyboard can be plugged in. ``opener`` gives the driver the reading end of a pipe."""

    def __init__(self) -> None:
        self.error: OSError | None = None
        self.write_fd = -1
        self.opened = 0

    def plug(self) -> None:
        self._read_fd, self.write_fd = os.pipe()

    def unplug(self) -> None:
        os.close(self.write_fd)
        self.write_fd = -1

    def opener(self, device: str) -> "PipeNode":
        assert device == CONFIG.device
        if self.error is not None:
            raise self.error
        if self.write_fd < 0:
            raise OSError(errno.ENOENT, "no such file", device)
        self.opened += 1
        return PipeNode(os.dup(self._read_fd), self)

    def type(self, data: bytes) -> None:
        os.write(self.write_fd, data)


class PipeNode:
    def __init__(self, fd: int, socket: Socket) -> None:
        self.fd = fd
        self._socket = socket

    def close(self) -> None:
        os.close(self.fd)


@pytest.fixture
def socket() -> Socket:
    socket = Socket()
    socket.plug()
    return socket


async def test_scan(socket: Socket) -> None:
    seen = Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        await seen.state("ready")
        assert seen.states() == [("opening", ""), ("ready", "")]
        socket.type(Keyboard().code("]E0" + EAN))
        assert await seen.next(Scan) == Scan("wedge", "kasse", EAN, "]E0")


async def test_byte_by_byte(socket: Socket) -> None:
    seen = Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        await seen.state("ready")
        for byte in Keyboard().code("12"):
            socket.type(bytes((byte,)))
        assert (await seen.next(Scan)).text == "12"


async def test_absent_at_start_then_plugged_in() -> None:
    socket, seen = Socket(), Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        status = await seen.state("absent")
        assert status.reason == "absent"
        assert "Kabel" in status.message
        socket.plug()
        await seen.state("ready")
        socket.type(Keyboard().code(EAN))
        assert (await seen.next(Scan)).text == EAN


async def test_unplugged_in_mid_scan_and_back(socket: Socket) -> None:
    seen = Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        await seen.state("ready")
        socket.type(Keyboard().code(EAN[:6], None))
        socket.unplug()
        assert (await seen.state("absent", "unplugged")).message
        assert seen.of(ScanLost)[0].reason in ("unplugged", "timeout")
        socket.plug()
        await seen.state("ready")
        socket.type(Keyboard().code(EAN))
        assert (await seen.next(Scan)).text == EAN
    assert len(seen.of(Scan)) == 1


async def test_half_code_is_reported_lost_in_time(socket: Socket) -> None:
    seen = Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        await seen.state("ready")
        socket.type(Keyboard().code(EAN[:6], None))
        began = time.monotonic()
        assert (await seen.next(ScanLost)) == ScanLost("wedge", "kasse", "timeout")
        assert time.monotonic() - began > 0.1


async def test_syn_dropped_loses_the_code_and_only_that(socket: Socket) -> None:
    seen = Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        await seen.state("ready")
        keys = Keyboard()
        socket.type(keys.dropped() + keys.report() + keys.key(3, False) + keys.code("31") + keys.code(EAN))
        assert (await seen.next(Scan)).text == EAN
    assert [lost.reason for lost in seen.of(ScanLost)] == ["dropped"]


async def test_opened_in_the_middle_of_a_scan(socket: Socket) -> None:
    seen = Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        socket.type(Keyboard().code(EAN[7:]))
        assert (await seen.next(ScanLost)).reason == "opened"
        await seen.state("ready")
        socket.type(Keyboard().code(EAN))
        assert (await seen.next(Scan)).text == EAN
    assert len(seen.of(Scan)) == 1


async def test_flood_while_the_loop_is_blocked(socket: Socket) -> None:
    """The thread keeps reading while the event loop stands still: nothing is lost, order is kept."""
    seen = Recorder()
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        await seen.state("ready")
        codes = [f"{n:013d}" for n in range(200)]
        keys = Keyboard()
        stream = b"".join(keys.code(code) for code in codes)
        feeder = threading.Thread(target=lambda: [os.write(socket.write_fd, stream)])
        feeder.start()
        time.sleep(0.3)  # noqa: ASYNC251  # the loop hangs on purpose
        await seen.next(Scan, len(codes))
        feeder.join()
    assert [scan.text for scan in seen.of(Scan)] == codes


@pytest.mark.parametrize(
    ("number", "state", "reason"),
    [
        (errno.EACCES, "error", "permission"),
        (errno.EBUSY, "error", "claimed"),
        (errno.ENODEV, "absent", "absent"),
        (errno.EINVAL, "error", "io"),
    ],
)
async def test_what_opening_can_say(socket: Socket, number: int, state: str, reason: str) -> None:
    seen = Recorder()
    socket.error = OSError(number, os.strerror(number))
    async with running(EvdevScanner(CONFIG, seen, socket.opener)):
        status = await seen.state(state, reason)
        assert status.message.endswith(".")
        socket.error = None
        await seen.state("ready")


async def test_stopping_ends_the_thread_and_closes_everything(socket: Socket) -> None:
    fds, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    seen = Recorder()
    for _ in range(3):
        async with running(EvdevScanner(CONFIG, seen, socket.opener)):
            await seen.state("ready")
        seen.events.clear()
    assert threading.active_count() <= threads
    assert len(os.listdir("/proc/self/fd")) <= fds


async def test_thread_that_fails_ends_the_run(socket: Socket, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    seen = Recorder()
    driver = asyncio.create_task(EvdevScanner(CONFIG, seen, socket.opener).run())
    await seen.state("ready")
    monkeypatch.setattr("kassd.devices.scanner.keys.KeyDecoder.feed", broken)
    socket.type(Keyboard().code("1"))
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(driver, 60)


async def test_beep_is_nothing(socket: Socket) -> None:
    await EvdevScanner(CONFIG, Recorder(), socket.opener).beep(True)


async def test_what_is_no_keyboard_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    seen = Recorder()
    async with running(EvdevScanner(replace(CONFIG, device=str(file)), seen)):
        assert "driver" in (await seen.state("error", "wrong_driver")).message
