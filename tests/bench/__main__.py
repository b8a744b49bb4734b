"""``python -m tests.bench [NAME…] [OPTION…]``: the figures beside their targets.

Every figure is a ratio to, or stands beside, a baseline measured in the same run. The exit code is 1 when a
target is missed.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from tests.bench import (
    bench_audit,
    bench_decide,
    bench_disk,
    bench_export,
    bench_keys,
    bench_latency,
    bench_memory,
    bench_scanner,
    bench_start,
    bench_tse,
)
from tests.bench.figure import Figure
from tests.bench.kit import measured_bytecode

Measurement = Callable[[], Awaitable[list[Figure]]]


def measurements(full: bool, shop: Path | None = None) -> dict[str, Measurement]:
    """Every measurement by name."""
    return {
        "decide": bench_decide.decide_cost,
        "start": bench_start.start,
        "scan": bench_latency.scan,
        "keys": bench_keys.keys,
        "reading": bench_scanner.reading,
        "pay": bench_latency.pay,
        "tse": bench_tse.tse,
        "idle": bench_memory.idle,
        "memory": partial(bench_memory.memory, full),
        "commit": bench_disk.commit,
        "block": bench_disk.block,
        "boot": bench_disk.boot,
        "verify": bench_disk.verify,
        "export": partial(bench_export.export, full, shop),
        "audit": partial(bench_audit.audit, full, shop),
    }


def main() -> int:
    """Measure, print, write; returns the exit code."""
    known = list(measurements(False))
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; none: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results with all their detail")
    parser.add_argument(
        "--full",
        action="store_true",
        help="10,000 sales, export and audit of a year: no samples",
    )
    what = "export and audit what `kassd sim trade` has left there, instead of trade made up in this run"
    parser.add_argument("--shop", type=Path, metavar="DIR", help=what)
    parser.add_argument("--no-fail", action="store_true", help="exit code 0 also when a target is missed")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(known)):
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    figures: list[Figure] = []
    with measured_bytecode():
        for name, measure in measurements(arguments.full, arguments.shop).items():
            if name in (arguments.names or known):
                figures += _measured(name, measure)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(_report(figures, arguments.full), indent=2) + "\n", "utf-8")
    missed = [figure for figure in figures if not figure.met]
    print(f"{len(figures) - len(missed)} of {len(figures)} targets met")
    return 1 if missed and not arguments.no_fail else 0


def _measured(name: str, measure: Measurement) -> list[Figure]:
    """Run one measurement and print its rows."""
    load, began = os.getloadavg()[0], time.perf_counter()
    figures = asyncio.run(_run(measure))
    print(f"{name}  ({time.perf_counter() - began:.0f} s, load at its start {load:.1f})")
    for figure in figures:
        verdict = "met" if figure.met else "MISSED"
        sign = ">=" if figure.at_least else "<="
        value = f"{figure.value:,g} {figure.unit}"
        print(f"  {verdict:7}{figure.name:52}{value:>18}   {sign} {figure.target:,g}")
        for key, detail in figure.detail.items():
            print(f"           {key}: {json.dumps(detail)}")
    sys.stdout.flush()
    return figures


async def _run(measure: Measurement) -> list[Figure]:
    return await measure()


def _report(figures: list[Figure], full: bool) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "full": full,
        "figures": [figure.to_json() for figure in figures],
    }


if __name__ == "__main__":
    sys.exit(main())
