"""T27 no-tse-no-sale: without a TSE a fresh production register sells nothing; a demo's slip is none."""

from collections.abc import Callable
from typing import Any

import acts

from kassd.core.commands import COMMANDS
from kassd.sim.world import World

CLIENT = """
[[client]]
name = "cashier-1"
station = "main"
rights = ["sell", "void", "refund", "drawer", "cash", "till", "report"]
"""
BOOKING = ("sale.", "order.", "cash.", "receipt.cancel", "receipt.correct_payment", "till.open", "till.close")
ARGS: dict[str, acts.Document] = {
    "sale.add": {"code": acts.BREAD},
    "sale.pay": {"type": "cash"},
    "till.open": {"counted": 0},
    "till.close": {"count": {}},
    "cash.in": {"amount": 100, "kind": "private", "reason": "Test"},
    "cash.out": {"amount": 100, "kind": "private", "reason": "Test"},
}


async def nothing_is_sold(world: World) -> None:
    """Every command that books is refused for the one reason, before anything else is looked at."""
    for name in COMMANDS:
        if name.startswith(BOOKING):
            assert await acts.refused(world, name, ARGS.get(name)) == "tse_not_commissioned", name
    world.scan(acts.BREAD)
    shown = await world.wait("state/sale/main", lambda d: "TSE" in d["message"])
    assert shown["status"] == "none"
    assert not {"sale.opened", "till.opened", "sale.finished"} & set(acts.kinds(world))


async def test_t27_no_tse_no_sale(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(mode="production", extra_toml=CLIENT)
    await world.start()
    await nothing_is_sold(world)
    device = world.state("dev", "tse")
    assert (device["state"], device["reason"]) == ("absent", "not_commissioned")
    assert await acts.refused(world, "sale.add", {"code": acts.BREAD}, client="stranger") in (
        "tse_not_commissioned",
        "unauthorized",
    )
    await world.restart(kill=True)
    await nothing_is_sold(world)
    assert not world.slips()
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict


async def test_production_refuses_the_soft_tse(make_world: acts.MakeWorld) -> None:
    world = make_world(mode="production", tse=True)
    await world.start(ready=False)
    assert await world.ended() == 78
    assert '[tse] driver = "soft"' in world.log.read_text()
    assert not world.stage.journal.exists()


async def test_the_demo_image_prints_that_it_is_no_receipt(world: World) -> None:
    await acts.open_till(world)
    sale = await acts.sell(world)
    slip = await world.slip(f"Beleg-Nr. {sale['receipt']}")
    assert sum("TEST - kein Beleg" in line for line in slip.text) == 2
