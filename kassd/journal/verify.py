"""Checking a journal from its files alone: chain, numbering, Merkle root, seals, checkpoint, key,
strict JSON, blobs.

Never raises for any bytes: what is wrong becomes a finding that names segment, line, seq and byte.
"""

import os
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import field
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from kassd.core.verdict import Finding, Verdict
from kassd.deferred import dataclass
from kassd.errors import JournalDamaged, KassdError, refusal
from kassd.journal.alone import Alone, blobs_in, check_alone, content_hash, keys_in
from kassd.journal.aside import FOLDER, put_aside_files
from kassd.journal.blobs import read_blob
from kassd.journal.files import OsFiles
from kassd.journal.key import DAMAGED, check_key
from kassd.journal.line import LineError, chain, genesis, no_line, parse_line, split_line
from kassd.journal.merkle import Frontier, root_of
from kassd.journal.note import NoteError, open_by_any, parse_note
from kassd.journal.recover import UNREADABLE, Found, examine
from kassd.journal.segments import (
    Scan,
    Segment,
    SegmentError,
    grow,
    is_nul,
    last_line,
    line_at,
    list_segments,
    load,
    scan,
    seal_of,
    segment_files,
    strip_nul,
)
from kassd.journal.tail import is_altered, is_torn
from kassd.workers import workers

TORN = "torn_tail"
MANY = 32  # segments from which other processes are worth their start
IN_FLIGHT_S = 0.05  # a batch that the daemon is just writing is whole after this


class _Packed(Exception):
    """A segment that cannot be unpacked: its name and why."""


@dataclass(slots=True)
class _Check:
    """What has been seen so far: ``seq`` and ``h`` continue the good lines; ``vouched``: lines that the notes
    speak of."""

    directory: Path
    deep: bool
    files: OsFiles = field(default_factory=OsFiles)
    findings: list[Finding] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    keys: list[str] = field(default_factory=list)
    blobs: dict[tuple[str, int], str] = field(default_factory=dict)
    marks: dict[int, bytes] = field(default_factory=dict)
    vouched: int = 0
    seq: int = 0
    h: bytes = b""

    def error(self, name: str, where: str, message: str) -> None:
        self.findings.append(Finding(name, "error", where, message))

    def verdict(self) -> Verdict:
        return Verdict("journal", self.seq, tuple(self.findings))


def verify_journal(directory: Path, *, full: bool = True, deep: bool = True) -> Verdict:
    """Check the journal in ``directory``; runs beside a daemon. ``checked`` counts good lines.

    ``full=False`` begins at the last closing (what a start does). ``deep=False`` leaves out what only repeats
    the chain's promise at a higher price: strict JSON, contents of seals and blobs. The check stops at the
    first broken position, because nothing after it is vouched for.
    """
    check = _Check(directory, deep)
    try:
        notes = _read_notes(check)  # before the lines: it never vouches for later ones
        check.vouched = max(check.marks, default=0)
        segments = list_segments(check.files, directory)
        check.findings += check_key(check.files, directory)
        if not segments:
            check.error("no_journal", "", f"In {directory} liegt kein Journal.")
        elif not full:
            return _since_closing(check, segments)
        elif _segments(check, segments):
            _checkpoints(check, notes)
            _rotten_forms(check, segments)
            _blobs(check)
    except _Packed as error:
        check.error("segment_unreadable", error.args[0], f"Nicht zu entpacken: {error.args[1]}.")
    except OSError as error:
        check.error("unreadable", str(error.filename or ""), refusal(error))
    return check.verdict()


def _since_closing(check: _Check, segments: list[Segment]) -> Verdict:
    data = _load(check, segments[0])
    origin = _enter(check, line_at(data, 0))
    if origin is None:
        name = f"{segments[0].path.name}: line 1"
        if len(segments) > 1 or not _ends_torn(data, 0):
            check.error("chain_broken", name, "Zeile 0 ist nicht lesbar.")
        elif not is_nul(data):
            _torn(check, name, 0)
        return check.verdict()
    try:
        found = _examine_again(check, origin)
    except (KassdError, OSError) as error:
        check.error("unreadable", "", str(error))
        return check.verdict()
    check.findings += found.notes
    check.seq = found.seq - found.first_seq
    name = found.active.path.name if found.active is not None else ""
    where = f"{name}: seq {found.seq}, byte {found.end}"
    if found.tail == "torn" and not is_altered(found.data[found.end :]):
        _torn(check, where, found.seq)
    elif found.tail != "clean":
        check.error("tail_damaged", where, f"Nach Zeile {found.seq - 1}: {found.reason}.")
    return check.verdict()


def _torn(check: _Check, where: str, seq: int) -> None:
    """What every power cut may leave, and the next start puts aside."""
    message = (
        f"Nach Zeile {seq - 1} steht der Rest einer Zeile, bei der der Strom ausfiel; sie galt noch nicht. "
        "Der nächste Start legt ihn zur Seite; es ist nichts zu tun."
    )
    check.findings.append(Finding(TORN, "warning", where, message))


def _examine_again(check: _Check, origin: str) -> Found:
    """A running daemon may compact a segment between our look at the folder and at the file."""
    try:
        return examine(check.files, check.directory, origin)
    except FileNotFoundError:
        return examine(check.files, check.directory, origin)


def _read_notes(check: _Check) -> dict[str, str]:
    """The signed notes by place: the journal's own, and those that a start has put aside."""
    aside = [f"{FOLDER}/{name}" for name in put_aside_files(check.files, check.directory)]
    places = [place for place in aside if place.startswith(f"{FOLDER}/checkpoint")]
    places += ["checkpoint"] if "checkpoint" in check.files.list(check.directory) else []
    notes = {}
    for place in places:
        note = check.files.read(check.directory / place).decode("utf-8", "replace")
        try:
            check.marks[parse_note(note).size] = b""
            notes[place] = note
        except NoteError as error:
            check.error(UNREADABLE, place, f"Der Prüfpunkt ist nicht lesbar: {error}.")
    return notes


def _load(check: _Check, segment: Segment) -> bytes:
    """The segment unpacked; raises :class:`_Packed`."""
    try:
        try:
            return load(check.files, segment)
        except FileNotFoundError:  # compacted since the directory was listed
            return load(check.files, Segment(segment.first, check.directory, packed=True))
    except SegmentError as error:
        raise _Packed(segment.path.name, str(error)) from error


def _enter(check: _Check, raw: bytes) -> str | None:
    """Take origin and key from line 0; return the origin."""
    try:
        fact = parse_line(raw).facts[0]
        origin, key = fact["data"]["origin"], fact["data"]["public_key"]
    except (LineError, IndexError, KeyError):
        return None
    if fact["kind"] != "journal.created" or not isinstance(origin, str) or not isinstance(key, str):
        return None
    check.keys.append(key)
    check.h = genesis(origin)
    return origin


def _segments(check: _Check, segments: list[Segment]) -> bool:
    """Check all; False where the chain ends early.

    Other processes look at the packed ones ahead, each by itself; what they have not found flawless is gone
    through here, line by line.
    """
    packed = iter([segment.first for segment in segments if segment.packed and segment.first])
    count = len(os.sched_getaffinity(0)) if len(segments) >= MANY else 1
    with workers(count) as pool:
        asked: dict[int, Future[Alone | None]] = {}

        def ask(firsts: Iterable[int]) -> None:
            asked.update((n, pool.submit(check_alone, check.directory, n, check.deep)) for n in firsts)

        ask(islice(packed, 2 * count if count > 1 else 0))
        for segment, following in zip_longest(segments, segments[1:]):
            alone = asked.pop(segment.first).result() if segment.first in asked else None
            ask(islice(packed, 1 if count > 1 else 0))
            if alone is not None and _joins(check, segment, alone):
                continue
            if not _segment(check, segment, following is None):
                return False  # the few that were asked for are let end: Python 3.11.2 hangs on cancelled ones
    return True


def _joins(check: _Check, segment: Segment, alone: Alone) -> bool:
    """Take over what was seen ahead, if it continues what was seen before."""
    body, h = split_line(alone.head)
    if segment.first != check.seq or chain(check.h, body) != h:
        return False
    if isinstance(alone.seal.get("last"), int):
        check.marks.setdefault(alone.seal["last"] + 1, b"")
    grow(check.frontier, alone.leaves, check.marks)
    check.seq, check.h = check.seq + len(alone.leaves), alone.h
    _note(check, segment.path.name, alone.blobs, alone.keys)
    _seal(check, segment, alone.seal)
    return True


def _segment(check: _Check, segment: Segment, newest: bool) -> bool:
    """Check one segment; False where the chain ends early."""
    name, begin = segment.path.name, check.seq
    if segment.first != begin:
        check.error("segment_missing", name, f"Zeile {begin} fehlt: hier beginnt erst Zeile {segment.first}.")
        return False
    data = _load(check, segment)
    if begin == 0 and _enter(check, line_at(data, 0)) is None and not (newest and _ends_torn(data, 0)):
        check.error("chain_broken", f"{name}: line 1, seq 0, byte 0", "Zeile 0 nennt keinen Ursprung.")
        return False
    seal = seal_of(last_line(data))
    if seal is not None and isinstance(seal.get("last"), int):
        check.marks.setdefault(seal["last"] + 1, b"")
    walked, data = _walk(check, segment, data, newest)
    _note(check, name, blobs_in(data), keys_in(data))
    if check.deep and not _parse_all(check, name, data[: walked.end], begin):
        return False
    if walked.reason:
        where = f"{name}: line {walked.count + 1}, seq {walked.seq}, byte {walked.end}"
        if newest and check.vouched <= walked.seq and not segment.packed and _ends_torn(data, walked.end):
            _torn(check, where, walked.seq)
            return True
        check.error("chain_broken", where, f"Nach Zeile {walked.seq - 1}: {walked.reason}.")
        return False
    if seal is None:
        if not newest:
            check.error("seal_missing", name, "Das Segment endet ohne Siegel.")
        return newest
    _seal(check, segment, seal, content_hash(data) if check.deep else "")
    return True


def _ends_torn(data: bytes, end: int) -> bool:
    """Whether the bytes from ``end`` on are the rest of a batch; behind a seal nothing was being written."""
    rest = strip_nul(data)[end:]
    return seal_of(last_line(data[:end])) is None and is_torn(rest) and not is_altered(rest)


def _walk(check: _Check, segment: Segment, data: bytes, newest: bool) -> tuple[Scan, bytes]:
    """Follow the chain; at the newest end, give a batch in flight the time to land. Also returns the bytes
    that were read last."""
    walked = scan(data, check.seq, check.h, check.frontier, check.marks)
    if newest and not is_nul(data[walked.end :]):
        time.sleep(IN_FLIGHT_S)
        data = _load(check, segment)
        again = data[walked.end :]
        more = scan(again, walked.seq, walked.h, check.frontier, check.marks)
        reason = more.reason or ("" if is_nul(again[more.end :]) else "Bytes, die keine Zeile sind")
        walked = Scan(
            more.seq, more.h, walked.end + more.end, 0, walked.count + more.count, reason
        )  # fmt: skip
    check.seq, check.h = walked.seq, walked.h
    return walked, data


def _note(check: _Check, name: str, blobs: list[tuple[str, int]], keys: list[str]) -> None:
    """Blobs and new keys that the segment ``name`` speaks of."""
    for blob in blobs:
        check.blobs.setdefault(blob, name)
    check.keys += keys


def _parse_all(check: _Check, name: str, data: bytes, seq: int) -> bool:
    offset = 0
    for number, piece in enumerate(data.split(b"\n")[:-1]):
        try:
            parse_line(piece.rstrip(b" "))
        except LineError as error:
            where = f"{name}: line {number + 1}, seq {seq + number}, byte {offset}"
            check.error("line_invalid", where, no_line(seq + number, error))
            return False
        offset += len(piece) + 1
    return True


def _seal(check: _Check, segment: Segment, seal: dict[str, Any], content: str = "") -> None:
    """What the seal says of its segment: numbers, Merkle frontier, and the hash of the ``content``."""
    last = check.seq - 2
    tree = seal.get("tree")
    try:
        nodes = [bytes.fromhex(node) for node in tree] if isinstance(tree, list) else [b""]
        good = check.marks.get(last + 1) == root_of(nodes)
    except (TypeError, ValueError):
        good = False
    numbers = (seal.get("first"), seal.get("last"), seal.get("count"))
    good = good and numbers == (segment.first, last, last + 1 - segment.first)
    if not good or (content and seal.get("sha256") != content):
        check.error("seal_wrong", segment.path.name, "Das Siegel passt nicht zum Segment.")


def _checkpoints(check: _Check, notes: dict[str, str]) -> None:
    """Compare with our own signed checkpoints."""
    others = [finding for finding in check.findings if finding.id != DAMAGED]
    if not check.seq and not others:
        message = "Das Journal hat keine Zeile: es ist gerade erst angelegt, oder es ist verloren."
        check.findings.append(Finding("no_lines", "warning", "", message))
    if not notes and check.seq and not others:
        check.findings.append(Finding("checkpoint_missing", "warning", "", "Es gibt keinen Prüfpunkt."))
    for place, note in notes.items():
        try:
            signed = open_by_any(note, check.keys)
        except NoteError:
            check.error("checkpoint_signature", place, "Die Unterschrift des Prüfpunkts ist falsch.")
            continue
        if signed.size > check.seq:
            message = f"Der Prüfpunkt bürgt für {signed.size} Zeilen, vorhanden sind {check.seq}."
            check.error("checkpoint_ahead", place, message)
        elif signed.size and check.marks[signed.size] != signed.root:
            message = f"Der Prüfpunkt bürgt für einen anderen Inhalt der ersten {signed.size} Zeilen."
            check.error("checkpoint_root", place, message)


def _rotten_forms(check: _Check, segments: list[Segment]) -> None:
    """Where the packed form counts although a raw one lies there, the raw one has rotted."""
    packed = {segment.first for segment in segments if segment.packed}
    for segment in segment_files(check.files, check.directory):
        if not segment.packed and segment.first in packed:
            message = "Das Segment ist beschädigt; seine gepackte Form ist gut und gilt."
            check.findings.append(Finding("segment_rotten", "warning", segment.path.name, message))


def _blobs(check: _Check) -> None:
    place = check.directory / "blob"
    present = set(check.files.list(place))
    for (name, size), where in check.blobs.items():
        if name not in present:
            check.error("blob_missing", where, f"Der Blob {name} fehlt.")
        elif check.files.size(place / name) != size:
            check.error("blob_wrong", where, f"Der Blob {name} hat nicht {size} Bytes.")
        elif check.deep:
            try:
                read_blob(check.directory, {"blob": name, "size": size})
            except JournalDamaged as error:
                check.error("blob_wrong", where, str(error))
