"""Which programs a test's folder still has running: those whose output goes into a file there."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def program(command: Sequence[str | Path], **how: Any) -> "Iterator[subprocess.Popen[str]]":
    """A program that ends with the test, also where that fails."""
    with subprocess.Popen(command, text=True, **how) as process:
        try:
            yield process
        finally:
            process.kill()  # nothing where it has ended


def programs_of(folder: Path, name: str = "") -> list[int]:
    """Their pids; with ``name`` only those that have a word of that name in their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            output = os.readlink(process / "fd" / "1")
            words = [Path(word).name for word in (process / "cmdline").read_text().split("\0")]
            if Path(output).is_relative_to(folder) and (not name or name in words):
                found.append(int(process.name))
    return found


async def until_gone(folder: Path) -> None:
    """Return when none is left; a kill has a moment to reach what was killed. Else end them, and fail."""
    try:
        async with asyncio.timeout(30):
            while programs_of(folder):
                await asyncio.sleep(0.01)
    except TimeoutError:
        left = programs_of(folder)
        for number in left:
            os.kill(number, signal.SIGKILL)
        raise AssertionError(f"still running: {left}") from None
