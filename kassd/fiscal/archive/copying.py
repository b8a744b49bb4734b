"""A verified copy of everything that must be kept, on a stick or in a folder.

May run beside the register. Every file is written aside, synced, renamed and read back from the medium; what
is there already is read again and compared. The manifest is written when all of it lies there: until then
the one of the last copy holds, and what it names is there (the newest segment only grows). Nothing is deleted
from a copy but the unpacked form of a segment whose packed form the new manifest names.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kassd.core.verdict import Verdict
from kassd.errors import DataError
from kassd.fiscal.archive import manifest
from kassd.fiscal.archive.checking import check_held
from kassd.fiscal.archive.durable import ASIDE, Print, files_below, print_of, print_of_bytes, put
from kassd.fiscal.archive.holdings import JOURNAL, KEPT, TARS, Numbers, Place
from kassd.fiscal.archive.keeping import LOCK
from kassd.fiscal.archive.manifest import Head, Manifest
from kassd.journal import read_lines, verify_journal
from kassd.journal.files import OsFiles
from kassd.journal.line import split_line
from kassd.journal.segments import Segment, line_at, list_segments, load, scan, strip_nul

CHECKPOINT = "checkpoint"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """``written`` of ``files`` were new or longer. ``verdict``: is all there that must be kept? A copy is
    what the register has; what that lacks, the copy lacks, and ``restore`` refuses it."""

    root: Path
    files: int
    size: int
    written: int
    lines: int
    verdict: Verdict


def root_of(target: Path, register: str) -> Path:
    """Where on a stick the copy of a register lies."""
    return target / f"kassd-{register}"


def copy_to(place: Place, target: Path, register: str, numbers: Numbers, now: datetime, told: Told) -> Copied:
    """Make or renew the copy below ``target``, which must exist (a stick that is not mounted does not).

    Raises :class:`DataError` where the copy there is of another journal, knows more than the register, or
    would be a part of itself.
    ``told`` gets the name of each file before it is compared.
    """
    if not target.is_dir():
        raise DataError(f"{target} gibt es nicht. Ist der Datenträger eingehängt?")
    if own := place.owner(target):
        raise DataError(
            f"{target} liegt in {own}, wovon die Kopie ist. Bitte einen anderen Datenträger nennen."
        )
    root = root_of(target, register)
    old = manifest.read(root)
    _refuse_foreign(place, root, old)
    _clean(root)
    note = _checkpoint(place.journal)
    files: dict[str, Print] = {}
    written = 0
    for name, source in _sources(place):
        told(name)
        known = print_of_bytes(source) if isinstance(source, bytes) else print_of(source)
        there = root / name
        if not there.is_file() or print_of(there) != known:
            if put(source, there) != known:
                raise DataError(f"{name} hat sich beim Kopieren geändert. Bitte noch einmal kopieren.")
            written += 1
        files[name] = known
    if note:
        put(note, root / JOURNAL / CHECKPOINT)
    verdict = verify_journal(root / JOURNAL, deep=False)
    if verdict.ok:
        stale = _unpacked(root, files)
        kept = {name: value for name, value in (old.files if old else {}).items() if name not in stale}
        files = {**kept, **files}
        manifest.write(root, Manifest(_head(root, register, numbers, now, verdict.checked, note), files))
        for name in stale:
            (root / name).unlink(missing_ok=True)
    size = sum(file.size for file in files.values())
    held = check_held(Place.below(root), verdict, signatures=False)  # verified when the TAR came from the TSE
    return Copied(root, len(files), size, written, verdict.checked, held)


def _refuse_foreign(place: Place, root: Path, old: Manifest | None) -> None:
    """The copy's journal must be a beginning of ours."""
    copied = root / JOURNAL
    first = next(read_lines(copied, 0, 0), None) if copied.is_dir() else None
    ours = next(read_lines(place.journal, 0, 0), None)
    if ours is None:
        raise DataError(f"In {place.journal} liegt kein Journal.")
    if first is not None and first.h != ours.h:
        raise DataError(f"{root} ist die Kopie eines anderen Journals. Bitte ein anderes Ziel nehmen.")
    if old is None or not old.head.lines:
        return
    last = old.head.lines - 1
    line = next(read_lines(place.journal, last, last), None)
    if line is None:
        raise DataError(
            f"Die Kopie {root} kennt {old.head.lines} Journalzeilen, die Kasse weniger: das Journal wurde "
            "zurückgesetzt. Nichts überschreiben; docs/archive.md sagt, was zu tun ist."
        )
    if line.h != old.head.h:
        raise DataError(
            f"Die Kopie {root} hat in Zeile {last} einen anderen Inhalt als die Kasse. Nichts überschreiben; "
            "bitte beide prüfen (kassd verify)."
        )


def _clean(root: Path) -> None:
    """What an interrupted copy has left aside."""
    for name in files_below(root):
        if name.endswith(ASIDE):
            (root / name).unlink()


def _checkpoint(journal: Path) -> bytes:
    """Read before the lines: it vouches for none that is not copied."""
    path = journal / CHECKPOINT
    return path.read_bytes() if path.exists() else b""


def _sources(place: Place) -> Iterator[tuple[str, Path | bytes]]:
    """Name in the copy, and content, of all that is kept."""
    for name, content in journal_files(place.journal):
        yield f"{JOURNAL}/{name}", content
    for name in files_below(place.tars):
        if not name.endswith(ASIDE):
            yield f"{TARS}/{name}", place.tars / name
    for name in files_below(place.kept):
        if not name.endswith(ASIDE) and name != LOCK:
            yield f"{KEPT}/{name}", place.kept / name


def journal_files(journal: Path) -> Iterator[tuple[str, Path | bytes]]:
    """Name and content of a journal's files, its key and checkpoint not; beside a running register, too.
    Blobs are there before the lines that name them, so they come after these."""
    for segment in list_segments(OsFiles(), journal):
        yield _segment(segment)
    for folder in ("blob", "torn"):
        for name in files_below(journal / folder):
            if not name.endswith(".tmp"):
                yield f"{folder}/{name}", journal / folder / name


def copy_journal(journal: Path, folder: Path) -> None:
    """The journal as it is at this moment, without its key, in a new folder; beside a running register,
    too."""
    folder.mkdir(parents=True)
    note = _checkpoint(journal)
    for name, source in journal_files(journal):
        (folder / name).parent.mkdir(exist_ok=True)
        if isinstance(source, bytes):
            (folder / name).write_bytes(source)
        else:
            shutil.copyfile(source, folder / name)
    if note:
        (folder / CHECKPOINT).write_bytes(note)


def _segment(segment: Segment) -> tuple[str, Path | bytes]:
    """A sealed segment as it is; of the newest, the lines that are whole."""
    packed = Segment(segment.first, segment.directory, packed=True)
    if segment.packed:
        return packed.path.name, packed.path
    try:
        data = strip_nul(load(OsFiles(), segment))
    except FileNotFoundError:  # packed meanwhile
        return packed.path.name, packed.path
    first = data.find(b"\n") + 1
    if not first:
        return segment.path.name, b""
    h = split_line(line_at(data, 0))[1]
    walked = scan(data[first:], segment.first + 1, h)
    return segment.path.name, data[: first + walked.end]


def _unpacked(root: Path, files: dict[str, Print]) -> set[str]:
    """Raw segments of an earlier copy that are packed now."""
    raw = (name.removesuffix(".gz") for name in files if name.endswith(".jsonl.gz"))
    return {name for name in raw if name not in files and (root / name).exists()}


def _head(root: Path, register: str, numbers: Numbers, now: datetime, lines: int, note: bytes) -> Head:
    last = next(read_lines(root / JOURNAL, lines - 1, lines - 1))
    return Head(
        *(register, now.isoformat(timespec="seconds"), lines, last.h, last.at),
        *(numbers.epoch, numbers.receipt, numbers.closing, note.decode()),
    )
