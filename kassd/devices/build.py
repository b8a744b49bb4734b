"""From plain configuration to drivers. The only place that knows every driver of the room.

Drivers are imported when one is built: a till without serial devices or GPIO never loads their libraries.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kassd.devices.config import (
    DrawerConfig,
    PowerConfig,
    PrinterConfig,
    ScaleConfig,
    ScannerConfig,
    TerminalConfig,
)
from kassd.devices.hotplug import Plugs
from kassd.devices.link import Health
from kassd.devices.port import Drawer, Keeper, Report, Runnable, Scale, Scanner, Terminal
from kassd.devices.printer.driver import PrinterDriver
from kassd.errors import ConfigError

if TYPE_CHECKING:
    from kassd.devices.power.driver import Source


def build_scanner(
    config: ScannerConfig, report: Report, keeper: Keeper | None = None, plugs: Plugs | None = None
) -> Scanner:
    """The scanner that ``config.driver`` names; ``keeper`` leaves what it has open to the next process,
    ``plugs`` tells when it may have come."""
    if config.driver == "evdev":
        from kassd.devices.scanner.evdev import EvdevScanner

        return EvdevScanner(config, report, keeper=keeper, plugs=plugs)
    if config.driver == "hidpos":
        from kassd.devices.scanner.hidpos import HidPosScanner

        return HidPosScanner(config, report, plugs=plugs)
    from kassd.devices.scanner.serial import SerialScanner

    return SerialScanner(config, report, plugs)


def build_printer(config: PrinterConfig, report: Report, kick_bytes: bytes = b"") -> PrinterDriver:
    """A printer; ``kick_bytes`` is what opens the drawer behind it (``ESC p m t1 t2``)."""
    return PrinterDriver(config, report, kick_bytes)


def build_scale(config: ScaleConfig, report: Report) -> Scale:
    """A coupled scale."""
    from kassd.devices.scale.driver import SerialScale

    return SerialScale(config, report)


def build_power(config: PowerConfig, report: Report) -> list[Runnable]:
    """What watches the power supply: nothing where there is nothing to be watched."""
    from kassd.devices.power.voltage import VoltageWatch, alarm_file

    health, parts = Health("power", report), list[Runnable]()
    source = _power_source(config)
    if source is not None:
        from kassd.devices.power.driver import PowerDriver
        from kassd.devices.power.levels import Limits

        limits = Limits(config.low_percent, config.critical_percent)
        parts.append(PowerDriver(source, limits, health, report))
    if config.voltage != "none":
        file = alarm_file() if config.voltage == "auto" else Path(config.voltage)
        if file is not None:
            parts.append(VoltageWatch(file, health, report, alone=source is None, poll_s=config.poll_s))
    return parts


def _power_source(config: PowerConfig) -> "Source | None":
    if config.source == "upower":
        from kassd.devices.power.upower import UpowerSource

        return UpowerSource(config.device, config.bus)
    if config.source == "nut":
        from kassd.devices.power.nut import NutSource

        return NutSource(config.device, config.host, config.port, config.poll_s)
    if config.source == "sysfs":
        from kassd.devices.power.sysfs import SysfsSource

        return SysfsSource(Path(config.folder), config.device, config.poll_s)
    return None


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


def build_terminal(config: TerminalConfig, report: Report) -> Terminal:
    """A card terminal."""
    from kassd.devices.terminal.driver import TerminalDriver

    return TerminalDriver(config, report)
