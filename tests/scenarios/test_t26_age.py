"""T26 age: beer is blocked where nobody attends; who approves is recorded, no date of birth; chargers."""

import json
from collections.abc import Callable
from typing import Any

import acts
from goods import GOODS, ended

BEER = "4066600603405"
STATIONS = """
[[station]]
name = "kiosk"
attended = false
[[station]]
name = "lane"
attended = false
age_gate = "attendant"
[[client]]
name = "kiosk-1"
station = "kiosk"
rights = ["sell"]
[[client]]
name = "lane-1"
station = "lane"
rights = ["sell"]
[[client]]
name = "handy"
station = "main"
rights = ["approve"]
"""


async def test_t26_age(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(catalog=GOODS, extra_toml=STATIONS)
    await world.start()
    await acts.open_till(world)
    await acts.done(world, "operator.login", {"operator": "Anna"})

    # Nobody attends: refused, and nothing has begun.
    opened = acts.kinds(world).count("sale.opened")
    assert await acts.refused(world, "sale.add", {"code": BEER}, client="kiosk-1") == "age_unattended"
    assert acts.kinds(world).count("sale.opened") == opened

    # An attendant approves from their own client; the customer's display may not.
    added = await acts.done(world, "sale.add", {"code": BEER}, client="lane-1")
    shown = await world.wait("state/sale/lane", lambda d: d.get("age_check"))
    assert shown["age_check"]["age"] == 16
    assert await acts.refused(world, "sale.pay", {"type": "card"}, client="lane-1") == "age_check_required"
    assert await acts.refused(world, "sale.approve_age", client="lane-1") == "unauthorized"
    await world.restart(kill=True)
    assert await acts.refused(world, "sale.pay", {"type": "card"}, client="lane-1") == "age_check_required"
    await acts.done(world, "sale.approve_age", {"station": "lane"}, client="handy")
    await world.wait("state/sale/lane", lambda d: not d.get("age_check"))
    await acts.done(world, "sale.pay", {"type": "card"}, client="lane-1")
    sale = added["result"]["sale"]
    await world.wait("state/sale/lane", lambda d: d["id"] == sale and d["status"] == "done")

    # At the counter: the person logged in.
    added = await acts.done(world, "sale.add", {"code": BEER})
    assert added["result"]["age"] == 16
    assert await acts.refused(world, "sale.pay", {"type": "cash"}) == "age_check_required"
    await acts.done(world, "sale.approve_age")
    await acts.pay(world, added["result"]["sale"])
    approvals = world.facts("sale.age_approved")
    assert [(fact["by"], fact["client"], fact["station"]) for fact in approvals] == [
        ("Anna", "handy", "lane"),
        ("Anna", "cashier-1", "main"),
    ]
    for fact in approvals:
        assert set(fact) == {"sale", "at", "age", "by", "client", "station"}
    assert "born" not in json.dumps([line.facts for line in world.journal()])

    # Eleven chargers are too many, in one line or in several.
    assert await acts.refused(world, "sale.add", {"article": "kapsel", "quantity": "11"}) == "quantity_limit"
    await acts.done(world, "sale.add", {"article": "kapsel", "quantity": "10"})
    assert await acts.refused(world, "sale.add", {"article": "kapsel"}) == "quantity_limit"
    assert await acts.refused(world, "sale.add", {"article": "kapsel"}, client="lane-1") == "age_unattended"
    await acts.done(world, "sale.abort")
    await acts.settled(world)

    await ended(world, kassd, 10_000 + 154)


ALONE = """
[[station]]
name = "main"
attended = false
"""


async def test_t26_customers_with_a_scanner(make_world: acts.MakeWorld) -> None:
    """The scanner asks for what a command would: no beer, and no code that takes money or tells sums."""
    world = make_world(catalog=GOODS, extra_toml=ALONE)
    await world.start()
    await acts.open_till(world)
    before = acts.kinds(world)
    world.scan(BEER)
    await world.wait("state/sale/main", lambda d: "bediente Kasse" in d["message"])
    assert acts.kinds(world).count("sale.opened") == before.count("sale.opened")
    sale = (await acts.done(world, "sale.add", {"text": "Brot", "price": 350, "vat": 2}))["result"]["sale"]
    for code in ("BAR", "BERICHT", "ALTER", "STORNO"):
        world.scan(f"KASSD{code}")
        await world.wait("state/sale/main", lambda d: "bedienten Kasse" in d["message"])
        await acts.done(world, "sale.quantity", {"quantity": "0"})
    begun = acts.kinds(world)[len(before) :]
    assert not {"report.made", "sale.payment_added", "sale.line_voided", "sale.age_approved"} & set(begun)
    await world.wait("state/sale/main", lambda d: (d["id"], d["status"], d["total"]) == (sale, "open", 350))
    await world.stop()
