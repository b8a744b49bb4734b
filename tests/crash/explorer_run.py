"""A day of a journal on a :class:`RecordedDisk`, and what must hold after a power cut at any moment of it."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from explorer_disk import Image, RecordedDisk, crash_state

from kassd.journal.chain import Pending
from kassd.journal.line import Entry, genesis, parse_line
from kassd.journal.merkle import Frontier
from kassd.journal.segments import list_segments, load, scan
from kassd.journal.start import Options, Started, start
from kassd.journal.writer import Writer

HOME = Path("/j")
STICK = Path("/stick")
ORIGIN = "KASSE-1"
SMALL = 128 * 1024
OWN_KINDS = {
    "journal.created",
    "journal.tail_repaired",
    "journal.sealed",
    "journal.gap",
    "journal.key_changed",
}
CHANGES = {"write", "truncate", "create", "rename", "unlink", "mkdir"}


class Violation(AssertionError):
    """A promise of the journal does not hold."""


@dataclass(slots=True)
class Ticker:
    """Time that only moves when asked."""

    count: int = 0

    def __call__(self) -> tuple[str, int, str]:
        self.count += 1
        return f"2026-01-02T03:04:05.{self.count:06d}Z", self.count, "00112233aabbccdd"


def options(align: int = 4096, *, mirror: bool = False, compact: bool = True) -> Options:
    stick = STICK if mirror else None
    return Options(align, SMALL, stick, compact, now=Ticker(), mirror_thread=False)


@dataclass(slots=True)
class Day:
    """What was tried on ``disk``: every line handed over, in order; ``found`` of them by the start."""

    disk: RecordedDisk
    settings: Options
    attempted: list[bytes] = field(default_factory=list)
    found: int = 0


class SwappedWriter(Writer):
    """The defect "acknowledge, then write"."""

    def commit(self, batch: list[Pending]) -> None:
        self.on_durable(batch)
        self.store.write(batch)
        if batch[-1].seals:
            self.store.rotate()


def entry(chance: random.Random, number: int, closes: bool = False, size: int | None = None) -> Entry:
    text = "x" * (size if size is not None else chance.choice((10, 300, 900, 3000, 5000)))
    facts = [{"kind": "sale.line_added", "data": {"n": number, "text": text}}]
    return Entry("2026-01-02T03:04:05.000000Z", number, "00112233aabbccdd", facts, [], closes=closes)


def open_day(day: Day) -> tuple[Started, Writer]:
    """Start on the day's disk; lines that the start wrote count as attempted and acknowledged."""
    started = start(HOME, ORIGIN, day.settings, day.disk)
    have = all_lines(day.disk)
    day.attempted[:] = have
    day.disk.ack(len(have) - 1)
    writer = Writer(started.store, lambda batch: day.disk.ack(batch[-1].line.seq), lambda _error: None)
    return started, writer


def live(
    seed: int,
    *,
    rounds: int = 14,
    align: int = 4096,
    mirror: bool = False,
    defects: Iterable[str] = (),
    writer_class: type[Writer] = Writer,
    reopen: bool = True,
) -> Day:
    """Play a seeded day: batches of lines, closings, seals, chores, a stop and a start in the middle."""
    chance = random.Random(f"day {seed} {align}")
    disk = RecordedDisk(defects=defects)
    day = Day(disk, options(align, mirror=mirror))
    started, writer = open_day(day)
    writer.__class__ = writer_class
    number = 0
    for turn in range(rounds):
        if reopen and turn == rounds // 2:
            started.store.close()
            started, writer = open_day(day)
            writer.__class__ = writer_class
        batch: list[Pending] = []
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            number += 1
            closes = chance.random() < 0.08
            rows = started.chain.extend(entry(chance, number, closes), day.settings.now, SMALL)
            batch += rows
            if rows[-1].seals:
                break
        day.attempted += [pending.raw for pending in batch]
        commit_in_batches(writer, batch)
        for _ in range(chance.choice((0, 0, 1, 3, 9))):
            if not started.store.chore():
                break
    started.store.close()
    return day


def commit_in_batches(writer: Writer, rows: list[Pending]) -> None:
    """As the thread does: at most 60 KiB at a time."""
    batch: list[Pending] = []
    for pending in rows:
        if batch and sum(len(p.raw) + 1 for p in [*batch, pending]) > 60 * 1024:
            writer.commit(batch)
            batch = []
        batch.append(pending)
    writer.commit(batch)


def all_lines(disk: RecordedDisk) -> list[bytes]:
    """Every line on the disk; a broken chain is a :class:`Violation`."""
    seq, h, lines = 0, genesis(ORIGIN), list[bytes]()
    for segment in list_segments(disk, HOME):
        if segment.first != seq:
            raise Violation(f"segment {segment.first} where line {seq} is due")
        data = load(disk, segment)
        walked = scan(data, seq, h, Frontier())
        if walked.reason or data[walked.end :].strip(b"\0"):
            raise Violation(f"line {walked.seq}: {walked.reason}")
        lines += [row.rstrip(b" ") for row in data[: walked.end].split(b"\n")[:-1]]
        seq, h = walked.seq, walked.h
    return lines


def acknowledged(disk: RecordedDisk, cut: int) -> int:
    """Newest seq that had been acknowledged before operation ``cut``; -1: none."""
    return max((op.ack for op in disk.log[:cut] if op.kind == "ack"), default=-1)


def check_state(
    image: Image,
    attempted: list[bytes] | None,
    acked: int,
    settings: Options,
    defects: Iterable[str] = (),
) -> Day:
    """Start on ``image``, hold the journal to its promises and sell on; return the day that has begun so.

    ``attempted`` None: what was tried is not known, so any chained line is accepted.
    """
    day = Day(RecordedDisk(image, defects), settings)
    try:
        started, writer = open_day(day)
        list(started.recovery.lines)
    except Exception as error:
        raise Violation(f"the start fails: {type(error).__name__}: {error}") from error
    lines = day.attempted
    attempted = lines if attempted is None else attempted
    kept = 0
    while kept < min(len(lines), len(attempted)) and lines[kept] == attempted[kept]:
        kept += 1
    if kept <= acked:
        raise Violation(f"line {acked} was acknowledged, only {kept} lines are there")
    for raw in lines[kept:]:
        line = parse_line(raw)
        if not {fact["kind"] for fact in line.facts} <= OWN_KINDS:
            raise Violation(f"line {line.seq} was never written")
    if started.chain.seq != len(lines):
        raise Violation("next_seq is not the number of lines")
    day.found = len(lines)
    for size in (900, 10):
        rows = started.chain.extend(entry(random.Random(1), 1, size=size), settings.now, SMALL)
        day.attempted += [pending.raw for pending in rows]
        commit_in_batches(writer, rows)
    after = len(day.disk.log)
    started.store.close()
    _check_repeat(day)
    del day.disk.log[after:]
    return day


def _check_repeat(day: Day) -> None:
    """A second start changes nothing and finds the lines that were sold after the first."""
    disk = RecordedDisk(day.disk.image)
    start(HOME, ORIGIN, day.settings, disk)
    changes = [op.kind for op in disk.log if op.kind in CHANGES and not op.path.startswith(str(STICK))]
    if changes and day.settings.mirror is None:
        raise Violation(f"the second start changes something: {changes}")
    if all_lines(disk) != day.attempted:
        raise Violation("a line appended after recovery is not there")


def explore(
    day: Day,
    states: int,
    seed: int,
    *,
    blast: int = 0,
    depth: int = 1,
    damage: Callable[[Image, random.Random], None] | None = None,
) -> int:
    """Check ``states`` crash states, every operation boundary first; return how many were checked.

    ``depth`` > 1 also cuts the power during the recovery of each state or the sales after it, and likewise
    again on what is found then.
    """
    chance = random.Random(f"explore {seed} {blast}")
    cuts = list(range(len(day.disk.log) + 1))
    chosen = (cuts * (states // len(cuts) + 1))[: max(states, len(cuts))] if states >= len(cuts) else (
        sorted(chance.sample(cuts, states))
    )  # fmt: skip
    done = 0
    for cut in chosen:
        image = crash_state(day.disk, cut, chance, blast)
        if damage is not None:
            damage(image, chance)
        attempted, acked = day.attempted, acknowledged(day.disk, cut)
        for level in range(depth):
            try:
                recovered = check_state(image, attempted, acked, day.settings)
            except Violation as error:
                raise Violation(f"cut {cut} of seed {seed}, level {level}: {error}") from error
            done += 1
            again = chance.randint(0, len(recovered.disk.log))
            image = crash_state(recovered.disk, again, chance, blast)
            newly = acknowledged(recovered.disk, again)
            if newly >= 0:
                attempted, acked = recovered.attempted, newly
    return done


def find_violation(day: Day, states: int, seed: int, blast: int = 0, depth: int = 1) -> Violation | None:
    """The first violation among ``states`` states, if there is one."""
    try:
        explore(day, states, seed, blast=blast, depth=depth)
    except Violation as violation:
        return violation
    return None
