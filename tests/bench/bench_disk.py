"""What a sale costs the disk, and what a long history costs a boot and an auditor."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kassd.journal import read_lines
from tests.bench import bench_journal
from tests.bench.daemon import TALLY
from tests.bench.figure import Figure
from tests.bench.kit import CASH, CODES, SALE, alone, heard, opened

SALES = 40
LINES = 8
KIB, FLUSHES = 8.0, 1.0
BOOT_LINES = 1_000_000
VERIFY_LINES = 200_000


async def block() -> list[Figure]:
    """Bytes and flushes at the block device for each commit of whole sales, align = 4096. Needs root.

    The journal lies on a file system of its own on a loop device; TSE, slips and logs lie elsewhere.
    """
    if os.geteuid() != 0 or not (shutil.which("mkfs.ext4") and shutil.which("losetup")):
        raise SystemExit("bench block: needs root, mkfs.ext4 and losetup for a block device of its own")
    with tempfile.TemporaryDirectory(prefix="kassd-bench-disk-") as folder:
        with bench_journal.private_ext4(Path(folder)) as (mount, stat):
            return await _whole_sales(Path(folder) / "world", mount, stat)


async def _whole_sales(folder: Path, mount: Path, stat: Path) -> list[Figure]:
    home = mount / "journal"
    home.mkdir()
    folder.mkdir()
    (folder / "journal").symlink_to(home)
    tally = folder / "tally"
    options: dict[str, Any] = {"module": "tests.bench.daemon", "environment": {TALLY: str(tally)}}
    async with opened(folder=folder, tse_latency_ms=0, **options) as world:
        await asyncio.sleep(2)  # spare segment and first checkpoint are written
        os.sync()
        before, lines = bench_journal.counters(stat), _lines(home)
        async with alone(world, SALE) as ear:
            for _ in range(SALES):
                for number in range(LINES):
                    world.scan(CODES[number % len(CODES)])
                    await heard(ear, SALE, lambda d, n=number: d["status"] == "open" and len(d["lines"]) == n + 1)
                world.scan(CASH)
                await heard(ear, SALE, lambda d: d["status"] == "done")
                await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        requests, size, flushes = (b - a for a, b in zip(before, bench_journal.counters(stat), strict=True))
        lines = _lines(home) - lines
        await world.stop()
    return _figures(tally, requests, size, flushes, lines)
