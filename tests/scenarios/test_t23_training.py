"""T23 training: a training sale takes no money, leaves the drawer shut, is marked, signed, no turnover."""

from collections.abc import Callable
from typing import Any

import acts


async def test_t23_training(world: acts.World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.open_till(world)
    await acts.sell(world)
    await world.until(lambda: bool(world.facts("drawer.done")))
    kicks = len(world.facts("drawer.done"))
    await acts.done(world, "mode.training", {"on": True})
    await world.wait("state/till/main", lambda d: d["mode"] == "training")

    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    await acts.done(world, "sale.add", {"code": acts.COFFEE})
    await acts.done(world, "sale.void_line", {"line": 2})
    await world.restart(kill=True)
    await world.wait("state/till/main", lambda d: d["mode"] == "training" and d["boot"] == world.boot)
    practised = await acts.pay(world, added["result"]["sale"], given=1000)
    slip = await world.slip(f"Beleg-Nr. {practised['receipt']}")
    text = "\n".join(slip.text)
    assert text.count("TRAINING – kein Beleg") >= 2
    assert "keine Zahlung" in text
    assert "Rückgeld" not in text
    code, verdict = kassd("qr", "verify", slip.qr[0])
    assert (code, verdict["ok"]) == (0, True), verdict
    assert ";AVTraining^0.00_3.90_0.00_0.00_0.00^;" in slip.qr[0]
    assert len(world.facts("drawer.done")) == kicks
    for name, args in (
        ("cash.out", {"amount": 100, "kind": "private", "reason": "x"}),
        ("drawer.open", {"reason": "x"}),
        ("till.close", {"count": {"1": 10_390}}),
    ):
        assert await acts.refused(world, name, args) == "training_mode"

    await acts.done(world, "mode.training", {"on": False})
    till = await world.wait("state/till/main", lambda d: d["mode"] == "normal")
    assert till["cash_expected"] == 10_390
    await acts.close_till(world, 10_390)
    z_report = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    assert "Trainingsbelege (1)" in z_report
    (closed,) = world.facts("till.closed")
    assert closed["total"] == 10_390
    assert [fact["on"] for fact in world.facts("mode.training")] == [True, False]
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    _, tar = await world.tse_archive()
    assert tar.ok, tar
