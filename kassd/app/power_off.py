"""The end on an all but empty battery: the computer is told to shut down, the register ends in good order.

systemd ends the register as any other service; where it was only told to end by itself, it does. If the
computer cannot be shut down the register stays: what it has is on the disk, and people are told.
"""

import asyncio
import logging
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence

from kassd.app.troubles import Troubles

log = logging.getLogger(__name__)

POWER_OFF = "power-off"  # its alert
PATIENCE_S = 30.0
FAILED = (
    "Der Akku ist leer, und der Rechner ließ sich nicht herunterfahren. Jetzt von Hand ausschalten; was "
    "bezahlt ist, ist gespeichert. Betreuer: [power] shutdown prüfen."
)


class PowerOff:
    """``stop`` asks the daemon to end; ``command`` empty: nothing else is done."""

    def __init__(self, command: Sequence[str], troubles: Troubles, stop: Callable[[], None]) -> None:
        self._command = tuple(command)
        self._troubles = troubles
        self._stop = stop
        self.begun = False

    async def run(self) -> None:
        """Once."""
        self.begun = True
        problem = await self._shut_down() if self._command else ""
        if problem:
            log.critical("%s: %s", " ".join(self._command), problem)
            self._troubles.set(POWER_OFF, "critical", FAILED, f"shutdown failed: {problem}"[:200])
            return
        self._stop()

    async def _shut_down(self) -> str:
        """Run the command; what went wrong, '' if nothing did."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
            )
        except OSError as error:
            return str(error)
        try:
            async with asyncio.timeout(PATIENCE_S):
                _, said = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return "no end"
        return "" if process.returncode == 0 else said.decode(errors="replace").strip() or "failed"
