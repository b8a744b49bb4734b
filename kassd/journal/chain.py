"""Pure bookkeeping of the journal's end: turns entries into chained lines and says when a segment is full.

Room is counted as if every line were a batch of its own. That is never less than what is really used, so
where a segment ends does not depend on how the writer groups lines.
"""

import hashlib
from collections.abc import Callable
from dataclasses import field
from typing import Any

from kassd.deferred import dataclass
from kassd.journal.line import MAX_LINE, Entry, Line, chain, close_line, encode_body
from kassd.journal.merkle import Frontier, leaf_hash

SEALED = "journal.sealed"
Now = Callable[[], tuple[str, int, str]]  # what a line needs to know of the time: at, mono, boot
SEAL_RESERVE = 4096  # bytes: a seal line with the 64 subtrees of any possible tree stays below


def padded(size: int, align: int) -> int:
    """``size`` rounded up to ``align``; 0 means no alignment."""
    return size + (-size % align if align else 0)


@dataclass(frozen=True, slots=True)
class Pending:
    """A line on its way to the disk. ``nodes``: the Merkle frontier with this line as the last leaf."""

    raw: bytes
    line: Line
    nodes: tuple[bytes, ...]
    seals: bool = False
    closes: bool = False


@dataclass(slots=True)
class Chain:
    """Where the journal ends: ``seq`` and ``h`` continue it; the rest describes the active segment.

    ``first``: its first line; ``used``: bytes of it that count as taken; ``content``: SHA-256 over its lines,
    each with one newline and without padding.
    """

    seq: int
    h: bytes
    frontier: Frontier
    capacity: int
    align: int
    first: int = 0
    used: int = 0
    content: Any = field(default_factory=hashlib.sha256)

    def add(self, entry: Entry) -> Pending:
        """Chain one entry; raises :class:`~kassd.journal.line.LineError` and then nothing has changed."""
        return self._add(entry, seals=False)

    def extend(self, entry: Entry, now: Now, capacity: int) -> list[Pending]:
        """Chain one entry and the seal that it makes necessary; the next segment will have ``capacity``."""
        rows = [self.add(entry)]
        if entry.closes or self.full:
            rows.append(self.seal(*now(), closes=entry.closes, capacity=capacity))
        return rows

    def _add(self, entry: Entry, seals: bool) -> Pending:
        body = encode_body(self.seq, entry)
        h = chain(self.h, body)
        raw = close_line(body, h)
        line = Line(
            self.seq, entry.at, entry.mono, entry.boot,
            entry.facts, entry.wishes, entry.cmd, entry.tse, h.hex(),
        )  # fmt: skip
        self.frontier.append(leaf_hash(raw))
        self.seq, self.h = self.seq + 1, h
        self.used += padded(len(raw) + 1, self.align)
        self.content.update(raw + b"\n")
        return Pending(raw, line, tuple(self.frontier.nodes), seals, entry.closes)

    @property
    def full(self) -> bool:
        """Whether the largest possible line and then a seal might no longer fit."""
        reserve = padded(MAX_LINE, self.align) + padded(SEAL_RESERVE, self.align)
        return self.used + reserve > self.capacity

    def seal(self, at: str, mono: int, boot: str, closes: bool, capacity: int) -> Pending:
        """End the segment with a line that describes it, and begin the next one of ``capacity`` bytes.

        ``closes``: the line before it is a closing. ``tree`` is the Merkle frontier before the seal: a start
        needs no older line.
        """
        data = {
            "first": self.first,
            "last": self.seq - 1,
            "count": self.seq - self.first,
            "sha256": self.content.hexdigest(),
            "closes": closes,
            "tree": [node.hex() for node in self.frontier.nodes],
        }
        pending = self._add(Entry(at, mono, boot, [{"kind": SEALED, "data": data}], []), seals=True)
        self.first, self.used, self.capacity = self.seq, 0, capacity
        self.content = hashlib.sha256()
        return pending
