"""How long things take, by the guest's own clock: scans, receipts and the drawer of some sales."""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from kassd.journal import read_lines
from kassd.mqtt.ulid import ulid
from kassd.sim.world_client import Document, Observer
from kassd.sim.world_config import CLIENT, NODE
from tests.lab.inside import gpio, keyboard, printer
from tests.lab.inside.box import BROKER, JOURNAL
from tests.lab.inside.gadgets import far_end

LOOKED = Path("/run/lab/writes")
SALE = "state/sale/main"
PATIENCE_S = 60.0
REST_S = 0.1  # whoever looks takes time from those who work
STARTED_S = 0.5  # nobody pays before the TSE has begun the transaction
NS = 1_000_000  # in a millisecond
IN_MODIFY = 2  # linux/inotify.h


class Watch(Observer):
    """Knows when it heard what was shown last."""

    heard_at = 0

    def _hear(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        self.heard_at = time.perf_counter_ns()
        super()._hear(topic, payload, correlation)

    async def sale(self, lines: int, status: str) -> None:
        """Wait until the sale is shown so."""
        async with asyncio.timeout(PATIENCE_S):
            while (len((shown := self.seen.get(SALE, {})).get("lines", ())), shown.get("status")) != (
                lines,
                status,
            ):
                await self.changed.wait()


class Writes:
    """When files below a folder were written to: such a write of the journal returns when it is on disk.

    A process of its own looks, before all others: it must not wait for what it measures, nor for us."""

    def __init__(self, folder: Path) -> None:
        self._file = LOOKED
        self._file.write_text("")
        libc = ctypes.CDLL(None, use_errno=True)
        self._events = libc.inotify_init1(0)
        for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            if libc.inotify_add_watch(self._events, str(place).encode(), IN_MODIFY) < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch", str(place))
        self._looker = os.fork()
        if not self._looker:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
            with self._file.open("a") as times:
                while os.read(self._events, 4096):
                    times.write(f"{time.perf_counter_ns()}\n")
                    times.flush()
            os._exit(0)

    def after(self, decided: int) -> int:
        """The first one after something was decided."""
        return next(at for at in map(int, self._file.read_text().split()) if at > decided)

    def close(self) -> None:
        """Look no more."""
        os.kill(self._looker, signal.SIGKILL)
        os.waitpid(self._looker, 0)


def sales(code: str, scans: int, count: int) -> list[dict[str, Any]]:
    """Carry out ``count`` sales of ``scans`` items each, after a first one that does not count; of each, in
    milliseconds:

    ``scans``: from the suffix's key-up to the display; ``paper``: from "pay" to the last byte at the printer;
    ``tse``: of it, from the wish for the finish on disk to its answer; ``transfer``: of it, from the first to
    the last byte; ``drawer``: from the payment on disk to the line's edge; ``signed``: the same to
    the signature; ``timeline``: the same to the decision for each kind of fact and wish.
    """
    return asyncio.run(_sales(code, scans, count))


async def _sales(code: str, scans: int, count: int) -> list[dict[str, Any]]:
    found = []
    with contextlib.closing(Writes(JOURNAL)) as writes:  # before there is any thread
        watch = Watch(NODE, BROKER)
        await watch.start()
        scanner = os.open(far_end("scanner"), os.O_RDWR)
        for _ in range(count + 1):
            took = [await _scan(watch, scanner, code, n + 1) for n in range(scans)]
            await asyncio.sleep(STARTED_S)
            found.append({"scans": took} | await _pay(watch, writes, scans))
        os.close(scanner)
        await watch.stop()
    return found[1:]


async def _scan(watch: Watch, scanner: int, code: str, lines: int) -> float:
    for report in keyboard.reports(f"{code}\n"):
        began = time.perf_counter_ns()
        os.write(scanner, report)
    await watch.sale(lines, "open")
    return (watch.heard_at - began) / NS


async def _pay(watch: Watch, writes: Writes, lines: int) -> dict[str, float]:
    printed, came, opened = printer.count(), len(printer.arrivals()), len(gpio.rises())
    payload = json.dumps({"v": 1, "id": ulid(), "args": {"type": "cash"}}).encode()
    began = time.perf_counter_ns()
    reply: Document = await watch.ask(CLIENT, "sale.pay", payload, timeout=PATIENCE_S)
    assert reply["status"] in ("ok", "accepted"), reply
    await watch.sale(lines, "done")
    while printer.count() == printed or len(gpio.rises()) == opened:
        await asyncio.sleep(REST_S)
    wire = [at for at, _ in printer.arrivals()[came:]]
    edge = gpio.rises()[opened]
    facts, wishes = {}, {}  # of each kind the newest
    for line in read_lines(JOURNAL):
        facts |= {fact["kind"]: line.mono for fact in line.facts}
        wishes |= {wish["kind"]: line.mono for wish in line.wishes}
    on_disk = writes.after(facts["sale.paid"])
    return {
        "tse": (facts["tse.finished"] - writes.after(wishes["tse.finish"])) / NS,
        "paper": (wire[-1] - began) / NS,
        "transfer": (wire[-1] - wire[0]) / NS,
        "timeline": {kind: (at - on_disk) / NS for kind, at in (facts | wishes).items() if at > began},
        "drawer": (edge - on_disk) / NS,
        "signed": (facts["tse.finished"] - on_disk) / NS,
    }
