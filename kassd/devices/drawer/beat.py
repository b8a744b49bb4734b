"""When lgpio's thread looks for work: so that a pulse can begin before it looks, and still be ended by it.

A pulse that is left to lgpio begins when its thread looks next, up to 20 ms late, and ends on time: the
thread is C and waits for no interpreter. A line that we raise rises at once, and nobody here can promise to
lower it in time. So we raise it, and leave its end to lgpio: in as much time as is left when it looks. It
looks every 20 ms of the monotonic clock, without drift, counted from the last pulse that it ended. Nothing
tells when: that is found by giving it something to do and seeing when it is done.
"""

from collections.abc import Sequence

PERIOD_NS = 20_000_000
NEAR_NS = 1_000_000  # moments so near to each other are one
AGREED = 3  # so many must be


class Beat:
    """Of one process, which has one such thread; for all its pins. Times are monotonic ns."""

    def __init__(self) -> None:
        self._at: int | None = None  # one of the moments at which it looks
        self._busy_until = 0

    @property
    def known(self) -> bool:
        """Whether it is known when it looks."""
        return self._at is not None

    def found(self, done: Sequence[int]) -> bool:
        """``done``: when it was seen to have done what it was given, each a little late or very late. Whether
        enough of them agree."""
        for at in done:
            if sum((other - at) % PERIOD_NS <= NEAR_NS for other in done) >= AGREED:
                self._at = at
                return True
        return False

    def wait(self, now: int) -> int | None:
        """How long it is until it looks (ns); None where nobody knows, or before it has ended a pulse."""
        if self._at is None or now < self._busy_until:
            return None
        return (self._at - now) % PERIOD_NS

    def ends(self, at: int) -> None:
        """It will end a pulse at this moment, and counts from there."""
        self._at = self._busy_until = at

    def lose(self) -> None:
        """It was given something of which nobody knows when it ends."""
        self._at = None
