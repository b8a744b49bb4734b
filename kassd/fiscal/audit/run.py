"""One audit from beginning to end: scan every file, judge every closing, ask what goes beyond.

Files are scanned and closings judged in as many processes as there are cores; the results are taken in the
order of the closings, so that the same files always give the same verdict.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from kassd.core.verdict import Verdict
from kassd.errors import DataError
from kassd.fiscal.audit import ledger as ledgers
from kassd.fiscal.audit import witness
from kassd.fiscal.audit.archive import Scope, check_archives, check_transactions, read_archive
from kassd.fiscal.audit.beyond import check_beyond, open_groups
from kassd.fiscal.audit.course import Course, Skip
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.judge import Judged, judge
from kassd.fiscal.audit.ledger import Ledger
from kassd.fiscal.audit.log import check_log
from kassd.fiscal.audit.moments import instant
from kassd.fiscal.audit.norm import TABLES
from kassd.fiscal.audit.package import read_package
from kassd.fiscal.audit.rows import Plan, number
from kassd.fiscal.audit.scan import Key, Scanned, scan
from kassd.fiscal.audit.security import ModuleRow
from kassd.workers import workers as processes

KIND = "dsfinvk"
ALONE = 4_000_000  # octets below which other processes are not worth their start
BATCH = 1  # closings given to a process at a time: the last ones should not wait for one core
CLOSE_TO_END_MS = 2_000
Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(slots=True)
class Summary:
    """What was looked at. Amounts in 1/100,000 euro; ``outages``: BON_ENDE, BON_ID, reason."""

    company: tuple[str, ...] = ()
    registers: dict[str, tuple[int, int, str, str]] = field(
        default_factory=dict
    )  # first and last Z_NR, times
    closings: int = 0
    receipts: int = 0
    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    turnover: int = 0
    modules: dict[str, ModuleRow] = field(default_factory=dict)
    signatures: int | None = 0
    archives: list[tuple[str, int]] = field(default_factory=list)
    outages: list[tuple[str, str, str]] = field(default_factory=list)
    outage_count: int = 0
    open_groups: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Audit:
    """The verdict, and what it is about."""

    verdict: Verdict
    summary: Summary


def audit(
    folder: Path,
    tars: Sequence[Path] = (),
    *,
    journals: Sequence[Path] = (),
    log: Path | None = None,
    skipped: Iterable[Skip] = (),
    roots: Sequence[bytes] = (),
    signatures: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit the DSFinV-K export in ``folder``, with the TSE's archives ``tars`` if there are.

    ``journals``: of our own registers whose export it is; ``skipped``: what they say of numbers that were
    left out, where that is known without them; ``log``: the export log; ``roots``: trusted root
    certificates (DER); ``signatures`` False leaves out verifying them; ``workers``: processes, default one
    per core. ``progress`` is told (done, of all) closings. Raises :class:`DataError` if the folder is no
    export or something named is not there; everything else becomes a finding.
    """
    _must_be_there(tars, journals, log)
    found, summary = Findings(), Summary(signatures=0 if signatures else None)
    declared = read_package(folder, found)
    if log is not None:
        check_log(folder, log, found)
    size = sum((folder / each.file).stat().st_size for each in declared) + sum(t.stat().st_size for t in tars)
    count = (os.cpu_count() or 1) if workers is None else workers
    with processes(count if size > ALONE else 1) as pool, TemporaryDirectory(prefix="kassd-audit-") as place:
        ours = sorted(declared, key=lambda each: -(folder / each.file).stat().st_size)
        archived = [
            pool.submit(read_archive, tar, Path(place) / f"{index}.db", tuple(roots), signatures)
            for index, tar in enumerate(tars)
        ]
        scanned = _scan_all(pool, folder, ours, found)
        summary.rows = sum(each.rows for each in scanned.values())
        plans = _plans(scanned, found)
        with ledgers.opened() as ledger:
            told = [(journal, *witness.hear(journal, ledger, found)) for journal in journals]
            heard = {whose: journal for journal, whose, _ in told}
            course = Course(found, {*skipped, *(skip for _, _, skips in told for skip in skips)})
            ledger.add("skipped", course.skipped)
            scope = _judge_all(pool, folder, plans, signatures, course, ledger, summary, progress, count)
            archives = [future.result() for future in archived]
            for archive in archives:
                ledger.take(archive.rows)
                summary.archives.append((archive.path.name, archive.checked))
            ledger.index()
            check_beyond(ledger, found)
            summary.open_groups = open_groups(ledger)
            covered = frozenset(serial for each in archives for serial, _, _ in each.modules)
            check_transactions(ledger, covered, found)
            if archives:
                check_archives(ledger, archives, scope, found)
            if journals:
                from kassd.fiscal.audit.again import check_again  # the exporter, which no other check knows

                witness.compare(ledger, found)
                check_again(folder, heard, {name: at[:2] for name, at in summary.registers.items()}, found)
    return Audit(Verdict(KIND, summary.receipts, found.result()), summary)


def _must_be_there(tars: Sequence[Path], journals: Sequence[Path], log: Path | None) -> None:
    for tar in tars:
        if not tar.is_file():
            raise DataError(f"{tar} {_is(tar)}. Erwartet wird eine TAR-Datei der TSE.")
    for journal in journals:
        if not journal.is_dir():
            raise DataError(f"{journal} {_is(journal)}. Erwartet wird der Ordner eines Journals.")
    if log is not None and not log.is_file():
        raise DataError(f"{log} {_is(log)}. Erwartet wird ein Exportprotokoll.")


def _is(path: Path) -> str:
    """What is there instead of what is expected."""
    if path.is_dir():
        return "ist ein Ordner"
    if path.is_file():
        return "ist eine Datei"
    return "ist keine gewöhnliche Datei" if path.exists() else "gibt es nicht"


def _scan_all(pool: Executor, folder: Path, ours: Iterable[Any], found: Findings) -> dict[str, Scanned]:
    futures = [pool.submit(scan, folder, each) for each in ours]
    results = {each.file: each for each in (future.result() for future in futures)}
    scanned = {file: results[file] for file in [*TABLES, *results] if file in results}
    for each in scanned.values():
        found.join(each.found.kept, each.found.count)
    return scanned


def _plans(scanned: dict[str, Scanned], found: Findings) -> list[Plan]:
    """The closings in order, and where each lies; rows of unknown closings are found (B2, B16)."""
    heads = scanned.get("cashpointclosing.csv", Scanned(""))
    known = list(heads.runs)
    order = {key: place for place, key in enumerate(known)}
    if not known:
        known = sorted({key for each in scanned.values() for key in each.runs})
    for file, each in scanned.items():
        last = -1
        for key, runs in each.runs.items():
            if heads.runs and key not in order:
                for run in runs:
                    text = f"den Abschluss {shown(' / '.join(key))} gibt es in cashpointclosing.csv nicht"
                    found.add("B2", file, run.row, text)
                continue
            place = order.get(key, last)
            if len(runs) > 1 or place < last:
                row = runs[-1].row
                found.add(
                    "B16", file, row, f"die Zeilen des Abschlusses Z_NR {key[2]} liegen nicht beieinander"
                )
            last = place
    return [
        Plan(
            key,
            {
                file: (each.header, tuple(each.runs[key]))
                for file, each in scanned.items()
                if file in TABLES and key in each.runs
            },
        )
        for key in sorted(known, key=_by_number)
    ]


def _by_number(key: Key) -> tuple[str, int, str]:
    return key[0], number(key[2]), key[1]


def _judge_all(
    pool: Executor,
    folder: Path,
    plans: Sequence[Plan],
    signatures: bool,
    course: Course,
    ledger: Ledger,
    summary: Summary,
    progress: Progress | None,
    count: int,
) -> Scope:
    scope = Scope({}, summary.modules)
    work = partial(judge, folder)
    done = 0
    for judged in _in_order(pool, work, plans, signatures, 2 * count):
        for each in judged:
            _take(each, done, course, ledger, course.found, summary, scope)
            done += 1
            if progress is not None:
                progress(done, len(plans))
    return scope


def _in_order(
    pool: Executor, work: Callable[..., list[Judged]], plans: Sequence[Plan], signatures: bool, ahead: int
) -> Iterator[list[Judged]]:
    """Results in the order of the plans; no more than ``ahead`` batches are under way or waiting."""
    waiting: deque[Future[list[Judged]]] = deque()
    for start in range(0, len(plans), BATCH):
        waiting.append(pool.submit(work, plans[start : start + BATCH], signatures))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _take(
    each: Judged, id_: int, course: Course, ledger: Ledger, found: Findings, summary: Summary, scope: Scope
) -> None:
    facts = each.facts
    found.join(each.kept, each.count)
    course.take(facts)
    cash = facts.stocks.stock.get("EUR", (0, 0))[0]
    row = (id_, facts.register, facts.created, facts.number, facts.row, each.turnover, cash, each.master)
    ledger.add("closing", [row])
    ledger.add("bon", [(id_, *bon) for bon in each.bons])
    ledger.add("tse", [(id_, *transaction) for transaction in each.security.transactions])
    ledger.add("ref", [(id_, *reference) for reference in each.logic.references])
    modules = each.security.modules.items()
    ledger.add("module", [(id_, serial, at, row.row) for at, (serial, row) in enumerate(modules)])
    ledger.add("voucher", [(id_, *voucher) for voucher in each.logic.vouchers])
    ledger.add("groups", [(id_, *group) for group in each.logic.groups])
    starts = [t.start for t in each.security.transactions if t.start >= 0 and t.counter >= 0]
    begin = 0 if facts.number == 1 else min(starts, default=1 << 62)
    for client in each.clients:
        first, last = scope.bounds.get(client, (begin, 0))
        closed = instant(facts.created) // 1000 * 1000 - CLOSE_TO_END_MS
        scope.bounds[client] = (min(first, begin), max(last, closed))
    first_nr, _, began, _ = summary.registers.get(facts.register, (facts.number, 0, facts.created, ""))
    summary.registers[facts.register] = (first_nr, facts.number, began, facts.created)
    summary.company = summary.company or each.company
    summary.closings += 1
    summary.receipts += len(each.bons)
    summary.kinds += each.kinds
    summary.turnover += each.turnover
    for serial, module in each.security.modules.items():
        known = summary.modules.setdefault(serial, module)
        if (known.algorithm, known.time_format, known.certificate) != (
            (module.algorithm, module.time_format, module.certificate)
        ):
            text = f"die TSE {serial[:16]}… hat andere Angaben als in Zeile {known.row}"
            found.add("E8", "tse.csv", module.row, text)
    if summary.signatures is not None:
        summary.signatures += each.security.verified
    summary.outage_count += len(each.outages)
    summary.outages += each.outages[: max(0, 1000 - len(summary.outages))]
