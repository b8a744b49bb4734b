"""T10 combo: a menu at 9.99 split by 70/30, single prices, costs; parts, receipt and process data agree."""

from collections.abc import Callable
from typing import Any

import acts
from goods import GOODS, by_vat, ended, receipt

EXPECTED = {"menue-1": {1: 300, 2: 699}, "menue-2": {1: 272, 2: 727}, "menue-3": {1: 167, 2: 832}}


async def test_t10_combo(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(catalog=GOODS)
    await world.start()
    await acts.open_till(world)
    documents = []
    for n, (article, shares) in enumerate(EXPECTED.items()):
        added = await acts.done(world, "sale.add", {"article": article})
        if n == 1:  # in the middle of a sale
            await world.restart(kill=True)
        shown = await acts.pay(world, added["result"]["sale"])
        assert (shown["total"], shown["paid"]) == (999, 999)
        document = receipt(world, shown)
        assert by_vat(document) == shares
        drinks, food = shares[1] / 100, shares[2] / 100
        data = f"Beleg^{drinks:.2f}_{food:.2f}_0.00_0.00_0.00^9.99:Bar"
        assert document["seal"]["process_data"] == data
        assert ";" + data + ";" in document["seal"]["qr"]
        documents.append(document)

    lines = [fact for fact in world.facts("sale.line_added") if fact.get("parts")]
    assert [fact["article"] for fact in lines] == list(EXPECTED)
    for fact, shares in zip(lines, EXPECTED.values(), strict=True):
        assert sum(share["amount"] for share in fact["shares"]) == fact["amount"] == 999
        assert {share["vat"]: share["amount"] for share in fact["shares"]} == shares
        assert [part["text"] for part in fact["parts"]] == ["Burger", "Cola 0,5 l"]
    slip = "\n".join((await world.slip(f"Beleg-Nr. {documents[0]['number']}")).text)
    assert "Menü 1" in slip
    assert "Burger" in slip
    assert "9,99 AB" in slip

    z_report = await ended(world, kassd, 10_000 + 3 * 999)
    (closed,) = world.facts("till.closed")
    cases = closed["totals"]["cases"]
    assert cases["Umsatz|1"][0] == sum(shares[1] for shares in EXPECTED.values())
    assert cases["Umsatz|2"][0] == sum(shares[2] for shares in EXPECTED.values())
    assert "22,58" in z_report
