"""T15: at any moment what each drawer, purse and currency should hold; none pays out more."""

import time
from typing import Any

import acts

from kassd.sim.world import World

MORE = """
[[purse]]
name = "berta"
operator = "Berta"
[[currency]]
code = "CHF"
rate = "0.95"
"""


async def stock(world: World) -> dict[str, int]:
    """Soll by account and currency; within a second (AEAO zu § 146 Nr. 3.4)."""
    for _ in range(3):  # the machine may be busy with other things once
        began = time.monotonic()
        reply = await world.command("cash.expected")
        if (took := time.monotonic() - began) < 1:
            break
    assert took < 1
    assert reply["status"] == "ok", reply
    return {f"{row['drawer']} {row['currency']}": row["expected"] for row in reply["result"]["drawers"]}


async def test_the_expected_cash_is_known_at_any_moment(make_world: acts.MakeWorld) -> None:
    world = make_world(extra_toml=MORE)
    await world.start()
    assert await stock(world) == {"drawer EUR": 0, "berta EUR": 0}
    await acts.open_till(world, 10_000)
    await acts.done(world, "cash.transfer", {"amount": 2_000, "to": "berta", "reason": "Wechselgeld"})
    sold = (await acts.sell(world))["total"]
    await acts.done(world, "operator.login", {"operator": "Berta"})
    await acts.sell(world)
    await acts.sell(world, type="card")
    await acts.done(world, "operator.logout")
    price = (await acts.sell(world, currency="CHF", given=1_000))["total"]
    change = 950 - price
    want = {"drawer EUR": 8_000 + sold - change, "drawer CHF": 1_000, "berta EUR": 2_000 + sold}
    assert await stock(world) == want

    await world.restart(kill=True)
    assert await stock(world) == want
    till = world.state("till")
    assert till["cash_expected"] == want["drawer EUR"] + want["berta EUR"]
    assert {f"{row['drawer']} {row['currency']}": row["expected"] for row in till["cash"]} == want

    refusals: tuple[dict[str, Any], ...] = (
        {"amount": want["drawer EUR"] + 1, "kind": "private"},
        {"amount": want["berta EUR"] + 1, "kind": "wages", "person": "Frau Klein", "drawer": "berta"},
        {"amount": 1_001, "kind": "transit", "currency": "CHF"},
    )
    for args in refusals:
        assert await acts.refused(world, "cash.out", {"reason": "zu viel", **args}) == "cash_negative"
    assert (
        await acts.refused(world, "cash.transfer", {"amount": 99_999, "drawer": "berta", "to": "drawer"})
        == "cash_negative"
    )
    assert await stock(world) == want
    await acts.done(
        world, "cash.out", {"amount": 1_000, "kind": "transit", "currency": "CHF", "reason": "Bank"}
    )
    await acts.done(world, "cash.transfer", {"amount": want["berta EUR"], "drawer": "berta", "to": "drawer"})
    await acts.settled(world)
    total = want["drawer EUR"] + want["berta EUR"]
    assert await stock(world) == {"drawer EUR": total, "berta EUR": 0}
    await acts.close_till(world, total)
    assert await stock(world) == {"drawer EUR": total, "berta EUR": 0}
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict
