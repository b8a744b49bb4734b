"""A scanner that is a serial port (CDC-ACM), from its inside."""

import contextlib
import os
import termios
import tty
from collections.abc import Iterator, Sequence

from tests.lab.inside.gadgets import far_end
from tests.lab.inside.load import awake


def scan(name: str, codes: Sequence[str], suffix: str = "\r") -> None:
    """Send codes; returns when the computer has taken them."""
    with awake(), line(name) as port:
        for code in codes:
            os.write(port, (code + suffix).encode())


@contextlib.contextmanager
def line(name: str) -> Iterator[int]:
    """The inside of the port. When it is left the computer has taken all that was sent."""
    port = os.open(far_end(name), os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(port)
        yield port
        termios.tcdrain(port)
    finally:
        os.close(port)
