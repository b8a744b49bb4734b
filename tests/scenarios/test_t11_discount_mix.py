"""T11 discount-mix: 10 % on goods of both rates, deposit, tobacco and a price-bound book."""

from collections.abc import Callable
from typing import Any

import acts
from goods import GOODS, by_vat, ended, receipt

TOBACCO = {"id": "tabak", "name": "Tabak", "price": 890, "vat": 1, "reducible": False}
BOOK = {"id": "buch", "name": "Roman", "price": 1200, "vat": 2, "reducible": False}
BASKET = ({"code": acts.BREAD}, {"code": "5449000000996"}, {"article": "tabak"}, {"article": "buch"})
FULL = 390 + 119 + 25 + 890 + 1200


def rabatt(shown: acts.Document) -> dict[int, int]:
    """Cents taken off by tax key."""
    found: dict[int, int] = {}
    for line in shown["lines"]:
        if line.get("case") == "Rabatt":
            found[line["vat"]] = found.get(line["vat"], 0) + line["amount"]
    return found


async def test_t11_discount_mix(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(catalog=(*GOODS, TOBACCO, BOOK))
    await world.start()
    await acts.open_till(world)

    # Alone they are refused, in a basket they are left out; the rest is split per rate to the cent.
    await acts.done(world, "sale.add", {"article": "tabak"})
    assert await acts.refused(world, "sale.discount", {"percent": "10"}) == "not_reducible"
    assert await acts.refused(world, "sale.discount", {"line": 1, "amount": 1}) == "not_reducible"
    await acts.done(world, "sale.void_line")
    for item in BASKET:
        await acts.done(world, "sale.add", item)
    given = await acts.done(world, "sale.discount", {"percent": "10"})
    assert given["result"]["amount"] == 51  # of 3.90 + 1.19
    shown = await world.wait("state/sale/main", lambda d: d["total"] == FULL - 51)
    assert rabatt(shown) == {1: -12, 2: -39}

    # It holds for what comes and goes, also over a power cut.
    await world.restart(kill=True)
    await acts.done(world, "sale.add", {"article": "menue-2"})  # 9.99: 7.27 and 2.72
    shown = await world.wait("state/sale/main", lambda d: d["total"] == FULL + 999 - 151)
    assert rabatt(shown) == {1: -39, 2: -112}
    await acts.done(world, "sale.void_line")
    shown = await world.wait("state/sale/main", lambda d: d["total"] == FULL - 51)
    assert rabatt(shown) == {1: -12, 2: -39}
    paid = await acts.pay(world, given["result"]["sale"])
    document = receipt(world, paid)
    assert by_vat(document) == {1: 119 + 25 + 890 - 12, 2: 390 + 1200 - 39}
    assert document["seal"]["process_data"] == "Beleg^10.22_15.51_0.00_0.00_0.00^25.73:Bar"
    slip = "\n".join((await world.slip(f"Beleg-Nr. {paid['receipt']}")).text)
    assert "10 % Rabatt" in slip

    # On the house: a receipt of nothing, counted.
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    assert await acts.refused(world, "sale.discount", {"line": 1, "percent": "100"}) == "reason_required"
    free = await acts.done(world, "sale.discount", {"line": 1, "percent": "100", "reason": "aufs Haus"})
    paid = await acts.pay(world, free["result"]["sale"])
    assert (paid["total"], paid.get("payments")) == (0, None)
    assert "Gratis: " in "\n".join((await world.slip(f"Beleg-Nr. {paid['receipt']}")).text)

    z_report = await ended(world, kassd, 10_000 + FULL - 51)
    (closed,) = world.facts("till.closed")
    counts, sums = closed["totals"]["counts"], closed["totals"]["sums"]
    assert (counts["discounts"], sums["discounts"]) == (1, -51)
    assert (counts["free"], sums["free"]) == (1, -390)
    assert "Gratis und aufs Haus" in z_report
