"""T29 paper-recapture: slip no. 17 is captured once; its time stands in the note, the TSE's time is now."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import acts

from kassd.sim.world import World


async def test_t29_paper_recapture(world: World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.open_till(world)
    day = world.facts("till.opened")[-1]["business_day"]
    slip = {
        "slip": "17",
        "at": f"{day}T00:00:01",
        "lines": [{"code": acts.BREAD, "quantity": "2"}],
        "payment": "cash",
    }
    await acts.done(world, "paper.capture", slip)
    await acts.settled(world)
    assert await acts.refused(world, "paper.capture", slip) == "slip_captured"

    await world.kill()
    await world.start()
    assert await acts.refused(world, "paper.capture", slip) == "slip_captured"
    await world.wait("state/till/main", lambda d: d["cash_expected"] == 10_780)
    await acts.close_till(world, 10_780)
    await acts.open_till(world, 10_780, source=None)
    assert await acts.refused(world, "paper.capture", slip) == "slip_captured"
    await acts.done(world, "paper.void", {"slip": "18", "reason": "verschrieben"})
    assert await acts.refused(world, "paper.capture", slip | {"slip": "18"}) == "slip_captured"
    assert await world.stop() == 0

    (captured,) = world.facts("paper.captured")
    (receipt,) = [fact for fact in world.facts("sale.finished") if fact["sale"] == captured["sale"]]
    document = receipt["document"]
    assert captured["written_at"].startswith(f"{day}T00:00:01")
    written = datetime.fromisoformat(captured["written_at"])
    assert f"{written:%d.%m.%Y %H:%M}" in document["reason"]
    assert "17" in document["reason"]
    assert document["seal"]["start"] >= world.facts("tse.started")[0]["log_time"]
    assert document["total"] == 780
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    _, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
