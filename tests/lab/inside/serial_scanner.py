"""A scanner that is a serial port (CDC-ACM), from its inside."""

import os
import termios
import tty
from collections.abc import Sequence

from tests.lab.inside.gadgets import far_end
from tests.lab.inside.load import awake


def scan(name: str, codes: Sequence[str], suffix: str = "\r") -> None:
    """Send codes; returns when the computer has taken them."""
    port = os.open(far_end(name), os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(port)
        with awake():
            for code in codes:
                os.write(port, (code + suffix).encode())
            termios.tcdrain(port)
    finally:
        os.close(port)
