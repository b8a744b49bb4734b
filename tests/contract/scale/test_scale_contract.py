"""The driver of coupled scales at the simulated one, over a pty."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kassd.core.scale.order import WeighOrder
from kassd.devices.build import build_scale
from kassd.devices.config import ScaleConfig
from kassd.devices.port import WeighOutcome
from kassd.devices.scale import session
from kassd.devices.scale.dialog06 import Secret
from kassd.sim.scale import ScaleSim
from tests.devices.support import Recorder, running

ORDER = WeighOrder("main", "kaese", "", 2490, 0, "Bergkäse")
SLOW_S = 60.0
SECRET = "1234 18005"


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[ScaleSim]:
    scale = ScaleSim(tmp_path / "scale", Secret.parse(SECRET))
    scale.control(grams=468)
    yield scale
    scale.stop()


def config(sim: ScaleSim, **more: Any) -> ScaleConfig:
    return ScaleConfig("waage", str(sim._wire.path), **more)


async def weighed(seen: Recorder, scale: Any, order: WeighOrder = ORDER) -> WeighOutcome:
    before = len(seen.of(WeighOutcome))
    scale.weigh(order)
    return await seen.next(WeighOutcome, before + 1, SLOW_S)


async def test_weight_price_and_amount(sim: ScaleSim) -> None:
    seen = Recorder()
    scale = build_scale(config(sim), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        assert await weighed(seen, scale) == WeighOutcome("waage", ORDER, 468, 2490, 1165)
        tared = WeighOrder("main", "kaese", "", 2490, 12)
        assert await weighed(seen, scale, tared) == WeighOutcome("waage", tared, 456, 2490, 1135)
    assert sim.texts == ["Bergkaese"]
    assert [state for state, _ in seen.states()] == ["opening", "ready", "busy", "ready", "busy", "ready"]


@pytest.mark.parametrize(("code", "reason"), [(code, told[0]) for code, told in session.REASONS.items()])
async def test_what_the_scale_refuses(
    sim: ScaleSim, code: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "RESTLESS_S", 0.2)
    monkeypatch.setattr(session, "PAUSE_S", 0.02)
    sim.control(code=code)
    seen = Recorder()
    scale = build_scale(config(sim), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        told = await weighed(seen, scale)
        assert (told.reason, told.message) == session.REASONS[code]
        assert told.reason == reason
        sim.control(code=0)
        assert (await weighed(seen, scale)).grams == 468


async def test_a_fault_is_shown_until_it_weighs_again(sim: ScaleSim) -> None:
    sim.control(code=1)
    seen = Recorder()
    scale = build_scale(config(sim), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        assert (await weighed(seen, scale)).reason == "fault"
        assert seen.states()[-1] == ("error", "fault")
        sim.control(code=0)
        assert (await weighed(seen, scale)).grams == 468
        assert seen.states()[-1] == ("ready", "")


async def test_goods_that_move_are_waited_for(sim: ScaleSim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "RESTLESS_S", SLOW_S)
    sim.control(moving=True)
    seen = Recorder()
    scale = build_scale(config(sim), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        scale.weigh(ORDER)
        await seen.state("busy", timeout=SLOW_S)
        scale.weigh(ORDER)
        assert (await seen.next(WeighOutcome, 1, SLOW_S)).reason == "busy"
        sim.control(moving=False)
        assert (await seen.next(WeighOutcome, 2, SLOW_S)).grams == 468
    assert sim.weighings == 1


@pytest.mark.parametrize(("fault", "reason"), [("silent", "timeout"), ("garbage", "garbled")])
async def test_a_line_that_is_no_scale(
    sim: ScaleSim, fault: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ANSWER_S", 0.2 if fault == "silent" else SLOW_S)
    sim.control(**{fault: True})
    seen = Recorder()
    scale = build_scale(config(sim), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        assert (await weighed(seen, scale)).reason == reason
        assert seen.states()[-1] == ("error", reason)
        sim.control(**{fault: False})
        monkeypatch.setattr(session, "ANSWER_S", SLOW_S)
        assert (await weighed(seen, scale)).grams == 468


async def test_it_proves_that_it_may_be_coupled(sim: ScaleSim) -> None:
    seen = Recorder()
    scale = build_scale(config(sim, secret=SECRET), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        for challenge in ("00", "3A", "F1"):
            sim.control(challenge=challenge)
            assert (await weighed(seen, scale)).grams == 468
    assert sim.weighings == 3


@pytest.mark.parametrize("secret", ["", "1235 18005", "1234 18007"])
async def test_without_the_right_proof_nothing_is_weighed(sim: ScaleSim, secret: str) -> None:
    sim.control(challenge="3A")
    seen = Recorder()
    scale = build_scale(config(sim, secret=secret), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        told = await weighed(seen, scale)
        assert told.reason == "authentication"
        assert "nicht zugelassen" in told.message
    assert sim.weighings == 0


async def test_a_cable_that_is_pulled_and_plugged_in(sim: ScaleSim) -> None:
    seen = Recorder()
    scale = build_scale(config(sim), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        sim.control(moving=True)
        scale.weigh(ORDER)
        await seen.state("busy", timeout=SLOW_S)
        sim.control(cable="out")
        assert (await seen.next(WeighOutcome, 1, SLOW_S)).reason == "unplugged"
        await seen.state("absent", timeout=SLOW_S)
        assert (await weighed(seen, scale)).reason == "unplugged"
        sim.control(cable="in", moving=False)
        await seen.state("ready", timeout=SLOW_S)
        assert (await weighed(seen, scale)).grams == 468


async def test_a_price_that_has_no_room_on_the_wire(sim: ScaleSim) -> None:
    seen = Recorder()
    scale = build_scale(config(sim), seen)
    async with running(scale):
        await seen.state("ready", timeout=SLOW_S)
        assert (await weighed(seen, scale, WeighOrder("main", "gold", "", 1_000_000))).reason == "price"
