"""The mains go in the middle of a sale: it is paid and signed, none is begun after it, the register ends."""

from pathlib import Path
from typing import Any

import acts
import pytest

from kassd.sim.ups import UpsSim
from kassd.sim.world import World

SLOW_S = 60.0


@pytest.fixture
async def ups() -> Any:
    sim = UpsSim()
    await sim.start()
    yield sim
    await sim.stop()


def supplied(ups: UpsSim, **more: Any) -> str:
    """The register's section about its power."""
    rows = {"source": '"nut"', "device": '"usv"', "port": ups.port, "poll_s": 0.2, "grace_s": 5} | more
    return "[power]\n" + "\n".join(f"{key} = {value}" for key, value in rows.items()) + "\n"


def levels(world: World) -> list[str]:
    return [fact["level"] for fact in world.facts("power.changed")]


async def test_the_battery_runs_empty_in_the_middle_of_a_sale(
    make_world: acts.MakeWorld, ups: UpsSim, tmp_path: Path
) -> None:
    off = tmp_path / "off"
    world = make_world(extra_toml=supplied(ups, shutdown=f'["touch", "{off}"]'))
    await world.start()
    await acts.open_till(world)
    await world.wait("state/dev/power", lambda d: d.get("state") == "ready", SLOW_S)
    sale = (await acts.done(world, "sale.add", {"code": acts.BREAD}))["result"]["sale"]

    ups.control(status="OB DISCHRG", charge=63, runtime=2400)
    shown = await world.wait("state/dev/power", lambda d: d.get("reason") == "battery", SLOW_S)
    assert (shown["percent"], shown["minutes"]) == (63, 40)
    alert = await world.wait("alert/power", timeout=SLOW_S)
    assert "aus dem Akku (63 %, etwa 40 min)" in alert["text_de"]

    # Nearly empty: what was begun is entered on, paid, signed and printed; nothing else is begun.
    ups.control(charge=25)
    await world.wait("alert/power", lambda d: d.get("severity") == "critical", SLOW_S)
    await acts.done(world, "sale.add", {"code": acts.COFFEE})
    paid = await acts.pay(world, sale)
    assert paid["receipt"]
    await world.slip(f"Beleg-Nr. {paid['receipt']}")
    assert await acts.refused(world, "sale.add", {"code": acts.BREAD}) == "battery_low"
    world.scan(acts.BREAD)
    await world.wait("state/sale/main", lambda d: "Netzteil anschließen" in d["message"], SLOW_S)

    # The UPS itself says that it is the end.
    assert not off.exists()
    ups.control(status="OB DISCHRG LB")
    assert await world.ended(SLOW_S) == 0
    assert off.exists()
    assert levels(world) == ["mains", "battery", "low", "critical"]
    assert [fact["open"] for fact in world.facts("power.ending")] == [0]
    assert world.verify().ok


async def test_a_sale_that_nobody_pays_goes_on_after_the_next_start(
    make_world: acts.MakeWorld, ups: UpsSim
) -> None:
    world = make_world(extra_toml=supplied(ups, shutdown="[]"))
    await world.start()
    await acts.open_till(world)
    sale = (await acts.done(world, "sale.add", {"code": acts.BREAD}))["result"]["sale"]
    ups.control(status="OB", charge=9)
    assert await world.ended(SLOW_S) == 0
    assert [fact["open"] for fact in world.facts("power.ending")] == [1]

    ups.control(status="OL CHRG", charge=10)
    await world.start()
    await world.wait(
        "state/dev/power", lambda d: d.get("state") == "ready" and d["boot"] == world.boot, SLOW_S
    )
    assert (await acts.pay(world, sale))["receipt"]
    assert levels(world)[-1] == "mains"


async def test_a_computer_that_does_not_shut_down_is_told(make_world: acts.MakeWorld, ups: UpsSim) -> None:
    world = make_world(extra_toml=supplied(ups, shutdown='["false"]'))
    await world.start()
    await acts.open_till(world)
    ups.control(status="OB LB")
    alert = await world.wait("alert/power-off", timeout=SLOW_S)
    assert "von Hand ausschalten" in alert["text_de"]
    assert await acts.refused(world, "sale.add", {"code": acts.BREAD}) == "battery_low"
    ups.control(status="OL CHRG", charge=50)
    await world.wait("alert/power", lambda d: not d, SLOW_S)
    await world.wait("alert/power-off", lambda d: not d, SLOW_S)
    assert (await acts.sell(world))["receipt"]
