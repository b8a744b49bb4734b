"""A drawer in the printer's drawer-kick socket."""

import asyncio

from kassd.core.status import DeviceStatus
from kassd.devices.config import DrawerConfig
from kassd.devices.link import Health
from kassd.devices.port import Report
from kassd.devices.printer.driver import PrinterDriver


class PrinterDrawer:
    """Opens through ``printer``, which also tells whether it can be opened."""

    def __init__(self, config: DrawerConfig, report: Report, printer: PrinterDriver) -> None:
        self.name = config.name
        self._printer = printer
        self._health = Health(config.name, report)

    async def run(self) -> None:
        """Show the printer's presence as the drawer's for ever."""
        self._printer.follow(self._printer_changed)
        await asyncio.get_running_loop().create_future()

    def kick(self, job: str) -> None:
        """Open the drawer; the printer reports the :class:`KickOutcome` under this drawer's name."""
        self._printer.kick(job, self.name)

    def close(self) -> None:
        """Nothing is held."""

    def _printer_changed(self, status: DeviceStatus) -> None:
        if status.state in ("ready", "busy", "degraded"):
            self._health.set("ready")
        elif status.state in ("absent", "opening"):
            self._health.set(status.state, "printer", status.message)
        else:  # without paper or with an open cover most printers still give a pulse in real time
            self._health.set("degraded", "printer", status.message)
