"""A drawer in the printer's drawer-kick socket, whose pin 3 is the drawer's contact."""

import asyncio

from kassd.core.status import DeviceState, DeviceStatus, Known
from kassd.devices.config import DrawerConfig
from kassd.devices.link import Health
from kassd.devices.port import Report
from kassd.devices.printer.driver import PrinterDriver

OTHER: dict[Known, Known] = {"yes": "no", "no": "yes", "unknown": "unknown"}


class PrinterDrawer:
    """Opens through ``printer``, which also tells whether it can be opened; with a contact, whether it is."""

    def __init__(self, config: DrawerConfig, report: Report, printer: PrinterDriver) -> None:
        self.name = config.name
        self._config = config
        self._printer = printer
        self._health = Health(config.name, report)

    async def run(self) -> None:
        """Show the printer's presence as the drawer's for ever."""
        self._printer.follow(self._printer_changed)
        await asyncio.get_running_loop().create_future()

    def kick(self, job: str) -> None:
        """Open the drawer; the printer reports the :class:`KickOutcome` under this drawer's name."""
        self._printer.kick(job, self.name, self._config.pulse_ms)

    def close(self) -> None:
        """Nothing is held."""

    def _printer_changed(self, status: DeviceStatus) -> None:
        if status.state in ("ready", "busy", "degraded"):
            self._show("ready", status)
        elif status.state in ("absent", "opening"):
            self._show(status.state, status, "printer", status.message)
        else:  # without paper or with an open cover most printers still give a pulse in real time
            self._show("degraded", status, "printer", status.message)

    def _show(self, state: DeviceState, status: DeviceStatus, reason: str = "", message: str = "") -> None:
        told: dict[str, Known] = {}
        if self._config.sensor:
            level = status.conditions.get("drawer_high", "unknown")
            told["open"] = level if self._config.open_level == "high" else OTHER[level]
        self._health.set(state, reason, message, told)
