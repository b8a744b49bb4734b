"""T18: void, abort, discounts, return, cancellation, training, copy, drawer, outage, cash, X report: each
stands on the Z with count and sum."""

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


def rebates(document: dict[str, Any]) -> int:
    """Sum of the discounts on a slip."""
    return sum(p["amount"] for p in document["positions"] if p.get("case") == "Rabatt")


async def corrected(world: World) -> tuple[int, int]:
    """One sale with two discounts, its bread taken back; a receipt cancelled; a training sale. Gives the sums
    of the first two."""
    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    await acts.done(world, "sale.add", {"code": acts.COFFEE})
    of_line = await acts.done(world, "sale.discount", {"line": 1, "amount": 20})
    of_sale = await acts.done(world, "sale.discount", {"percent": "10"})
    cheap = await acts.pay(world, added["result"]["sale"])
    given = -rebates(world.facts("sale.finished")[-1]["document"])
    assert given == of_line["result"]["amount"] + of_sale["result"]["amount"] > 20
    goods = {"receipt": cheap["receipt"], "lines": {"1": "1"}, "reason": "hart"}
    back = await acts.done(world, "receipt.return", goods)
    returned = await acts.pay(world, back["result"]["sale"])
    wrong = await acts.sell(world)
    await acts.done(world, "receipt.cancel", {"receipt": wrong["receipt"], "reason": "falscher Artikel"})
    await acts.settled(world)
    await acts.done(world, "mode.training", {"on": True})
    await acts.sell(world, acts.COFFEE)
    await acts.done(world, "mode.training", {"on": False})
    return cheap["total"], returned["total"]


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
    cheap, returned = await corrected(world)

    await world.restart(kill=True)
    world.tse_faults(Fault("gone"))
    await acts.sell(world)
    await acts.tse_back(world)
    cash = 10_000 + 2 * bread - 500 + cheap + returned
    await acts.close_till(world, cash)

    shown = events(world)
    assert shown["Belege"] == (6, 2 * bread + cheap + returned), (
        "a cancelled receipt and its reversal are two"
    )
    documents = [fact["document"] for fact in world.facts("sale.finished") if fact["bon_type"] == "Beleg"]
    assert shown["Rabatte"] == (2, sum(rebates(document) for document in documents))
    assert shown["Rücknahmen"] == (1, returned), "net of its part of the sale's discount"
    assert shown["Belegstornos"] == (1, -bread)
    assert shown["Trainingsbelege"] == (1, coffee)
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
    assert shown["Gratis und aufs Haus"] == (0, 0), "what never happened is shown, too"
    closing = world.facts("till.closed")[-1]
    cases = {key.split("|")[0] for key in closing["totals"]["cases"]}
    assert {"Anfangsbestand", "Geldtransit", "Auszahlung", "Umsatz"} <= cases
    receipts = [f for f in world.facts("sale.finished") if f["bon_type"] == "Beleg"]
    assert closing["total"] == sum(f["document"].get("total", 0) for f in receipts), (
        "Z = the sum of its receipts"
    )
    assert closing["holdings"] == {"|EUR": {"amount": cash, "value": cash}}
    slip = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    for words in (
        "Rabatte",
        "Rücknahmen",
        "Belegstornos",
        "Trainingsbelege",
        "Positionsstornos",
        "Abbrüche",
        "Ausfall",
        "Bestand nach dem Abschluss",
        "Programm",
    ):
        assert words in slip
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict
