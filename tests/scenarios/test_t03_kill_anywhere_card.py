"""T03, the card part (L-048, L-231): the register killed around each step of a payment at a card terminal.

A real daemon, killed with SIGKILL before and after each line that it journals; the simulated terminal
lives on. Afterwards every paid sale is signed, nobody is charged twice, nobody has paid without being
charged, and nobody is charged without a receipt. ``tests/crash/test_card_cut.py`` cuts each message.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.world import World

sys.path.append(str(Path(__file__).parents[1] / "crash"))
from kill_till import Died, Till

# Moments of kill_runner, and what cards are charged then (bread: 3.90 €).
MOMENTS = {
    "after card asked": 0,
    "before card approved": 0,
    "after card approved": 0,
    "before card ended": 390,
}


async def test_t03_killed_around_a_card_payment(
    tmp_path: Path, table: Callable[[str, list[str]], None]
) -> None:
    till = Till(tmp_path, environment={"KASSD_REGISTER__TSE_DEADLINE_MS": "10000"}, terminal=Behaviour())
    rows = [f"{'killed':22} {'charged':>8} {'booked':>7}  how"]
    async with till.world:
        world, terminal = till.world, till.world.terminal
        assert terminal is not None
        await till.open()
        for moment, wanted in MOMENTS.items():
            before, known = terminal.terminal.memory.charged, len(world.facts("card.ended"))
            await till.do("sale.add", article="brot")
            till.arm(moment)
            try:
                await till.do("sale.pay", type="card")
                await till.died()
            except Died:
                await till.died()
            await till.back()
            await world.wait("state/dev/terminal", lambda d: d.get("state") == "ready", 120)
            await world.until(lambda n=known: len(world.facts("card.ended")) > n, 120, "an end")
            await world.wait("state/sale/main", lambda d: not d.get("card"), 120)
            charged = terminal.terminal.memory.charged - before
            ended = world.facts("card.ended")[-1]
            rows.append(
                f"{moment:22} {charged:8} {_booked(world):7}  {ended['result']} {ended.get('how', '')}"
            )
            assert charged == wanted, rows[-1]
            assert terminal.terminal.memory.charged == _booked(world), rows[-1]
            if charged == 0:
                await till.do("sale.pay", type="cash")
            await till.settle()
        await till.end()
    paid = [sale for sale in till.checker.book.sales.values() if sale.kind == "sale"]
    assert len(paid) == len(MOMENTS)
    assert all(sale.paid and not sale.aborting for sale in paid)
    table("T03: the register killed around a card payment", rows)


def _booked(world: World) -> int:
    facts = world.facts("sale.payment_added")
    return sum(fact["amount"] for fact in facts if fact.get("card"))
