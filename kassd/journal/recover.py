"""What a start finds on the disk: the longest chained prefix, and what stands behind it.

``examine`` only reads. It begins at the last closing, which is found by looking at the seals from the end
backwards, so old history costs nothing. ``repair`` then makes the end writable again.

A power cut can only hurt the one batch that was being written: at most 64 KiB, and nothing behind it. That
is ``torn``. Anything else (a hole before the end, a whole batch behind broken bytes, fewer lines than our
own checkpoint vouches for) is ``damaged``: those bytes had been acknowledged.
"""

import hashlib
from dataclasses import field
from pathlib import Path
from typing import Literal

from kassd.core.verdict import Finding
from kassd.deferred import dataclass
from kassd.errors import ConfigError
from kassd.journal.aside import set_aside
from kassd.journal.chain import Chain, padded
from kassd.journal.files import Files
from kassd.journal.key import load_key
from kassd.journal.line import MAX_LINE, Line, LineError, chain, genesis, parse_line, split_line
from kassd.journal.merkle import Frontier, leaf_hash
from kassd.journal.note import Checkpoint, NoteError, open_by_any
from kassd.journal.segments import (
    PIECE,
    Segment,
    SegmentError,
    last_line,
    line_at,
    list_segments,
    load,
    scan,
    seal_of,
    strip_nul,
    strip_padding,
    unpack,
)
from kassd.journal.tail import is_torn

UNREADABLE = "checkpoint_unreadable"
Tail = Literal["clean", "torn", "damaged"]


@dataclass(slots=True)
class Found:
    """State of a journal on disk. ``seq``, ``h`` and ``frontier`` continue the good prefix; ``first_seq`` is
    the last closing or 0. ``active`` is the segment in which the prefix ends, at byte ``end``; ``data`` its
    bytes up to the last one that is not NUL; ``sealed``: it ends with a seal. ``reason`` says what is wrong
    when ``tail`` is not ``clean``; ``created`` is line 0, None if there is none yet; ``newest`` the last good
    line; ``vouched``: lines of our own checkpoint."""

    seq: int
    h: bytes
    frontier: Frontier
    first_seq: int = 0
    active: Segment | None = None
    data: bytes = b""
    end: int = 0
    sealed: bool = False
    tail: Tail = "clean"
    reason: str = ""
    created: Line | None = None
    newest: Line | None = None
    vouched: int = 0
    notes: list[Finding] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether more is wrong than a power cut explains."""
        return self.tail == "damaged"

    def damaged(self, segment: Segment, reason: str) -> "Found":
        """The prefix ends in ``segment`` for a reason that is no power cut."""
        self.active, self.tail, self.reason = segment, "damaged", reason
        return self


def examine(files: Files, directory: Path, origin: str) -> Found:
    """Read the end of the journal; writes nothing. Raises ``ConfigError`` if it belongs to another origin."""
    segments = list_segments(files, directory)
    found = Found(0, genesis(origin), Frontier())
    if not segments:
        return found
    if segments[0].first != 0:
        return found.damaged(Segment(0, directory), "das erste Segment fehlt")
    found.created = _line_0(files, segments[0])
    if found.created is not None and _said(found.created, "origin") != origin:
        raise ConfigError(
            f"Das Journal {directory} gehört der Kasse {_said(found.created, 'origin')}, "
            f"eingestellt ist {origin}. Bitte register.id oder journal.dir berichtigen."
        )
    vouched = _own_checkpoint(files, directory, found)
    begin = _last_closing(files, segments, found)
    if not found.broken:
        _follow(files, segments[begin:], found, vouched)
    if not found.broken and vouched is not None and vouched.size >= found.seq:
        if vouched.size > found.seq:
            found.tail, found.reason = "damaged", f"der Prüfpunkt bürgt für {vouched.size} Zeilen"
        elif vouched.root != found.frontier.root():
            found.tail, found.reason = "damaged", "der Prüfpunkt bürgt für anderen Inhalt"
    return found


def _said(created: Line, key: str) -> str:
    return str(created.facts[0]["data"].get(key, "")) if created.facts else ""


def _line_0(files: Files, segment: Segment) -> Line | None:
    try:
        data = files.read(segment.path, 0, 2 * MAX_LINE)
        if segment.packed:
            data = unpack(data, MAX_LINE)
        line = parse_line(line_at(data, 0))
    except (SegmentError, LineError):
        return None
    return line if line.seq == 0 and line.facts and line.facts[0]["kind"] == "journal.created" else None


def _own_checkpoint(files: Files, directory: Path, found: Found) -> Checkpoint | None:
    if "checkpoint" not in files.list(directory):
        return None
    try:
        own = open_by_any(files.read(directory / "checkpoint").decode(), _keys(files, directory, found))
    except (NoteError, UnicodeDecodeError, OSError) as error:
        message = f"Der eigene Prüfpunkt ist nicht prüfbar: {error}"
        found.notes.append(Finding(UNREADABLE, "warning", "checkpoint", message))
        return None
    found.vouched = own.size
    return own


def _keys(files: Files, directory: Path, found: Found) -> list[str]:
    """Public keys that may have signed: ours, and the journal's first where that one was lost."""
    first = [] if found.created is None else [_said(found.created, "public_key")]
    try:
        ours = load_key(files, directory)
    except NoteError:
        return first  # the start renews it and says so
    return first if ours is None else [ours.vkey, *first]


def _last_closing(files: Files, segments: list[Segment], found: Found) -> int:
    """Set ``found`` to what follows the last closing; return the index of the segment to go on with."""
    for index in range(len(segments) - 1, -1, -1):
        segment = segments[index]
        try:
            if segment.packed:
                data = load(files, segment)
            else:
                data = files.read(segment.path, max(0, files.size(segment.path) - PIECE))
        except SegmentError as error:
            found.damaged(segment, str(error))
            return index
        raw = last_line(data)
        seal = seal_of(raw)
        if seal is None and index < len(segments) - 1:
            found.damaged(segment, "das Segment endet nicht mit einem Siegel")
            return index
        if seal is not None and seal.get("closes") is True:
            data = data if segment.packed else load(files, segment)
            if not _enter_after(found, segment, data, raw):
                found.damaged(segment, "the closing and its seal do not match the segment")
            return index + 1
    return 0


def _enter_after(found: Found, segment: Segment, data: bytes, raw: bytes) -> bool:
    """Continue after the sealed segment that ends with a closing, if it is what its seal says."""
    seal = seal_of(raw) or {}
    content = strip_padding(data)
    try:
        body, h = split_line(raw)
        closing = last_line(content[: -len(raw) - 1])
        size = int(seal["last"]) + 1
        frontier = Frontier(size, [bytes.fromhex(node) for node in seal["tree"]])
        found.newest = parse_line(raw)
        good = (
            chain(split_line(closing)[1], body) == h
            and found.newest.seq == size
            and parse_line(closing).seq == size - 1
            and seal["first"] == segment.first
            and seal["sha256"] == hashlib.sha256(content[: -len(raw) - 1]).hexdigest()
        )
    except (KeyError, TypeError, ValueError, LineError):
        return False
    frontier.append(leaf_hash(raw))
    found.seq, found.h, found.frontier, found.first_seq = size + 1, h, frontier, size - 1
    found.active, found.data, found.end, found.sealed = segment, data, len(data), True
    return good


def _follow(files: Files, segments: list[Segment], found: Found, vouched: Checkpoint | None) -> None:
    """Walk the chain through ``segments``, the last of which may be the active one."""
    marks = {} if vouched is None else {vouched.size: vouched.root}
    for index, segment in enumerate(segments):
        found.sealed = False
        if segment.first != found.seq:
            found.damaged(segment, f"line {found.seq} expected, the name says {segment.first}")
            return
        try:
            data = load(files, segment)
        except SegmentError as error:
            found.damaged(segment, str(error))
            return
        walked = scan(data, found.seq, found.h, found.frontier, marks)
        found.active, found.data, found.end = segment, strip_nul(data), walked.end
        found.seq, found.h = walked.seq, walked.h
        if walked.count and not _last(found, line_at(data, walked.last)):
            found.damaged(segment, f"Zeile {walked.seq - 1} passt in die Kette und ist keine Zeile")
            return
        if vouched is not None and marks[vouched.size] != vouched.root:
            found.damaged(segment, f"other content than the checkpoint of {vouched.size} lines vouches for")
            return
        if index < len(segments) - 1 and (walked.reason or not found.sealed):
            found.damaged(segment, walked.reason or "das Segment endet nicht mit einem Siegel")
            return
        _classify(found, walked.reason)


def _last(found: Found, raw: bytes) -> bool:
    """Note the newest line, and whether it is a seal; False if it is not even a line."""
    try:
        found.newest = parse_line(raw)
    except LineError:
        return False
    found.sealed = seal_of(raw) is not None
    return True


def _classify(found: Found, reason: str) -> None:
    rest = found.data[found.end :]
    if not rest:
        return
    found.reason = reason or "Bytes, die keine Zeile sind"
    found.tail = "torn" if not found.sealed and is_torn(rest) else "damaged"


def repair(files: Files, directory: Path, found: Found, boot: str, align: int, capacity: int) -> Chain:
    """Make the end of a clean or torn journal writable and return the chain that continues it.

    Torn bytes are kept in ``torn/`` and overwritten with NUL; the end is padded to ``align``; a segment
    shorter than ``capacity`` is filled up. Every step is durable before the next and may be cut and repeated.
    """
    segment = found.active
    result = Chain(found.seq, found.h, found.frontier, capacity, align, first=found.seq)
    if segment is None or found.sealed:
        return result
    rest = found.data[found.end :]
    if rest:
        set_aside(files, directory, found.seq, boot, rest)
    size = files.size(segment.path)
    end = padded(found.end, align)
    handle = files.open(segment.path)
    try:
        if rest:
            files.pwrite(handle, bytes(len(rest)), found.end)
            files.fsync(handle)
        if size < capacity:
            for offset in range(size, capacity, PIECE):
                files.pwrite(handle, bytes(min(PIECE, capacity - offset)), offset)
            files.fsync(handle)
        if end > found.end:
            # A cut batch left whole lines and no padding: the next write must not share a block with them.
            files.pwrite(handle, b" " * (end - found.end) + b"\n", found.end - 1)
            files.fsync(handle)
    finally:
        files.close(handle)
    result.first, result.used, result.capacity = segment.first, end, max(size, capacity)
    result.content = hashlib.sha256(strip_padding(found.data[: found.end]))
    return result
