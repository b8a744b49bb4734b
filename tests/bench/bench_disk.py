"""What a sale costs the disk, and what a long history costs a boot and an auditor."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import bench_journal
from tests.bench.figure import Figure
from tests.bench.kit import CASH, CODES, SALE, alone, heard, opened, tally_of

SALES = 40
LINES = 8
BOOT_LINES = 1_000_000
VERIFY_LINES = 200_000


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
        lone = await asyncio.to_thread(bench_journal.block_cost, Path(tempfile.mkdtemp(dir=folder)))
    return [
        Figure("block device, KiB a commit of a sale", cost["kib_per_commit"], "KiB", 8.0, detail=cost),
        Figure("block device, flushes a commit", cost["flushes_per_commit"], "", 1.0, detail=lone),
    ]


async def _whole_sales(folder: Path, stat: Path) -> dict[str, Any]:
    async with opened(folder, tally=True, tse_latency_ms=0) as world:
        await asyncio.sleep(2)  # spare segment and first checkpoint are written
        os.sync()
        commits = (await tally_of(world))["commits"]
        before = bench_journal._counters(stat)
        async with alone(world, SALE) as ear:
            for _ in range(SALES):
                for number in range(1, LINES + 1):
                    world.scan(CODES[number % len(CODES)])
                    await heard(ear, SALE, lambda d, n=number: d["status"] == "open" and len(d["lines"]) == n)
                world.scan(CASH)
                await heard(ear, SALE, lambda d: d["status"] == "done")
                await asyncio.sleep(0.1)
        after = bench_journal._counters(stat)
        commits = (await tally_of(world))["commits"] - commits
        await world.stop()
    requests, size, flushes = (b - a for a, b in zip(before, after, strict=True))
    return {
        "sales": SALES,
        "commits": commits,
        "commits_per_sale": round(commits / SALES, 1),
        "kib_per_commit": round(size / commits / 1024, 2),
        "flushes_per_commit": round(flushes / commits, 3),
        "requests_per_commit": round(requests / commits, 2),
    }


async def boot(lines: int = BOOT_LINES) -> list[Figure]:
    """Opening a journal whose last closing follows a million lines, beside one with a thousand."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-boot-") as folder:
        found = await asyncio.to_thread(bench_journal.boot_time, Path(folder), lines)
    return [Figure(f"boot after {lines:,} older lines / none", found["ratio"], "x", 1.2, detail=found)]


async def verify(lines: int = VERIFY_LINES) -> list[Figure]:
    """Chain, numbering and Merkle tree of compacted segments; strict JSON beside it."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-verify-") as folder:
        found = await asyncio.to_thread(bench_journal.verify_rate, Path(folder), lines)
    rate = found["chain_merkle_per_s"]
    return [Figure("verify, chain + seq + Merkle", rate, "lines/s", 200_000, at_least=True, detail=found)]


async def commit() -> list[Figure]:
    """A durable commit of the journal alone, beside a bare write with O_DSYNC of the same size."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-commit-") as folder:
        found = await asyncio.to_thread(bench_journal.commit_latency, Path(folder))
    return [Figure("journal commit, median", found["p50_ms"], "ms", 5.0, detail=found)]
