"""The TSE's archive: each closing brings the new log messages home, whatever comes in between."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import acts

from kassd.sim.world import World
from kassd.tse.log import verify_tar
from kassd.tse.soft import Fault

ARCHIVE_S = 30.0


def place(world: World) -> Path:
    return world.folder / "tse-archive"


async def archived(world: World, count: int) -> list[dict[str, Any]]:
    """Wait until so many archives stand in the journal."""
    await world.until(lambda: len(world.facts("tse.archived")) >= count, ARCHIVE_S, f"{count} archives")
    return world.facts("tse.archived")


async def trade(world: World, *, carried: int = 0, sales: int = 2) -> int:
    """A short day; gives the cash left in the till."""
    await acts.open_till(world, carried, source=None)
    for _ in range(sales):
        await acts.sell(world)
    cash = carried + sales * 390
    await acts.close_till(world, cash)
    return cash


def check_parts(world: World, facts: list[dict[str, Any]]) -> None:
    """Each file is the one the journal names, verifies, and goes on where the one before ended."""
    last = None
    for fact in facts:
        path = place(world) / fact["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == fact["sha256"]
        assert path.stat().st_size == fact["size"]
        assert verify_tar(path).ok
        assert fact["messages"] == fact["last"] - fact["first"] + 1
        assert last is None or fact["first"] == last + 1
        assert not fact.get("findings")
        last = fact["last"]
    assert not list(place(world).rglob("*.part"))


async def test_each_closing_is_archived_and_read_back(world: World) -> None:
    cash = await trade(world)
    await archived(world, 1)
    await trade(world, carried=cash, sales=1)
    facts = await archived(world, 2)
    check_parts(world, facts)
    assert facts[0]["first"] == 1
    await world.until(lambda: world.facts("tse.read_back"), ARCHIVE_S, "read back")
    (read,) = world.facts("tse.read_back")
    assert not read.get("problem")
    assert not world.doc("alert/tse-archive-findings")
    assert await world.stop() == 0
    await archived(world, 2)
    archive, _ = await world.tse_archive()
    assert facts[-1]["last"] == archive.count(b"_Log-") or facts[-1]["last"] > 0


async def test_a_customer_does_not_wait_for_an_export_that_hangs(world: World) -> None:
    world.tse_faults(Fault("silent", ("export",)))
    cash = await trade(world)
    await asyncio.sleep(3)  # the quiet moment has come, the export hangs
    world.tse_faults()
    await acts.open_till(world, cash, source=None)
    sold = await acts.sell(world)
    assert not sold.get("outage")
    await acts.close_till(world, cash + 390)
    check_parts(world, await archived(world, 1))
