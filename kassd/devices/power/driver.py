"""One source of power, asked for ever.

A source that is lost says nothing: the level stays what it was (a battery that cannot be asked is no mains),
and ``state/dev/power`` says what is wrong.
"""

from collections.abc import Callable
from typing import Protocol

from kassd.core.power.state import Level
from kassd.devices.link import Backoff, Health
from kassd.devices.port import PowerReading, Report
from kassd.devices.power.levels import Limits, Reading, level
from kassd.errors import KassdError

LONGEST_PAUSE_S = 30.0


class SourceLost(KassdError):
    """The source cannot be asked: ``reason`` as in ``state/dev``; the message is German, with the next step.
    It is tried again."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Source(Protocol):
    """Where readings come from."""

    async def watch(self, tell: Callable[[Reading], None]) -> None:
        """Tell the present reading and every later one; ends by :class:`SourceLost` only."""
        ...


class PowerDriver:
    """Reports :class:`PowerReading` when a level or what the battery holds changes."""

    def __init__(self, source: Source, limits: Limits, health: Health, report: Report) -> None:
        self._source = source
        self._limits = limits
        self._health = health
        self._report = report
        self._level: Level = ""
        self._told: PowerReading | None = None
        self._backoff = Backoff(LONGEST_PAUSE_S)

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            self._health.opening()
            try:
                await self._source.watch(self._heard)
            except SourceLost as lost:
                self._health.set("error", lost.reason, str(lost))
            await self._backoff.pause()

    def _heard(self, reading: Reading) -> None:
        self._backoff.reset()
        self._level = level(reading, self._limits, self._level)
        told = PowerReading(self._level, reading.percent, reading.minutes)
        if told != self._told:
            self._told = told
            self._report(told)
        self._health.set("ready")
