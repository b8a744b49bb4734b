"""A stick saves the shop: copied beside the running register, restored after the card has died."""

import asyncio
import json
import shutil
from pathlib import Path

import acts

from kassd.sim.world import World
from tests.cli import kit


async def kassd(world: World, *words: str | Path) -> kit.Done:
    return await asyncio.to_thread(kit.kassd, *words, config=world.config)


async def test_from_the_stick_the_register_goes_on(world: World, tmp_path: Path) -> None:
    await acts.open_till(world)
    await acts.sell(world)
    await acts.done(world, "till.close", {"count": {"5000": 2, "100": 3, "50": 1}, "reason": "Probe"})
    await world.until(lambda: bool(world.facts("till.closed")) and bool(world.facts("tse.archived")))
    await acts.open_till(world, 10_350, None)
    await acts.sell(world)
    (tmp_path / "stick").mkdir()
    copied = await kassd(world, "archive", "copy", tmp_path / "stick")
    assert copied.returncode == 0, copied.stderr + copied.stdout
    await world.until(lambda: any(fact["what"] == "archive-copy" for fact in world.facts("export.made")))
    checked = await kassd(world, "archive", "verify", tmp_path / "stick", "--json")
    assert json.loads(checked.stdout)["findings"] == []

    await acts.sell(world)  # after the copy
    lost = world.facts("sale.finished")[-1]["number"]
    assert await world.stop() == 0
    shutil.rmtree(world.stage.journal)

    back = await kassd(world, "restore", tmp_path / "stick", "--to", tmp_path / "back", "--json")
    assert back.returncode == 0, back.stderr
    told = json.loads(back.stdout)
    assert told["receipt"] == lost - 1
    assert {finding["source"] for finding in told["newer"]} == {"der Prüfpunkt beim Broker", "die TSE"}
    assert told["not_asked"] == []
    (tmp_path / "back" / "journal").rename(world.stage.journal)

    await world.restart()
    await world.until(
        lambda: {fact["source"] for fact in world.facts("journal.rollback_seen")} >= {"broker", "tse"}
    )
    assert await acts.refused(world, "sale.add", {"code": acts.BREAD}) == "rollback_undecided"
    decided = await acts.done(world, "counters.resume", {"reason": "Karte defekt, vom Stick"})
    assert decided["result"]["receipt"] >= lost
    sale = await acts.sell(world)
    assert int(sale["receipt"]) > lost
    assert world.verify().ok
    paper = await kassd(world, "docs", "procedure", "--out", tmp_path / "x.md")
    assert paper.returncode == 0, paper.stderr
    text = (tmp_path / "x.md").read_text("utf-8")
    assert "| Karte defekt, vom Stick |" in text
    assert f"| {lost}–{decided['result']['receipt']} |" in text
