"""What can be known of a pulse by whoever reads the line again and again, and is kept from it now and then.

A reading holds for some instant between the moment before it and the moment after it, so an edge lies between
two readings, and a pulse has been at least so long and at most so long.
"""

from dataclasses import dataclass

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pulse:
    """``rose`` and ``fell``: between which moments, in ns."""

    rose: tuple[int, int]
    fell: tuple[int, int]

    @property
    def shortest_ms(self) -> float:
        """As long it has been at least."""
        return max(0, self.fell[0] - self.rose[1]) / NS_PER_MS

    @property
    def longest_ms(self) -> float:
        """As long it has been at most."""
        return (self.fell[1] - self.rose[0]) / NS_PER_MS

    def is_known(self, within_ms: float) -> bool:
        """Whether its length is known so well."""
        return self.longest_ms - self.shortest_ms <= within_ms

    def may_be(self, least_ms: float, most_ms: float) -> bool:
        """Whether its length lies between these, as far as it is known."""
        return self.longest_ms >= least_ms and self.shortest_ms <= most_ms


class Pulses:
    """Finds the pulses in readings. One that had begun before the first reading is none."""

    def __init__(self) -> None:
        self._low = 0  # before the last reading that was low
        self._high = 0  # before the last one that was high, 0 while it is low
        self._rose = (0, 0)

    def read(self, before: int, high: bool, after: int) -> Pulse | None:
        """A reading, done between two moments; the pulse that it ends."""
        ended = None
        if high:
            if not self._high:
                self._rose = (self._low, after)
            self._high = before
        else:
            if self._high and self._rose[0]:
                ended = Pulse(self._rose, (self._high, after))
            self._low, self._high = before, 0
        return ended
