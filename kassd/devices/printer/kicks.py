"""The drawer pulses that one printer is asked for, whichever of its drawers they are for.

Its connectors share one supply: two drawers are never under power at once, and all together no longer than
:data:`~kassd.devices.drawer.duty.DUTY_MAX` of the time. What comes sooner is refused, not kept.

No printer says that it has given a pulse. A kick that was handed over is told as ``kicked`` when a later slip
is confirmed, or the printer is still there after :data:`ARRIVAL_S`; one that is pulled out before that may
have opened the drawer or not: ``unknown``.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal

from kassd.clock import Clock
from kassd.deferred import dataclass
from kassd.devices.drawer.duty import Duty
from kassd.devices.port import KickOutcome, Report
from kassd.devices.printer.commands import pulse_ms

ARRIVAL_S = 0.5  # a printer that has room reads what ends half a command, 4 KiB, in less
KickResult = Literal["kicked", "refused", "failed", "unknown"]


@dataclass(slots=True, eq=False)
class Kick:
    """One wish; ``device`` is the drawer it is reported for, ``command`` opens it (``ESC p …``)."""

    job: str
    device: str
    command: bytes
    timer: asyncio.TimerHandle | None = None


class Kicks:
    """Those that wait for their turn; true while there are any."""

    def __init__(self, report: Report, mono_ns: Callable[[], int] = Clock.mono) -> None:
        self._report = report
        self._waiting: deque[Kick] = deque()
        self._given: list[Kick] = []
        self._duty = Duty(mono_ns)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, kick: Kick, wait_s: float) -> None:
        """Let it wait, at most so long."""
        kick.timer = asyncio.get_running_loop().call_later(wait_s, self._too_late, kick)
        self._waiting.append(kick)

    def next(self) -> Kick | None:
        """The oldest one, to be given now; None when it was refused because the last is too near."""
        kick = self._waiting.popleft()
        if not self._duty.resting:
            return kick
        self.end(kick, "refused", "duty")
        return None

    def given(self, kick: Kick, command: bytes, behind: Callable[[], bool]) -> None:
        """``command`` has left us. It counts when the printer is still there a while later and the kick is
        no longer ``behind`` what came before it, or when :attr:`under_way` is known to be done."""
        self._duty.pulse(*pulse_ms(command))
        self._given.append(kick)
        self._wait(kick, behind)

    @property
    def under_way(self) -> tuple[Kick, ...]:
        """Those that were given and of which nobody knows yet."""
        return tuple(self._given)

    def arrived(self, kicks: Iterable[Kick]) -> None:
        """The printer has carried out what came after these."""
        for kick in kicks:
            if kick in self._given:
                self._given.remove(kick)
                self.end(kick, "kicked")

    def end(self, kick: Kick, result: KickResult, reason: str = "") -> None:
        """Report how it ended."""
        if kick.timer is not None:
            kick.timer.cancel()
        self._report(KickOutcome(kick.device, kick.job, result, reason))

    def fail(self, reason: str) -> None:
        """End all: those that wait, and those that may have been lost with the connection."""
        while self._waiting:
            self.end(self._waiting.popleft(), "failed", reason)
        while self._given:
            self.end(self._given.pop(0), "unknown", reason)

    def _wait(self, kick: Kick, behind: Callable[[], bool]) -> None:
        if kick.timer is not None:
            kick.timer.cancel()
        kick.timer = asyncio.get_running_loop().call_later(ARRIVAL_S, self._still_there, kick, behind)

    def _still_there(self, kick: Kick, behind: Callable[[], bool]) -> None:
        if behind():
            self._wait(kick, behind)
        else:
            self.arrived((kick,))

    def _too_late(self, kick: Kick) -> None:
        if kick in self._waiting:
            self._waiting.remove(kick)
            self.end(kick, "failed", "busy")
