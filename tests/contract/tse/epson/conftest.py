"""A simulated host per test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kassd.sim.tse.epson import EpsonSim
from kassd.tse.epson import EpsonTse
from tests.tse.epson.kit import ready, simulated


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[EpsonSim]:
    with simulated(tmp_path) as made:
        yield made


@pytest.fixture
async def tse(sim: EpsonSim) -> AsyncIterator[EpsonTse]:
    made = await ready(sim)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs are short here: no half second more for the host."""
    monkeypatch.setattr("kassd.tse.epson.host.GRACE_S", 0.05)
