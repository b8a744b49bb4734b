"""A TSE that is a USB stick: mailbox, vfat and usb-storage between it and the register."""

from kassd.sim.world_config import CATALOG
from tests.lab.guest import SCANNER, START_S, STICK_TSE, Guest
from tests.lab.inside import box, keyboard, stick

BREAD = str(CATALOG[0]["codes"][0])


async def test_a_sale_is_signed_once(guest: Guest) -> None:
    await guest.call(stick.insert, socket=3)
    await guest.begin(stick.work)
    await guest.plug_scanner()
    await guest.install(STICK_TSE, SCANNER)
    await guest.call(box.set_up_tse, seconds=START_S)
    await guest.start_register()
    await guest.ready("tse", "scanner")
    await guest.open_till()
    await guest.call(keyboard.scan, name="scanner", codes=[BREAD])
    await guest.shown("state/sale/main", lambda d: d.get("due") == 390)
    await guest.command("sale.pay", type="cash")
    await guest.shown("state/sale/main", lambda d: d["status"] == "done")
    finished = await guest.call(box.facts, kind="sale.finished")
    assert [slip["outage"] for slip in finished] == [""] * len(finished)
    for kind in ("tse.started", "tse.finished"):  # whatever was sent twice would leave a gap
        numbers = [fact["transaction_number"] for fact in await guest.call(box.facts, kind=kind)]
        assert numbers == list(range(1, len(finished) + 1)), kind
