"""Figures of the journal: each function returns a JSON-able dict; run as a script it prints all of them.

The block device's cost needs root and a loop device: the file system is private, so its counters are exact.
"""

import asyncio
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kassd.journal import Entry, Journal, verify_journal
from kassd.journal.chain import Chain, Pending
from kassd.journal.line import chain as chain_hash
from kassd.journal.line import close_line, encode_body, genesis
from kassd.journal.merkle import Frontier, leaf_hash
from kassd.journal.note import Signer
from kassd.journal.segments import SEGMENT_SIZE

ORIGIN = "KASSE-BENCH"
LINES_PER_SEGMENT = 1000


def _now() -> tuple[str, int, str]:
    return "2026-01-02T08:00:00.000000Z", 1, "0011223344556677"


def _entry(number: int, closes: bool = False) -> Entry:
    """About 900 bytes, as a receipt has."""
    rows = [
        {"n": n, "text": "Körnerbrötchen", "quantity": "2.000", "amount": 118, "vat": 2} for n in range(8)
    ]
    facts = [{"kind": "sale.finished", "data": {"receipt": str(number), "lines": rows, "total": 944}}]
    return Entry("2026-01-02T08:00:00.000000Z", number, "0011223344556677", facts, [], closes=closes)


def commit_latency(directory: Path, commits: int = 1000) -> dict[str, Any]:
    """Milliseconds from ``append`` to durable, line by line; ``probe`` is a bare O_DSYNC write beside it."""

    async def run() -> list[float]:
        journal, _ = await Journal.open(directory / "latency", ORIGIN)
        times = []
        for number in range(commits):
            began = time.perf_counter()
            await journal.append(_entry(number))
            times.append((time.perf_counter() - began) * 1000)
        await journal.close()
        return times

    times, probe = sorted(asyncio.run(run())), sorted(_probe(directory, commits // 4))
    return {
        "commits": commits,
        "p50_ms": round(times[len(times) // 2], 3),
        "p99_ms": round(times[int(len(times) * 0.99)], 3),
        "max_ms": round(times[-1], 3),
        "probe_p50_ms": round(probe[len(probe) // 2], 3),
        "probe_p99_ms": round(probe[int(len(probe) * 0.99)], 3),
    }


def _probe(directory: Path, writes: int) -> list[float]:
    """The same disk without a journal: 4096 bytes into a zeroed file."""
    path = directory / "probe"
    path.write_bytes(bytes(writes * 4096))
    handle = os.open(path, os.O_RDWR | os.O_DSYNC)
    os.fsync(handle)
    times = []
    for number in range(writes):
        began = time.perf_counter()
        os.pwrite(handle, b"x" * 4096, number * 4096)
        times.append((time.perf_counter() - began) * 1000)
    os.close(handle)
    return times


def write_history(directory: Path, lines: int) -> None:
    """A journal of ``lines`` lines in compacted segments that ends with a closing, made without a daemon."""
    directory.mkdir(parents=True, mode=0o700)
    signer = Signer(ORIGIN, bytes(32))
    (directory / "key").write_text(signer.dump())
    chain = Chain(0, genesis(ORIGIN), Frontier(), SEGMENT_SIZE, 0)
    data = {"origin": ORIGIN, "public_key": signer.vkey, "epoch": 1, "format": 1}
    rows: list[Pending] = [chain.add(Entry(*_now(), [{"kind": "journal.created", "data": data}], []))]
    body = encode_body(0, _entry(0)).removeprefix(b'{"v":1,"seq":0')
    while rows:
        raws = [row.raw for row in rows]
        while chain.seq < lines and len(raws) < LINES_PER_SEGMENT:
            raws.append(_fast_add(chain, b'{"v":1,"seq":%d' % chain.seq + body))
        closes = chain.seq >= lines
        if closes:
            raws.append(chain.add(_entry(chain.seq, closes=True)).raw)
        first = chain.first
        raws.append(chain.seal(*_now(), closes=closes, capacity=SEGMENT_SIZE).raw)
        with (directory / f"{first:012d}.jsonl.gz").open("wb") as file:
            file.write(_packed(b"".join(raw + b"\n" for raw in raws)))
        rows = [] if closes else [chain.add(_entry(chain.seq))]


def _fast_add(chain: Chain, body: bytes) -> bytes:
    """As ``Chain.add``, for a body that is known to be good."""
    chain.h = chain_hash(chain.h, body)
    raw = close_line(body, chain.h)
    chain.frontier.append(leaf_hash(raw))
    chain.content.update(raw + b"\n")
    chain.seq += 1
    return raw


def _packed(raw: bytes) -> bytes:
    packed = gzip.compress(raw, compresslevel=1, mtime=0)
    return packed[:8] + b"\x00\x03" + packed[10:]


def verify_rate(directory: Path, lines: int = 100_000) -> dict[str, Any]:
    """Lines per second of ``verify``, compacted segments: chain, numbering, Merkle; then with strict JSON."""
    home = directory / "verify"
    write_history(home, lines)
    began = time.perf_counter()
    fast = verify_journal(home, deep=False)
    middle = time.perf_counter()
    deep = verify_journal(home)
    end = time.perf_counter()
    if not (fast.ok and deep.ok):
        raise SystemExit(f"verify: {deep.render()}")
    return {
        "lines": fast.checked,
        "chain_merkle_per_s": round(fast.checked / (middle - began)),
        "strict_json_per_s": round(deep.checked / (end - middle)),
    }


def boot_time(directory: Path, lines: int = 1_000_000, repeats: int = 9) -> dict[str, Any]:
    """Milliseconds to open a journal whose last closing follows ``lines`` lines, and one with few."""
    few, many = directory / "few", directory / "many"
    write_history(few, LINES_PER_SEGMENT)
    write_history(many, lines)
    times: dict[str, list[float]] = {"few": [], "many": []}

    async def open_once(home: Path) -> float:
        began = time.perf_counter()
        journal, recovery = await Journal.open(home, ORIGIN)
        count = sum(1 for _ in recovery.lines)
        took = (time.perf_counter() - began) * 1000
        await journal.close()
        if count > 10:
            raise SystemExit(f"boot: {count} lines read")
        return took

    for _ in range(repeats + 1):
        for name, home in (("few", few), ("many", many)):
            times[name].append(asyncio.run(open_once(home)))
    best = {name: sorted(values[1:])[repeats // 2] for name, values in times.items()}
    return {
        "lines": lines,
        "few_ms": round(best["few"], 2),
        "many_ms": round(best["many"], 2),
        "ratio": round(best["many"] / best["few"], 3),
    }


@contextmanager
def private_ext4(directory: Path, size_mib: int = 256) -> Iterator[tuple[Path, Path]]:
    """A fresh ext4 on a loop device: its mount point and the device's ``stat`` file. Needs root."""
    image, mount = directory / "disk.img", directory / "disk"
    with image.open("wb") as file:
        file.truncate(size_mib * 1024 * 1024)
    quiet = ["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"]
    subprocess.run(["mkfs.ext4", *quiet, str(image)], check=True)
    found = subprocess.run(
        ["losetup", "--find", "--show", "--direct-io=on", str(image)],
        check=True,
        capture_output=True,
        text=True,
    )
    device = found.stdout.strip()
    mount.mkdir()
    try:
        subprocess.run(["mount", "-o", "noatime", device, str(mount)], check=True)
        yield mount, Path("/sys/block") / Path(device).name / "stat"
    finally:
        subprocess.run(["umount", str(mount)], check=False)
        subprocess.run(["losetup", "--detach", device], check=False)


def _counters(stat: Path) -> tuple[int, int, int]:
    """Write requests, bytes written, flushes."""
    fields = [int(text) for text in stat.read_text().split()]
    return fields[4], fields[6] * 512, fields[15]


def block_cost(directory: Path, commits: int = 500, align: int = 4096) -> dict[str, Any]:
    """What a commit costs the device: steady (the path of a sale), and over segments with all chores."""
    with private_ext4(directory) as (mount, stat):
        steady = asyncio.run(_block_cost(mount / "a", stat, commits, align, warm=True))
        whole = asyncio.run(_block_cost(mount / "b", stat, 2100, align, warm=False))
    return {"align": align, "steady": steady, "with_all_chores": whole}


async def _block_cost(home: Path, stat: Path, commits: int, align: int, warm: bool) -> dict[str, Any]:
    journal, _ = await Journal.open(home, ORIGIN, align=align)
    if warm:
        await journal.append(_entry(0))
        await asyncio.sleep(1)  # the spare segment and the first checkpoint are written
    os.sync()
    before = _counters(stat)
    for number in range(commits):
        await journal.append(_entry(number))
        if not warm and number % 50 == 0:
            await asyncio.sleep(0.05)
    if not warm:
        await asyncio.sleep(1)
        os.sync()
    requests, size, flushes = (b - a for a, b in zip(before, _counters(stat), strict=True))
    await journal.close()
    return {
        "commits": commits,
        "kib_per_commit": round(size / commits / 1024, 2),
        "flushes_per_commit": round(flushes / commits, 3),
        "requests_per_commit": round(requests / commits, 2),
    }


def run_all(directory: Path) -> dict[str, Any]:
    """Every figure of this module."""
    figures: dict[str, Any] = {
        "commit_latency": commit_latency(directory),
        "verify_rate": verify_rate(directory),
        "boot_time": boot_time(directory),
    }
    if os.geteuid() == 0 and shutil.which("mkfs.ext4") and shutil.which("losetup"):
        figures["block_cost"] = block_cost(directory)
    else:
        figures["block_cost"] = {"not_measured": "needs root, mkfs.ext4 and losetup"}
    return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as place:
        print(json.dumps(run_all(Path(place)), indent=2))
