"""Where a test may stand between the register and the world, without the product knowing of tests.

Each field wraps a real part in one that does the same and watches (the crash tests end the process there).
"""

from collections.abc import Callable
from typing import TypeVar

from kassd.deferred import dataclass
from kassd.devices.port import Drawer, Printer, Terminal
from kassd.journal import Journal
from kassd.mqtt import Received, Window
from kassd.tse.port import Tse

T = TypeVar("T")
Heard = Callable[[Received], None]


def same(part: T) -> T:
    """Leave the part as it is."""
    return part


@dataclass(frozen=True, slots=True)
class Seams:
    """One wrapper per role. ``heard`` stands between the broker's commands and the register."""

    journal: Callable[[Journal], Journal] = same
    tse: Callable[[Tse], Tse] = same
    printer: Callable[[Printer], Printer] = same
    drawer: Callable[[Drawer], Drawer] = same
    terminal: Callable[[Terminal], Terminal] = same
    window: Callable[[Window], Window] = same
    heard: Callable[[Heard], Heard] = same
