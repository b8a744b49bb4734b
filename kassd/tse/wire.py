"""What goes over a TSE's wire, for whoever listens: ``kassd tse record``, and tests that stop at a step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Way = Literal["out", "sent", "in"]
Tap = Callable[[Way, bytes, str], None]
_taps: list[Tap] = []


def tell(way: Way, data: bytes, where: str = "") -> None:
    """``out``: about to be sent; ``sent``: handed over; ``in``: received and not looked at yet.

    ``where``: file and offset, on a wire that is made of files.
    """
    for tap in _taps:
        tap(way, data, where)


@contextmanager
def listening(tap: Tap) -> Iterator[None]:
    """Within, ``tap`` hears everything, in the thread that sends or receives."""
    _taps.append(tap)
    try:
        yield
    finally:
        _taps.remove(tap)
