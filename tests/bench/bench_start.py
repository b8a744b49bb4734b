"""From exec to ``online``, in units of an interpreter that imports asyncio and nothing else."""

import time

from tests.bench.figure import Figure, percentile, spread
from tests.bench.kit import ONLINE, alone, opened, seconds_of

TARGET = 8.0
ROUNDS = 15


async def start(rounds: int = ROUNDS) -> list[Figure]:
    """Everything attached, a journal with an open day. Baseline and register take turns."""
    bare: list[float] = []
    register: list[float] = []
    async with opened() as world:
        for count in range(rounds + 1):
            await world.stop()
            plain = seconds_of("-c", "import asyncio")
            async with alone(world, ONLINE) as ear:
                ear.drain()
                began = time.perf_counter()
                await world.spawn()
                at, _ = ear.wait(ONLINE, lambda d: d["online"])
            await world.ready()
            if count:  # the first round warms caches
                bare.append(plain)
                register.append(at - began)
    ratio = percentile(register, 50) / percentile(bare, 50)
    detail = {"online_ms": spread(register), "import_asyncio_ms": spread(bare)}
    return [Figure("exec to online / import asyncio", round(ratio, 2), "x", TARGET, detail=detail)]
