"""A keyboard scanner on USB that comes and goes."""

from kassd.sim.world_config import CATALOG
from tests.lab.guest import Guest
from tests.lab.inside import keyboard

BREAD = str(CATALOG[0]["codes"][0])
AGAIN = "Nicht gelesen, bitte neu scannen."


async def test_a_scanner_that_is_pulled_out_in_a_code(shop: Guest) -> None:
    await shop.call(keyboard.scan, name="scanner", codes=[BREAD[:7]], suffix="")
    await shop.unplug("scanner")
    await shop.shown("state/dev/scanner", lambda d: d["state"] == "absent" and d["reason"] == "unplugged")
    await shop.shown("state/sale/main", lambda d: d.get("message") == AGAIN)
    await shop.replug("scanner", socket=2)
    await shop.ready("scanner")
    await shop.call(keyboard.scan, name="scanner", codes=[BREAD])
    await shop.shown("state/sale/main", lambda d: len(d.get("lines", ())) == 1 and d["due"] == 390)
