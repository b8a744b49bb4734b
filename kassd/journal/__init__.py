"""The append-only journal: one line per decision, chained, durable before anything irreversible happens.

``Journal`` is what the register uses; ``read_lines``, ``verify_journal`` and ``Index`` only read and need no
lock. The format is public: ``docs/journal-format.md``.
"""

from kassd.journal.anchors import compare
from kassd.journal.blobs import read_blob
from kassd.journal.index import Index
from kassd.journal.journal import Journal, JournalFull, Progress
from kassd.journal.line import Entry, Line, LineError, LineTooLong
from kassd.journal.segments import read_lines
from kassd.journal.start import Recovery
from kassd.journal.verify import verify_journal

__all__ = [
    "Entry",
    "Index",
    "Journal",
    "JournalFull",
    "Line",
    "LineError",
    "LineTooLong",
    "Progress",
    "Recovery",
    "compare",
    "read_blob",
    "read_lines",
    "verify_journal",
]
