"""Several scanners at one counter, and scanners while the register is restarted."""

import os

import pytest

from kassd.devices.config import ScannerConfig
from kassd.sim.world_config import CATALOG
from tests.lab.guest import AGAIN, OPENING, OTHER_SOCKET, SERIAL_SOCKET, START_S, Guest
from tests.lab.inside import box, gadgets, keyboard, nodes, pos_scanner, serial_scanner, several

ORDERS = [("systemctl", "restart", "--no-block", "kassd.service"), ("kill", "-KILL", "{pid}")]
BREAD, PRETZEL, CAKE = (str(article["codes"][0]) for article in CATALOG[:3])


async def test_two_of_one_kind_and_one_on_a_serial_port(shop: Guest) -> None:
    """Two scanners that say the same of themselves are told apart by their sockets: codes that come in at
    the same time do not mix, and one may be pulled out."""
    await shop.call(gadgets.make, name="other", model="keyboard-scanner", serial="scanner")
    await shop.call(gadgets.make, name="serial", model="serial-scanner")
    await shop.replug("other", OTHER_SOCKET)
    await shop.replug("serial", SERIAL_SOCKET)
    await shop.ready("scanner", "other", "serial")

    together = {"scanner": BREAD, "other": PRETZEL}
    pause = await shop.call(several.at_once, keyboards=together, port="serial", code=CAKE)
    gap_ms = ScannerConfig("scanner", "evdev", device="-").gap
    assert pause * 1000 < gap_ms, "the scanners paused in the middle, which loses a code"
    await _sold(shop, BREAD, PRETZEL, CAKE)

    await shop.unplug("other")
    await _unplugged(shop, "other")
    await shop.call(serial_scanner.scan, name="serial", codes=[CAKE[:6]], suffix="")
    await shop.unplug("serial")
    await _unplugged(shop, "serial")
    await shop.shown("state/sale/main", lambda d: d.get("message") == AGAIN)
    await shop.scan(BREAD, 4)
    await _sold(shop, BREAD, PRETZEL, CAKE, BREAD)
    await shop.replug("other", OTHER_SOCKET)
    await shop.replug("serial", SERIAL_SOCKET)
    await shop.ready("other", "serial")
    await shop.scan(PRETZEL, 5, name="other")
    await shop.call(serial_scanner.scan, name="serial", codes=[CAKE])
    await _sold(shop, BREAD, PRETZEL, CAKE, BREAD, PRETZEL, CAKE)


async def test_one_in_point_of_sale_mode(shop: Guest) -> None:
    """Understood by what its report descriptor says; pulled out in a code that takes two reports, and put
    in elsewhere."""
    await shop.call(gadgets.make, name="pos", model="pos-scanner")
    await shop.replug("pos", OTHER_SOCKET)
    await shop.ready("pos")
    await shop.call(pos_scanner.scan, name="pos", codes=[BREAD, PRETZEL])
    await _sold(shop, BREAD, PRETZEL)
    await shop.call(pos_scanner.scan, name="pos", codes=[CAKE[:6]], ends=False)
    await shop.unplug("pos")
    await _unplugged(shop, "pos")
    await shop.shown("state/sale/main", lambda d: d.get("message") == AGAIN)
    await shop.replug("pos", SERIAL_SOCKET)
    await shop.ready("pos")
    await shop.call(pos_scanner.scan, name="pos", codes=[CAKE])
    await _sold(shop, BREAD, PRETZEL, CAKE)


@pytest.mark.parametrize(
    "order", ORDERS if os.environ.get("SOAK") else ORDERS[:1], ids=lambda order: order[1]
)
async def test_a_register_that_ends_in_a_code(shop: Guest, order: tuple[str, ...]) -> None:
    """systemd keeps the scanner grabbed meanwhile: what it sends waits, and no key is lost."""
    await shop.printed(OPENING)  # nothing keeps the register from ending
    await shop.leave()
    ended = await shop.call(several.across_an_end, name="scanner", code=BREAD, order=order)
    assert ended, "the code was whole before the register had ended"
    await shop.call(box.start, seconds=START_S)
    await shop.look()
    await _sold(shop, BREAD)
    await shop.scan(PRETZEL, 2)
    await _sold(shop, BREAD, PRETZEL)


async def test_doctor_tells_who_has_a_scanner_and_takes_nothing_from_it(shop: Guest) -> None:
    """systemd after a crash, which a scan waits with; then another program."""
    told = {"check": "scanner scanner", "seconds": START_S}
    await shop.printed(OPENING)
    await shop.leave()
    await shop.call(box.restart_late)
    await shop.call(box.kill)
    await shop.call(keyboard.scan, name="scanner", codes=[BREAD])
    said = await shop.call(box.examined, **told)
    assert said.startswith("info: Scanner "), said
    assert said.endswith("systemd hält das Gerät bis zum nächsten Start für kassd bereit")
    if os.environ.get("SOAK"):
        said = await shop.call(box.examined, user="kassd", **told)
        assert said.startswith("warning: Scanner "), "only root sees who it is"
        assert "ist es systemd (PID 1), so ist nichts zu tun" in said
    await shop.call(box.start, seconds=START_S)
    await shop.look()
    await _sold(shop, BREAD)

    await shop.leave()
    await shop.call(box.stop)
    other = await shop.begin(nodes.grab, path="/dev/kassd/scanner")
    said = await shop.call(box.examined, **told)
    assert said.startswith("error: Scanner "), said
    assert "gehört einem anderen Programm, geöffnet von " in said
    assert f"(PID {other})" in said, said
    if os.environ.get("SOAK"):
        await shop.call(nodes.end, pid=other)
        assert (await shop.call(box.examined, **told)).endswith("ist da")


async def _unplugged(shop: Guest, name: str) -> None:
    await shop.shown(f"state/dev/{name}", lambda d: d["state"] == "absent" and d["reason"] == "unplugged")


async def _sold(shop: Guest, *codes: str) -> None:
    """These are the sale's lines, in whichever order they came."""
    names = sorted(next(one["name"] for one in CATALOG if code in one["codes"]) for code in codes)
    await shop.shown(
        "state/sale/main", lambda d: sorted(line["text"] for line in d.get("lines", ())) == names
    )
