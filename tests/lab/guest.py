"""A guest in a test's hands: orders for its inside, and the displays on its broker."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kassd.core.barcodes.check_digit import gtin_check_digit
from kassd.mqtt.ulid import ulid
from kassd.sim.world_client import Document, Observer
from kassd.sim.world_config import CATALOG, CLIENT, NODE, REGISTER, catalog_json
from tests.lab.inside import box, gadgets, gpio, keyboard, printer, stick, uinput_scanner
from tests.lab.machine import LabError, Machine
from tools.tiers import ROOT

DRAWER_PIN = 17
SOCKETS = {"scanner": 0, "printer": 1, "till-printer": 2, "stick": 3}  # of the computer
OTHER_SOCKET, SERIAL_SOCKET = 2, 3  # where no printer and no stick is
MOUNT = ROOT / "systemd/mnt-tse.mount"
NUMBERED = 1000  # articles besides the bakery's
OPENING = "Geldtransit                    Beleg-Nr. 2"  # on the first paper
SALE, AGAIN = "state/sale/main", "Nicht gelesen, bitte neu scannen."
PATIENCE_S, START_S = 180.0, 600.0  # this machine may be loaded, and emulates
BASE = f"""
[register]
id = "{REGISTER}"
mode = "test"
tse_deadline_ms = 10000
[business]
name = "Backhaus Muster"
street = "Marktplatz 1"
postal_code = "01067"
city = "Dresden"
tax_number = "203/123/12345"
[journal]
dir = "{box.JOURNAL}"
[catalog]
file = "/etc/kassd/catalog.json"
[mqtt.local]
node = "{NODE}"
host = "127.0.0.1"
"""
SOFT_TSE = """
[tse]
driver = "soft"
path = "/var/lib/kassd/tse"
"""
STICK_TSE = f"""
[tse]
driver = "cryptovision"
path = "{stick.MOUNTED}"
secrets = "/var/lib/kassd/tse-secrets"
"""
SCANNER = """
[[scanner]]
name = "scanner"
driver = "evdev"
device = "/dev/kassd/scanner"
"""
SCANNERS = f"""
[[scanner]]
name = "scanner"
driver = "evdev"
device = "/dev/kassd/by-path/scanner-platform-dummy_hcd.0-usb-0:1:1.0"
[[scanner]]
name = "other"
driver = "evdev"
device = "/dev/kassd/by-path/scanner-platform-dummy_hcd.{OTHER_SOCKET}-usb-0:1:1.0"
[[scanner]]
name = "serial"
driver = "serial"
port = "/dev/kassd/by-path/scanner-platform-dummy_hcd.{SERIAL_SOCKET}-usb-0:1:1.0"
[[scanner]]
name = "pos"
driver = "hidpos"
device = "usb:0c2e:0b67"
[[scanner]]
name = "uinput"
driver = "evdev"
device = "name:{uinput_scanner.LABEL}"
"""
PRINTER = """
[[printer]]
name = "printer"
driver = "usb"
path = "/dev/kassd/by-path/printer-platform-dummy_hcd.1-usb-0:1:1.0"
profile = "TM-T88V"
"""
TILL_PRINTER = """
[[printer]]
name = "till-printer"
station = "till"
driver = "usb"
path = "/dev/kassd/by-path/printer-platform-dummy_hcd.2-usb-0:1:1.0"
profile = "TM-T88V"
[[drawer]]
name = "drawer"
driver = "printer"
printer = "till-printer"
"""
DRAWER = f"""
[[drawer]]
name = "drawer"
driver = "gpio"
pin = {DRAWER_PIN}
"""


def numbered(n: int) -> str:
    """The code of the n-th article that there is only for its number."""
    digits = f"40012345{n:04}"
    return f"{digits}{gtin_check_digit(digits)}"


ARTICLES = (
    *CATALOG,
    *(
        {"id": numbered(n), "codes": [numbered(n)], "name": f"Artikel {n}", "price": 100, "vat": 1}
        for n in range(NUMBERED)
    ),
)


class Display(Observer):
    """Remembers also what was shown before. ``history``: topic below the base and document, in order."""

    def __init__(self, node: str, port: int) -> None:
        super().__init__(node, port)
        self.history: list[tuple[str, Document]] = []

    def _hear(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        super()._hear(topic, payload, correlation)
        if payload:
            self.history.append((topic.removeprefix(f"{self.topics.base}/"), json.loads(payload)))


class Guest:
    """One machine. ``call`` and ``start`` take functions of ``tests.lab.inside`` and carry them out there."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.display: Display | None = None

    async def call(self, function: Callable[..., Any], *, seconds: float = PATIENCE_S, **args: Any) -> Any:
        """The function's value, computed in the guest. Raises :class:`LabError` with its traceback."""
        return await self._order({"call": _name(function), "args": args}, seconds)

    async def begin(self, function: Callable[..., Any], **args: Any) -> Any:
        """Start a function that goes on for as long as the guest; the value that it said it is ready with."""
        return await self._order({"start": _name(function), "args": args}, PATIENCE_S)

    async def _order(self, order: dict[str, Any], seconds: float) -> Any:
        return await asyncio.to_thread(self._machine.order, order, seconds)

    async def prepare(self) -> None:
        """Boot to the point where every test of every tree begins."""
        await self._order({"prepare": True}, START_S)

    async def load_tree(self) -> None:
        """Mount what is under test; it is today."""
        await self._order({"now": time.time()}, PATIENCE_S)
        await self._order({"tree": True}, PATIENCE_S)

    def sleep(self, state: Path) -> None:
        """End the machine and keep it as it is in ``state``."""
        self._machine.sleep(state)

    # -- devices -------------------------------------------------------------------------------------

    async def plug_scanner(self, name: str = "scanner", socket: int = 0) -> None:
        """A keyboard scanner."""
        await self.call(gadgets.make, name=name, model="keyboard-scanner", serial=name)
        await self.call(gadgets.plug, name=name, socket=socket)

    async def plug_stick(self) -> None:
        """A TSE that is a stick, factory-new."""
        await self.call(stick.insert, socket=SOCKETS["stick"], unit=MOUNT.read_text())
        await self.begin(stick.work)

    async def plug_printer(self, name: str = "printer", socket: int = 1) -> None:
        """A receipt printer that prints."""
        await self.call(gadgets.make, name=name, model="printer", serial=name)
        await self.call(gadgets.plug, name=name, socket=socket)
        await self.begin(printer.serve, name=name)

    async def wire_drawer(self) -> None:
        """A GPIO chip; what is put out on its lines is noted."""
        await self.call(gpio.make)
        await self.call(gpio.note)

    async def unplug(self, name: str) -> None:
        """Pull a device out."""
        await self.call(gadgets.unplug, name=name)

    async def replug(self, name: str, socket: int) -> None:
        """Plug it in again, also elsewhere."""
        await self.call(gadgets.plug, name=name, socket=socket)

    # -- the register --------------------------------------------------------------------------------

    async def install(self, *sections: str) -> None:
        """Install the register with these sections of configuration."""
        files = {"kassd.toml": BASE + "".join(sections), "catalog.json": catalog_json(ARTICLES)}
        await self.call(box.install, files=files)

    async def start_register(self) -> None:
        """Start the register and wait until it is online."""
        await self.call(box.start, seconds=START_S)
        await self.look()

    async def look(self) -> None:
        """Put up a display for a register that runs."""
        await self.call(box.pid)  # the machine is awake
        self.display = Display(NODE, self._machine.broker)
        await self.display.start()
        await self.shown("online", lambda d: d.get("online"))

    async def shown(
        self, topic: str, condition: Callable[[Document], object], seconds: float = PATIENCE_S
    ) -> Document:
        """The document on ``topic`` once it fulfils the condition."""
        assert self.display is not None
        try:
            async with asyncio.timeout(seconds):
                while not condition(self.display.seen.get(topic, {})):
                    await self.display.changed.wait()
        except TimeoutError:
            log = await self.call(box.log)
            raise LabError(f"{topic} stayed {self.display.seen.get(topic)}\n{log}") from None
        return self.display.seen[topic]

    def heard(self, topic: str, condition: Callable[[Document], object]) -> int:
        """How many documents on ``topic`` fulfilled the condition so far."""
        assert self.display is not None
        return sum(1 for name, document in self.display.history if name == topic and condition(document))

    async def scan(self, code: str, lines: int, name: str = "scanner") -> None:
        """Scan until the sale has so many lines: once more where the register asks for it, as a person does.
        A busy machine may lose keys, and says so."""
        assert self.display is not None
        for _ in range(5):
            before = self.display.seen.get(SALE, {}).get("n", 0)
            await self.call(keyboard.scan, name=name, codes=[code])
            seen = await self.shown(SALE, lambda d, n=before: _settled(d, n, lines))  # type: ignore[misc]
            if len(seen["lines"]) == lines:
                return
        raise LabError(f"{code} was scanned five times and not read")

    async def ready(self, *devices: str) -> None:
        """Wait until these devices are ready."""
        for device in devices:
            await self.shown(f"state/dev/{device}", lambda d: d.get("state") == "ready")

    async def command(self, name: str, **args: Any) -> Document:
        """Send a command that must be carried out; its reply."""
        assert self.display is not None
        payload = json.dumps({"v": 1, "id": ulid(), "args": args}).encode()
        reply = await self.display.ask(CLIENT, name, payload, expiry=60, timeout=PATIENCE_S)
        assert reply["status"] in ("ok", "accepted"), reply
        return reply

    async def printed(self, text: str) -> list[str]:
        """The newest slip's lines, once a slip has this one."""
        return await self.call(printer.slip_with, text=text)

    async def open_till(self) -> None:
        """Begin the day."""
        await self.command("till.open", counted=10_000, source="transit")
        await self.shown("state/till/main", lambda d: d.get("open"))

    async def leave(self) -> None:
        """Take the display away."""
        if self.display is not None:
            await self.display.stop()
            self.display = None

    async def close(self) -> None:
        """Take display and machine down."""
        await self.leave()
        self._machine.close()


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def _settled(sale: Document, before: int, lines: int) -> bool:
    """Whether a sale that was published after ``before`` is open with so many lines, or wants
    another scan."""
    if sale.get("n", 0) <= before:
        return False
    return (sale["status"] == "open" and len(sale["lines"]) == lines) or sale["message"] == AGAIN
