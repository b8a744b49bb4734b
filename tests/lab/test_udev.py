"""Device nodes as our rules make them out of real plugs."""

from tests.lab.guest import Guest
from tests.lab.inside import box, nodes

SELDOM_S = 3.5  # after so long without a scanner it is looked for every two seconds
AT_ONCE_MS = 300


async def test_devices_have_their_names_and_groups(shop: Guest) -> None:
    found = await shop.call(nodes.named)
    assert found == {
        "scanner": ["input", 0o660],
        "printer": ["lp", 0o660],
        "by-path/scanner-platform-dummy_hcd.0-usb-0:1:1.0": ["input", 0o660],
        "by-path/printer-platform-dummy_hcd.1-usb-0:1:1.0": ["lp", 0o660],
    }
    assert await shop.call(nodes.group, path="/dev/gpiochip0") == "gpio"


async def test_a_scanner_is_no_keyboard_to_the_rest_of_the_system(shop: Guest) -> None:
    properties = await shop.call(nodes.properties, path="/dev/kassd/scanner")
    assert properties["ID_KASSD_ROLE"] == "scanner"
    assert properties["LIBINPUT_IGNORE_DEVICE"] == "1"
    assert not properties.get("ID_INPUT_KEYBOARD")
    assert not properties.get("ID_INPUT_KEY")


async def test_what_is_plugged_in_is_taken_when_udev_says_so(shop: Guest) -> None:
    """Whoever only looks now and then takes a second on the average."""
    pid = await shop.call(box.pid)
    assert await shop.call(nodes.hears, pid=pid), await shop.call(box.log)
    await shop.unplug("scanner")
    await shop.shown("state/dev/scanner", lambda d: d["state"] == "absent")
    assert await shop.call(nodes.taken, name="scanner", socket=0, pid=pid, after_s=SELDOM_S) < AT_ONCE_MS
    await shop.ready("scanner")
