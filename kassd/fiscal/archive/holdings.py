"""What a register has to keep by itself: where it lies, and what the journal says of it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from os.path import realpath
from pathlib import Path
from typing import Any, NamedTuple

from kassd.core.facts import TillClosed, TseArchived, TseBound, TseSwapBegan
from kassd.errors import JournalDamaged
from kassd.journal import Line, LineError
from kassd.journal.files import OsFiles
from kassd.journal.line import RESTORE, no_line, parse_line
from kassd.journal.segments import Segment, SegmentError, line_at, list_segments, load

JOURNAL, TARS, KEPT = "journal", "tse-archive", "archive"  # names of the folders in a copy


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a register, or of a copy of one."""

    journal: Path
    tars: Path
    kept: Path

    @classmethod
    def beside(cls, journal: Path) -> "Place":
        """Of a register: TSE archive and archive lie beside the journal."""
        return cls(journal, journal.parent / TARS, journal.parent / KEPT)

    @classmethod
    def below(cls, root: Path) -> "Place":
        """Of a copy."""
        return cls(root / JOURNAL, root / TARS, root / KEPT)

    def owner(self, path: Path) -> Path | None:
        """The folder of these that ``path`` lies in, links and ``..`` followed."""
        real = Path(realpath(path))
        folders = (self.journal, self.tars, self.kept)
        return next((own for own in folders if real.is_relative_to(realpath(own))), None)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The register's counters: what an anchor outside remembers."""

    epoch: int
    receipt: int
    closing: int


class Tar(NamedTuple):
    """A part of the TSE's archive as the journal names it. ``at``: time of the line that does."""

    path: str
    serial_number: str
    sha256: str
    at: str


class Closing(NamedTuple):
    """A closing: its number, its business day (ISO) and the seq of its line."""

    number: int
    day: str
    seq: int


@dataclass(slots=True)
class Told:
    """What the journal says of its archive. ``certificates``: of each TSE by serial number, base64 DER."""

    tars: list[Tar] = field(default_factory=list)
    certificates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    closings: list[Closing] = field(default_factory=list)


def told(directory: Path) -> Told:
    """Read it; beside a running register, too. Raises :class:`JournalDamaged`."""
    found = Told()
    kinds = {cls.kind for cls in (TseArchived, TseBound, TseSwapBegan, TillClosed)}
    for line, kind, data in facts_of(directory, kinds):
        if kind == TseArchived.kind and data["file"]:
            found.tars.append(Tar(data["file"], data["serial_number"], data["sha256"], line.at))
        elif kind == TseSwapBegan.kind and data["archive"]:
            path = f"{data['serial_number']}/{Path(data['archive']).name}"
            found.tars.append(Tar(path, data["serial_number"], data["sha256"], line.at))
        elif kind == TseBound.kind:
            found.certificates[data["serial_number"]] = tuple(data["certificates"])
        elif kind == TillClosed.kind:
            found.closings.append(Closing(data["number"], data["business_day"], line.seq))
    return found


def facts_of(directory: Path, kinds: Collection[str]) -> Iterator[tuple[Line, str, dict[str, Any]]]:
    """Line, kind and data of each fact of these kinds, in order; other lines are not parsed."""
    names = "|".join(re.escape(kind) for kind in sorted(kinds))
    mark = re.compile(rb'"kind":"(?:%s)"' % names.encode())
    for segment in list_segments(OsFiles(), directory):
        data, end = _bytes_of(segment), 0
        for match in mark.finditer(data):
            if match.start() < end:
                continue
            begin = data.rfind(b"\n", 0, match.start()) + 1
            raw = line_at(data, begin)
            end = begin + len(raw)
            try:
                line = parse_line(raw)
            except LineError as error:
                if not raw.endswith(b"}") or b"\n" not in data[end:]:
                    return  # the newest line is just being written
                seq = segment.first + data.count(b"\n", 0, begin)
                raise JournalDamaged(f"Journal {segment.path}: {no_line(seq, error)} {RESTORE}") from error
            for fact in line.facts:
                if fact["kind"] in kinds:
                    yield line, fact["kind"], fact["data"]


def _bytes_of(segment: Segment) -> bytes:
    try:
        return load(OsFiles(), segment)
    except FileNotFoundError:  # compacted since the folder was listed
        return load(OsFiles(), Segment(segment.first, segment.directory, packed=True))
    except SegmentError as error:
        raise JournalDamaged(f"Journal {segment.path}: {error}") from error
