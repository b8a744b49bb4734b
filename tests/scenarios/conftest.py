"""Worlds that end with their test, and the command line."""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from acts import MakeWorld

from kassd.sim.world import World
from tests.cli import kit
from tests.nursery import nursery


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    """Make worlds that are taken down with the test; not started yet. The TSE answers in 5 ms."""
    numbers = itertools.count()
    async with AsyncExitStack() as made:

        def make(**options: Any) -> World:
            folder = tmp_path / f"world-{next(numbers)}"
            world = World(folder, **({"tse_latency_ms": 5, "launch": nursery().start} | options))
            made.push_async_callback(world.close)
            return world

        yield make


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A register that sells, the till still closed."""
    world = make_world()
    await world.start()
    return world


@pytest.fixture
def kassd() -> Callable[..., tuple[int, Any]]:
    """Run ``kassd … --json``; gives exit code and document."""

    def call(*arguments: str | Path) -> tuple[int, Any]:
        done = kit.kassd(*arguments, "--json")
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return call
