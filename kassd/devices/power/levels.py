"""From what a source says to one of four levels. Pure."""

from typing import Literal

from kassd.core.power.state import Level
from kassd.deferred import dataclass

Alarm = Literal["", "low", "critical"]
WORSE: tuple[Level, ...] = ("", "mains", "battery", "low", "critical")


@dataclass(frozen=True, slots=True)
class Reading:
    """``online``: on mains; ``percent``, ``minutes`` None: not told. ``alarm``: the source's own word that
    the battery is low, or about to be empty. ``mains_only``: the source has no battery to speak of."""

    online: bool
    percent: int | None = None
    minutes: int | None = None
    alarm: Alarm = ""
    mains_only: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Percent at which, and below which, a battery is low or critical."""

    low: int = 30
    critical: int = 10


def level(reading: Reading, limits: Limits, before: Level = "") -> Level:
    """On battery it only gets worse until the mains are back: a charge that swings by a percent, or a source
    that takes its alarm back, does not open the till again. ``minutes`` are shown and decide nothing: right
    after the mains have gone they are a guess."""
    if reading.online:
        return "mains"
    found: Level = "battery"
    charge = 100 if reading.percent is None else reading.percent
    if reading.alarm == "critical" or charge <= limits.critical:
        found = "critical"
    elif reading.alarm == "low" or charge <= limits.low:
        found = "low"
    return max(found, before, key=WORSE.index)
