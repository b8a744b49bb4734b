"""What a sale costs the disk, and what a long history costs a boot and an auditor."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from kassd.sim.world import World
from tests.bench import bench_journal
from tests.bench.figure import Figure
from tests.bench.kit import CASH, CODES, SALE, Ear, alone, heard, opened, tally_of

SALES = 40
LINES = 8
BOOT_LINES = 1_000_000
VERIFY_LINES = 400_000
VERIFY_RUNS = 7
VERIFY = """
import os, sys, time
from pathlib import Path
from kassd.journal import verify_journal
wall, processor = time.perf_counter(), sum(os.times()[:4])
verdict = verify_journal(Path(sys.argv[1]), deep=False)
if not verdict.ok:
    sys.exit(f"verify: {verdict.render()}")
print(time.perf_counter() - wall, sum(os.times()[:4]) - processor)
"""


async def block() -> list[Figure]:
    """Bytes and flushes at the block device for each commit of whole sales, align = 4096. Needs root.

    The journal lies on a file system of its own on a loop device; TSE, slips and logs lie elsewhere.
    """
    if os.geteuid() != 0 or not (shutil.which("mkfs.ext4") and shutil.which("losetup")):
        raise SystemExit("bench block: needs root, mkfs.ext4 and losetup for a block device of its own")
    with (
        tempfile.TemporaryDirectory(prefix="kassd-bench-disk-") as folder,
        bench_journal.private_ext4(Path(folder)) as (mount, stat),
    ):
        home = mount / "journal"
        home.mkdir()
        world = Path(folder) / "world"
        world.mkdir()
        (world / "journal").symlink_to(home)
        cost = await _whole_sales(world, stat)
        journal = await asyncio.to_thread(bench_journal.block_cost, Path(tempfile.mkdtemp(dir=folder)))
    sale, whole = cost["without_checkpoints"], cost["everything"]
    return [
        Figure("block device, KiB a commit of a sale", whole["kib_per_commit"], "KiB", 8.0, detail=cost),
        Figure(
            "block device, flushes a commit of a sale", sale["flushes_per_commit"], "", 1.0, detail=journal
        ),
    ]


async def _whole_sales(folder: Path, stat: Path) -> dict[str, Any]:
    """Cost of all sales, and of those beside which no checkpoint was written (nobody waits for one)."""
    everything, lone = Counter[str](), Counter[str]()
    async with opened(folder, tally=True, tse_latency_ms=0) as world:
        await asyncio.sleep(2)  # spare segment and first checkpoint are written
        os.sync()
        async with alone(world, SALE) as ear:
            for _ in range(SALES):
                before = await _counted(world, stat)
                await _sell(world, ear)
                cost = await _counted(world, stat)
                cost.subtract(before)
                everything.update(cost)
                if not cost["chore_syncs"]:
                    lone.update(cost)
        await world.stop()
    if not lone["commits"]:
        raise SystemExit("bench block: a checkpoint beside every sale")
    return {"sales": SALES, "without_checkpoints": _per_commit(lone), "everything": _per_commit(everything)}


async def _sell(world: World, ear: Ear) -> None:
    for number in range(1, LINES + 1):
        world.scan(CODES[number % len(CODES)])
        await heard(ear, SALE, lambda d, n=number: d["status"] == "open" and len(d["lines"]) == n)
    world.scan(CASH)
    await heard(ear, SALE, lambda d: d["status"] == "done")
    await asyncio.sleep(0.3)  # the slip is printed and its outcome written


async def _counted(world: World, stat: Path) -> Counter[str]:
    tally = await tally_of(world)
    requests, size, flushes = bench_journal._counters(stat)
    counts = {"requests": requests, "bytes": size, "flushes": flushes}
    return Counter(counts | {name: tally[name] for name in ("commits", "chore_syncs")})


def _per_commit(cost: Counter[str]) -> dict[str, float]:
    commits = cost["commits"]
    return {
        "commits": commits,
        "kib_per_commit": round(cost["bytes"] / commits / 1024, 2),
        "flushes_per_commit": round(cost["flushes"] / commits, 3),
        "requests_per_commit": round(cost["requests"] / commits, 2),
    }


async def boot(lines: int = BOOT_LINES) -> list[Figure]:
    """Opening a journal whose last closing follows a million lines, beside one with a thousand."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-boot-") as folder:
        found = await asyncio.to_thread(bench_journal.boot_time, Path(folder), lines)
    return [Figure(f"boot after {lines:,} older lines / none", found["ratio"], "x", 1.2, detail=found)]


async def verify() -> list[Figure]:
    """Chain, numbering and Merkle tree of compacted segments; a cold read of each file is part of it.

    The best of some runs, as others may use the machine too; lines per second of processor time beside it.
    """
    with tempfile.TemporaryDirectory(prefix="kassd-bench-verify-") as folder:
        home = Path(folder) / "journal"
        bench_journal.write_history(home, VERIFY_LINES)
        runs = [_verify_once(home) for _ in range(VERIFY_RUNS)]
    walls, processor = [wall for wall, _ in runs], [cpu for _, cpu in runs]
    detail = {"lines": VERIFY_LINES, "per_s": walls, "per_processor_s": processor}
    return [
        Figure("verify, chain + seq + Merkle", max(walls), "lines/s", 200_000, at_least=True, detail=detail)
    ]


def _verify_once(home: Path) -> tuple[int, int]:
    """Lines per second of wall time and of processor time, other processes included. In a process of its own:
    those that it starts would import all of the bench."""
    command = [sys.executable, "-c", VERIFY, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    wall, processor = (float(each) for each in done.stdout.split())
    return round(VERIFY_LINES / wall), round(VERIFY_LINES / processor)


async def commit() -> list[Figure]:
    """A durable commit of the journal alone, beside a bare write with O_DSYNC of the same size."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-commit-") as folder:
        found = await asyncio.to_thread(bench_journal.commit_latency, Path(folder))
    return [Figure("journal commit, median", found["p50_ms"], "ms", 5.0, detail=found)]
