"""FISCAL 8: the float and the closing; each movement is a signed Kassenbeleg of its own on VAT key 5."""

from decimal import Decimal
from typing import Any

import acts

from kassd.core.codec import decode
from kassd.core.document import Document
from kassd.sim.world import World
from kassd.tse.log import verify_qr


def movements(world: World) -> list[tuple[str, int]]:
    """(GV_TYP, cents) of each cash movement in order, each checked to be a signed Kassenbeleg."""
    found = []
    for fact in world.facts("sale.finished"):
        document: Document = decode(Document, fact["document"])
        if document.kind != "cash":
            continue
        (line,), seal, total = document.positions, document.seal, Decimal(document.total).scaleb(-2)
        assert seal is not None
        assert fact["bon_type"] == "Beleg"
        assert seal.process_type == "Kassenbeleg-V1"
        assert verify_qr(seal.qr).ok
        assert line.vat == 5
        tender = f"{total:.2f}:Bar" if total else ""
        assert seal.process_data == f"Beleg^0.00_0.00_0.00_0.00_{total:.2f}^{tender}"
        opened = next(f for f in world.facts("sale.opened") if f["sale"] == fact["sale"])
        found.append((opened["case"], document.total))
    return found


async def test_a_float_that_differs_needs_a_source_and_an_empty_drawer_is_booked(world: World) -> None:
    reply = await world.command("till.open", {"counted": 10_000})
    assert (reply["status"], reply["code"]) == ("conflict", "float_differs")
    assert reply["result"] == {"expected": 0, "counted": 10_000}
    assert not world.state("till")["open"]
    reply = await world.command("till.open", {"counted": 10_000, "source": "difference"})
    assert (reply["status"], reply["code"]) == ("rejected", "reason_required")
    assert await acts.refused(world, "till.open", {"counted": -1, "source": "transit"}) == "amount_invalid"
    assert movements(world) == []
    await acts.open_till(world, 0, None)
    assert movements(world) == [("Anfangsbestand", 0)]


async def test_days_that_begin_with_another_float(world: World) -> None:
    """Close with a difference and a skim; then days that begin with more or less, by every source."""
    await acts.open_till(world, 20_000, "private")
    await acts.sell(world, given=500)
    await acts.sell(world, acts.COFFEE, type="card")
    for args, code in (
        ({}, "count_required"),
        ({"count": {"5000": 4}}, "reason_required"),
        ({"count": {"5000": 4}, "reason": "x", "skim": 20_001}, "cash_negative"),
        ({"count": {"5000": 4}, "reason": "x", "skim": -1}, "amount_invalid"),
        ({"count": {"5000": -4}, "reason": "x"}, "bad_args"),
    ):
        assert await acts.refused(world, "till.close", args) == code, args

    day_one: dict[str, Any] = {"count": {"5000": 4, "100": 3, "10": 7}, "reason": "Zählfehler", "skim": 5_370}
    await acts.done(world, "till.close", day_one)
    assert await acts.refused(world, "sale.add", {"code": acts.BREAD}) in ("till_closing", "till_closed")
    till = await world.wait("state/till/main", lambda d: not d["open"])
    assert (till["float_expected"], till["last_closing"], till["business_day"]) == (15_000, "1", "")
    first = [
        ("Anfangsbestand", 0),
        ("Privateinlage", 20_000),
        ("DifferenzSollIst", -20),
        ("Geldtransit", -5_370),
    ]
    assert movements(world) == first

    await world.restart()
    reply = await world.command("till.open", {"counted": 14_500})
    assert reply["result"] == {"expected": 15_000, "counted": 14_500}
    await acts.open_till(world, 14_500, "private")
    second = [("Anfangsbestand", 15_000), ("Privatentnahme", -500)]
    assert movements(world) == first + second

    await acts.close_till(world, 14_500)
    await world.restart(kill=True)
    await acts.open_till(world, 14_500, None)
    assert movements(world) == [*first, *second, ("Anfangsbestand", 14_500)]
    await acts.close_till(world, 14_500)
    await acts.open_till(world, 15_000, "transit")
    assert movements(world)[-2:] == [("Anfangsbestand", 14_500), ("Geldtransit", 500)]
    await acts.close_till(world, 15_000)
    await acts.open_till(world, 14_999, "difference", reason="ein Cent fehlt")
    assert movements(world)[-2:] == [("Anfangsbestand", 15_000), ("DifferenzSollIst", -1)]
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict


async def test_where_no_cash_is_held_nothing_is_counted(make_world: acts.MakeWorld) -> None:
    world = make_world(drawer=False)
    await world.start()
    await acts.open_till(world, 0, None)
    await acts.sell(world, type="card")
    await acts.done(world, "till.close", {})
    await world.wait("state/till/main", lambda d: not d["open"] and d["last_closing"] == "1")
    assert movements(world) == [("Anfangsbestand", 0)]


async def test_a_part_paid_sale_stops_the_closing(world: World) -> None:
    await acts.open_till(world)
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    await acts.done(world, "sale.pay", {"type": "cash", "given": 100})
    assert await acts.refused(world, "till.close", {"count": {"100": 101}}) == "sale_part_paid"
    await acts.done(world, "sale.abort", {"cash_returned": 100})
    await world.wait("state/sale/main", lambda d: d["status"] == "aborted")
    await acts.close_till(world, 10_000)
