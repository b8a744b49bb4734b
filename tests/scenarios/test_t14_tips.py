"""T14 tips: on a card for the staff and paid out in cash, for the owner, and in cash apart from the till: the
expected cash is exact each time."""

from collections.abc import Callable
from typing import Any

import acts
from goods import GOODS, by_vat, ended, receipt

FLOAT = 10_000


async def test_t14_tips(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(catalog=GOODS)
    await world.start()
    await acts.open_till(world, FLOAT)
    await acts.done(world, "operator.login", {"operator": "Anna"})

    async def expect(cash: int) -> None:
        assert await world.wait("state/till/main", lambda d: d["cash_expected"] == cash)

    async def held() -> list[Any]:
        return list((await acts.done(world, "tip.balance"))["result"]["tips"])

    # On a card: paid is more than was sold, the difference is the staff's; no cash moves.
    paid = await acts.sell(world, type="card", amount=450, tip="staff")
    assert by_vat(receipt(world, paid)) == {2: 390, 5: 60}
    assert receipt(world, paid)["seal"]["process_data"] == "Beleg^0.00_3.90_0.00_0.00_0.60^4.50:Unbar"
    await expect(FLOAT)
    # Keep the change: the drawer keeps it for her.
    paid = await acts.sell(world, given=400, keep_change=True)
    assert (paid["total"], paid["change"]) == (400, 0)
    await expect(FLOAT + 400)
    assert await held() == [{"operator": "Anna", "kept": 70}]

    # To the owner: turnover at the rates of the goods.
    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    await acts.done(world, "sale.add", {"article": "cola"})
    await acts.done(world, "sale.tip", {"to": "owner", "total": 800})
    paid = await acts.pay(world, added["result"]["sale"])
    assert by_vat(receipt(world, paid)) == {1: 299 + 48, 2: 390 + 63}
    await expect(FLOAT + 1200)
    # In cash, kept apart: not recorded.
    paid = await acts.sell(world, given=500)
    assert paid["change"] == 110
    await expect(FLOAT + 1590)

    # Paid out after a power cut: a movement of its own, once, never more than was collected.
    await world.restart(kill=True)
    assert await acts.refused(world, "tip.payout", {"amount": 71}) == "tips_too_low"
    await acts.done(world, "tip.payout")
    assert await acts.refused(world, "tip.payout") == "tips_too_low"
    await acts.settled(world)
    await expect(FLOAT + 1520)
    assert await held() == []
    slip = "\n".join((await world.slip("Auszahlung von Trinkgeld")).text)
    assert "Anna" in slip
    assert "Unterschrift" in slip

    z_report = await ended(world, kassd, FLOAT + 1520)
    (closed,) = world.facts("till.closed")
    cases = {key: value[0] for key, value in closed["totals"]["cases"].items() if key.startswith("Trinkgeld")}
    assert cases == {"TrinkgeldAN|5|Anna|0": 0, "TrinkgeldAG|1": 48, "TrinkgeldAG|2": 63}
    assert closed["totals"]["sums"]["movements.TrinkgeldAN"] == -70
    assert "Trinkgeld ausgezahlt" in z_report
