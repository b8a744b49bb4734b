"""The made-up people at a real register: they do what they do at the virtual one, through a power cut."""

import asyncio
from datetime import date
from pathlib import Path
from random import Random

from kassd.sim.terminal.behaviour import Behaviour
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

CARDS = (
    *("card_declined", "card_in_part", "card_tipped", "card_broken", "card_unknown", "card_not_believed"),
    *("card_given_up", "card_aborted", "card_undone", "card_cancelled", "card_by_hand", "card_refunded"),
    "card_repeated",
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


async def cards(folder: Path) -> None:
    shop = SHOPS["boutique"]
    wallet: dict[str, list[object]] = {}
    async with World(folder, catalog=shop.goods, extra_toml=shop.toml, terminal=Behaviour()) as world:
        register = LiveRegister(world, speed=1000, shortest_s=0.25)
        for n, name in enumerate(("opening", *CARDS)):
            await register.play(STEPS[name](Scene(shop, Random(n), date(2026, 11, 21), wallet)))
        await world.until(lambda: world.facts("card.stray_settled"), 60.0, "the stray's reversal")
        assert world.terminal is not None
        booked = sum(fact["amount"] for fact in world.facts("sale.payment_added") if fact.get("card"))
        assert booked == world.terminal.terminal.memory.charged, "what cards were charged is what was sold"
        ends = [(fact["result"], fact.get("how", "")) for fact in world.facts("card.ended")]
        assert {("failed", "operator"), ("done", "operator"), ("done", "asked")} <= set(ends)
        await register.play(STEPS["card_day_ended"](Scene(shop, Random(0), date(2026, 11, 21), wallet)))
        await world.until(lambda: world.facts("card.day_ended"), 60.0, "the terminal's day")
        assert await world.stop() == 0
        assert world.verify().ok, world.verify().findings


def test_made_up_cards_at_a_simulated_terminal(tmp_path: Path) -> None:
    asyncio.run(cards(tmp_path))


def test_made_up_people_at_a_real_register(tmp_path: Path) -> None:
    asyncio.run(day(tmp_path))
