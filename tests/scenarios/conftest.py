"""Worlds that end with their test, and the real command line."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from acts import MakeWorld

from kassd.sim.world import World


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    """Make worlds that are taken down with the test; not started yet. The TSE answers in 5 ms."""
    made: list[World] = []

    def make(**options: Any) -> World:
        folder = tmp_path / f"world-{len(made)}"
        made.append(World(folder, **({"tse_latency_ms": 5} | options)))
        return made[-1]

    yield make
    for world in made:
        await world.close()


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A register that sells, the till still closed."""
    world = make_world()
    await world.start()
    return world


@pytest.fixture(scope="session", autouse=True)
def demo_day(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, "subprocess.Popen[str]"] | None]:
    """``kassd demo --script day``, begun with the session: it mostly waits, and the others need not."""
    if not any("played" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    folder = tmp_path_factory.mktemp("day")
    command = [sys.executable, "-m", "kassd", "demo", "--script", "day", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        yield folder, process
        process.terminate()


@pytest.fixture
def kassd() -> Callable[..., tuple[int, Any]]:
    """Run ``kassd … --json`` as a process; gives exit code and document."""

    def call(*arguments: str | Path) -> tuple[int, Any]:
        command = [sys.executable, "-m", "kassd", *map(str, arguments), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return call
