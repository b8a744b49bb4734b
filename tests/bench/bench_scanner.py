"""What a scan costs the processor, from the kernel's events to a code in the event loop: our reader beside
python-evdev's own loop, both fed by another process with the same code through a pipe.

Ours gets it as the kernel gives it to a reader that has hidden scan codes (EVIOCSMASK), as python-evdev does
not."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

from evdev import InputDevice, ecodes

from kassd.devices.config import ScannerConfig
from kassd.devices.port import DeviceEvent, Scan
from kassd.devices.scanner.evdev import EvdevScanner
from kassd.supervise import Supervisor
from tests.bench.figure import Figure, percentile, spread

CODE = "4006381333931"
REPORT_S = 0.001  # a full-speed USB scanner sends a report a millisecond
SCANS = 15
ROUNDS = 5
DIGITS = "1234567890"

# The feeder stamps each report as the kernel does and writes it at once.
FEEDER = f"""
import signal, struct, sys, time
signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # who has its code may leave before the last key is up
event = struct.Struct("@llHHi")
keys = [{DIGITS!r}.index(digit) + 2 for digit in {CODE!r}] + [28]
out = open(int(sys.argv[1]), "wb", buffering=0)
for _ in range(int(sys.argv[2])):
    for key in keys:
        for value in (1, 0):
            due = time.monotonic() + {REPORT_S}
            now = time.monotonic_ns() // 1000
            at = divmod(now, 1_000_000)
            scan_code = b"" if sys.argv[3] == "masked" else event.pack(*at, 4, 4, 0x70000 + key)
            out.write(scan_code + event.pack(*at, 1, key, value) + event.pack(*at, 0, 0, 0))
            while (left := due - time.monotonic()) > 0:
                time.sleep(left)
    time.sleep(0.02)
"""


class PipeNode:
    """The reading end, in place of the kernel's node."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def held(self) -> frozenset[int]:
        return frozenset()

    def close(self) -> None:
        os.close(self.fd)


async def reading(scans: int = SCANS, rounds: int = ROUNDS) -> list[Figure]:
    """Processor time of this process per scan, in turns."""
    await _fed(_ours, 2), await _fed(_evdev, 2)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(await _fed(_ours, scans))
        theirs.append(await _fed(_evdev, scans))
    ratio = percentile(ours, 50) / percentile(theirs, 50)
    detail = {"kassd_us": spread(ours, 1e6, 0), "evdev_us": spread(theirs, 1e6, 0)}
    return [Figure("processor time per scan / python-evdev's", round(ratio, 3), "x", 0.334, detail=detail)]


async def _fed(reader: Callable[[int, int], Awaitable[None]], scans: int) -> float:
    read, write = os.pipe()
    os.set_blocking(read, False)
    what = "masked" if reader is _ours else "whole"
    command = [sys.executable, "-c", FEEDER, str(write), str(scans), what]
    feeder = subprocess.Popen(command, pass_fds=[write])  # noqa: ASYNC220 - nothing else runs here yet
    os.close(write)
    began = time.process_time()
    await reader(read, scans)
    spent = time.process_time() - began
    feeder.wait()
    return spent / scans


async def _ours(fd: int, scans: int) -> None:
    seen: asyncio.Queue[str] = asyncio.Queue()

    def report(event: DeviceEvent) -> None:
        if isinstance(event, Scan):
            seen.put_nowait(event.text)

    supervisor = Supervisor()
    config = ScannerConfig("bench", "evdev", device="pipe", gap_ms=2000)
    supervisor.start("scanner", EvdevScanner(config, report, lambda _: PipeNode(fd)).run)
    for _ in range(scans):
        assert await seen.get() == CODE
    await supervisor.stop()


async def _evdev(fd: int, scans: int) -> None:
    device = InputDevice.__new__(InputDevice)
    device.fd, device.path = fd, "pipe"
    count, code = 0, ""
    async for event in device.async_read_loop():
        if event.type != ecodes.EV_KEY or event.value != 1:
            continue
        if event.code != ecodes.KEY_ENTER:
            code += DIGITS[event.code - 2]
            continue
        assert code == CODE
        count, code = count + 1, ""
        if count == scans:
            break
    os.close(fd)


__all__ = ["reading"]
