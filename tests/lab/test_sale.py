"""A sale as on the box: scanned on USB, printed on USB, and the drawer opens."""

from kassd.sim.world_config import CATALOG
from tests.lab.guest import Guest
from tests.lab.inside import box, gpio

BREAD = str(CATALOG[0]["codes"][0])


async def test_scanned_paid_printed_opened(shop: Guest) -> None:
    for lines in (1, 2):
        await shop.scan(BREAD, lines)
    await shop.shown("state/sale/main", lambda d: d["due"] == 780)
    await shop.command("sale.pay", type="cash", given=1000)
    await shop.shown("state/sale/main", lambda d: d["status"] == "done" and d["change"] == 220)
    await shop.printed("Summe                               7,80 €")
    assert len(await shop.call(gpio.rises)) == 1
    jobs = await shop.call(box.facts, kind="print.done")
    assert {job["result"] for job in jobs} == {"confirmed"}
