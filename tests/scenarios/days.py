"""Three days of trade: an outage on the first, a power cut and a change of the TSE on the second."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import acts
from turned_clock import Calendar

from kassd.sim.world import World
from kassd.tse.soft import Fault

ARCHIVE_S = 120.0


def turned(world: World, calendar: Calendar, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """``kassd`` with these words, on the day that it is at the register."""
    return subprocess.run(
        [sys.executable, "-m", "turned_clock", "--config", str(world.config), *map(str, words)],
        env={**os.environ, **calendar.environment},
        capture_output=True,
        text=True,
        check=False,
    )


async def three_days(world: World, calendar: Calendar, usb: Path) -> tuple[date, date, date]:
    """Trade, the till closed in between, the TSE's archive complete; gives the business days."""
    await world.start()
    await acts.open_till(world)
    await acts.sell(world)
    world.tse_faults(Fault("gone"))
    assert (await acts.sell(world, acts.COFFEE))["outage"]
    await acts.tse_back(world)
    await acts.sell(world, type="card")
    await close(world, 10_670)

    await next_day(world, calendar, 1)
    await acts.open_till(world, 10_670, None)
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    sale = await acts.done(world, "sale.add", {"code": acts.COFFEE})
    await world.restart(kill=True)
    await world.wait(
        "state/sale/main", lambda d: d["id"] == sale["result"]["sale"] and d["boot"] == world.boot
    )
    await acts.done(world, "sale.void_line")
    await acts.pay(world, sale["result"]["sale"])
    await acts.done(world, "sale.add", {"code": acts.COFFEE})
    await acts.done(world, "sale.abort")
    await acts.settled(world)
    await acts.done(world, "cash.out", {"amount": 1_000, "kind": "private", "reason": "Einkauf"})
    await acts.settled(world)
    await close(world, 10_060)
    assert await world.stop() == 0
    swap(world, calendar, usb)

    await next_day(world, calendar, 2)
    await acts.open_till(world, 10_060, None)
    await acts.sell(world)
    await close(world, 10_450)
    first, second, third = (date.fromisoformat(fact["business_day"]) for fact in world.facts("till.closed"))
    assert len({fact["serial_number"] for fact in world.facts("tse.bound")}) == 2
    return first, second, third


async def close(world: World, cash: int) -> None:
    """Close the till and wait until the TSE's log is archived."""
    count = len(world.facts("tse.archived"))
    await acts.close_till(world, cash)
    await world.until(lambda: len(world.facts("tse.archived")) > count, ARCHIVE_S, "the TSE's archive")


async def next_day(world: World, calendar: Calendar, days: int) -> None:
    """The register sleeps over night."""
    if world.running:
        assert await world.stop() == 0
    calendar.turn(days)
    await world.start()


def swap(world: World, calendar: Calendar, usb: Path) -> None:
    """Replace the TSE by a new one, as ``kassd tse swap`` asks for it."""
    usb.mkdir()
    done = turned(world, calendar, "tse", "swap", "--yes", "--copy", usb, "--reason", "Test")
    assert (done.returncode, "einsetzen" in done.stderr) == (75, True), done
    world.stage.tse_store.rename(world.folder / "tse-old")
    done = turned(world, calendar, "tse", "swap", "--yes")
    assert done.returncode == 0, done.stderr


def rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a file of an export."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def cents(text: str) -> int:
    """``-12,34000`` in cents; nothing is below them."""
    whole, _, part = text.partition(",")
    part = part.ljust(5, "0")
    assert part[2:] == "0" * (len(part) - 2), text
    return (-1 if text.startswith("-") else 1) * (abs(int(whole)) * 100 + int(part[:2]))


def today() -> date:
    return datetime.now().date()
