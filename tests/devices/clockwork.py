"""An event loop whose time goes by when there is nothing to do: half a minute takes no time.

Only for what waits for its own loop: bytes on a socket of another process and threads know nothing of it.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class Leap(selectors.DefaultSelector):
    """Where nothing is ready, the time has come that was waited for."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everybody waits, and nothing will ever happen")
        self.now += 0.0 if ready else max(timeout or 0.0, 0.0)
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """Runs on the time of its selector."""

    def __init__(self) -> None:
        self.leap = Leap()
        super().__init__(self.leap)

    def time(self) -> float:
        return self.leap.now


def leaping(scenario: Coroutine[Any, Any, None]) -> None:
    """Run ``scenario`` in such a loop."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(scenario)


def now() -> float:
    """Seconds since its start, to the millisecond."""
    return round(asyncio.get_running_loop().time(), 3)
