"""Old receipts are looked up here, beside the register's loop: nothing waits for the disk but who asked.

The index of the journal is brought up to date in a thread at the start, after a closing and before each
look-up, so that a look-up has little to read. It lies beside the journal and can be deleted at any time.
"""

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from kassd.core.corrections.found import Found
from kassd.core.corrections.recall import find
from kassd.deferred import dataclass
from kassd.errors import KassdError
from kassd.journal import Index

log = logging.getLogger(__name__)

FILE = "index.sqlite"
ROOM = 1 << 20  # bytes an index needs to grow
FAILURES = (KassdError, OSError, sqlite3.Error, ValueError)


@dataclass(frozen=True, slots=True)
class _Question:
    subject: str
    answer: Callable[[Found | None], None]


class Finder:
    """``find`` from the loop's thread; questions are answered in their order."""

    def __init__(self, directory: Path, path: Path) -> None:
        """``directory``: the journal; ``path``: the index, made anew where there is none."""
        self._directory = directory
        self._path = path
        self._questions: asyncio.Queue[_Question | None] = asyncio.Queue()

    def find(self, subject: str, answer: Callable[[Found | None], None]) -> None:
        """Look ``subject`` up; None: the journal or its index cannot be read now. ``Found.full``: nor later,
        before there is room on the disk."""
        self._questions.put_nowait(_Question(subject, answer))

    def refresh(self) -> None:
        """Bring the index up to date while nobody waits."""
        self._questions.put_nowait(None)

    async def run(self) -> None:
        """Serve for ever."""
        self.refresh()
        while True:
            question = await self._questions.get()
            found = await asyncio.to_thread(self._look, question.subject if question else "")
            if question is not None:
                question.answer(found)

    def _look(self, subject: str) -> Found | None:
        try:
            with Index(self._path) as index:
                index.refresh(self._directory)
                return find(index, subject) if subject else None
        except FAILURES as error:
            log.error("receipt %s cannot be looked up: %s", subject or "index", error)
            place = self._path.parent
            full = place.exists() and shutil.disk_usage(place).free < ROOM
            return Found(subject, -1, full=True) if full else None
