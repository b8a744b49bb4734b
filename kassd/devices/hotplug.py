"""Waking whoever waits for a device as soon as one is plugged in."""

import asyncio
import logging

log = logging.getLogger(__name__)

SUBSYSTEMS = ("input", "hidraw", "tty", "usbmisc")
FIRST_S = 0.5  # the library is loaded beside the first business, not before it


class Plugs:
    """Hears from udev what is plugged in, when its rules have given it name and group.

    Without udev (a container) nothing is heard, and each driver looks by itself, at growing intervals.
    """

    def __init__(self) -> None:
        self._plugged = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until something has been plugged in, or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._plugged.wait()
        except TimeoutError:
            return

    def plugged(self) -> None:
        """Wake all who wait."""
        self._plugged.set()
        self._plugged = asyncio.Event()

    async def run(self) -> None:
        """Listen for ever; returns where there is no udev."""
        await asyncio.sleep(FIRST_S)
        try:
            # 30 ms and libudev, for a register with devices that come and go.
            from pyudev import Context, Monitor

            monitor = Monitor.from_netlink(Context())
            for subsystem in SUBSYSTEMS:
                monitor.filter_by(subsystem)
            monitor.start()
        except (ImportError, OSError) as error:
            log.warning("udev says nothing of what is plugged in, each driver looks by itself: %s", error)
            return
        loop, fd = asyncio.get_running_loop(), monitor.fileno()

        def heard() -> None:
            actions = {device.action for device in iter(lambda: monitor.poll(timeout=0), None)}
            if actions & {"add", "change"}:
                self.plugged()

        loop.add_reader(fd, heard)
        try:
            self.plugged()  # what came before there was anybody to hear of it
            await loop.create_future()
        finally:
            loop.remove_reader(fd)
