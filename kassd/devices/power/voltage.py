"""The Raspberry Pi's word that its own supply is too low (hwmon ``rpi_volt``): a weak adapter or a thin cable
crashes cards and sticks long before the board goes off.

The kernel wakes who waits for ``in0_lcrit_alarm`` (sysfs_notify); where that cannot be had the file is read
every half minute.
"""

import asyncio
import contextlib
import select
from collections.abc import Iterator
from pathlib import Path

from kassd.devices.link import Health
from kassd.devices.port import PowerReading, Report

HWMON = Path("/sys/class/hwmon")
DRIVER, ALARM = "rpi_volt", "in0_lcrit_alarm"
POLL_S = 30.0


def alarm_file(hwmon: Path = HWMON) -> Path | None:
    """Where the board's kernel tells it, None on other boards."""
    for name in sorted(hwmon.glob("hwmon*/name")):
        if name.read_text(encoding="ascii").strip() == DRIVER:
            return name.with_name(ALARM)
    return None


class VoltageWatch:
    """Reports :class:`PowerReading` with ``weak``. ``alone``: nothing else speaks for ``state/dev/power``."""

    def __init__(
        self, file: Path, health: Health, report: Report, *, alone: bool, poll_s: float = POLL_S
    ) -> None:
        self._file = file
        self._health = health
        self._report = report
        self._alone = alone
        self._poll_s = poll_s
        self._weak: bool | None = None

    async def run(self) -> None:
        """Watch for ever."""
        with _woken(self._file) as woken:
            while True:
                self._look()
                woken.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_s):
                        await woken.wait()

    def _look(self) -> None:
        try:
            weak = self._file.read_text(encoding="ascii").strip() == "1"
        except OSError as error:
            if self._alone:
                self._health.fault(error, "Der Spannungsmesser", str(self._file))
            return
        if weak != self._weak:
            self._weak = weak
            self._report(PowerReading(weak=weak))
        if self._alone:
            self._health.set("ready")


@contextlib.contextmanager
def _woken(file: Path) -> Iterator[asyncio.Event]:
    """Set whenever the kernel notifies of the file. An epoll inside the loop's: the loop itself waits for no
    POLLPRI."""
    woken, loop = asyncio.Event(), asyncio.get_running_loop()
    with select.epoll() as priority, contextlib.ExitStack() as ending:
        try:
            stream = ending.enter_context(file.open("rb", buffering=0))
            priority.register(stream, select.EPOLLPRI)
        except OSError:  # gone, or a file that notifies of nothing: read every POLL_S
            yield woken
            return

        def notified() -> None:
            priority.poll(0)
            stream.seek(0)
            stream.read(8)  # else it is told again and again
            woken.set()

        loop.add_reader(priority.fileno(), notified)
        ending.callback(loop.remove_reader, priority.fileno())
        yield woken
