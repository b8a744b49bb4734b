"""T22 parked: a kiosk's sale is parked, changed, recalled the next day and paid (L-035, L-156)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import acts
from acts import MakeWorld
from turned_clock import Calendar

from kassd.tse.log import messages
from kassd.tse.log.tar import TarReader

CAKE = "4012345678901"


def signed(archive: bytes) -> list[tuple[str, str]]:
    """(process type, process data) of every finished transaction, in the TSE's order."""
    found = {}
    for member in TarReader().feed(archive):
        if member.name.endswith(".log"):
            entry = messages.parse(member.data)
            if isinstance(entry.data, messages.TransactionData) and entry.data.operation == "finish":
                found[entry.data.transaction_number] = (
                    entry.data.process_type,
                    entry.data.process_data.decode(),
                )
    return [found[number] for number in sorted(found)]


async def test_t22_parked(
    make_world: MakeWorld, tmp_path: Path, kassd: Callable[..., tuple[int, Any]]
) -> None:
    calendar = Calendar(tmp_path)
    world = make_world(module="turned_clock", environment=calendar.environment)
    await world.start()
    await acts.open_till(world)

    # Park: the running number ends as an order, the slot is free for the next customer.
    for code in (acts.BREAD, acts.COFFEE):
        await acts.done(world, "sale.add", {"code": code})
    parked = (await acts.done(world, "sale.park"))["result"]
    assert (parked["group"], parked["total"]) == ("P-000001", 390 + 280)
    await world.wait("state/sale/main", lambda d: d["status"] == "none")
    await acts.settled(world)
    await acts.sell(world)

    # Change: one more thing, one less; both are orders of the same group.
    change = [{"code": CAKE, "quantity": "2"}, {"code": acts.COFFEE, "quantity": "-1"}]
    await acts.done(world, "order.send", {"group": "1", "lines": change, "reason": "umentschieden"})
    shown = await world.wait("state/orders", lambda d: d["total"] == 390 + 520)
    assert [line["text"] for line in shown["groups"][0]["lines"]] == ["Bauernbrot 1 kg", "Käsekuchen, Stück"]
    await acts.settled(world)

    # Closing: nothing is open on the TSE; the order goes on and stands on the Z.
    await acts.close_till(world, 10_000 + 390)
    z_report = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    assert "Offene Bestellungen" in z_report
    assert "P-000001" in z_report
    opened, ended = (acts.kinds(world).count(kind) for kind in ("tse.started", "tse.finished"))
    assert opened == ended, "no transaction over a Z"
    assert await world.stop() == 0

    # The next day, after a restart: recalled, another change on the bill, paid.
    calendar.turn(1)
    await world.start()
    assert world.doc("state/orders")["total"] == 910
    await acts.open_till(world, 10_390, None)
    recalled = (await acts.done(world, "sale.recall", {"group": "P-000001"}))["result"]
    assert recalled["total"] == 910
    await acts.done(world, "sale.add", {"code": acts.COFFEE})
    done = await acts.pay(world, recalled["sale"], given=2000)
    assert (done["total"], done["change"]) == (1190, 810)
    slip = "\n".join((await world.slip(f"Beleg-Nr. {done['receipt']}")).text)
    await world.wait("state/orders", lambda d: d["groups"] == [])

    # A restart with an order open: it is still there and is billed once.
    sent = await acts.done(world, "order.send", {"table": "5", "lines": [{"code": acts.BREAD}]})
    await world.restart(kill=True)
    await acts.settled(world)
    bill = await acts.done(world, "order.bill", {"group": sent["result"]["group"]})
    await acts.pay(world, bill["result"]["sale"])
    assert await world.stop() == 0

    receipts = [fact for fact in world.facts("sale.finished") if fact["document"].get("group")]
    sums = {"P-000001": 0, "T5-000002": 0}
    for fact in receipts:
        sign = -1 if fact["document"].get("bon_type", "Beleg") == "Beleg" else 1
        sums[fact["document"]["group"]] += sign * fact["document"]["total"]
    assert sums == {"P-000001": 0, "T5-000002": 0}, "orders - bills of each group"
    (sale,) = {fact["sale"] for fact in world.facts("sale.parked")}
    (first,) = [fact["at"] for fact in world.facts("sale.opened") if fact["sale"] == sale]
    (billed,) = [f["document"] for f in receipts if str(f["number"]) == done["receipt"]]
    assert billed["first_order_at"] == first
    assert first[:10] < billed["issued_at"][:10]
    assert "Beginn der ersten Bestellung" in slip
    assert f"{first[8:10]}.{first[5:7]}.{first[:4]} {first[11:19]}" in slip

    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    archive, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
    orders = [data for kind, data in signed(archive) if kind == "Bestellung-V1"]
    assert orders == [
        '1;"Bauernbrot 1 kg";3.90\r1;"Kaffee, Becher";2.80',
        '2;"Käsekuchen, Stück";2.60\r-1;"Kaffee, Becher";2.80',
        '1;"Kaffee, Becher";2.80',
        '1;"Bauernbrot 1 kg";3.90',
    ]
