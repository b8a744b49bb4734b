"""A receipt printer on USB that is pulled out in the middle of a receipt."""

import pytest

from kassd.sim.world_config import CATALOG
from tests.lab.guest import Guest
from tests.lab.inside import box, printer

BREAD = str(CATALOG[0]["codes"][0])
TOTAL = "Summe                               3,90 €"


@pytest.mark.parametrize("stops_after", [1, 700], ids=["beginning", "middle"])
async def test_a_receipt_comes_out_whole_once(shop: Guest, stops_after: int) -> None:
    """It stops, is pulled out, and plugged in again: what was printed of it is torn, and there is one whole
    receipt, which is a KOPIE exactly where the first one's fate was unknown."""
    await shop.printed("Geldtransit                    Beleg-Nr. 2")
    await shop.scan(BREAD, 1)
    await shop.call(printer.control, stuck=True, after_bytes=stops_after)
    await shop.command("sale.pay", type="cash")
    await shop.shown("state/sale/main", lambda d: d["status"] == "done")
    await shop.call(printer.stopped, stuck=True)
    await shop.unplug("printer")
    await shop.shown("state/dev/printer", lambda d: d["state"] == "absent")
    await shop.call(printer.control, stuck=False, power="cycle")
    await shop.replug("printer", socket=1)
    await shop.ready("printer")
    slip = await shop.printed(TOTAL)
    results = [done["result"] for done in await shop.call(box.facts, kind="print.done")]
    whole = [slip for slip in await shop.call(printer.slips) if TOTAL in slip]
    assert len(whole) == 1
    assert any("KOPIE" in row for row in slip) == ("unknown" in results), results
