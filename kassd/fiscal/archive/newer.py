"""Does anybody remember more than the journal that was restored? Then the counters must go on above that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kassd.core.verdict import Finding
from kassd.journal import compare, read_lines
from kassd.journal.files import OsFiles
from kassd.journal.line import genesis
from kassd.journal.merkle import Frontier
from kassd.journal.segments import list_segments, load, scan

NAMES = {
    "broker": "der Prüfpunkt beim Broker",
    "mirror": "der Spiegel",
    "journal": "das bisherige Journal",
    "tse": "die TSE",
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """What ``source`` (a key of :data:`NAMES`) remembers: any of ``size``, ``root`` (hex), ``epoch``,
    ``receipt``, ``closing``, ``transaction``."""

    source: str
    remembers: Mapping[str, Any]


def newer(journal: Path, ours: Mapping[str, Any], anchors: Iterable[Anchor]) -> list[Finding]:
    """What the anchors know and ``journal`` does not, as warnings. ``ours``: its ``epoch``, ``receipt``,
    ``closing``, ``transaction``; size and roots are read from its files."""
    anchors = list(anchors)
    wanted = {a.remembers["size"] for a in anchors if isinstance(a.remembers.get("size"), int)}
    size, roots = _roots(journal, wanted)
    here = {**ours, "size": size, "root": roots.get(size), "roots": roots}
    found = []
    for anchor in anchors:
        found += compare(here, anchor.remembers, NAMES[anchor.source])
    return [Finding(f.id, "warning", f.where, f.message) for f in found]


def _roots(journal: Path, wanted: Iterable[int]) -> tuple[int, dict[int, str]]:
    """Number of lines, and the Merkle root at that size and at those wanted (hex)."""
    first = next(read_lines(journal, 0, 0))
    h, seq = genesis(first.facts[0]["data"]["origin"]), 0
    marks: dict[int, bytes] = dict.fromkeys(wanted, b"")
    frontier = Frontier()
    for segment in list_segments(OsFiles(), journal):
        walked = scan(load(OsFiles(), segment), seq, h, frontier, marks)
        seq, h = walked.seq, walked.h
    marks[seq] = frontier.root()
    return seq, {size: root.hex() for size, root in marks.items() if root}
