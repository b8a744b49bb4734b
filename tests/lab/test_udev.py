"""Device nodes as our rules make them out of real plugs."""

from tests.lab.guest import Guest
from tests.lab.inside import nodes


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
