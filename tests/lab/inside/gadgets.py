"""USB devices that the guest's kernel plays to itself: configfs makes them, dummy_hcd plugs them in.

Each lies under a name and has a socket of its own (:data:`SOCKETS`), so that one can be pulled out alone.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.lab.inside.waiting import until

CONFIGFS = Path("/sys/kernel/config/usb_gadget")
SOCKETS = 4
KEYBOARD, HID_POS, SERIAL, PRINTER, STICK = "hid.keyboard", "hid.pos", "acm.0", "printer", "mass_storage.0"

# Report descriptors: the boot keyboard of the HID specification, appendix B.1; a bar code scanner of the HID
# Point of Sale usage tables with report 2: length, AIM id, 56 bytes of data, "goes on".
BOOT_KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508"
    "150025650507190029658100c0"
)
POINT_OF_SALE = bytes.fromhex(
    "058c0902a10185020912a102150026ff00750895010501093b81029503058c09fb09fc09fd8102953809fe8202012501750195"
    "010 9ff810275078103c0c0".replace(" ", "")
)
PNP = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;"


@dataclass(frozen=True, slots=True)
class Model:
    """What a device says of itself: numbers of USB's register of makers, and its one function."""

    vendor: int
    product: int
    maker: str
    label: str
    function: str


MODELS = {
    "keyboard-scanner": Model(0x0C2E, 0x0B61, "Honeywell", "Voyager 1450", KEYBOARD),
    "pos-scanner": Model(0x0C2E, 0x0B67, "Honeywell", "Voyager 1450", HID_POS),
    "serial-scanner": Model(0x0C2E, 0x0B6A, "Honeywell", "Voyager 1450", SERIAL),
    "printer": Model(0x04B8, 0x0E15, "EPSON", "TM-T88V", PRINTER),
    "stick": Model(0x0951, 0x16A4, "Swissbit", "USB TSE", STICK),
}
SETTINGS: dict[str, dict[str, str | bytes]] = {
    KEYBOARD: {"protocol": "1", "subclass": "1", "report_length": "8", "report_desc": BOOT_KEYBOARD},
    HID_POS: {"protocol": "0", "subclass": "0", "report_length": "62", "report_desc": POINT_OF_SALE},
    SERIAL: {},
    PRINTER: {"pnp_string": PNP, "q_len": "10"},
    STICK: {},
}


def make(name: str, model: str, serial: str = "0001", **settings: str) -> None:
    """Make a device; it is not plugged in yet. ``settings`` are its function's, by their path in configfs."""
    what, gadget = MODELS[model], CONFIGFS / name
    strings, configuration = gadget / "strings/0x409", gadget / "configs/c.1"
    function = gadget / "functions" / _instance(what.function)
    for folder in (strings, configuration / "strings/0x409", function):
        folder.mkdir(parents=True)
    numbers = {"idVendor": what.vendor, "idProduct": what.product, "bcdUSB": 0x200, "bcdDevice": 0x100}
    for key, value in numbers.items():
        (gadget / key).write_text(hex(value))
    for key, text in {"manufacturer": what.maker, "product": what.label, "serialnumber": serial}.items():
        (strings / key).write_text(text)
    for key, content in (SETTINGS[what.function] | settings).items():
        (function / key).write_bytes(content if isinstance(content, bytes) else content.encode())
    (configuration / function.name).symlink_to(function)


def _instance(function: str) -> str:
    """The function's folder. A printer carries the number that its far end will have: they are counted."""
    count = len(list(CONFIGFS.glob("*/functions/printer.*")))
    return f"{function}.{count}" if function == PRINTER else function


def plug(name: str, socket: int) -> None:
    """Plug a device into one of the computer's sockets, 0 to 3."""
    (CONFIGFS / name / "UDC").write_text(f"dummy_udc.{socket}")


def unplug(name: str) -> None:
    """Pull it out."""
    (CONFIGFS / name / "UDC").write_text("\n")


def far_end(name: str) -> Path:
    """The node through which its inside is played: ``/dev/hidg*``, ``/dev/ttyGS*`` or ``/dev/g_printer*``."""
    (function,) = (CONFIGFS / name / "functions").iterdir()
    if function.name == SERIAL:
        return Path(f"/dev/ttyGS{(function / 'port_num').read_text().strip()}")
    if function.name.startswith(PRINTER):
        return Path(f"/dev/g_{function.name.replace('.', '')}")
    major, minor = (int(part) for part in (function / "dev").read_text().split(":"))
    node = Path(f"/dev/hidg{minor}")
    until(node.exists, f"{node}")
    assert os.stat(node).st_rdev == os.makedev(major, minor)
    return node
