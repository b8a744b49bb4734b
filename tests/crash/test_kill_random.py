"""Killed at random instants, start-up included, while somebody sells as fast as the till takes it.

``KILLS=1000 KILL_SEED=7 pytest tests/crash/test_kill_random.py`` for more of it, or the same again; the long
run of the soak has 1,000.
"""

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from kill_till import Died, Till, pieces

from kassd.sim.world import execute
from kassd.tse.soft import Fault

SOAK = os.environ.get("SOAK") == "1"
KILLS = int(os.environ.get("KILLS", "1000" if SOAK else "100"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
LANES = 2  # registers that are killed side by side: starting takes longer than dying
START_S, PLAY_S = 0.3, 0.5  # the imports have been made
IN_START = 0.25  # share of deaths before the register is ready
ARTICLES = ("brot", "brezel", "kuchen", "kaffee", "saft", "pfand")


class Player:
    """Sells at random until the register dies. One seed plays the same people, not the same instants."""

    def __init__(self, till: Till, dice: random.Random) -> None:
        self.till, self.dice = till, dice
        self.done: Counter[str] = Counter()

    async def play(self) -> None:
        """One act after another; ends with :class:`Died`."""
        while True:
            state = self.till.world.state("till")
            if not state["open"]:
                await self._say("till.open", counted=state["float_expected"] or 0)
            elif self.dice.random() < 0.06:
                await self._close()
            elif self.dice.random() < 0.05:
                await self._say("cash.in", amount=500, kind="transit", reason="Wechselgeld")
            else:
                await self._sell()

    async def _say(self, name: str, **args: object) -> dict[str, object]:
        """Whatever the answer is: a till that is closing or signing refuses, which is right."""
        reply = await self.till.send(name, args)
        self.done[f"{name} {reply.get('code', reply['status'])}"] += 1
        if reply["status"] not in ("ok", "accepted"):
            await asyncio.sleep(0.02)
        return reply

    async def _close(self) -> None:
        """Count until the last sale is signed and the till takes it."""
        for _ in range(20):
            cash = self.till.world.state("till")["cash_expected"]
            reply = await self._say("till.close", count=pieces(cash))
            if reply.get("code") != "sale_signing":
                return

    async def _sell(self) -> None:
        for _ in range(self.dice.randrange(1, 4)):
            await self._say("sale.add", article=self.dice.choice(ARTICLES))
        match self.dice.choices(("cash", "split", "card", "void", "abort"), (6, 4, 2, 1, 1))[0]:
            case "cash":
                await self._say("sale.pay", type="cash", given=5000)
            case "split":
                await self._say("sale.pay", type="cash", given=20)
                await self._say("sale.pay", type=self.dice.choice(("cash", "card")))
            case "card":
                await self._say("sale.pay", type="card")
            case "void":
                await self._say("sale.void_line")
                await self._say("sale.pay", type="cash")
            case "abort":
                await self._say("sale.abort")


async def life(till: Till, player: Player, dice: random.Random) -> None:
    """Sell, die, perhaps die again while starting, and come back."""
    playing = asyncio.ensure_future(player.play())
    await asyncio.wait((playing,), timeout=dice.uniform(0, PLAY_S))
    await till.world.kill()
    with pytest.raises(Died):
        await playing
    while dice.random() < IN_START:
        await till.world.spawn()
        await asyncio.sleep(dice.uniform(0, START_S))
        await till.world.kill()
        till.deaths += 1
    await till.back()


async def lane(folder: Path, kills: int, dice: random.Random) -> Counter[str]:
    """One register and its deaths."""
    till = Till(folder)
    player = Player(till, dice)
    async with till.world:
        while till.deaths < kills or player.done["sale.pay accepted"] <= kills // 2:  # a slow one goes on
            try:
                await life(till, player, dice)
            except AssertionError as error:
                raise AssertionError(f"KILL_SEED={SEED}, death {till.deaths}: {error}") from error
        await till.end()
    return player.done


@pytest.mark.timeout(3600 if SOAK else 600)
async def test_killed_at_random(tmp_path: Path) -> None:
    print(f"KILLS={KILLS} KILL_SEED={SEED}")
    lanes = [lane(tmp_path / str(n), KILLS // LANES, random.Random(f"{SEED}.{n}")) for n in range(LANES)]
    done = sum(await asyncio.gather(*lanes), Counter[str]())
    print(dict(done))
    assert done["sale.pay accepted"] > KILLS // 2, done


async def test_killed_while_the_tse_lags_behind(tmp_path: Path) -> None:
    """Several starts wait when the power goes away: each sale gets a transaction of its own."""
    till = Till(tmp_path)
    async with till.world:
        await till.open()
        till.world.tse_faults(Fault("silent", ("start",)))
        for _ in range(5):
            await till.do("sale.add", article="brezel")
            await till.do("sale.pay", type="card")
        await till.world.kill()
        till.world.tse_faults()
        assert [wish["kind"] for wish in till.checker.read().wishes.values()] == ["tse.start"] * 5
        await till.back()
        await till.end()


async def test_a_flickering_power_costs_no_original(tmp_path: Path) -> None:
    """A slip that waits is not begun before it can be sent, however often the start is cut short."""
    till = Till(tmp_path, launch=execute)  # online before it has loaded what a slip is printed with
    async with till.world as world:
        await till.open()
        assert world.printer is not None
        world.printer.control(power="off")
        await till.do("sale.add", article="brot")
        await till.do("sale.pay", type="card")
        await world.wait("state/sale/main", lambda d: d.get("status") == "done")
        world.printer.control(power="on")
        for _ in range(3):
            await world.kill()
            before = world.boot
            await world.spawn()
            await world.wait("online", lambda d, old=before: d["online"] and d["boot"] != old)
        await world.kill()
        await till.back()
        await till.settle()
        assert till.checker.printed() == [(2, False)]
        await till.end()
