"""T13 vouchers: single and multi purpose, tax at the right time, redeemed in parts, never twice."""

from collections.abc import Callable
from typing import Any

import acts

from kassd.sim.world import World

FOREIGN = "GS00000000000"  # of another register


def taxes(world: World, receipt: str) -> dict[int, tuple[int, int]]:
    """UST_SCHLUESSEL → gross and tax of a receipt as it was issued."""
    (document,) = [f["document"] for f in world.facts("sale.finished") if str(f["number"]) == receipt]
    return {row["vat"]: (row["gross"], row["tax"]) for row in document["vat"]}


async def sell_voucher(world: World, **args: Any) -> tuple[str, dict[str, Any]]:
    """A voucher for cash: its number and the sale as displayed."""
    result = (await acts.done(world, "voucher.sell", args))["result"]
    return result["code"], await acts.pay(world, result["sale"])


async def balance(world: World, code: str) -> int:
    reply = await acts.done(world, "voucher.balance", {"code": code})
    found: int = reply["result"]["balance"]
    return found


async def test_t13_vouchers(world: World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.open_till(world)

    # Multi purpose: no tax at the sale. Single purpose: taxed at once.
    multi, sale = await sell_voucher(world, kind="multi", value=1000)
    assert taxes(world, sale["receipt"]) == {5: (1000, 0)}
    single, sale = await sell_voucher(world, kind="single", value=1070, vat=2, text="Brot")
    assert taxes(world, sale["receipt"]) == {2: (1070, 70)}
    slip = await world.slip(multi)
    assert multi in slip.qr
    assert "10,00 €" in "\n".join(slip.text)

    # In parts: bread at 7 % is taxed now, the voucher's line is not.
    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    part = await acts.pay(world, added["result"]["sale"], type="voucher", code=multi)
    assert part["lines"][-1]["case"] == "MehrzweckgutscheinEinloesung"
    assert (part["total"], part.get("payments", [])) == (0, [])
    assert taxes(world, part["receipt"]) == {2: (390, 26), 5: (-390, 0)}
    assert "Restwert 6,10 €" in "\n".join((await world.slip(f"Beleg-Nr. {part['receipt']}")).text)
    assert await balance(world, multi) == 610

    # An aborted sale gives back what it had taken; a power cut in mid-sale loses nothing.
    await acts.done(world, "sale.add", {"code": acts.BREAD, "quantity": "2"})
    await acts.done(world, "sale.pay", {"type": "voucher", "code": multi})
    assert await balance(world, multi) == 0
    await world.kill()
    await world.start()
    assert await balance(world, multi) == 0
    assert await acts.refused(world, "sale.pay", {"type": "voucher", "code": multi}) == "voucher_used"
    await acts.done(world, "sale.abort")
    await acts.settled(world)
    assert await balance(world, multi) == 610

    # The single purpose voucher takes its goods' turnover back; a second use is refused.
    added = await acts.done(world, "sale.add", {"code": acts.BREAD})
    used = await acts.pay(world, added["result"]["sale"], type="voucher", code=single, amount=390)
    assert taxes(world, used["receipt"]) == {2: (0, 0)}
    added = await acts.done(world, "sale.add", {"text": "Korb", "price": 680, "vat": 2})
    await acts.pay(world, added["result"]["sale"], type="voucher", code=single)
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    assert await acts.refused(world, "sale.pay", {"type": "voucher", "code": single}) == "voucher_used"

    # What another register sold is not redeemed here: it may be offline and redeem it itself.
    assert await acts.refused(world, "sale.pay", {"type": "voucher", "code": FOREIGN}) == "voucher_unknown"
    await acts.done(world, "sale.pay", {"type": "cash"})
    await acts.settled(world)

    await acts.close_till(world, 10_000 + 1000 + 1070 + 390)
    assert await balance(world, multi) == 610
    totals = world.facts("till.closed")[-1]["totals"]["cases"]
    assert totals["MehrzweckgutscheinKauf|5"] == [1000, 1000, 0]
    assert totals["MehrzweckgutscheinEinloesung|5"] == [-390, -390, 0]
    assert totals["EinzweckgutscheinKauf|2"][0] == -totals["EinzweckgutscheinEinloesung|2"][0] == 1070
    assert await world.stop() == 0

    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    _, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
