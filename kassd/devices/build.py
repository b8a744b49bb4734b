"""From plain configuration to drivers. The only place that knows every driver of the room.

Drivers are imported when one is built: a till without serial devices or GPIO never loads their libraries.
"""

from collections.abc import Mapping

from kassd.devices.config import DrawerConfig, PrinterConfig, ScannerConfig
from kassd.devices.port import Drawer, Keeper, Report, Scanner
from kassd.devices.printer.driver import PrinterDriver
from kassd.errors import ConfigError


def build_scanner(config: ScannerConfig, report: Report, keeper: Keeper | None = None) -> Scanner:
    """The scanner that ``config.driver`` names; ``keeper`` leaves what it has open to the next process."""
    if config.driver == "evdev":
        from kassd.devices.scanner.evdev import EvdevScanner

        return EvdevScanner(config, report, keeper=keeper)
    from kassd.devices.scanner.serial import SerialScanner

    return SerialScanner(config, report)


def build_printer(config: PrinterConfig, report: Report, kick_bytes: bytes = b"") -> PrinterDriver:
    """A printer; ``kick_bytes`` is what opens the drawer behind it (``ESC p m t1 t2``)."""
    return PrinterDriver(config, report, kick_bytes)


def build_drawer(config: DrawerConfig, report: Report, printers: Mapping[str, PrinterDriver]) -> Drawer:
    """A drawer; ``printers`` by name. Raises :class:`ConfigError` when its printer is not among them."""
    if config.driver == "gpio":
        from kassd.devices.drawer.gpio import GpioDrawer

        return GpioDrawer(config, report)
    from kassd.devices.drawer.printer import PrinterDrawer

    if config.printer not in printers:
        known = ", ".join(sorted(printers)) or "keiner"
        raise ConfigError(f"[[drawer]] „{config.name}“: printer: „{config.printer}“ fehlt (es gibt: {known})")
    return PrinterDrawer(config, report, printers[config.printer])
