"""Where the power comes from. Theory of operation::

    '' ──▶ mains ⇄ battery ──▶ low ──▶ critical ──grace──▶ ending
             ▲────────┴──────────┴────────┘  (the mains are back)

``low``: what was begun is ended, no sale is begun. ``critical``: the register shuts down as soon as nothing
is being sold, at the latest after :func:`grace_ns`. Which of them it is the driver says, with its hysteresis.
"""

from typing import Literal

from kassd.core.master import Config
from kassd.deferred import dataclass

Level = Literal["", "mains", "battery", "low", "critical"]

SCARCE = ("low", "critical")
GRACE_S = 60
CONFIRM_NS = 5_000_000_000  # a source that says so for a moment only is not believed


@dataclass(frozen=True, slots=True)
class PowerState:
    """``level``: '' where nothing tells it; ``since``: when that began. ``weak``: since when the board's own
    supply is too low, '' if it is not. ``ending``: when the shutdown was decided. Volatile: ``percent``,
    ``minutes`` of the battery (None: not told); ``critical``: mono ns at which it became so, 0 if it is
    not."""

    level: Level = ""
    since: str = ""
    weak: str = ""
    ending: str = ""
    percent: int | None = None
    minutes: int | None = None
    critical: int = 0


def grace_ns(config: Config) -> int:
    """How long a sale that has been begun may hold the shutdown up."""
    return int(config.get("power.grace_s", GRACE_S)) * 1_000_000_000
