"""What a person waits for: a scan on the display, and the printer after "pay"."""

import asyncio
import time
from typing import Any

from kassd.clock import Clock, boot_id, utc_text
from kassd.journal import Entry, Journal
from kassd.receipt.escpos import Encoder
from kassd.sim.world import World
from kassd.sim.world_config import CLIENT
from tests.bench.figure import Figure, percentile, spread
from tests.bench.kit import (
    CASH,
    CODES,
    SALE,
    TOPICS,
    Ear,
    alone,
    command,
    command_topic,
    heard,
    opened,
    tally_of,
)

LINES = 8  # of a sale
SALES = 60
PAYMENTS = 24
TSE_MS = 250
FLOOR_TOPIC = "bench/floor"
BREATH_S = 0.02


class Floor:
    """The least a shown scan can cost: one durable line, one publish through the same broker."""

    def __init__(self, journal: Journal, ear: Ear, payload: bytes) -> None:
        self._journal, self._ear, self._payload = journal, ear, payload

    async def take(self) -> tuple[float, float]:
        """Seconds of a commit and of a publish until it is heard."""
        facts = [{"kind": "sale.line_added", "data": {"filler": "x" * 300}}]
        entry = Entry(utc_text(Clock().now()), Clock.mono(), boot_id(), facts, [])
        began = time.perf_counter()
        await self._journal.append(entry)
        middle = time.perf_counter()
        self._ear.publish(FLOOR_TOPIC, self._payload)
        at, _ = self._ear.wait(FLOOR_TOPIC, lambda _: True)
        return middle - began, at - middle


async def scan(sales: int = SALES) -> list[Figure]:
    """Scans by a serial scanner with a suffix to ``state/sale`` at a subscriber, beside their floor."""
    scans: list[float] = []
    commits: list[float] = []
    trips: list[float] = []
    async with opened(tse_latency_ms=0) as world:
        journal, _ = await Journal.open(world.folder / "floor", "BENCH-FLOOR")
        async with alone(world, SALE, FLOOR_TOPIC) as ear:
            floor = Floor(journal, ear, b"[" + b'"document of this size",' * 60 + b"0]")
            for count in range(sales + 1):
                for number in range(LINES):
                    commit, trip = await floor.take()
                    await asyncio.sleep(BREATH_S)
                    took = await asyncio.to_thread(_scan_once, world, ear, number)
                    await asyncio.sleep(BREATH_S)
                    if count:  # the first sale warms up
                        commits.append(commit)
                        trips.append(trip)
                        scans.append(took)
                await pay_and_print(world, ear)
        await journal.close()
    floors = [a + b for a, b in zip(commits, trips, strict=True)]
    detail = {
        "scan_ms": spread(scans),
        "floor_ms": spread(floors),
        "floor_commit_ms": spread(commits),
        "floor_publish_ms": spread(trips),
    }
    p99, floor99 = percentile(scans, 99), percentile(floors, 99)
    median = percentile(scans, 50) * 1000
    return [
        Figure("scan to display p99 / floor p99", round(p99 / floor99, 2), "x", 2.0, detail=detail),
        Figure("scan to display median", round(median, 2), "ms", 5.0),
    ]


def _scan_once(world: World, ear: Ear, number: int) -> float:
    ear.drain()
    code = CODES[number % len(CODES)]
    began = time.perf_counter()
    world.scan(code)
    at, _ = ear.wait(SALE, lambda d: d["status"] == "open" and len(d["lines"]) == number + 1)
    return at - began


async def pay_and_print(world: World, ear: Ear) -> None:
    """Pay cash; returns when the slip lies there, so that nothing goes on beside the next scan."""
    assert world.printer is not None
    slips = len(world.printer.slips)
    world.scan(CASH)
    await heard(ear, SALE, lambda d: d["status"] == "done")
    while len(world.printer.slips) == slips:
        await asyncio.sleep(BREATH_S)
    await asyncio.sleep(0.1)


class Paper:
    """Notes when the first byte of a slip reaches the printer; the drawer's kick is none."""

    def __init__(self, world: World) -> None:
        assert world.printer is not None
        self.began = asyncio.Event()
        self.at = 0.0
        self._kick = Encoder.kick()
        printer = world.printer.printer
        receive = printer.receive

        def received(data: bytes) -> None:
            if not self.began.is_set() and data != self._kick:
                self.at = time.perf_counter()
                self.began.set()
            receive(data)

        printer.receive = received  # type: ignore[method-assign] # a clock in front of the real thing


async def pay(payments: int = PAYMENTS) -> list[Figure]:
    """From the control barcode or the command to the first byte at the printer, less the TSE's latency."""
    ways = ("barcode", "command")
    waits: dict[str, list[float]] = {way: [] for way in ways}
    async with opened(tally=True, tse_latency_ms=TSE_MS) as world:
        paper = Paper(world)
        async with alone(world, SALE) as ear:
            for count in range(payments + 2):
                waits[ways[count % 2]].append(await _pay_once(world, ear, paper, ways[count % 2]))
        finishes = (await tally_of(world))["finish_s"][-payments - 2 :]  # opening the till was signed too
    # The worker takes one call at a time, so the finishes stand in the order of the payments.
    in_order = [wait for pair in zip(*waits.values(), strict=True) for wait in pair]
    own = [took - finish for took, finish in zip(in_order, finishes, strict=True)][2:]
    detail: dict[str, Any] = {"own_ms": spread(own), "tse_finish_ms": spread(finishes[2:])}
    detail |= {f"{way}_to_first_byte_ms": spread(took[1:]) for way, took in waits.items()}
    value = round(percentile(own, 50) * 1000, 2)
    return [Figure("pay to first byte, less the TSE's finish, median", value, "ms", 10.0, detail=detail)]


async def _pay_once(world: World, ear: Ear, paper: Paper, way: str) -> float:
    assert world.printer is not None
    for number in range(3):
        await asyncio.to_thread(_scan_once, world, ear, number)
    await asyncio.sleep(2.5 * TSE_MS / 1000)  # the transaction has been started
    slips = len(world.printer.slips)
    paper.began.clear()
    began = time.perf_counter()
    if way == "barcode":
        world.scan(CASH)
    else:
        ear.publish(command_topic("sale.pay"), command({"type": "cash"}), TOPICS.reply(CLIENT))
    await asyncio.wait_for(paper.began.wait(), 10)
    took = paper.at - began
    await heard(ear, SALE, lambda d: d["status"] == "done")
    while len(world.printer.slips) == slips:
        await asyncio.sleep(BREATH_S)
    await asyncio.sleep(0.1)
    return took


__all__ = ["pay", "pay_and_print", "scan"]
