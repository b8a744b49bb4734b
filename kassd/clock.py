"""The only place that reads clocks."""

import logging
import sys
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Literal

from kassd.deferred import dataclass

log = logging.getLogger(__name__)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_NS = 86_400 * 1_000_000_000
RELEASED = 1_793_491_200_000_000_000  # 2026-11-01, unix ns
TOLERANCE_NS = 2_000_000_000  # less is a correction, which is waited for
LEAP_NS = DAY_NS  # further ahead than this a running process follows no clock on its own word
AWAY_NS = 5 * 365 * DAY_NS  # nor does a start, after the newest time that is known
STA_UNSYNC = 0x40  # linux/timex.h


def boot_id() -> str:
    """First 16 hex digits of the kernel's boot id: tells whose ``mono`` a value is."""
    text = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    return text.replace("-", "")[:16]


def synchronised() -> bool:
    """Whether the kernel says that its clock is kept right from outside (NTP, GPS): adjtimex(2), read only.

    Whoever sets the clock by hand or by accident makes the kernel say no.
    """
    import ctypes  # asked in doubt only

    timex = ctypes.create_string_buffer(512)  # modes 0: nothing is set
    if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
        log.warning("the kernel does not tell whether its clock is right: errno %d", ctypes.get_errno())
        return False
    at = 5 * ctypes.sizeof(ctypes.c_long)  # status follows modes, offset, freq, maxerror, esterror
    return not int.from_bytes(timex.raw[at : at + 4], sys.byteorder) & STA_UNSYNC


@dataclass(frozen=True, slots=True)
class Reading:
    """``wall``: the register's time, unix ns. ``refused``: ns by which the system clock stands off it and is
    not believed: negative, before the floor; positive, too far ahead; 0: it is believed."""

    wall: int
    refused: int = 0

    @property
    def doubt(self) -> Literal["", "behind", "ahead"]:
        """Why the system clock is not believed."""
        return "" if not self.refused else "behind" if self.refused < 0 else "ahead"


class Clock:
    """Wall time that never goes below ``floor``, and the kernel's monotonic time.

    ``floor`` (unix ns) is raised to the newest journal or TSE time known: a Pi without RTC wakes in 1970
    and must not write that into a receipt (nor any time before ``RELEASED``). Nor is a glitch into the far
    future believed, which would raise the floor for good: in a running process a leap of more than a day
    against the monotonic clock, at a start a time that no register sleeps through (``resume``), unless the
    kernel says that its clock is synchronised. While the system clock is not believed (``uncertain``), time
    goes on with the monotonic clock.
    """

    def __init__(self, zone: tzinfo = UTC, floor: int = 0) -> None:
        self.zone = zone
        self.floor = floor
        self._latest = 0  # unix ns up to which a start believes the system clock; 0: no limit known
        self._followed = False  # whether this process has believed the system clock yet
        self._base = floor, self.mono()  # (wall, mono) from which time goes on by itself

    @staticmethod
    def mono() -> int:
        """Nanoseconds since boot; does not jump."""
        return time.monotonic_ns()

    def look(self) -> Reading:
        """The time, and whether the system clock is believed."""
        system, mono = time.time_ns(), self.mono()
        own = self._own(mono)
        behind = system < self.floor - TOLERANCE_NS
        if behind or (system > self._credible(own) and not synchronised()):
            return Reading(own, system - own)
        self._base, self._followed = (system, mono), True
        return Reading(max(system, self.floor))

    def _own(self, mono: int) -> int:
        wall, since = self._base
        return max(wall + mono - since, self.floor)

    def _credible(self, own: int) -> int:
        """The latest system time that needs no other witness."""
        if self._followed:
            return own + LEAP_NS
        limits = [limit for limit in (self._latest, self.floor and self.floor + AWAY_NS) if limit]
        return min(limits, default=sys.maxsize)

    def wall_ns(self) -> int:
        """Unix time in ns, not below the floor."""
        return self.look().wall

    @property
    def uncertain(self) -> bool:
        """Whether the system clock is not believed."""
        return self.look().doubt != ""

    def resume(self, newest: int, latest: int = 0) -> None:
        """Go on after ``newest``, the youngest time that is known, and judge the system clock anew.

        ``latest``: up to when it is believed without a witness, 0: nobody knows (both unix ns).
        """
        self.raise_floor(newest)
        self._latest, self._followed = latest, False
        self._base = self.floor, self.mono()

    def raise_floor(self, unix_ns: int) -> None:
        """Never report a time before ``unix_ns`` again."""
        self.floor = max(self.floor, unix_ns)
        mono = self.mono()
        if self.floor > self._base[0] + mono - self._base[1]:
            self._base = self.floor, mono  # time goes on from here, it does not wait

    def now(self) -> datetime:
        """Local aware time with microseconds."""
        ns = self.wall_ns()
        return datetime.fromtimestamp(ns // 1_000_000_000, self.zone).replace(
            microsecond=ns % 1_000_000_000 // 1000
        )


def utc_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as the journal writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unix_ns(moment: datetime) -> int:
    """Unix time in ns of an aware moment, exact to the microsecond."""
    return (moment - EPOCH) // MICROSECOND * 1000
