"""The broker is gone: scanner and control barcodes sell on, paper comes out, and the window opens again."""

import json

import acts

from kassd.sim.world import World
from kassd.tse.log import verify_qr


def finished(world: World) -> list[acts.Document]:
    """Documents of the sales that have ended, cash movements aside."""
    ended = (fact["document"] for fact in world.facts("sale.finished"))
    return [document for document in ended if document["kind"] == "sale"]


async def scan(world: World, code: str, kind: str) -> None:
    """Scan and wait for one more fact of a kind: without a broker only the journal can be watched."""
    before = len(world.facts(kind))
    world.scan(code)
    await world.until(lambda: len(world.facts(kind)) > before, 5, f"{kind} after {code}")


async def sell_blind(world: World, pay: str = "KASSDBAR20") -> acts.Document:
    """A whole sale by scanner: two articles, one of them voided, paid by control barcode."""
    await scan(world, acts.BREAD, "sale.line_added")
    await scan(world, acts.COFFEE, "sale.line_added")
    await scan(world, "KASSDSTORNO", "sale.line_voided")
    await scan(world, pay, "sale.finished")
    document = finished(world)[-1]
    slip = await world.slip(f"Beleg-Nr. {document['number']}")
    assert slip.errors == ()
    assert slip.qr == (document["seal"]["qr"],)
    assert verify_qr(slip.qr[0]).ok
    return document


async def test_a_whole_sale_without_a_broker(world: World) -> None:
    assert world.broker is not None
    await acts.open_till(world)
    await world.broker.stop()

    sold = await sell_blind(world)
    assert (sold["total"], sold["change"]) == (390, 1610)
    assert world.printer is not None
    assert world.printer.kicks == 1

    # Started again with the broker still away: the till is open, selling goes on.
    await world.kill()
    await world.spawn()
    await world.until(world.devices_held, 15, "its devices")
    again = await sell_blind(world, "KASSDKARTE")
    assert int(again["number"]) == int(sold["number"]) + 1

    # The broker comes back empty; everything is shown again, the last sale included.
    assert world.observer is not None
    world.observer.seen.clear()
    await world.broker.start()
    shown = await world.wait("state/sale/main", lambda d: d, 120)
    assert (shown["status"], shown["receipt"]) == ("done", again["number"])
    assert (await world.wait("state/till/main"))["cash_expected"] == 10_390
    await acts.sell(world)
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict


async def test_a_register_without_any_window_sells(make_world: acts.MakeWorld) -> None:
    """Opened once with a broker, then run on a configuration that has none."""
    first = make_world()
    await first.start()
    await acts.open_till(first)
    await first.stop()
    text = first.config.read_text()
    first.config.write_text(text[: text.index("[mqtt.local]")])
    await first.spawn()
    await first.until(first.devices_held, 15, "its devices")
    sold = await sell_blind(first, "KASSDBAR")
    assert json.dumps(sold["payments"]).count("Bar") == 2
    assert await first.stop() == 0
