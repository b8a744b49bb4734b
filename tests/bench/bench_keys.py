"""What a person with a keyboard scanner waits for: from the suffix's key-up to the sale at a subscriber."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from tests.bench.bench_latency import pay_and_print
from tests.bench.figure import Figure, percentile, spread
from tests.bench.kit import CODES, SALE, Ear, alone, opened
from tests.devices.support import Keyboard

LINES = 8  # of a sale
SALES = 20
REPORT_S = 0.001
BREATH_S = 0.02
SCANNER = """
[[scanner]]
name = "keys"
driver = "evdev"
device = "{}"
gap_ms = 1000
"""


async def keys(sales: int = SALES) -> list[Figure]:
    """Codes typed at a report a millisecond into a FIFO that stands for the kernel's node."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-") as folder:
        fifo = Path(folder) / "event0"
        os.mkfifo(fifo)
        fd = os.open(fifo, os.O_RDWR)
        try:
            took = await _scans(SCANNER.format(fifo), fd, sales)
        finally:
            os.close(fd)
    detail = {"scan_ms": spread(took)}
    return [
        Figure("suffix's key-up to display p50", round(percentile(took, 50) * 1000, 2), "ms", 20.0),
        Figure(
            *("suffix's key-up to display p99", round(percentile(took, 99) * 1000, 2), "ms", 100.0),
            detail=detail,
        ),
    ]


async def _scans(section: str, fd: int, sales: int) -> list[float]:
    took: list[float] = []
    async with opened(tally=True, tse_latency_ms=0, extra_toml=section) as world, alone(world, SALE) as ear:
        await asyncio.sleep(1)  # the second scanner, too, is open
        for count in range(sales + 1):
            for number in range(LINES):
                one = await asyncio.to_thread(_scan_once, fd, ear, number)
                await asyncio.sleep(BREATH_S)
                if count:  # the first sale warms up
                    took.append(one)
            await pay_and_print(world, ear)
    return took


def _scan_once(fd: int, ear: Ear, number: int) -> float:
    ear.drain()
    keyboard = Keyboard()
    report = 3 * 24  # bytes: scan code, key, end
    stream = keyboard.code(CODES[number % len(CODES)])
    due = time.perf_counter()
    for at in range(0, len(stream), report):
        time.sleep(max(0.0, due - time.perf_counter()))
        due += REPORT_S
        os.write(fd, stream[at : at + report])
    began = time.perf_counter()
    at_display, _ = ear.wait(SALE, lambda d: d["status"] == "open" and len(d["lines"]) == number + 1)
    return at_display - began


__all__ = ["keys"]
