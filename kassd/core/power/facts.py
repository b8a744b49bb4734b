"""Facts about the power supply."""

from kassd.core.fact import Fact
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PowerChanged(Fact):
    """``level``: mains, battery, low (no new sales), critical (about to shut down); with what the battery
    held then, as far as it was told."""

    kind = "power.changed"
    at: str
    level: str
    percent: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PowerWeak(Fact):
    """The board's own supply voltage is too low (``weak``), or right again."""

    kind = "power.weak"
    at: str
    weak: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PowerEnding(Fact):
    """The battery is all but empty: the register ends in good order now. ``open``: sales that were begun and
    go on after the next start."""

    kind = "power.ending"
    at: str
    percent: int | None
    open: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PowerSeen(Fact):
    """What the battery holds, between two levels. Volatile."""

    kind = "power.seen"
    percent: int | None
    minutes: int | None
