"""From a directory to a journal that can be appended to: lock, examine, heal, repair, first lines.

Synchronous; :meth:`kassd.journal.Journal.open` runs it in a thread.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any

from kassd.clock import Clock, boot_id, unix_ns, utc_text
from kassd.core.verdict import Finding
from kassd.deferred import dataclass
from kassd.errors import JournalDamaged, JournalError, refusal
from kassd.journal.aside import FOLDER, put_aside, put_aside_files, set_aside, unreported_repairs
from kassd.journal.chain import Chain, Now
from kassd.journal.files import FULL, Files, OsFiles, write_file
from kassd.journal.key import load_key, renew_key
from kassd.journal.line import VERSION, Entry, Line
from kassd.journal.mirror import Mirror, supply
from kassd.journal.note import NoteError, Signer, safe_origin
from kassd.journal.recover import UNREADABLE, Found, Tail, examine, repair
from kassd.journal.segments import SEGMENT_SIZE, read_lines, segment_files, segment_path, strip_nul
from kassd.journal.store import Report, Store

log = logging.getLogger(__name__)

Fact = dict[str, Any]


def system_now() -> tuple[str, int, str]:
    """``at``, ``mono``, ``boot`` from the system's clocks."""
    return utc_text(Clock().now()), Clock.mono(), boot_id()


def _unheard(_id: str, _message: str) -> None:
    """Trouble goes to the log only."""


def _untold(_newest: int) -> None:
    """``now`` needs no help."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a journal is kept. ``align``: bytes a batch is padded to (0, 4096, 16384); ``epoch``: number of
    this journal in the life of the register, written into line 0; ``report(id, message)`` hears of trouble
    with ``spare``, ``checkpoint``, ``compact``, ``mirror`` (an empty message: over), and of files found
    ``rotten`` or lying ``aside`` in torn/ (the message names them), in any thread;
    ``resume(newest)`` is told the time of the newest line (unix ns) before ``now`` is asked for the next."""

    align: int = 4096
    capacity: int = SEGMENT_SIZE
    mirror: Path | None = None
    compact: bool = True
    epoch: int = 1
    now: Now = system_now
    report: Report = _unheard
    mirror_thread: bool = True
    resume: Callable[[int], None] = _untold


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a start found. ``lines`` begins with the last closing (or line 0) and ends with the newest line,
    those that the start itself wrote included; ``repaired`` bytes were torn; ``anchors`` is what our own
    checkpoint and mirror say about lost lines."""

    lines: Iterator[Line]
    tail: Tail
    repaired: int
    first_seq: int
    created: bool
    size: int
    root: bytes
    anchors: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Started:
    """An open journal before its thread runs."""

    store: Store
    chain: Chain
    recovery: Recovery
    lock: int


@dataclass(slots=True)
class _Opening:
    files: Files
    directory: Path
    origin: str
    options: Options
    facts: list[Fact] = field(default_factory=list)


def start(directory: Path, origin: str, options: Options, files: Files | None = None) -> Started:
    """Open or create the journal in ``directory``.

    Raises ``JournalLocked``, ``JournalDamaged``, ``ConfigError`` (another register's journal) and
    ``JournalError`` (the disk).
    """
    if options.align not in (0, 4096, 16384):
        raise ValueError(f"align {options.align}: expected 0, 4096 or 16384")
    opening = _Opening(files or OsFiles(), directory, safe_origin(origin), options)
    lock = -1
    try:
        opening.files.mkdir(directory)
        opening.files.fsync_dir(directory.parent)
        lock = opening.files.lock(directory)
        return _start(opening, lock)
    except BaseException as error:
        if lock >= 0:
            opening.files.close(lock)
        if isinstance(error, OSError) and error.errno in FULL:
            raise JournalError(
                f"Der Datenträger ist voll, das Journal {directory} kann nicht fortgesetzt werden ({error}); "
                "verloren ist nichts. Bitte Platz schaffen oder die Karte tauschen, dann geht es weiter."
            ) from error
        if isinstance(error, OSError):
            raise JournalError(
                f"Das Journal {directory} kann nicht geöffnet werden. {refusal(error)}"
            ) from error
        raise


def _start(opening: _Opening, lock: int) -> Started:
    files, directory, options = opening.files, opening.directory, opening.options
    found = examine(files, directory, opening.origin)
    tail, torn = found.tail, len(found.data) - found.end if found.tail == "torn" else 0
    found = _heal(opening, found)
    if found.broken:
        place = found.active.path if found.active is not None else directory
        raise JournalDamaged(
            f"Das Journal ist beschädigt: {place}, nach Zeile {found.seq - 1}: {found.reason}. "
            "Es wurde nichts verändert. Bitte den Datenträger sichern und das Journal "
            "aus einer Sicherung oder vom Spiegel ([journal] mirror) wiederherstellen."
        )
    if found.newest is not None:
        options.resume(unix_ns(datetime.fromisoformat(found.newest.at)))
    boot = options.now()[2]
    chain = repair(files, directory, found, boot, options.align, options.capacity)
    for row in unreported_repairs(files, directory, found.seq, boot):
        opening.facts.insert(0, {"kind": "journal.tail_repaired", "data": row})
    signer = _signer(opening, found)
    _put_note_aside(opening, found)
    mirror = None
    if options.mirror is not None:
        mirror = Mirror(files, directory, options.mirror, options.report, threaded=options.mirror_thread)
    store = Store(
        files, directory, signer,
        align=options.align, capacity=options.capacity, compact=options.compact,
        mirror=mirror, report=options.report,
    )  # fmt: skip
    _resume(store, chain, found)
    if opening.facts:
        batch = chain.extend(Entry(*options.now(), opening.facts, []), options.now, options.capacity)
        store.write(batch)
        if batch[-1].seals:
            store.rotate()
    if chain.full:
        store.write([chain.seal(*options.now(), closes=False, capacity=options.capacity)])
        store.rotate()
    lines = read_lines(directory, found.first_seq, chain.seq - 1, files)
    recovery = Recovery(
        lines, tail, torn, found.first_seq, found.created is None,
        chain.seq, chain.frontier.root(), tuple(found.notes),
    )  # fmt: skip
    return Started(store, chain, recovery, lock)


def _put_note_aside(opening: _Opening, found: Found) -> None:
    """A checkpoint that nobody can trust is no more overwritten than torn bytes are; it is told while it
    lies there, also by ``verify``."""
    files, directory = opening.files, opening.directory
    for note in found.notes:
        if note.id == UNREADABLE and "checkpoint" in files.list(directory):
            log.error("journal: put the checkpoint aside in %s/: %s", FOLDER, note.message)
            put_aside(files, directory, "checkpoint")
    if aside := put_aside_files(files, directory):
        opening.options.report("aside", ", ".join(aside))


def _resume(store: Store, chain: Chain, found: Found) -> None:
    """Open the active segment, or begin one where none is or the last one is sealed."""
    nodes, noted = found.frontier.nodes, found.vouched
    if found.active is None:
        store.begin(0, nodes, noted)
    elif not found.sealed:
        store.resume(found.active.path, chain.used, found.seq, nodes, noted)
    elif found.active.packed:
        store.size = found.seq
        store.begin(found.seq, nodes, noted)
    else:
        store.finish(found.active.path, found.end, found.seq, nodes, noted)


def _heal(opening: _Opening, found: Found) -> Found:
    """Take from the mirror what it has and the disk lost; the journal says so in ``journal.gap``."""
    files, directory, options = opening.files, opening.directory, opening.options
    if options.mirror is None:
        return found
    first = found.active.first if found.active is not None else 0
    origin = opening.origin
    end, segments = supply(files, directory, options.mirror, origin, first)
    if end <= found.seq:
        return found
    data: Fact = {"first": found.seq, "last": end - 1, "source": "mirror", "reason": found.reason}
    for segment in segment_files(files, directory):
        if segment.first >= first:  # kept under the seq of the line that will tell of it
            lost = files.read(segment.path)
            lost = lost if segment.packed else strip_nul(lost)
            set_aside(files, directory, end, f"{options.now()[2]}-gap", lost)
    for row in segments:
        target = segment_path(directory, row.segment.first)
        write_file(files, target, row.content(files, options.capacity))
    renewed = {row.segment.first for row in segments}
    for segment in segment_files(files, directory):
        if segment.first > max(renewed) or (segment.packed and segment.first in renewed):
            files.unlink(segment.path)
    files.fsync_dir(directory)
    opening.facts.append({"kind": "journal.gap", "data": data})
    message = f"Zeilen {found.seq} bis {end - 1} fehlten und kamen aus dem Spiegel."
    healed = examine(files, directory, origin)
    healed.notes.append(Finding("rollback", "error", "mirror", message))
    return healed


def _signer(opening: _Opening, found: Found) -> Signer:
    """The key that signs checkpoints; where none is, or a damaged one, a new one is made, and the journal
    says so."""
    files, directory = opening.files, opening.directory
    try:
        signer = load_key(files, directory)
    except NoteError as error:
        log.error("journal: %s", error)
        signer = None
    renewed = signer is None
    if signer is None:
        signer = renew_key(files, directory, opening.origin)
    if found.created is None:
        data = {
            "origin": opening.origin,
            "public_key": signer.vkey,
            "epoch": opening.options.epoch,
            "format": VERSION,
        }
        opening.facts.insert(0, {"kind": "journal.created", "data": data})
    elif renewed:
        opening.facts.append({"kind": "journal.key_changed", "data": {"public_key": signer.vkey}})
    return signer
