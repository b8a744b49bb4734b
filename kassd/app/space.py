"""Looks how much room the disk has, when something was written anyway: at the start, with each checkpoint and
after a closing. An idle register wakes nobody for it."""

import asyncio
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from kassd.core.outlook import Outlook, outlook, with_day
from kassd.journal.files import OsFiles, write_file

log = logging.getLogger(__name__)

FILE = "disk.json"  # beside the journal; may be deleted at any time
Days = tuple[tuple[str, int], ...]


class Space:
    """``look`` and ``closed`` from the loop's thread; ``report`` is called there."""

    def __init__(self, journal: Path, report: Callable[[Outlook], None]) -> None:
        self._journal = journal
        self._report = report
        self._closed: list[str] = []
        self._due = asyncio.Event()

    def look(self) -> None:
        """Something was written."""
        self._due.set()

    def closed(self, day: str) -> None:
        """The business day ``day`` (ISO) is over."""
        self._closed.append(day)
        self._due.set()

    async def run(self) -> None:
        """Serve for ever."""
        self._due.set()
        while True:
            await self._due.wait()
            self._due.clear()
            closed, self._closed = self._closed, []
            self._report(await asyncio.to_thread(measure, self._journal, *closed))


def measure(journal: Path, *closed: str) -> Outlook:
    """The outlook of the disk on which the journal lies, or will; business days that were just ``closed`` are
    remembered. Raises ``OSError`` where there is no such disk."""
    place = next(path for path in (journal, *journal.parents) if path.exists())
    usage, file = shutil.disk_usage(place), journal.parent / FILE
    days = known = _read(file)
    for day in closed:
        days = with_day(days, day, usage.used)
    if days != known:
        try:
            write_file(OsFiles(), file, json.dumps({"v": 1, "days": days}).encode())
        except OSError as error:  # the estimate goes without this day
            log.error("disk: %s", error)
    return outlook(usage.free, [used for _, used in days])


def _read(file: Path) -> Days:
    try:
        rows = json.loads(file.read_bytes())["days"]
        return tuple((str(day), int(used)) for day, used in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("disk: %s is not used: %s", file, error)
        return ()
