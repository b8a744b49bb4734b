"""T18: void, abort, copy, drawer, outage, cash in and out, X report: each with count and sum on the Z."""

import asyncio
import sys
from typing import Any

import acts

from kassd.sim.world import World
from kassd.tse.soft import Fault


def events(world: World) -> dict[str, tuple[int, int | None]]:
    """Label → (count, sum) of the newest Z's events."""
    document: dict[str, Any] = world.facts("till.closed")[-1]["document"]
    (section,) = [s for s in document["sections"] if s["title"] == "Vorgänge"]
    return {row["label"]: (row["count"], row.get("amount")) for row in section["rows"]}


async def exported(world: World) -> int:
    """``kassd export journal`` beside the running register."""
    out = str(world.folder / "export")
    command = ("--config", str(world.config), "export", "journal", "--out", out)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "kassd", *command)
    return await process.wait()


async def test_everything_that_happened_stands_on_the_z(world: World) -> None:
    await acts.open_till(world, 10_000)
    await acts.done(world, "operator.login", {"operator": "Anna"})
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    void = await acts.done(world, "sale.add", {"code": acts.COFFEE})
    coffee = void["result"]["total"]
    await acts.done(world, "sale.void_line", {})
    sold = await acts.pay(world, void["result"]["sale"])
    bread = sold["total"]
    coffee -= bread

    await acts.done(world, "sale.add", {"code": acts.COFFEE})
    await acts.done(world, "sale.abort", {})
    await world.wait("state/sale/main", lambda d: d["status"] == "aborted")
    await acts.done(world, "drawer.open", {"reason": "Wechseln"})
    await acts.done(world, "receipt.reprint", {})
    await acts.done(world, "till.report", {})
    assert await exported(world) == 0
    await acts.done(world, "till.count", {"count": {"10000": 1, "1": bread}})
    await acts.done(
        world, "cash.out", {"amount": 500, "kind": "expense", "reason": "Blumen", "voucher": "R 7"}
    )
    await acts.settled(world)

    await world.restart(kill=True)
    world.tse_faults(Fault("gone"))
    await acts.sell(world)
    await world.wait("alert/tse-outage", lambda d: bool(d.get("severity")))
    world.tse_faults()
    await world.wait("alert/tse-outage", lambda d: not d, timeout=20)
    cash = 10_000 + 2 * bread - 500
    await acts.close_till(world, cash)

    shown = events(world)
    assert shown["Belege"] == (2, 2 * bread)
    assert shown["Positionsstornos"] == (1, -coffee)
    assert shown["Abbrüche"] == (1, coffee)
    assert shown["Ohne TSE-Signatur (Ausfall)"] == (1, bread)
    assert shown["Belegkopien"][0] == len(world.facts("receipt.copied")) >= 1
    assert shown["Lade ohne Verkauf geöffnet"][0] == 1
    assert shown["X-Berichte"][0] == 1
    assert shown["Datenexporte"][0] == 1
    assert shown["Anmeldungen"][0] == 1
    assert shown["Kassenzählungen (Differenz)"] == (1, 0)
    assert shown["Geldbewegungen"] == (3, 10_000 - 500)
    for never in ("Trainingsbelege", "Rücknahmen", "Belegstornos"):
        assert shown[never][0] == 0, "what never happened is shown, too"
    closing = world.facts("till.closed")[-1]
    cases = {key.split("|")[0] for key in closing["totals"]["cases"]}
    assert {"Anfangsbestand", "Geldtransit", "Auszahlung", "Umsatz"} <= cases
    receipts = [f for f in world.facts("sale.finished") if f["bon_type"] == "Beleg"]
    assert closing["total"] == sum(f["document"].get("total", 0) for f in receipts), (
        "Z = the sum of its receipts"
    )
    assert closing["holdings"] == {"|EUR": {"amount": cash, "value": cash}}
    slip = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    for words in ("Positionsstornos", "Abbrüche", "Ausfall", "Bestand nach dem Abschluss", "Programm"):
        assert words in slip
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict
