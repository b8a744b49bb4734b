"""T16: a count that differs is booked as DifferenzSollIst with a reason, and seen in the Z."""

import acts

from kassd.sim.world import World


def difference_rows(world: World) -> list[tuple[str, object]]:
    document = world.facts("till.closed")[-1]["document"]
    (section,) = [s for s in document["sections"] if s["title"] == "Bargeld"]
    return [(r["label"], r.get("amount") or r.get("text")) for r in section["rows"]]


async def test_a_difference_is_booked_with_a_reason_and_shown(make_world: acts.MakeWorld) -> None:
    world = make_world(extra_toml="[cash]\ndifference_alarm = 500\n")
    await world.start()
    await acts.open_till(world, 10_000)
    counted = await acts.done(world, "till.count", {"count": {"5000": 1, "2000": 2, "500": 1}})
    assert counted["result"]["difference"] == -500
    assert world.state("till")["cash_expected"] == 10_000, "a count alone books nothing"
    alert = await world.wait("alert/cash-difference-main", lambda d: bool(d.get("severity")))
    assert "-5,00 €" in alert["text_de"]
    await world.slip("Zählprotokoll", "Differenz")

    await world.restart(kill=True)
    args = {"count": {"5000": 1, "2000": 2, "500": 1}, "book": True}
    assert await acts.refused(world, "till.count", args) == "reason_required"
    await acts.done(world, "till.count", args | {"reason": "Wechselfehler"})
    await world.wait("state/till/main", lambda d: d["cash_expected"] == 9_500)
    await acts.settled(world)

    await acts.sell(world, type="card")
    close = {"count": {"5000": 1, "2000": 2, "500": 1, "20": 1}}
    assert await acts.refused(world, "till.close", close) == "reason_required"
    assert not world.facts("till.closing_began")
    await acts.done(world, "till.close", close | {"reason": "20 Cent zu viel"})
    await world.wait("state/till/main", lambda d: not d["open"])

    cases = {fact["sale"]: fact.get("case") for fact in world.facts("sale.opened")}
    booked = [
        (fact["document"]["total"], fact["document"]["reason"], fact["document"]["seal"]["process_data"])
        for fact in world.facts("sale.finished")
        if cases[fact["sale"]] == "DifferenzSollIst"
    ]
    assert booked == [
        (-500, "Wechselfehler", "Beleg^0.00_0.00_0.00_0.00_-5.00^-5.00:Bar"),
        (20, "20 Cent zu viel", "Beleg^0.00_0.00_0.00_0.00_0.20^0.20:Bar"),
    ]
    shown = difference_rows(world)
    assert ("Soll-Bestand vor dem Abschluss", 9_500) in shown
    assert ("Gezählt (Ist)", 9_520) in shown
    assert ("Differenz", 20) in shown
    assert ("Grund", "20 Cent zu viel") in shown
    assert ("Bestand nach dem Abschluss", 9_520) in shown
    assert world.facts("till.closed")[-1]["totals"]["cases"]["DifferenzSollIst|5"] == [-480, -480, 0]
    await world.wait("alert/cash-difference-main", lambda d: not d)
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict
