"""Segment files: their names, their bytes, and the one fast walk over a chain of lines.

``<first seq, 12 digits>.jsonl`` is raw (padding inside; NUL after the last line while it is active);
``….jsonl.gz`` is a sealed one without padding. Where both exist a compaction was interrupted: the raw one
counts until it is gone, unless it has rotted and the packed one is whole.
"""

import hashlib
import re
import zlib
from binascii import hexlify
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from kassd.deferred import dataclass
from kassd.errors import DataError, JournalDamaged
from kassd.journal.chain import SEALED
from kassd.journal.files import Files, OsFiles
from kassd.journal.line import RESTORE, TAIL, Line, LineError, no_line, parse_line, split_line
from kassd.journal.merkle import Frontier, leaf_hash

SEGMENT_SIZE = 4 * 1024 * 1024
PIECE = 128 * 1024
GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"  # no name, no time: equal input gives equal files
GZIP_LEVEL = 6
GZIP_WBITS = 31
LARGEST = 64 * 1024 * 1024  # what a length is believed; a segment is rarely larger than 4 MiB
_NAME = re.compile(r"(\d{12})\.jsonl(\.gz)?")
_PADDING = re.compile(rb" +\n")


class SegmentError(DataError):
    """A segment file whose bytes cannot be unpacked."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the journal: ``first`` is the seq its name promises; ``packed``: compacted, so sealed."""

    first: int
    directory: Path
    packed: bool = False

    @property
    def path(self) -> Path:
        """Where it lies; made on demand, because a start lists thousands and opens two."""
        return segment_path(self.directory, self.first, self.packed)


def segment_path(directory: Path, first: int, packed: bool = False) -> Path:
    """Where the segment that begins with line ``first`` lies."""
    return directory / f"{first:012d}.jsonl{'.gz' if packed else ''}"


def list_segments(files: Files, directory: Path) -> list[Segment]:
    """All segments in order, each once, in the form that counts."""
    found: dict[int, Segment] = {}
    for segment in segment_files(files, directory):  # the raw form comes first
        raw = found.get(segment.first)
        if raw is None or (_is_whole(files, segment) and not _is_whole(files, raw)):
            found[segment.first] = segment
    return [found[first] for first in sorted(found)]


def segment_files(files: Files, directory: Path) -> list[Segment]:
    """Every segment file by name: both forms where both lie there, the raw one first."""
    matches = [match for name in sorted(files.list(directory)) if (match := _NAME.fullmatch(name))]
    return [Segment(int(match[1]), directory, match[2] is not None) for match in matches]


def _is_whole(files: Files, segment: Segment) -> bool:
    try:
        steps = wholeness(load(files, segment), segment.first)
    except (SegmentError, OSError):  # compacted meanwhile, or no longer readable
        return False
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bool(end.value)


def load(files: Files, segment: Segment) -> bytes:
    """All bytes of a segment, unpacked; raises :class:`SegmentError` or ``OSError``."""
    data = files.read(segment.path)
    return unpack(data) if segment.packed else data


def unpack(data: bytes, limit: int = 0) -> bytes:
    """Undo a compaction strictly (our header, and at the very end length and checksum of what came out).

    ``limit``: only the beginning, at most so many bytes.
    """
    if not data.startswith(GZIP_HEADER):
        raise SegmentError("kein verdichtetes Segment")
    size = int.from_bytes(data[-4:], "little")
    try:
        if limit:
            return zlib.decompressobj(GZIP_WBITS).decompress(data, limit)
        plain = zlib.decompress(data, GZIP_WBITS, min(size, LARGEST))  # one buffer: twice as fast
    except zlib.error as error:
        raise SegmentError(f"verdichtetes Segment, nicht auszupacken ({error})") from error
    if data[-8:] != zlib.crc32(plain).to_bytes(4, "little") + len(plain).to_bytes(4, "little"):
        raise SegmentError("verdichtetes Segment, dem andere Bytes folgen")
    return plain


def is_nul(data: bytes) -> bool:
    """Whether there is nothing but NUL."""
    return data == bytes(len(data))


def strip_nul(data: bytes) -> bytes:
    """``data`` without the NUL at its end; fast where lines are followed by nothing else."""
    end = data.rfind(b"\n") + 1
    return data[:end] if is_nul(data[end:]) else data.rstrip(b"\0")


def strip_padding(data: bytes) -> bytes:
    """The lines of ``data``, each with one newline and without padding."""
    return _PADDING.sub(b"\n", data)


@dataclass(frozen=True, slots=True)
class Scan:
    """How far the chain holds: ``end`` is the offset after the last good line (newline included), ``seq`` and
    ``h`` continue it, ``count`` lines were good, ``last`` is the offset at which the last one begins.
    ``reason`` says why the bytes at ``end`` are no next line; empty at the end of the data."""

    seq: int
    h: bytes
    end: int
    last: int
    count: int
    reason: str


def scan(
    data: bytes, seq: int, h: bytes, frontier: Frontier | None = None, marks: dict[int, bytes] | None = None
) -> Scan:
    """Follow chain and numbering through ``data``; each good line becomes a leaf of ``frontier``.

    ``marks`` wants the Merkle root at the sizes that are its keys.
    """
    walked, good = follow(data, seq, h)
    if frontier is not None:
        grow(frontier, [leaf_hash(line) for line in good], marks or {})
    return walked


def follow(data: bytes, seq: int, h: bytes) -> tuple[Scan, list[bytes]]:
    """How far chain and numbering hold in ``data``, and the good lines, without padding.

    JSON is not parsed: the hash covers it.
    """
    sha256 = hashlib.sha256
    reason, good = "", list[bytes]()
    pieces = data.split(b"\n")
    rest = pieces.pop()
    for piece in pieces:
        line = piece.rstrip(b" ")
        if not line.startswith(b'{"v":1,"seq":%d,"at":"' % seq):
            reason = f"Zeile {seq} erwartet"
            break
        h_next = sha256(h + line[:-TAIL] + b"}").digest()
        if not line.endswith(b',"h":"' + hexlify(h_next) + b'"}'):
            reason = "der Hash stimmt nicht"
            break
        good.append(line)
        h, seq = h_next, seq + 1
    else:
        reason = "" if is_nul(rest) else "eine Zeile ohne Ende"
    end = sum(map(len, pieces[: len(good)])) + len(good)
    last = end - len(pieces[len(good) - 1]) - 1 if good else 0
    return Scan(seq, h, end, last, len(good), reason), good


def grow(frontier: Frontier, leaves: list[bytes], marks: dict[int, bytes]) -> None:
    """Add leaves, stopping at each wanted size for its root."""
    start, done = frontier.size, 0
    for size in sorted(size for size in marks if start < size <= start + len(leaves)):
        frontier.extend(leaves[done : size - start])
        marks[size] = frontier.root()
        done = size - start
    frontier.extend(leaves[done:])


def line_at(data: bytes, offset: int) -> bytes:
    """The line that begins at ``offset``, without padding."""
    stop = data.find(b"\n", offset)
    return data[offset : stop if stop >= 0 else len(data)].rstrip(b" ")


def last_line(data: bytes) -> bytes:
    """The last line of a segment that ends with one; empty otherwise."""
    if not data.endswith(b"\n"):
        return b""
    return data[data.rfind(b"\n", 0, -1) + 1 : -1].rstrip(b" ")


def seal_of(raw: bytes) -> dict[str, Any] | None:
    """What a seal line says of its segment, or None if ``raw`` is no seal."""
    if b'"journal.sealed"' not in raw:
        return None
    try:
        facts = parse_line(raw).facts
    except LineError:
        return None
    for fact in facts:
        if fact["kind"] == SEALED:
            return dict(fact["data"])
    return None


def wholeness(data: bytes, first: int) -> Generator[None, None, bool]:
    """Whether a sealed segment that begins with line ``first`` holds what it was sealed with.

    Its lines chain up to the seal, and the seal vouches for all of them, the first included. That takes no
    other segment, but cannot tell one that was forged as a whole. In steps of a moment each.
    """
    seal, line = seal_of(last_line(data)), line_at(data, 0)
    if seal is None or not line.startswith(b'{"v":1,"seq":%d,' % first):
        return False
    try:
        h = split_line(line)[1]
    except LineError:
        return False
    content, seq = hashlib.sha256(line + b"\n"), first + 1
    offset, seal_at = data.find(b"\n") + 1, data.rfind(b"\n", 0, -1) + 1
    while offset < seal_at:
        end = data.find(b"\n", min(offset + PIECE, seal_at - 1)) + 1
        piece = strip_padding(data[offset:end])
        walked = scan(piece, seq, h)
        if walked.end != len(piece):
            return False
        content.update(piece)
        seq, h, offset = walked.seq, walked.h, end
        yield
    said = [seal.get(key) for key in ("first", "last", "count", "sha256")]
    return (
        said == [first, seq - 1, seq - first, content.hexdigest()] and scan(data[seal_at:], seq, h).count == 1
    )


def read_lines(
    directory: Path, first: int = 0, last: int | None = None, files: Files | None = None
) -> Iterator[Line]:
    """Yield the lines from seq ``first`` (to ``last``) without a lock, up to the last one that is whole.

    May run beside a writer. Raises :class:`~kassd.errors.JournalDamaged` where a line inside is missing or
    broken. The chain is not recomputed here: that is ``verify``.
    """
    files = files or OsFiles()
    seq = first
    while last is None or seq <= last:
        segments = [s for s in list_segments(files, directory) if s.first <= seq]
        if not segments:
            if first or list_segments(files, directory):
                raise JournalDamaged(f"Journal {directory}: Zeile {seq} fehlt.")
            return
        segment = segments[-1]
        try:
            data = load(files, segment)
        except FileNotFoundError:  # compacted between listing and reading
            continue
        except SegmentError as error:
            raise JournalDamaged(f"Journal {segment.path}: {error}") from error
        before = seq
        at = segment.first
        for piece in data.split(b"\n")[:-1]:
            try:
                line = parse_line(piece.rstrip(b" ")) if at >= seq else None
            except LineError as error:
                if any(s.first > segment.first for s in list_segments(files, directory)):
                    raise JournalDamaged(f"Journal {segment.path}: {no_line(at, error)} {RESTORE}") from error
                return
            if line is not None:
                if line.seq != at:
                    raise JournalDamaged(f"Journal {segment.path}: Zeile {at} erwartet, {line.seq} gefunden.")
                yield line
                seq += 1
                if last is not None and seq > last:
                    return
            at += 1
        if seq == before:
            later = [s.first for s in list_segments(files, directory) if s.first > segment.first]
            if not later:
                return
            if later[0] != seq:
                raise JournalDamaged(f"Journal {directory}: Zeile {seq} fehlt.")
