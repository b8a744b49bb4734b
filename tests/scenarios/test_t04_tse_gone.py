"""T04 tse-gone: the TSE unplugged in mid-sale, a restart during the outage, the TSE back, the Z report."""

from collections.abc import Callable
from typing import Any

import acts

from kassd.sim.world import World
from kassd.tse.log import messages
from kassd.tse.log.tar import TarReader
from kassd.tse.soft import Fault

BACK_S = 20


def finished(archive: bytes) -> dict[int, messages.TransactionData]:
    """Transaction number → what was signed at its finish."""
    found: dict[int, messages.TransactionData] = {}
    for member in TarReader().feed(archive):
        if member.name.endswith(".log"):
            data = messages.parse(member.data).data
            if isinstance(data, messages.TransactionData) and data.operation == "finish":
                assert data.transaction_number not in found
                found[data.transaction_number] = data
    return found


async def test_t04_tse_gone(world: World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.open_till(world)
    signed_before = await acts.sell(world)

    # Unplugged in mid-sale: the sale ends all the same, says so, and names no transaction.
    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    open_sale = added["result"]["sale"]
    await world.until(lambda: open_sale in [fact["sale"] for fact in world.facts("tse.started")])
    world.tse_faults(Fault("gone"))
    first = await acts.pay(world, open_sale, given=500)
    assert first["outage"]
    assert (first["total"], first["change"]) == (390, 110)
    slip = await world.slip(f"Beleg-Nr. {first['receipt']}")
    text = "\n".join(slip.text)
    assert "TSE-Ausfall" in text
    assert "TSE-Transaktion" not in text
    assert not slip.qr
    assert (await world.wait("alert/tse-outage"))["severity"] == "critical"
    (began,) = world.facts("tse.outage_began")
    assert began["reason"] == "gone"
    assert began["message"]
    assert began["serial_number"]

    # Power cut during the outage: it goes on, one record only, and selling goes on.
    await world.kill()
    await world.start(ready=False)
    await world.wait("online", lambda d: d["online"] and d["why"] == "start" and world.running)
    await world.wait("state/sale/main", lambda d: d.get("boot") == world.boot and d["id"] == first["id"])
    second = await acts.sell(world, acts.COFFEE, type="card")
    assert second["outage"]
    assert len(world.facts("tse.outage_began")) == 1

    # Back: the record ends, the alert goes, the next sale is signed, nothing is signed afterwards.
    world.tse_faults()
    await world.wait("alert/tse-outage", lambda d: not d, BACK_S)
    (ended,) = world.facts("tse.outage_ended")
    assert (ended["id"], ended["unsigned"], ended["unsigned_sum"]) == (began["id"], 2, 670)
    signed_after = await acts.sell(world)
    assert not signed_after.get("outage")

    await acts.close_till(world, 10_000 + 3 * 390)
    z_report = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    assert "Ohne TSE-Signatur (Ausfall) (2)" in z_report
    assert "keine Ausfälle" not in z_report
    assert await world.stop() == 0

    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    archive, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict

    receipts = {str(fact["number"]): fact for fact in world.facts("sale.finished")}
    for shown in (first, second):
        assert receipts[shown["receipt"]]["outage"] == began["id"]
        assert receipts[shown["receipt"]]["document"].get("seal") is None
    seals = {r["document"]["seal"]["transaction_number"] for r in receipts.values() if not r["outage"]}
    assert len(seals) == len(receipts) - 2
    for shown in (signed_before, signed_after):
        assert receipts[shown["receipt"]]["document"]["seal"]["qr"].startswith("V0;KASSE-0007;")
    # Only the transaction that had been started before the outage was finished after it, with its own data.
    late = {fact["transaction_number"] for fact in world.facts("tse.late") if fact["operation"] == "finish"}
    started = {f["transaction_number"] for f in world.facts("tse.started") if f["sale"] == first["id"]}
    assert late == started != set()
    done = finished(archive)
    assert set(done) == seals | late
    assert done[late.pop()].process_data == b"Beleg^0.00_3.90_0.00_0.00_0.00^3.90:Bar"


async def test_a_tse_taken_out_of_the_configuration_is_an_outage_from_the_start(world: World) -> None:
    await acts.open_till(world)
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    await acts.done(world, "sale.pay", {"type": "cash", "amount": 100})
    assert await world.stop() == 0
    text = world.config.read_text()
    head, _, rest = text.partition("[tse]\n")
    world.config.write_text(head + rest[rest.index("\n[") + 1 :])
    await world.start(ready=False)
    alert = await world.wait("alert/tse-outage", lambda document: bool(document.get("text_de")))
    assert "In der Konfiguration fehlt [tse]" in alert["text_de"]
    assert (await world.wait("state/dev/tse", lambda d: d["boot"] == world.boot))[
        "reason"
    ] == "not_configured"
    await world.wait("state/sale/main", lambda d: d["boot"] == world.boot and d["due"] == 290)
    await acts.done(world, "sale.pay", {"type": "cash"})
    unsigned = await world.wait("state/sale/main", lambda d: d["status"] == "done")
    assert unsigned["outage"]
    assert await world.stop() == 0

    world.config.write_text(text)
    await world.restart()
    await world.until(lambda: world.facts("tse.outage_ended"))
    assert not (await acts.sell(world)).get("outage")
    assert len(world.facts("tse.outage_began")) == len(world.facts("tse.outage_ended")) == 1
