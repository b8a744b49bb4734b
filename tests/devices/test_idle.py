"""Connected, well and idle, no driver wakes the processor: not the event loop, not a thread."""

import asyncio
import os
import selectors
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from devices.printer.peer import TcpPeer
from devices.support import Recorder, running
from kassd.devices import (
    DrawerConfig,
    PrinterConfig,
    ScannerConfig,
    build_drawer,
    build_printer,
    build_scanner,
)
from kassd.devices.scanner.evdev import EvdevScanner
from kassd.sim.scanner import ScannerSim

IDLE_S = 1.2


class CountingSelector(selectors.DefaultSelector):
    """Counts how often the event loop goes to sleep."""

    selects = 0

    def select(self, timeout: float | None = None) -> Any:
        self.selects += 1
        return super().select(timeout)


class PipeNode:
    def __init__(self) -> None:
        self.fd, self._write_fd = os.pipe()

    def held(self) -> frozenset[int]:
        return frozenset()

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._write_fd)


def threads() -> set[int]:
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}


def thread_switches(others: set[int]) -> int:
    """How often all threads but ``others`` have gone to sleep."""
    total = 0
    for task in Path("/proc/self/task").iterdir():
        if int(task.name) not in others:
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
    return total


def run_counted(scenario: Coroutine[Any, Any, None], selector: CountingSelector) -> None:
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(scenario)


def test_idle(tmp_path: Path) -> None:
    selector, others = CountingSelector(), threads()

    async def scenario() -> None:
        seen = Recorder()
        peer = TcpPeer()
        await peer.start()
        printer = build_printer(PrinterConfig("tcp", host="127.0.0.1", port=peer.port), seen)
        filed = build_printer(PrinterConfig("file", "file", path=str(tmp_path / "bons")), seen)
        gpio = DrawerConfig("gpio", "gpio", pin=17, pin_factory="mock")
        with ScannerSim(tmp_path / "scanner") as sim:
            drivers = [
                printer,
                filed,
                build_scanner(ScannerConfig("serial", port=str(sim.path)), seen),
                EvdevScanner(
                    ScannerConfig("keys", "evdev", device="/dev/input/event0"), seen, lambda _: PipeNode()
                ),
                build_drawer(gpio, seen, {}),
                build_drawer(DrawerConfig("kick", printer="tcp"), seen, {"tcp": printer}),
            ]
            async with asyncio.timeout(20):
                await _all(drivers, seen)
        await peer.stop()

    async def _all(drivers: list[Any], seen: Recorder) -> None:
        if drivers:
            async with running(drivers[0]):
                await _all(drivers[1:], seen)
            return
        names = {"tcp", "file", "serial", "keys", "gpio", "kick"}
        await seen.until(lambda: names <= {s.name for s in seen.of(_status()) if s.state == "ready"})
        await asyncio.sleep(0.1)
        selects, switches = selector.selects, thread_switches(others)
        await asyncio.sleep(IDLE_S)
        assert selector.selects - selects <= 2, "only this test's own sleep may wake the loop"
        assert thread_switches(others) == switches

    run_counted(scenario(), selector)


def _status() -> Any:
    from kassd.core.status import DeviceStatus

    return DeviceStatus
