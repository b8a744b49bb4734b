"""T17: three closings, an old image of the card, more closings: numbers without a gap but for the recorded
skip, none used twice, none reset."""

import shutil
from typing import Any

import acts

from kassd.fiscal.audit import Audit, audit
from kassd.sim.world import World
from tests.fiscal.kit import exported


async def day(world: World, stock: int) -> int:
    """Open, sell once for cash, close; gives the cash that is left."""
    await acts.open_till(world, stock, None if stock == world.state("till")["float_expected"] else "private")
    sold = await acts.sell(world)
    await acts.close_till(world, stock + sold["total"])
    return int(stock + sold["total"])


def numbers(world: World) -> tuple[list[int], list[int]]:
    """(receipts, closings) in the journal's order."""
    receipts = [fact["number"] for fact in world.facts("sale.finished")]
    return receipts, [fact["number"] for fact in world.facts("till.closed")]


def seen(done: Audit) -> list[tuple[str, str]]:
    """What an audit finds."""
    return [(each.id, each.severity) for each in done.verdict.findings]


async def test_numbers_after_an_old_image_go_on_above_the_highest(world: World) -> None:
    stock = await day(world, 10_000)
    assert await world.stop() == 0
    journal, image = world.folder / "journal", world.folder / "image"
    shutil.copytree(journal, image)

    await world.restart()
    stock = await day(world, stock)
    stock = await day(world, stock)
    receipts, closings = numbers(world)
    assert closings == [1, 2, 3]
    assert receipts == list(range(1, len(receipts) + 1))
    await world.wait("journal/checkpoint", lambda d: d.get("receipt") == receipts[-1] and d["closing"] == 3)
    assert await world.stop() == 0

    shutil.rmtree(journal)
    image.rename(journal)
    old_receipts, old_closings = numbers(world)
    assert (old_closings, old_receipts) == ([1], receipts[: len(old_receipts)])
    await world.restart()
    await world.until(
        lambda: {fact["source"] for fact in world.facts("journal.rollback_seen")} >= {"broker", "tse"}
    )
    alert = await world.wait("alert/journal-rollback", lambda d: bool(d.get("severity")))
    assert "Nicht verkaufen" in alert["text_de"]
    for name, args in (("till.open", {"counted": stock}), ("sale.add", {"code": acts.BREAD})):
        assert await acts.refused(world, name, args) == "rollback_undecided"

    decided = await acts.done(world, "counters.resume", {"reason": "altes Abbild der Karte"})
    assert decided["result"]["closing"] == 3
    assert decided["result"]["receipt"] >= receipts[-1]
    await world.wait("alert/journal-rollback", lambda d: not d)
    (skip,) = world.facts("counters.skipped")
    assert (skip["first_closing"], skip["last_closing"]) == (2, 3)
    assert (skip["first_receipt"], skip["last_receipt"]) == (
        old_receipts[-1] + 1,
        decided["result"]["receipt"],
    )

    await day(world, stock)
    await world.restart(kill=True)
    assert not world.doc("alert/journal-rollback")
    await day(world, world.state("till")["float_expected"])
    after: tuple[list[int], list[int]] = numbers(world)
    new = after[0][len(old_receipts) :]
    assert new == list(range(skip["last_receipt"] + 1, skip["last_receipt"] + 1 + len(new)))
    assert after[1] == [1, 4, 5]
    assert not set(new) & set(receipts), "no number is used twice"
    z: dict[str, Any] = world.facts("till.closed")[1]
    rows = [row for s in z["document"]["sections"] for row in s["rows"] if s["title"].startswith("Ausgelass")]
    assert [row["label"] for row in rows][1:] == ["Abschlüsse 2 bis 3", "  Grund"]
    assert z["totals"]["skips"][0]["why"] == "altes Abbild der Karte"
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict
    exported(journal, world.folder / "dsfinvk")
    gap = [("B4", "error"), ("B5", "warning"), ("E2", "warning")]
    assert seen(audit(world.folder / "dsfinvk")) == gap
    with_journal = audit(world.folder / "dsfinvk", journals=[journal])
    assert seen(with_journal) == [gap[-1], ("B4", "info"), ("B5", "info")]
    assert "Z_NR 2 bis 3 sind ausgelassen" in with_journal.verdict.findings[1].message


async def test_an_empty_card_asks_for_the_last_z(world: World) -> None:
    """Nothing left but the TSE: it knows how many receipts there can be, the paper knows the closing."""
    await day(world, 10_000)
    assert await world.stop() == 0
    used = numbers(world)[0]
    shutil.rmtree(world.folder / "journal")
    for index in world.folder.glob("index.sqlite*"):  # it lay on the same card
        index.unlink()
    assert world.observer is not None
    await world.restart()
    await world.until(
        lambda: {f["source"] for f in world.facts("journal.rollback_seen")} >= {"broker", "tse"}
    )
    decided = await acts.done(world, "counters.resume", {"reason": "neue Karte", "closing": 1})
    assert decided["result"] == {"receipt": used[-1], "closing": 1, "epoch": 2}
    await day(world, 0)
    receipts, closings = numbers(world)
    assert receipts[0] == used[-1] + 1
    assert closings == [2]
    assert world.verify().ok
