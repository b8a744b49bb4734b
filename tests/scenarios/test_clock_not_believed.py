"""L-019: a clock that cannot be right is seen by everybody, stops nobody, and leaves nothing behind."""

from datetime import datetime
from pathlib import Path

import acts
from turned_clock import Calendar

from kassd.sim.world import World


def steps(world: World) -> list[bool]:
    return [fact["uncertain"] for fact in world.facts("clock.stepped")]


async def seen(world: World, reason: str) -> None:
    """Device and alert say so, and since when."""
    alert = await world.wait("alert/clock", lambda d: d.get("severity") == "warning")
    shown = await world.wait("state/dev/clock", lambda d: d["state"] == "degraded")
    assert shown["reason"] == reason
    assert shown["since"] == alert["since"]
    assert alert["text_de"] == shown["message"]


async def over(world: World) -> None:
    await world.wait("alert/clock", lambda d: not d)
    await world.wait("state/dev/clock", lambda d: d["state"] == "ready" and d["since"])


async def test_1970_and_2056(make_world: acts.MakeWorld, tmp_path: Path) -> None:
    calendar = Calendar(tmp_path)
    world = make_world(module="turned_clock", environment=calendar.environment)
    await world.start()
    await acts.open_till(world)
    await world.stop()

    calendar.turn(-datetime.now().timestamp() / 86_400)  # a Pi without RTC
    await world.start()
    await seen(world, "behind")
    for _ in range(3):
        await acts.sell(world)
    assert steps(world) == [True], "time goes on from the start, so nothing jumps"
    calendar.turn(0)
    await acts.sell(world)
    await over(world)

    calendar.turn(30 * 365)  # a glitch
    await acts.sell(world)
    await seen(world, "ahead")
    assert steps(world) == [True, False, True]
    await world.stop()
    await world.start()  # which outlives the process
    await seen(world, "ahead")
    await acts.sell(world)
    calendar.turn(0)
    await acts.sell(world)
    await over(world)

    await world.stop()
    times = [datetime.fromisoformat(line.at) for line in world.journal()]
    assert times == sorted(times)
    assert (times[-1] - times[0]).total_seconds() < 600, "no line is from another year"
    assert world.verify().ok
    logged = [fact["log_time"] for fact in world.facts("tse.finished")]
    assert {text[:4] for text in logged} <= {str(times[0].year), str(times[-1].year)}
