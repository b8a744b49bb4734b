"""A process that signs is killed at random moments; what it told must be there, and nothing twice."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from kassd.tse.log import verify_tar
from kassd.tse.log.messages import TransactionData, parse
from kassd.tse.log.tar import TarReader
from tests.tse.soft.helpers import collect, ready

CLIENT = "KASSE-0007"
CHILD = """
import asyncio, sys
from kassd.tse.port import Secrets
from kassd.tse.soft import SoftTse

async def main():
    tse = SoftTse(sys.argv[1], secrets=Secrets("11111", "22222", "3333333333", "4444444444"), latency_s=0)
    await tse.open()
    await tse.self_test("KASSE-0007")
    await tse.set_time(1790000000)
    for number in await tse.open_transactions():
        await tse.finish(number, "KASSE-0007", "t", b"left over")
    print("ready", flush=True)
    while True:
        signed = await tse.start("KASSE-0007")
        print("start", signed.transaction_number, signed.signature_counter, flush=True)
        signed = await tse.finish(signed.transaction_number, "KASSE-0007", "t", b"d")
        print("finish", signed.transaction_number, signed.signature_counter, flush=True)
        if signed.transaction_number % 7 == 0:
            async for _ in tse.export():
                pass
            print("export", flush=True)

asyncio.run(main())
"""


def told_before_death(folder: Path, pause: float) -> set[tuple[str, int, int]]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(pause)
    os.kill(child.pid, signal.SIGKILL)
    lines = [line.split() for line in child.stdout if line.endswith("\n")]
    child.stdout.close()
    child.wait()
    return {(f[0], int(f[1]), int(f[2])) for f in lines if len(f) == 3}


async def test_killed_at_random(tmp_path: Path) -> None:
    await (await ready(tmp_path)).close()
    rng, told = random.Random(3), set[tuple[str, int, int]]()
    for _ in range(8):
        fresh = told_before_death(tmp_path, rng.uniform(0, 0.12))
        assert not {counter for _, _, counter in fresh} & {counter for _, _, counter in told}
        told |= fresh
    tse = await ready(tmp_path)
    raw = await collect(tse.export())
    verdict = verify_tar(io.BytesIO(raw))
    await tse.close()
    assert verdict.ok, verdict.findings
    assert not [f for f in verdict.findings if f.severity == "warning"]
    stored = set()
    for member in TarReader().feed(raw):
        message = parse(member.data) if member.name.endswith(".log") else None
        if message is not None and isinstance(message.data, TransactionData):
            data = message.data
            stored.add((data.operation, data.transaction_number, message.signature_counter))
    assert told <= stored
    assert len(told) > 20
