"""The made-up people at a real register: they do what they do at the virtual one, through a power cut."""

import asyncio
from datetime import date
from pathlib import Path
from random import Random

from kassd.sim.trade import SHOPS
from kassd.sim.trade.live import LiveRegister
from kassd.sim.trade.plan import STEPS
from kassd.sim.trade.scene import Scene
from kassd.sim.world import World

STEPS_OF_THE_DAY = (
    *("opening", "customer", "voucher_multi", "voucher_redeem", "discount_all", "power_cut"),
    *("voucher_taken_over", "much_cash", "old_card"),
    *("return_receipt", "account", "correct_payment", "no_paper", "customer", "closing"),
)


async def day(folder: Path) -> None:
    shop = SHOPS["boutique"]
    wallet: dict[str, list[object]] = {}
    async with World(folder, catalog=shop.goods, extra_toml=shop.toml) as world:
        register = LiveRegister(world, speed=1000)
        for n, name in enumerate(STEPS_OF_THE_DAY):
            await register.play(STEPS[name](Scene(shop, Random(n), date(2026, 11, 21), wallet)))
        assert len(world.facts("till.closed")) == 1
        assert world.facts("counters.skipped")[0]["sources"] == ["broker"], "only an X report is lost"
        cases = {fact.get("case", "Umsatz") for fact in world.facts("sale.line_added")}
        assert cases >= {"Umsatz", "Rabatt", "MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung"}
        assert await world.stop() == 0
        assert world.verify().ok, world.verify().findings
        _, verdict = await world.tse_archive()
        assert verdict.ok, verdict.findings


def test_made_up_people_at_a_real_register(tmp_path: Path) -> None:
    asyncio.run(day(tmp_path))
