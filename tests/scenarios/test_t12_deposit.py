"""T12 deposit: out with the drink, back against counted packages at each class's rate, money out of the
drawer."""

from collections.abc import Callable
from typing import Any

import acts
from goods import GOODS, by_vat, ended, receipt


async def test_t12_deposit(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(catalog=GOODS)
    await world.start()
    await acts.open_till(world)

    # Out: an own line beside the drink, taken back together with it.
    await acts.done(world, "sale.add", {"code": "5449000000996", "quantity": "2"})
    added = await acts.done(world, "sale.add", {"code": "5449000000996"})
    assert added["result"]["total"] == 3 * (119 + 25)
    await acts.done(world, "sale.void_line")
    shown = await acts.pay(world, added["result"]["sale"])
    assert shown["total"] == 2 * (119 + 25)
    deposit = [line for line in shown["lines"] if line.get("case") == "Pfand"]
    assert [line["of"] for line in deposit if not line.get("voids")] == [1, 3]
    slip = "\n".join((await world.slip(f"Beleg-Nr. {shown['receipt']}")).text)
    assert "Einwegpfand 0,25" in slip

    # Back: only counted packages, never a bare amount.
    assert await acts.refused(world, "deposit.return", {"article": "pfand-25"}) == "bad_args"
    assert await acts.refused(world, "deposit.return", {"article": "pfand-25", "amount": 75}) == "bad_args"
    await acts.done(world, "deposit.return", {"article": "pfand-25", "quantity": "3"})
    back = await acts.done(world, "deposit.return", {"article": "pfand-8", "quantity": "2"})
    assert back["result"]["total"] == -91
    await world.restart(kill=True)
    shown = await acts.pay(world, back["result"]["sale"])
    assert (shown["total"], shown["due"]) == (-91, 0)
    document = receipt(world, shown)
    assert by_vat(document) == {1: -75, 2: -16}
    assert document["seal"]["process_data"] == "Beleg^-0.75_-0.16_0.00_0.00_0.00^-0.91:Bar"
    assert await world.wait("state/till/main", lambda d: d["cash_expected"] == 10_000 + 288 - 91)

    # Within a sale it reduces what is due.
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    added = await acts.done(world, "deposit.return", {"code": "5449000000996", "quantity": "4"})
    shown = await acts.pay(world, added["result"]["sale"])
    assert shown["total"] == 390 - 100

    z_report = await ended(world, kassd, 10_000 + 288 - 91 + 290)
    (closed,) = world.facts("till.closed")
    cases = {key: value[0] for key, value in closed["totals"]["cases"].items() if key.startswith("Pfand")}
    assert cases == {
        "Pfand|1|Einwegpfand 0,25|0": 50,
        "PfandRueckzahlung|1|Einwegpfand 0,25|0": -175,
        "PfandRueckzahlung|2|Mehrwegpfand 0,08|0": -16,
    }
    assert "PfandRueckzahlung" in z_report
