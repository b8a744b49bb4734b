"""What is known of a drawer with a sensor. Theory of operation::

shut ──kicked──▶ awaited ──sensor: open──▶ open ──left_open_s──▶ open, told ──sensor: shut──▶ shut
 │                  └──open_within_ms──▶ jammed ──sensor: open──┘▲
 └────────────────sensor: open (by hand)─────────────────────────┘
"""

from kassd.core.master import Config
from kassd.deferred import dataclass

WITHIN_MS = {"gpio": 1000, "printer": 4000}  # a printer first ends what it has begun to print
LEFT_OPEN_S = 120


@dataclass(frozen=True, slots=True)
class DrawerState:
    """``opened_at``: since when it is open, '' while it is shut; ``jammed``, ``left_open``: when that was
    noticed, '' once it is over; ``by_hand``: when it was last opened without the register in this period.
    Volatile: ``kick``: why it was kicked, until it opens; ``due``: monotonic ns at which it is jammed, or
    open for too long; 0 while neither can be said."""

    opened_at: str = ""
    jammed: str = ""
    left_open: str = ""
    by_hand: str = ""
    kick: str = ""
    due: int = 0


def has_sensor(config: Config, drawer: str) -> bool:
    """Whether the drawer tells that it is open."""
    return bool(config.get(f"drawer.{drawer}.sensor"))


def within_ns(config: Config, drawer: str) -> int:
    """How long after a kick it may still be shut."""
    driver = str(config.get(f"drawer.{drawer}.driver", "printer"))
    return int(config.get(f"drawer.{drawer}.open_within_ms") or WITHIN_MS[driver]) * 1_000_000


def left_open_ns(config: Config, drawer: str) -> int:
    """How long it may be open; 0: for ever."""
    return int(config.get(f"drawer.{drawer}.left_open_s", LEFT_OPEN_S)) * 1_000_000_000
