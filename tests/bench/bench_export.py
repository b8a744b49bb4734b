"""DSFinV-K: how long a year takes, in how much memory, and whether ten times as much costs ten times as much.

The trade is made up in the same run (``kassd.sim.trade``), or was before: ``--shop`` names the folder that
``kassd sim trade`` has left. ``--full``: a whole year of more than 100,000 receipts; else some days, told per
100,000 receipts.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from kassd import settings
from kassd.sim.trade import SHOPS, generate, write_setup
from tests.bench.figure import Figure

SHOP, FIRST, DENSITY, SEED = SHOPS["bakery"], date(2025, 1, 2), 1.6, 7
DAYS, FULL_DAYS = 20, 364
SHARE, REPEATS = 10, 3
RUN = """
import json, resource, sys, time
from pathlib import Path
from kassd.fiscal.dsfinvk import Source, export_dsfinvk
from kassd.fiscal.rows import Period
journal, out, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) or None
usage = lambda: resource.getrusage(resource.RUSAGE_SELF)
began, before = time.perf_counter(), usage()
made = export_dsfinvk([Source(journal, Period(last_number=last))], out, made_at="", software="")
after, wall = usage(), time.perf_counter() - began
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
peak = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM"))
print(json.dumps({"wall_s": wall, "cpu_s": cpu, "mib": int(peak.split()[1]) / 1024,
                  "receipts": made.receipts, "closings": len(made.closings)}))
"""


async def export(full: bool = False, shop: Path | None = None) -> list[Figure]:
    """Time, memory, growth."""
    with tempfile.TemporaryDirectory(prefix="kassd-bench-") as folder:
        return await asyncio.to_thread(_measured, Path(folder), full, shop)


def shop_with_trade(folder: Path, full: bool, shop: Path | None) -> Path:
    """The folder of a shop: ``kassd.toml``, ``journal``, the archives of its TSEs (``*.tar``)."""
    if shop is None:
        shop = folder / "shop"
        config = settings.flatten(settings.load(write_setup(SHOP, shop)))
        generate(SHOP, shop, config, FIRST, FULL_DAYS if full else DAYS, SEED, DENSITY)
    return shop


def _measured(folder: Path, full: bool, shop: Path | None) -> list[Figure]:
    journal = shop_with_trade(folder, full, shop) / "journal"
    whole, part = _in_turns(journal, folder)
    rate = whole["wall_s"] / whole["receipts"] * 100_000
    growth = (whole["cpu_s"] / whole["receipts"]) / (part["cpu_s"] / part["receipts"])
    return [
        Figure("DSFinV-K of 100,000 receipts", round(rate, 1), "s", 60, detail=_rounded(whole)),
        Figure("memory of a DSFinV-K export", round(whole["mib"], 1), "MiB", 150),
        Figure(
            f"cost of a receipt, {SHARE} times as many against one part",
            round(growth, 3), "", 1.1, detail=_rounded(part),
        ),
    ]  # fmt: skip


def _in_turns(journal: Path, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The best of each: once the whole, then the part as often as it takes to be as long under way, and to
    meet as much of what else the machine does; that only adds."""
    wholes: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for turn in range(REPEATS):
        wholes.append(_run(journal, folder / f"whole-{turn}", 0))
        last = max(1, wholes[0]["closings"] // SHARE)
        runs = [_run(journal, folder / f"part-{turn}-{n}", last) for n in range(SHARE)]
        parts.append({key: sum(run[key] for run in runs) / SHARE for key in runs[0]})
    return _least(wholes), _least(parts)


def _least(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: min(run[key] for run in runs) for key in runs[0]}


def _run(journal: Path, out: Path, last: int) -> dict[str, Any]:
    command = [sys.executable, "-c", RUN, str(journal), str(out), str(last)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found: dict[str, Any] = json.loads(result.stdout)
    shutil.rmtree(out)
    return found


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 2) for key, value in values.items()}


__all__ = ["export", "shop_with_trade"]
