"""A day's corrections: a receipt cancelled, goods back, another tender; a power cut in between."""

from collections.abc import Callable
from typing import Any

import acts

from kassd.sim.world import World


async def corrected(world: World, name: str, args: dict[str, Any]) -> list[dict[str, Any]]:
    """Send a correction and wait until its receipts are signed; gives those."""
    before = len(world.facts("sale.finished"))
    await acts.done(world, name, args)
    await acts.settled(world)
    return [dict(fact) for fact in world.facts("sale.finished")[before:]]


async def test_corrections(world: World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.open_till(world)
    first = await acts.sell(world)
    second = await acts.sell(world, acts.COFFEE)
    cancel = {"receipt": first["receipt"], "reason": "falsch gescannt"}
    (storno,) = await corrected(world, "receipt.cancel", cancel)
    assert storno["document"]["total"] == -first["total"]
    slip = "\n".join((await world.slip("Stornobeleg")).text)
    assert f"Zu Beleg-Nr. {first['receipt']}" in slip
    assert "Grund: falsch gescannt" in slip

    await world.kill()
    await world.start()
    assert await acts.refused(world, "receipt.cancel", cancel) == "already_cancelled"
    other = {"receipt": second["receipt"], "type": "card"}
    _, replaced = await corrected(world, "receipt.correct_payment", other)
    assert [p["type"] for p in replaced["document"]["payments"]] == ["Unbar"]
    await world.wait("state/till/main", lambda d: d["cash_expected"] == 10_000)
    await acts.close_till(world, 10_000)
    await acts.open_till(world, 10_000, source=None)

    # Another day: goods of the closed period come back, once.
    goods = {"receipt": str(replaced["number"]), "lines": {"1": "1"}, "reason": "kalt"}
    reply = await acts.done(world, "receipt.return", goods)
    assert await acts.refused(world, "receipt.return", goods) == "return_too_much"
    back = await acts.pay(world, reply["result"]["sale"])
    assert back["total"] == -second["total"]
    finished = world.facts("sale.finished")[-1]
    (reference,) = finished["document"]["references"]
    assert (reference["number"], reference["closing"]) == (str(replaced["number"]), 1)
    assert await acts.refused(world, "receipt.return", goods) == "return_too_much"
    await acts.done(world, "receipt.reprint", {"receipt": first["receipt"]})
    assert world.facts("receipt.copied")[-1]["number"] == first["receipt"]

    await acts.close_till(world, 10_000 - second["total"])
    z_report = "\n".join((await world.slip("Z-Bericht Nr. 2")).text)
    assert "Rücknahmen (1)" in z_report
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    _, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
