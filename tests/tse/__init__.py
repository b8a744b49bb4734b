"""What the tests of TSEs share."""

import signal


def heeds_interrupts() -> None:
    """Before a program that is to end on SIGINT: whoever runs the tests in the background ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def unnoted(step: str) -> None:
    """A :data:`kassd.tse.port.Note` for set-ups that nobody journals."""
