"""``kassd export dsfinvk``: the DSFinV-K of any period, beside a running register or without it."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date

import kassd
from kassd.cli.output import MARKS
from kassd.clock import Clock
from kassd.errors import DataError
from kassd.fiscal.dsfinvk import Exported, Source, export_dsfinvk
from kassd.fiscal.rows import Period
from kassd.journal.stream import reach
from kassd.settings import Settings, zone

Progress = Callable[[int, int], None]
SHOWN = 20  # on the terminal; the log has all


def export_days(loaded: Settings, arguments: argparse.Namespace) -> bool:
    """Write what was asked for to the new folder ``--out``, and its log beside it; then audit the finished
    files. Whether these are in order: they stay as they are in any case, findings are told and logged."""
    period = period_of(arguments)
    sources = [Source(journal, period) for journal in (loaded.journal.dir, *arguments.journal)]
    for source in sources:
        if not source.journal.is_dir():
            raise DataError(f"{source.journal} ist kein Journal. Bitte den Ordner des Journals nennen.")
    with progress_bar(sources) as progress:
        made = export_dsfinvk(
            sources,
            arguments.out,
            made_at=Clock(zone(loaded)).now().isoformat(timespec="seconds"),
            software=f"kassd {kassd.__version__}",
            dtd=loaded.fiscal.dtd,
            progress=progress,
        )
    if arguments.closing is not None:  # what the journal notes
        arguments.first, arguments.last = (date.fromisoformat(day) for day in made.days)
        for sentence in missing_after(made.closings, period.last_number or 0):
            print(sentence, file=sys.stderr)
    for cut in made.cuts[:SHOWN]:
        print(f"gekürzt: {cut.where}, {cut.column}: {cut.text}", file=sys.stderr)
    count = f"{len(made.closings)} Abschlüsse, {made.receipts} Vorgänge"
    print(f"{count}, Protokoll: {made.log}", file=sys.stderr)
    return arguments.no_check or _is_in_order(made)


def _is_in_order(made: Exported) -> bool:
    """The checks of ``kassd audit`` on the finished files, read anew. Signatures were verified when the TSE
    returned them; ``kassd audit`` verifies them again."""
    from kassd.fiscal.audit import Skip, audit

    verdict = audit(made.folder, skipped=[Skip(*skip) for skip in made.skips], signatures=False).verdict
    told = [f"{MARKS[one.severity]} [{one.id}] {one.where}: {one.message}" for one in verdict.findings]
    result = "in Ordnung" if verdict.ok else "NICHT in Ordnung"
    summary = f"Prüfung der fertigen Dateien: {result} ({verdict.checked} Vorgänge, {len(told)} Befunde)"
    with made.log.open("a", encoding="utf-8") as log:
        log.writelines(f"# {line}\n" for line in [summary, *told])
    print("\n".join([summary, *told[:SHOWN]]), file=sys.stderr)
    return verdict.ok


def period_of(arguments: argparse.Namespace) -> Period:
    """The closings asked for, by days or by numbers."""
    if arguments.closing is None:
        return Period(arguments.first, arguments.last)
    found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", arguments.closing)
    if found is None or arguments.first or arguments.last:
        raise DataError(
            "--closing steht allein und nennt Nummern von Abschlüssen, z. B. --closing 12 oder 12-31."
        )
    first, last = int(found[1]), int(found[2] or found[1])
    if not first:
        raise DataError("Abschlüsse zählen ab 1: einen Abschluss 0 gibt es nicht.")
    if first > last:
        raise DataError(f"--closing {first}-{last}: bitte die kleinere Nummer zuerst, also {last}-{first}.")
    return Period(first_number=first, last_number=last)


def missing_after(closings: Iterable[tuple[str, str, int]], last: int) -> list[str]:
    """What was asked for up to ``last`` and no register has yet, a sentence each. ``closings``: the keys of
    those there are."""
    newest: dict[str, int] = {}
    for register, _, number in closings:
        newest[register] = max(number, newest.get(register, 0))
    return [
        f"Kasse {register}: {_range(newest[register] + 1, last)} gibt es noch nicht."
        for register in sorted(newest)
        if newest[register] < last
    ]


def _range(first: int, last: int) -> str:
    return f"Abschluss {first}" if first == last else f"die Abschlüsse {first}–{last}"


@contextmanager
def progress_bar(sources: list[Source]) -> Iterator[Progress]:
    """A bar on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda number, seq: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        tasks = [bars.add_task(str(source.journal), total=reach(source.journal)) for source in sources]
        yield lambda number, seq: bars.update(tasks[number], completed=seq)
