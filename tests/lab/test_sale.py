"""A sale as on the box: scanned on USB, printed on USB, and the drawer opens."""

from kassd.sim.world_config import CATALOG
from tests.lab.guest import Guest
from tests.lab.inside import box, gpio, keyboard

BREAD = str(CATALOG[0]["codes"][0])


async def test_scanned_paid_printed_opened(shop: Guest) -> None:
    await shop.call(keyboard.scan, name="scanner", codes=[BREAD, BREAD])
    await shop.shown("state/sale/main", lambda d: len(d.get("lines", ())) == 2 and d["due"] == 780)
    await shop.command("sale.pay", type="cash", given=1000)
    await shop.shown("state/sale/main", lambda d: d["status"] == "done" and d["change"] == 220)
    await shop.printed("Summe                               7,80 €")
    assert len(await shop.call(gpio.pulses)) == 1
    jobs = await shop.call(box.facts, kind="print.done")
    assert {job["result"] for job in jobs} == {"confirmed"}
