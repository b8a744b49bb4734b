"""A coupled scale at a whole register: article, weight, line, printed receipt."""

from pathlib import Path

import acts
import pytest

from kassd.sim.scale import ScaleSim
from kassd.sim.world import World

SLOW_S = 60.0
CHEESE = {"id": "kaese", "codes": ["2000000000015"], "name": "Bergkäse", "price": 2490, "vat": 2}
CHEESE |= {"unit": "kg", "weighed": True}


async def shop(make_world: acts.MakeWorld, scale: ScaleSim) -> World:
    """A register with an open till beside this scale, which is ready."""
    section = {"name": "waage", "driver": "dialog06", "port": scale._wire.path, "serial_number": "4711"}
    section |= {"certificate": "TEST-0001", "valid_until": "2099-12-31"}
    rows = "\n".join(f'{key} = "{value}"' for key, value in section.items())
    rows = rows.replace('"2099-12-31"', "2099-12-31")
    world = make_world(extra_toml=f"[[scale]]\n{rows}\n", catalog=(CHEESE,))
    await world.start()
    await acts.open_till(world)
    await world.wait("state/dev/waage", lambda d: d.get("state") == "ready", SLOW_S)
    return world


async def test_cheese_is_weighed_and_printed(make_world: acts.MakeWorld, tmp_path: Path) -> None:
    scale = ScaleSim(tmp_path / "waage")
    try:
        world = await shop(make_world, scale)

        scale.control(grams=0)
        await acts.done(world, "sale.add", {"code": "2000000000015"})
        await world.wait("state/sale/main", lambda d: "Zu leicht" in d["message"], SLOW_S)

        scale.control(grams=468)
        await acts.done(world, "sale.add", {"article": "kaese", "tare": 12})
        sale = await world.wait("state/sale/main", lambda d: d["total"] == 1135, SLOW_S)
        assert sale["lines"][0]["quantity"] == "0.456"
        paid = await acts.pay(world, sale["id"])
        slip = await world.slip(f"Beleg-Nr. {paid['receipt']}")
        text = "\n".join(slip.text)
        assert "0,456 kg" in text
        assert "24,90" in text
        assert "gewogen, Tara 12 g" in text
        (fact,) = world.facts("sale.line_weighed")
        told = (fact["net"], fact["tare"], fact["amount"], fact["certificate"])
        assert told == (456, 12, 1135, "TEST-0001")
    finally:
        scale.stop()


@pytest.mark.parametrize(("fault", "reason"), [("silent", "timeout"), ("garbage", "garbled")])
async def test_one_broken_answer_costs_one_weighing(
    make_world: acts.MakeWorld, tmp_path: Path, fault: str, reason: str
) -> None:
    scale = ScaleSim(tmp_path / "waage")
    try:
        world = await shop(make_world, scale)
        scale.control(grams=468, **{fault: True})
        await acts.done(world, "sale.add", {"code": "2000000000015"})
        told = await world.wait("state/dev/waage", lambda d: d.get("state") == "error", SLOW_S)
        assert told["reason"] == reason

        scale.control(**{fault: False})
        await acts.done(world, "sale.add", {"code": "2000000000015"})
        await world.wait("state/sale/main", lambda d: d["total"] == 1165, SLOW_S)
        await world.wait("state/dev/waage", lambda d: d.get("state") == "ready", SLOW_S)
        assert scale.weighings == 1
    finally:
        scale.stop()
