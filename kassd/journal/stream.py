"""Reading years of journal fast: bytes of lines in order, and where a period begins.

For programs that fold a journal beside a running writer. Nothing is parsed but numbers and times; each line
is compared with its place in the chain. The end is the last whole line.
"""

import re
from binascii import Error, hexlify, unhexlify
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kassd.errors import JournalDamaged
from kassd.journal.files import Files, OsFiles
from kassd.journal.line import TAIL, LineError, genesis, parse_line
from kassd.journal.segments import Segment, SegmentError, list_segments, load, unpack

_HEAD = re.compile(rb'\{"v":1,"seq":(\d+),"at":"([^"]+)"')
_CLOSED = b'{"kind":"till.closed","data":{"number":'
_NUMBER = re.compile(re.escape(_CLOSED) + rb"(\d+)")
_HEAD_BYTES = 256


@dataclass(frozen=True, slots=True)
class Start:
    """A period begins with line ``seq``; ``closing`` is the closing line before it, b'' at the very start."""

    seq: int
    closing: bytes


def raw_lines(directory: Path, first: int = 0, files: Files | None = None) -> Iterator[bytes]:
    """Lines from seq ``first`` on, each without padding and newline; a live journal up to its last whole
    line.

    Raises :class:`~kassd.errors.JournalDamaged` where one is missing or is not what was written.
    """
    files = files or OsFiles()
    seq, tail = max(0, first - 1), b""  # the line before vouches for the first
    while True:
        segments = list_segments(files, directory)
        todo = [s for s in segments if s.first > seq]
        todo = [s for s in segments if s.first <= seq][-1:] + todo
        before = seq
        for segment in todo:
            try:
                data = load(files, segment)
            except FileNotFoundError:  # compacted between listing and reading
                break
            except SegmentError as error:
                raise JournalDamaged(f"Journal {segment.path}: {error}") from error
            if segment.first > seq:
                raise JournalDamaged(f"Journal {directory}: Zeile {seq} fehlt.")
            for line in _lines(data, segment, seq, live=segment is todo[-1]):
                if not _follows(line, tail, seq):
                    raise JournalDamaged(
                        f"Journal {segment.path}: Zeile {seq} ist nicht, was dort geschrieben wurde. Näheres "
                        "sagt kassd verify; eine unbeschädigte Kopie holt kassd restore zurück."
                    )
                if seq >= first:
                    yield line
                seq, tail = seq + 1, line[-TAIL:]
        if seq == before:
            return


def _follows(line: bytes, tail: bytes, seq: int) -> bool:
    """Whether line ``seq`` is the one of the chain after a line that ends with ``tail``, b'' if unknown."""
    try:
        begin = origin_of(line) if seq == 0 else ""
        before = genesis(begin) if begin else unhexlify(tail[6:-2])
    except (LineError, Error):
        return False
    if not before:
        return True
    h = sha256(before + line[:-TAIL] + b"}").digest()
    return line.endswith(b',"h":"' + hexlify(h) + b'"}')


def _lines(data: bytes, segment: Segment, seq: int, live: bool) -> Iterator[bytes]:
    """The segment's lines from ``seq`` on. ``live``: what a power cut may have torn is not read."""
    pieces = data.split(b"\n")[:-1]
    for at, piece in enumerate(pieces, segment.first):
        if at >= seq:
            line = piece.rstrip(b" ")
            if not line.startswith(b'{"v":1,"seq":%d,' % at) or (live and not _is_whole(line)):
                later = pieces[at - segment.first + 1 :]
                if live and not any(other.startswith(b'{"v":1,"seq":') for other in later):
                    return
                raise JournalDamaged(f"Journal {segment.path}: dort steht nicht Zeile {at}.")
            yield line


def _is_whole(line: bytes) -> bool:
    try:
        parse_line(line)
    except LineError:
        return False
    return True


def origin_of(line: bytes) -> str:
    """What line 0 says of whose journal it begins; raises :class:`LineError`."""
    facts = parse_line(line).facts if line else []
    return next((str(fact["data"]["origin"]) for fact in facts if fact["kind"] == "journal.created"), "")


def origin(directory: Path) -> str:
    """The register whose journal it is, '' where line 0 does not say; raises OSError."""
    return origin_of(next(raw_lines(directory), b""))


def reach(directory: Path, files: Files | None = None) -> int:
    """About how many lines the journal has: where its newest segment begins."""
    segments = list_segments(files or OsFiles(), directory)
    return segments[-1].first if segments else 0


def last_start(directory: Path, day: str, files: Files | None = None) -> Start:
    """A beginning of a period before everything that was written on ``day`` (ISO, UTC) or later: the latest
    that can be told without reading the whole journal."""
    files = files or OsFiles()
    segments = list_segments(files, directory)
    low, high = 0, len(segments)  # segments[:low] begin before day, segments[high:] do not
    while low < high:
        middle = (low + high) // 2
        if _begun(files, segments[middle]) < day:
            low = middle + 1
        else:
            high = middle
    return _start_before(files, segments, low - 1)


def start_of_closing(directory: Path, number: int, files: Files | None = None) -> Start:
    """Where the period of closing ``number``, or one before it, begins."""
    files = files or OsFiles()
    segments = list_segments(files, directory)
    low, high = 0, len(segments)
    while low < high:
        middle = (low + high) // 2
        if _number(_start_before(files, segments, middle)) < number:
            low = middle + 1
        else:
            high = middle
    return _start_before(files, segments, low - 1)


def _number(start: Start) -> int:
    found = _NUMBER.search(start.closing)
    return int(found[1]) if found else 0


def _begun(files: Files, segment: Segment) -> str:
    """When the segment's first line was written."""
    if segment.packed:
        head = unpack(files.read(segment.path), _HEAD_BYTES)
    else:
        head = files.read(segment.path, 0, _HEAD_BYTES)
    found = _HEAD.match(head)
    return found[2].decode() if found else "9999"  # nothing is written there yet


def _start_before(files: Files, segments: list[Segment], index: int) -> Start:
    """The beginning of a period that is, or comes before, that of ``segments[index]``."""
    for i in range(index, 0, -1):
        end = load(files, segments[i - 1]).rstrip(b"\0").rsplit(b"\n", 3)[-3:]  # closing, seal, nothing
        for line in end:
            if _CLOSED in line:
                return Start(segments[i].first, line.rstrip(b" "))
    return Start(0, b"")
