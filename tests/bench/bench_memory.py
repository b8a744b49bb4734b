"""What a register needs of the machine: memory after a day, its growth, and how often it wakes up idle."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kassd.sim.world import World
from tests.bench.figure import Figure
from tests.bench.kit import CASH, CODES, SALE, Ear, alone, memory_kib, opened, pid_of, switches, tally_of

SAMPLE = (300, 1500)
FULL = (1000, 10_000)
IDLE_S = 25.0
SETTLE_S = 3.0
STATUS_REQUEST = b"\x10\x04"  # DLE EOT n, TM-T88V: answered with "all well"
ALL_WELL = b"\x12"
PROCESS_ID = b"\x1d(H\x06\x00\x30\x30"
BASELINE = """
import importlib, sys
for name in sys.stdin.read().split():
    try:
        importlib.import_module(name)
    except ImportError:  # made by an extension module that is imported as well
        continue
print(open("/proc/self/status").read().split("VmRSS:")[1].split()[0])
"""


class QuickPrinter(asyncio.Protocol):
    """A printer that is always well and throws the paper away: drawing slips would cost more than selling."""

    def __init__(self, printed: list[int]) -> None:
        self._printed = printed
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer status requests between slips and the request at a slip's end."""
        self._rest += data
        while (at := self._rest.find(PROCESS_ID)) >= 0 and len(self._rest) >= at + len(PROCESS_ID) + 4:
            end = at + len(PROCESS_ID)
            number, self._rest = self._rest[end : end + 4], self._rest[end + 4 :]
            self._transport.write(b"\x37\x22" + number + b"\0")
            self._printed[0] += 1
        if self._rest.startswith((STATUS_REQUEST, b"\x1da")):
            self._transport.write(ALL_WELL * self._rest.count(STATUS_REQUEST))
            self._rest = b""


@asynccontextmanager
async def _quick_shop() -> AsyncIterator[tuple[World, list[int]]]:
    """A register with everything attached, a TSE without latency and a :class:`QuickPrinter`; the list's
    single item counts slips."""
    printed = [0]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: QuickPrinter(printed), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    devices = f"""
[[printer]]
name = "printer"
driver = "tcp"
host = "127.0.0.1"
port = {port}
profile = "TM-T88V"
[[drawer]]
name = "drawer"
driver = "printer"
printer = "printer"
"""
    options = {"printer": False, "drawer": False, "tse_latency_ms": 0, "extra_toml": devices}
    async with opened(tally=True, **options) as world:
        await world.restart()  # the first start compiled every module, which leaves its mark on the heap
        await world.wait("state/dev/printer", lambda d: d.get("state") == "ready")
        yield world, printed
    server.close()


def _sell(world: World, ear: Ear, printed: list[int], sales: int) -> None:
    """Sell ``sales`` times, two lines each, paid in cash by control barcode; runs in a thread."""
    slips = printed[0] + sales
    for number in range(sales):
        world.scan(CODES[number % len(CODES)])
        world.scan(CODES[(number + 1) % len(CODES)])
        ear.wait(SALE, lambda d: d["status"] == "open" and len(d["lines"]) == 2)
        world.scan(CASH)
        ear.wait(SALE, lambda d: d["status"] == "done")
    while printed[0] < slips:
        time.sleep(0.02)


async def memory(full: bool = False) -> list[Figure]:
    """Resident memory above an interpreter with the same imports; growth between two numbers of sales."""
    first, last = FULL if full else SAMPLE
    async with _quick_shop() as (world, printed):
        async with alone(world, SALE) as ear:
            began = time.perf_counter()
            await asyncio.to_thread(_sell, world, ear, printed, first)
            await asyncio.sleep(SETTLE_S)
            early = memory_kib(pid_of(world))
            await asyncio.to_thread(_sell, world, ear, printed, last - first)
            await asyncio.sleep(SETTLE_S)
            late = memory_kib(pid_of(world))
            took = time.perf_counter() - began - 2 * SETTLE_S
        modules = (await tally_of(world))["modules"]
    baseline = _baseline_kib(modules)
    detail = {
        "resident_mib": round(late / 1024, 2),
        "baseline_mib": round(baseline / 1024, 2),
        "baseline_modules": len(modules),
        "sales": last,
        "sales_per_second": round(last / took, 1),
        "whole_measurement": full,
    }
    growth = {f"after_{first}_mib": round(early / 1024, 2), f"after_{last}_mib": round(late / 1024, 2)}
    above, more = round((late - baseline) / 1024, 2), round((late - early) / 1024, 2)
    return [
        Figure("memory above the same imports", above, "MiB", 25.0, detail=detail),
        Figure(f"growth from {first:,} to {last:,} sales", more, "MiB", 1.0, detail=growth),
    ]


def _baseline_kib(modules: list[str]) -> int:
    """Resident set of an interpreter that has imported ``modules`` and nothing of ours."""
    command = [sys.executable, "-c", BASELINE]
    done = subprocess.run(command, input="\n".join(modules), text=True, check=True, capture_output=True)
    return int(done.stdout)


async def idle(seconds: float = IDLE_S) -> list[Figure]:
    """Voluntary context switches a second of all threads: TSE, printer, drawer, scanner, one MQTT link."""
    async with opened() as world:
        world.scan(CODES[0])
        await asyncio.sleep(1)
        world.scan(CASH)
        await world.wait("state/sale/main", lambda d: d.get("status") == "done")
        await asyncio.sleep(SETTLE_S)
        pid = pid_of(world)
        before, began = switches(pid), time.perf_counter()
        await asyncio.sleep(seconds)
        rate = (switches(pid) - before) / (time.perf_counter() - began)
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    return [
        Figure("idle wake-ups", round(rate, 2), "/s", 1.5, detail={"seconds": seconds, "threads": threads})
    ]
