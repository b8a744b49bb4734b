"""The only place that reads clocks."""

import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
RELEASED = 1_793_491_200_000_000_000  # 2026-11-01, unix ns
TOLERANCE_NS = 2_000_000_000  # less is a correction, which is waited for


def boot_id() -> str:
    """First 16 hex digits of the kernel's boot id: tells whose ``mono`` a value is."""
    text = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    return text.replace("-", "")[:16]


class Clock:
    """Wall time that never goes below ``floor``, and the kernel's monotonic time.

    ``floor`` (unix ns) is raised to the newest journal or TSE time known: a Pi without RTC wakes in 1970
    and must not write that into a receipt (nor any time before ``RELEASED``). While the system clock is
    behind by more than a correction (``uncertain``), time goes on from the floor with the monotonic clock.
    """

    def __init__(self, zone: tzinfo = UTC, floor: int = 0) -> None:
        self.zone = zone
        self.floor = floor
        self._from: tuple[int, int] | None = None  # (wall, mono) when the system clock fell behind

    @staticmethod
    def mono() -> int:
        """Nanoseconds since boot; does not jump."""
        return time.monotonic_ns()

    def wall_ns(self) -> int:
        """Unix time in ns, not below the floor."""
        system = time.time_ns()
        if system >= self.floor - TOLERANCE_NS:
            self._from = None
            return max(system, self.floor)
        if self._from is None:
            self._from = self.floor, self.mono()
        wall, mono = self._from
        return max(wall + self.mono() - mono, self.floor)

    @property
    def uncertain(self) -> bool:
        """Whether the system clock stands clearly before a time that has already been recorded."""
        return time.time_ns() < self.floor - TOLERANCE_NS

    def raise_floor(self, unix_ns: int) -> None:
        """Never report a time before ``unix_ns`` again."""
        self.floor = max(self.floor, unix_ns)

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
