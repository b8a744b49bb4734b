"""The drawer pulses that one printer is asked for, whichever of its drawers they are for.

Its connectors share one supply: two drawers are never under power at once, and all together no longer than
:data:`~kassd.devices.drawer.duty.DUTY_MAX` of the time. What comes sooner is refused, not kept.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

from kassd.clock import Clock
from kassd.deferred import dataclass
from kassd.devices.drawer.duty import Duty
from kassd.devices.port import KickOutcome, Report
from kassd.devices.printer.commands import pulse_ms


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

    def given(self, command: bytes) -> None:
        """``command`` has left us."""
        self._duty.pulse(*pulse_ms(command))

    def end(self, kick: Kick, result: Literal["kicked", "refused", "failed"], reason: str = "") -> None:
        """Report how it ended."""
        if kick.timer is not None:
            kick.timer.cancel()
        self._report(KickOutcome(kick.device, kick.job, result, reason))

    def fail(self, reason: str) -> None:
        """End all that wait."""
        while self._waiting:
            self.end(self._waiting.popleft(), "failed", reason)

    def _too_late(self, kick: Kick) -> None:
        if kick in self._waiting:
            self._waiting.remove(kick)
            self.end(kick, "failed", "busy")
