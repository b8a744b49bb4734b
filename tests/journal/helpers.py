"""Small journals for tests."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kassd.journal.line import Entry
from kassd.journal.start import Options, Started, start
from kassd.journal.writer import Writer

ROOT = Path(__file__).parents[2]
FORMAT = ROOT / "docs" / "journal-format.md"
GOLDEN = ROOT / "tests" / "golden" / "journal"
ORIGIN = "KASSE-0007"
SMALL = 128 * 1024


class Ticker:
    """A clock that ticks once per question."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> tuple[str, int, str]:
        self.count += 1
        return f"2026-01-02T08:00:00.{self.count:06d}Z", self.count * 1000, "0011223344556677"


def entry(number: int = 1, *, closes: bool = False, size: int = 40, **data: Any) -> Entry:
    facts = [{"kind": "sale.line_added", "data": {"n": number, "text": "ä" * size, **data}}]
    return Entry("2026-01-02T08:00:00.000000Z", number, "0011223344556677", facts, [], closes=closes)


def write_journal(directory: Path, entries: Iterable[Entry], **how: Any) -> Started:
    """Write ``entries``, one batch each, and leave the journal closed."""
    options = Options(**{"capacity": SMALL, "now": Ticker(), "compact": False, **how})
    started = start(directory, ORIGIN, options)
    writer = Writer(started.store, lambda _batch: None, lambda _error: None)
    for one in entries:
        writer.commit(started.chain.extend(one, options.now, options.capacity))
    while started.store.chore():
        pass
    close(started)
    return started


def close(started: Started) -> None:
    started.store.close()
    started.store.files.close(started.lock)


def code_of(page: Path, language: str, number: int = 0) -> str:
    """The ``number``-th code block of ``language`` in a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.S)[number]
