"""Whoever waits for a device is woken when one is plugged in. libudev's own socket is opened for real, what
comes out of it is played."""

import asyncio
import socket
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from devices.support import Recorder, running
from kassd.devices import hotplug
from kassd.devices.config import ScannerConfig
from kassd.devices.hotplug import Plugs
from kassd.devices.link import Backoff
from kassd.devices.port import Scan
from kassd.devices.scanner import looped
from kassd.devices.scanner.serial import SerialScanner
from kassd.sim.scanner import ScannerSim

LONG_S = 600.0


@dataclass
class Device:
    action: str


class FakeMonitor:
    """pyudev's Monitor: a descriptor that can be waited on, and devices when asked."""

    def __init__(self) -> None:
        self.inside, self._host = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._host.setblocking(False)
        self.subsystems: list[str] = []
        self.started = False

    def filter_by(self, subsystem: str) -> None:
        assert not self.started
        self.subsystems.append(subsystem)

    def start(self) -> None:
        self.started = True

    def fileno(self) -> int:
        return self._host.fileno()

    def poll(self, timeout: float) -> Device | None:
        assert timeout == 0
        try:
            return Device(self._host.recv(100).decode())
        except BlockingIOError:
            return None

    def tell(self, action: str) -> None:
        self.inside.send(action.encode())

    def close(self) -> None:
        self.inside.close()
        self._host.close()


@pytest.fixture
def udev(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMonitor]:
    monitor = FakeMonitor()
    fake = SimpleNamespace(Context=object, Monitor=SimpleNamespace(from_netlink=lambda _: monitor))
    monkeypatch.setitem(sys.modules, "pyudev", fake)
    monkeypatch.setattr(hotplug, "FIRST_S", 0.0)
    yield monitor
    monitor.close()


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


async def test_all_who_wait_are_woken_by_what_comes_not_by_what_goes(udev: FakeMonitor) -> None:
    plugs, woken = Plugs(), deque[str]()

    async def wait(name: str) -> None:
        await plugs.wait(LONG_S)
        woken.append(name)

    async with running(plugs):
        await until(lambda: udev.started)
        waiting = [asyncio.create_task(wait(name)) for name in "ab"]
        await asyncio.sleep(0)
        udev.tell("remove")
        await until(lambda: udev.poll(0) is None)
        assert not woken
        udev.tell("remove")
        udev.tell("add")
        await until(lambda: len(woken) == 2)
        await asyncio.gather(*waiting)
    assert {"input", "hidraw", "tty"} <= set(udev.subsystems)


async def test_what_came_before_anybody_listened_is_looked_for(udev: FakeMonitor) -> None:
    plugs = Plugs()
    waiting = asyncio.create_task(plugs.wait(LONG_S))
    await asyncio.sleep(0)
    async with running(plugs), asyncio.timeout(20):
        await waiting


async def test_time_goes_by() -> None:
    async with asyncio.timeout(20):
        await Plugs().wait(0.01)
        await Backoff(LONG_S, Plugs()).pause()


@pytest.mark.parametrize("error", [ImportError("no libudev"), OSError(1, "not permitted")])
async def test_without_udev_each_looks_by_itself(
    monkeypatch: pytest.MonkeyPatch, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def context() -> None:
        raise error

    monkeypatch.setitem(
        sys.modules,
        "pyudev",
        SimpleNamespace(Context=context, Monitor=SimpleNamespace(from_netlink=lambda _: None)),
    )
    monkeypatch.setattr(hotplug, "FIRST_S", 0.0)
    async with asyncio.timeout(20):
        await Plugs().run()
    assert str(error) in caplog.text


async def test_libudev_can_be_subscribed_to() -> None:
    from pyudev import Context, Monitor

    monitor = Monitor.from_netlink(Context())
    for subsystem in hotplug.SUBSYSTEMS:
        monitor.filter_by(subsystem)
    monitor.start()
    assert monitor.fileno() > 2


async def test_a_scanner_is_read_as_soon_as_it_is_plugged_in(
    tmp_path: Any, udev: FakeMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looped, "LONGEST_PAUSE_S", LONG_S)
    monkeypatch.setattr("kassd.devices.link.PAUSE_FIRST_S", LONG_S)
    plugs, seen = Plugs(), Recorder()
    path = tmp_path / "scanner"
    async with running(plugs), running(SerialScanner(ScannerConfig("scan", port=str(path)), seen, plugs)):
        await seen.state("absent", timeout=20)
        await until(lambda: udev.started)
        with ScannerSim(path) as sim:
            udev.tell("add")
            await seen.state("ready", timeout=20)
            sim.scan("4006381333931")
            await seen.next(Scan, timeout=20)
