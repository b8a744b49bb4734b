"""Waiting for a condition in the guest."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 30.0
POLL_S = 0.01


def until(condition: Callable[[], T], what: str, seconds: float = PATIENCE_S, every: float = POLL_S) -> T:
    """The condition's first value that is true. Raises ``TimeoutError`` naming ``what``."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(every)
    return value
