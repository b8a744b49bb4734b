"""How long the disk will last: free bytes, and what a business day takes. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from kassd.deferred import dataclass

Level = Literal["ok", "warning", "critical"]

MIB = 1024 * 1024
KNOWN_DAYS = 30  # business days whose growth is looked at
NEEDED_DAYS = 3  # fewer say nothing about the next
ASSUMED = 32 * MIB  # bytes of a day nobody has seen yet: 3,000 commits of 8 KiB and some
LEAST = 1 * MIB  # a quiet week does not make a disk last for ever
WARNING_DAYS, CRITICAL_DAYS = 30, 7
WARNING_FREE, CRITICAL_FREE = 256 * MIB, 64 * MIB


@dataclass(frozen=True, slots=True)
class Outlook:
    """``free``: bytes; ``per_day``: bytes that a business day takes."""

    free: int
    per_day: int

    @property
    def days(self) -> int:
        """Whole business days for which the free bytes suffice."""
        return self.free // self.per_day

    @property
    def level(self) -> Level:
        """How urgent it is."""
        if self.days < CRITICAL_DAYS or self.free < CRITICAL_FREE:
            return "critical"
        return "warning" if self.days < WARNING_DAYS or self.free < WARNING_FREE else "ok"


def outlook(free: int, used: Sequence[int]) -> Outlook:
    """``used``: bytes taken on the disk at the end of business days, the oldest first.

    The median growth counts: neither an update nor a tidying up tells how a day is.
    """
    newest = used[-KNOWN_DAYS - 1 :]
    grown = sorted(max(0, after - before) for before, after in pairwise(newest))
    per_day = grown[len(grown) // 2] if len(grown) >= NEEDED_DAYS else ASSUMED
    return Outlook(free, max(per_day, LEAST))


def with_day(days: Sequence[tuple[str, int]], day: str, used: int) -> tuple[tuple[str, int], ...]:
    """The known days with one more: business day (ISO) and bytes taken at its end. Of a day closed twice the
    last end counts; older ones than needed are forgotten."""
    return (*(one for one in days if one[0] != day), (day, used))[-KNOWN_DAYS - 1 :]


def sentence(free: int, days: int) -> str:
    """What operator and technician read."""
    return f"{size(free)} frei, das reicht für etwa {days} Geschäftstag{'' if days == 1 else 'e'}."


def size(count: int) -> str:
    """Bytes, readable."""
    if count < 10 * MIB:
        return f"{count // 1024} KiB"
    return f"{count // MIB} MiB" if count < 10 * 1024 * MIB else f"{count // (1024 * MIB)} GiB"


REMEDY = "Platz schaffen oder eine größere Karte einsetzen."
