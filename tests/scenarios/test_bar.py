"""An evening at a bar: three waiters at once, split, merge, transfer, interim bill, a walk-out, a restart."""

import asyncio
from collections.abc import Callable
from typing import Any

import acts
from acts import MakeWorld

JUICE = "4008400404127"
BAR = """
[[ticket]]
name = "theke"
title = "Theke"
printer = "printer"
[[client]]
name = "cashier-1"
rights = ["sell", "void", "till", "report"]
[[client]]
name = "anna"
station = "saal"
rights = ["sell", "void"]
[[client]]
name = "ben"
station = "garten"
rights = ["sell"]
"""


def order(table: str, code: str = acts.COFFEE, quantity: str = "1") -> dict[str, Any]:
    return {"table": table, "lines": [{"code": code, "quantity": quantity}]}


async def test_an_evening_at_a_bar(make_world: MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(extra_toml=BAR)
    await world.start()
    await acts.open_till(world)

    # Three waiters at once; nobody waits for the other, and no sale is in the way.
    await asyncio.gather(
        acts.done(world, "order.send", order("1", quantity="3")),
        acts.done(world, "order.send", order("2"), client="anna"),
        acts.done(world, "order.send", order("3", JUICE, "2"), client="ben"),
        acts.done(world, "order.send", order("1", JUICE), client="anna"),
    )
    shown = await world.wait("state/orders", lambda d: len(d["groups"]) == 3)
    group = {g["table"]: g["group"] for g in shown["groups"]}
    assert {g["table"]: g["total"] for g in shown["groups"]} == {"1": 840 + 220, "2": 280, "3": 440}
    ticket = await world.slip("Tisch 3")
    assert "2 × Apfelsaft 0,5 l" in "\n".join(ticket.text)
    assert "kein Kassenbeleg" in "\n".join(ticket.text)
    assert not ticket.qr
    back = order("3", JUICE, "-1") | {"reason": "x"}
    assert await acts.refused(world, "order.send", back, client="ben") == "unauthorized"

    # Guests look at what is open, one pays for herself, the rest joins table 2.
    await acts.done(world, "order.interim", {"table": "1"})
    interim = "\n".join((await world.slip("Zwischenrechnung")).text)
    assert "Zwischenrechnung - kein Beleg" in interim
    first = await acts.done(world, "order.bill", {"table": "1", "lines": {"1": "1"}})
    assert (await acts.pay(world, first["result"]["sale"], type="card"))["total"] == 280
    await acts.done(world, "order.merge", {"table": "1", "into_table": "2"})

    # Power cut between ordering and billing.
    await acts.done(world, "order.send", order("3", acts.BREAD), client="ben")
    await world.restart(kill=True)
    await acts.settled(world)
    shown = await world.wait("state/orders", lambda d: d.get("boot") == world.boot)
    assert {g["group"]: g["total"] for g in shown["groups"]} == {group["2"]: 280 + 780, group["3"]: 440 + 390}

    # Table 2 moves to the garden and pays in two equal parts; table 3 is gone.
    await acts.done(world, "order.transfer", {"table": "2", "to_table": "G7", "waiter": "ben"})
    for _ in range(2):
        part = await acts.done(world, "order.bill", {"table": "G7", "parts": 2})
        assert (await acts.pay(world, part["result"]["sale"]))["total"] == 530
    gone = await acts.done(world, "order.walkout", {"table": "3", "reason": "ohne zu zahlen gegangen"})
    assert gone["result"]["total"] == 830
    await acts.settled(world)
    await world.wait("state/orders", lambda d: d["groups"] == [])

    await acts.close_till(world, 10_000 + 1060)
    z_report = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    for words in ("Zechprellerei (1)", "Zwischenrechnungen (1)", "Forderungsentstehung"):
        assert words in z_report, z_report
    assert "Offene Bestellungen" not in z_report
    assert await world.stop() == 0

    sums = dict.fromkeys(group.values(), 0)
    for fact in world.facts("sale.finished"):
        document = fact["document"]
        if document.get("group"):
            beleg = document.get("bon_type", "Beleg") == "Beleg"
            goods = sum(p["amount"] for p in document["positions"] if p["vat"] != 5)
            sums[document["group"]] += -goods if beleg else goods
    assert sums == dict.fromkeys(group.values(), 0), "orders - bills of each group"
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    _, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
