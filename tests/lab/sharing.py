"""How processes share the laboratory: what is made once, and who begins with what."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Meanwhile no other process makes what this file stands for: it waits, and finds it made."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Those first that need neither state; then two that need the one, since a process is given a test ahead
    of the one it runs; so the other process comes to those that need the other state."""
    needs = [getattr(item, "fixturenames", ()) for item in items]
    trading = [item for item, names in zip(items, needs, strict=True) if "trading" in names]
    furnished = [item for item, names in zip(items, needs, strict=True) if "furnished" in names]
    first = [item for item in items if item not in trading and item not in furnished]
    return [*first, *trading[:2], *furnished, *trading[2:]]
