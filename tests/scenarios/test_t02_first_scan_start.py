"""T02 first-scan-start: the first item starts the transaction, and the receipt shows the TSE's own times."""

from collections.abc import Callable
from typing import Any

import acts

from kassd.sim.world import World
from kassd.tse.log import messages
from kassd.tse.log.tar import TarReader


async def test_t02_first_scan_start(world: World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.open_till(world)
    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    sale = added["result"]["sale"]
    await world.until(lambda: sale in [fact["sale"] for fact in world.facts("tse.started")])
    (first,) = [line for line in world.journal() if any(f["kind"] == "sale.opened" for f in line.facts)][-1:]
    assert [fact["kind"] for fact in first.facts][:2] == ["sale.opened", "sale.line_added"]
    assert [wish["kind"] for wish in first.wishes] == ["tse.start"]

    # A power cut in between: the transaction that was started is the one that is finished.
    await world.kill()
    await world.start()
    await world.wait("state/sale/main", lambda d: d["id"] == sale and d["status"] == "open")
    await acts.done(world, "sale.add", {"code": acts.COFFEE})
    await acts.pay(world, sale)
    kinds = acts.kinds(world)
    assert kinds.count("sale.opened") == kinds.count("tse.started") == kinds.count("tse.finished")

    (started,) = [fact for fact in world.facts("tse.started") if fact["sale"] == sale]
    (finished,) = [fact for fact in world.facts("tse.finished") if fact["sale"] == sale]
    seal = world.facts("sale.finished")[-1]["document"]["seal"]
    assert seal["transaction_number"] == started["transaction_number"]
    assert (seal["start"], seal["finish"]) == (started["log_time"], finished["log_time"])
    slip = await world.slip("TSE-Transaktion")
    assert slip.qr
    assert await world.stop() == 0

    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    archive, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
    logged = [
        data.operation
        for member in TarReader().feed(archive)
        if member.name.endswith(".log")
        and isinstance(data := messages.parse(member.data).data, messages.TransactionData)
        and data.transaction_number == seal["transaction_number"]
    ]
    assert logged == ["start", "finish"]
