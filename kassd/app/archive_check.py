"""Is an exported TAR what the archive may take, and does it agree with the journal?

Run in a process of its own (:mod:`kassd.app.archive_process`): thousands of signatures cost seconds and
memory that a sale must not wait for.
"""

import hashlib
import logging
import os
from base64 import b64decode
from collections.abc import Collection, Iterator
from dataclasses import field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from kassd.core.fact import Fact
from kassd.core.facts import SaleFinished, SaleNumbered, TseFinished, TseLate, TseStarted, from_json
from kassd.core.verdict import Finding
from kassd.deferred import dataclass
from kassd.journal import read_lines
from kassd.tse.log import messages
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import LogMessage
from kassd.tse.log.tar import TarError
from kassd.tse.log.verify import verify_tar
from kassd.tse.parts import part_files, read_members
from kassd.tse.reconcile import Answer, Logged, Period, logged, operation_of, reconcile

log = logging.getLogger(__name__)

KINDS = {cls.kind for cls in (TseStarted, TseFinished, TseLate, SaleNumbered, SaleFinished)}
MAX_FINDINGS, MAX_TEXT = 20, 300  # of one archive in its fact: a line has 64 KiB


@dataclass(frozen=True, slots=True)
class Task:
    """``tar``: the export of what lies above counter ``after``; ``folder``: earlier parts of this TSE;
    ``since``: the journal has been compared up to this line; ``pending``: transactions whose finish the
    journal still waits for. ``certificates``: those the TSE was bound with, base64 DER."""

    tar: str
    folder: str
    journal: str
    serial_number: str
    client_id: str
    certificates: tuple[str, ...]
    after: int
    since: int
    pending: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """``damaged``: what is wrong with the file itself; ``findings``: what contradicts earlier parts or the
    journal, compared up to line ``seq``. ``messages`` 0: nothing new, ``first`` and ``last`` say nothing."""

    first: int
    last: int
    messages: int
    size: int
    sha256: str
    seq: int
    damaged: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Survey:
    """What the file holds. ``log``: transaction messages by counter."""

    sha256: str = ""
    size: int = 0
    counters: list[int] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    log: dict[int, Logged] = field(default_factory=dict)


def check(task: Task) -> Checked:
    """Verify and compare. Raises ``OSError`` where a file cannot be read, and ``JournalError``."""
    roots = [b64decode(certificate) for certificate in task.certificates]
    verdict = verify_tar(task.tar, roots=roots)
    survey = _survey(Path(task.tar), task.serial_number)
    damaged = [finding for finding in verdict.findings if finding.severity == "error"]
    last = max(survey.counters, default=task.after)
    facts, later, seq = _journal(task, last)
    _add_earlier(task, survey.log, facts)
    findings = [*_continuity(task.after, survey)]
    findings += reconcile(
        Period(
            serial_number=task.serial_number,
            client_id=task.client_id,
            after=task.after,
            log=survey.log,
            facts=facts,
            later=later,
            pending=task.pending,
            began=_began(Path(task.journal)),
        )
    )
    return Checked(
        first=min(survey.counters, default=0),
        last=last,
        messages=len(survey.counters),
        size=survey.size,
        sha256=survey.sha256,
        seq=seq,
        damaged=_texts(damaged),
        findings=_texts(findings),
    )


def _texts(findings: list[Finding]) -> tuple[str, ...]:
    shown = [f"{f.where + ': ' if f.where else ''}{f.message} [{f.id}]"[:MAX_TEXT] for f in findings]
    if len(shown) <= MAX_FINDINGS:
        return tuple(shown)
    return (*shown[:MAX_FINDINGS], f"und {len(shown) - MAX_FINDINGS} weitere Befunde")


def _survey(path: Path, serial_number: str) -> _Survey:
    found = _Survey()
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # the medium's bytes, not the cache's
        digest = hashlib.file_digest(file, "sha256")
        found.sha256, found.size = digest.hexdigest(), file.tell()
        file.seek(0)
        for message in _messages(file):
            if message.serial.hex() != serial_number:
                found.foreign.add(message.serial.hex())
                continue
            found.counters.append(message.signature_counter)
            if (entry := logged(message)) is not None:
                found.log[entry.counter] = entry
    found.counters.sort()
    return found


def _messages(file: BinaryIO) -> Iterator[LogMessage]:
    """What can be read; what cannot is a finding of the verification."""
    try:
        for member in read_members(file):
            if member.name.endswith(".log"):
                try:
                    yield messages.parse(member.data)
                except DerError as error:
                    log.warning("%s: %s", member.name, error)
    except TarError as error:
        log.warning("the export ends early: %s", error)


def _continuity(after: int, survey: _Survey) -> Iterator[Finding]:
    """The counters go on where the archive ends, without a gap; the first archive may begin anywhere."""
    counters = [after, *survey.counters] if after >= 0 else survey.counters
    for before, now in pairwise(counters):
        if now > before + 1:
            text = f"davor fehlen {now - before - 1} Lognachrichten ab Zähler {before + 1}"
            yield Finding("counter_gap", "error", f"Zähler {now}", text)
        elif now <= after:
            yield Finding(
                "counter_archived", "error", f"Zähler {now}", "diese Nachricht ist schon archiviert"
            )
    for serial in sorted(survey.foreign):
        yield Finding("foreign_serial", "error", serial[:16], "Nachrichten einer anderen TSE")


def _journal(task: Task, last: int) -> tuple[list[Fact], set[int], int]:
    """The facts of the lines to be compared, finishes that later lines name, and the last line compared.

    A line that names a counter above ``last`` ends the comparison: it is the next archive's.
    """
    facts: list[Fact] = []
    later: set[int] = set()
    seq, compared = task.since, True
    for line in read_lines(Path(task.journal), task.since + 1):
        found = [from_json(fact) for fact in line.facts if fact["kind"] in KINDS]
        answers = [f for f in found if isinstance(f, Answer) and f.serial_number == task.serial_number]
        compared = compared and all(answer.signature_counter <= last for answer in answers)
        if compared:
            facts += found
            seq = line.seq
        else:
            later |= {a.signature_counter for a in answers if operation_of(a) == "finish"}
    return [*_numbered_before(task, facts), *facts], later, seq


def _numbered_before(task: Task, facts: list[Fact]) -> Iterator[Fact]:
    """What was finished, of Vorgänge that were numbered in lines compared earlier."""
    numbered = {fact.sale for fact in facts if isinstance(fact, SaleNumbered)}
    ended = {f.sale for f in facts if isinstance(f, Answer) and operation_of(f) == "finish"}
    for sale in sorted(ended - numbered):
        first = int(sale.partition("-")[2].partition(".")[0])
        yield from _numbering(Path(task.journal), sale, first, task.since)


def _numbering(journal: Path, sale: str, first: int, last: int) -> Iterator[Fact]:
    for line in read_lines(journal, first, last):
        for fact in line.facts:
            if fact["kind"] == SaleNumbered.kind and fact["data"]["sale"] == sale:
                yield from_json(fact)
                return


def _add_earlier(task: Task, log_: dict[int, Logged], facts: Collection[Fact]) -> None:
    """Answers that came after their messages had been archived: read these from the earlier parts."""
    answers = (f for f in facts if isinstance(f, Answer) and f.serial_number == task.serial_number)
    wanted = {answer.signature_counter for answer in answers if answer.signature_counter <= task.after}
    for part in part_files(Path(task.folder)):
        if not any(part.first <= counter <= part.last for counter in wanted):
            continue
        with part.path.open("rb") as file:
            for message in _messages(file):
                if message.signature_counter in wanted and (entry := logged(message)) is not None:
                    log_.setdefault(entry.counter, entry)


def _began(journal: Path) -> str:
    """When the journal was created, RFC 3339 UTC."""
    return next((line.at for line in read_lines(journal, 0, 0)), "")
