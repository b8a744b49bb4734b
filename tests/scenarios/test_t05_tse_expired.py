"""T05 tse-expired: warned 180 to 1 days ahead, never signed with after the end, a restart on the way."""

from datetime import UTC, datetime
from pathlib import Path

import acts
import pytest
from turned_clock import Calendar

from kassd.tse.soft import Model, SoftTse

DAY_S = 86_400
LEVELS = (180, 90, 60, 30, 14, 7, 1)


@pytest.fixture
def calendar(tmp_path: Path) -> Calendar:
    return Calendar(tmp_path)


async def test_t05_tse_expired(make_world: acts.MakeWorld, calendar: Calendar) -> None:
    world = make_world(module="turned_clock", environment=calendar.environment)
    model = Model(certificate_days=200)
    tse = SoftTse(world.stage.tse_store, model=model, latency_s=0)
    expiry = (await tse.open()).certificate_expiry
    await tse.close()
    assert 199 <= (expiry - datetime.now(UTC).timestamp()) / DAY_S <= 201

    await world.start()
    await acts.open_till(world)
    await acts.sell(world)
    assert not world.doc("alert/tse-expiry")
    for level in LEVELS:  # each step a restart
        await world.stop()
        calendar.turn(200 - level - 0.2)
        await world.start()
        text = f"noch {level} Tag"
        alert = await world.wait("alert/tse-expiry", lambda d, text=text: text in d.get("text_de", ""))
        assert alert["severity"] == ("critical" if level <= 7 else "warning")
        await acts.sell(world)
    warned = [(fact["what"], fact["level"]) for fact in world.facts("tse.warned")]
    assert warned == [("expiry", level) for level in LEVELS]
    await acts.done(world, "till.report")
    assert "noch 1 Tag" in "\n".join((await world.slip("X-Bericht (Zwischenbericht)")).text)

    # The end comes while the till is open: the next booking is an outage, and nothing is signed any more.
    signed = len(world.facts("tse.finished"))
    calendar.turn(199.7)  # no running register believes a leap of more than a day
    await acts.done(world, "drawer.open", {"reason": "Wechseln"})
    calendar.turn(200.5)
    sale = await acts.sell(world)
    assert sale["outage"]
    alert = await world.wait("alert/tse-outage")
    assert alert["severity"] == "critical"
    assert "abgelaufen" in alert["text_de"]
    await world.kill()
    before = world.boot
    await world.start(ready=False)
    await world.wait("online", lambda d: d["online"] and d["boot"] != before)
    await world.wait("state/till/main", lambda d: d["open"] and d["boot"] != before)
    sale = await acts.sell(world, acts.COFFEE)
    assert sale["outage"]
    assert len(world.facts("tse.finished")) == signed
    assert [fact["reason"] for fact in world.facts("tse.outage_began")] == ["certificate_expired"]
    assert not any(step["uncertain"] for step in world.facts("clock.stepped"))
    await acts.close_till(world, 10_000 + (len(LEVELS) + 2) * 390 + 280, reason="Kasse blieb offen")
    await world.stop()
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict
