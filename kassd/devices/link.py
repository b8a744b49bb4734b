"""What every driver shares: reporting its state once per change, pausing between attempts, and saying
what an operating-system error means to a person."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Mapping

from kassd.clock import Clock, utc_text
from kassd.core.status import DeviceState, DeviceStatus, Known
from kassd.devices.hotplug import Plugs
from kassd.devices.port import Report

log = logging.getLogger(__name__)

NOTHING_SAID: Mapping[str, Known] = {}
PAUSE_FIRST_S = 0.2
PAUSE_MAX_S = 5.0

GONE = {errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO, errno.EPIPE, errno.ENOTDIR, errno.ESHUTDOWN}
GONE |= {errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.ETIMEDOUT}
GONE |= {errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN}
REFUSED = {errno.EACCES, errno.EPERM}
OF_ANOTHER_KIND = {errno.ENOTSUP, errno.ENOTTY}  # ENOTTY: it does not know what a driver asks of its kind
CLAIMED = {errno.EBUSY, errno.EAGAIN}


class Health:
    """Holds a device's last status and reports it when ``state`` or ``reason`` change."""

    def __init__(self, name: str, report: Report) -> None:
        self._report = report
        self._clock = Clock()
        self._followers: list[Callable[[DeviceStatus], None]] = []
        self.status = DeviceStatus(name, "absent")
        self._told = False

    def follow(self, follower: Callable[[DeviceStatus], None]) -> None:
        """Call ``follower`` with every later status, and now with the present one if there is one."""
        self._followers.append(follower)
        if self._told:
            follower(self.status)

    def set(
        self,
        state: DeviceState,
        reason: str = "",
        message: str = "",
        conditions: Mapping[str, Known] = NOTHING_SAID,
    ) -> None:
        """Report the state if it or the conditions differ from the last; ``message`` is German and says what
        to do."""
        last = self.status
        same = self._told and (last.state, last.reason) == (state, reason)
        if same and last.conditions == conditions:
            return
        # A line for each slip would drown the rest.
        level = logging.DEBUG if {self.status.state, state} == {"ready", "busy"} else logging.INFO
        self._told = True
        since = last.since if same else utc_text(self._clock.now())
        self.status = DeviceStatus(last.name, state, reason, message, since, conditions)
        if not same:
            log.log(level, "%s: %s %s", last.name, state, reason)
        self._report(self.status)
        for follower in self._followers:
            follower(self.status)

    def opening(self) -> None:
        """Report that the device is there and being opened; not again while it answers with an error."""
        if self.status.state != "error":
            self.set("opening")

    def fault(self, error: OSError, what: str, where: str) -> None:
        """Report an error of the operating system; ``what`` is German with article ("Der Scanner")."""
        if error.errno in GONE or isinstance(error, socket.gaierror):
            if self._told and self.status.state == "absent":
                return
            worked = self._told and self.status.state in ("ready", "busy", "degraded")
            message = f"{what} ist nicht erreichbar ({where}). Kabel und Strom prüfen."
            self.set("absent", "unplugged" if worked else "absent", message)
        elif error.errno in REFUSED:
            self.set("error", "permission", f"{what}: kein Zugriff auf {where}. udev-Regeln prüfen lassen.")
        elif error.errno in CLAIMED:
            self.set("error", "claimed", f"{what} ({where}) gehört einem anderen Programm. Dieses beenden.")
        elif error.errno in OF_ANOTHER_KIND:
            if (self.status.state, self.status.reason) != ("error", "wrong_driver"):
                log.warning("%s: %s", where, error)
            remedy = "driver in der Konfiguration berichtigen; einen Scanner erkennt: kassd scanner pair"
            message = f"{what} ({where}) spricht nicht, was bei driver eingetragen ist. {remedy}"
            self.set("error", "wrong_driver", message)
        elif error.errno == errno.ENOTUNIQ:
            message = f"{what} ({where}) ist mehrmals da. Nach dem Anschluss angeben: ls /dev/kassd/by-path"
            self.set("error", "ambiguous", message)
        else:
            log.warning("%s: %s", where, error)
            self.set("error", "io", f"{what} ({where}) ist gestört: {error}. Aus- und einstecken.")


class Backoff:
    """Pauses between attempts: 0.2 s, doubled up to ``longest`` seconds, again from the start after
    :meth:`reset`. With ``plugs`` a pause ends when something is plugged in."""

    def __init__(self, longest: float = PAUSE_MAX_S, plugs: Plugs | None = None) -> None:
        self._longest = longest
        self._plugs = plugs
        self._next = PAUSE_FIRST_S

    def reset(self) -> None:
        """Call when the device works."""
        self._next = PAUSE_FIRST_S

    async def pause(self) -> None:
        """Wait before the next attempt."""
        pause, self._next = self._next, min(self._next * 2, self._longest)
        if self._plugs is None:
            await asyncio.sleep(pause)
        else:
            await self._plugs.wait(pause)
