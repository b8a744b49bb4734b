"""When to dial again. Pure, but for the given source of chance.

Full jitter: a thousand registers that lost one broker come back spread out. A connection counts as a success
only after it has been stable: one that breaks at once must not reset the pauses.
"""

import random
from dataclasses import field

from kassd.deferred import dataclass


@dataclass(slots=True)
class Backoff:
    """Pauses between attempts, in seconds: ``uniform(0, min(cap, base * 2**n))``."""

    base_s: float = 0.5
    cap_s: float = 30.0
    stable_s: float = 30.0
    attempts: int = 0
    rng: random.Random = field(default_factory=random.Random)

    def pause(self, lived_s: float = 0.0) -> float:
        """The pause after a connection that lived ``lived_s`` (0: it was not made)."""
        if lived_s >= self.stable_s:
            self.attempts = 0
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(self.attempts, 32))
        self.attempts += 1
        return self.rng.uniform(0.0, ceiling)
