"""One DSFinV-K export: written aside, complete or not at all, with a log beside it."""

import csv
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from kassd.fiscal.dsfinvk.cells import line_writer
from kassd.fiscal.dsfinvk.index import DTD, INDEX, dtd_bytes, index_xml
from kassd.fiscal.layout import KEY, Column, Layout, Table, layout_of
from kassd.fiscal.rows import ALL, ClosingRows, Cut, ExportBlocked, Period, Problem, closings
from kassd.fiscal.rows.master import ROMAN
from kassd.journal.stream import origin

ASIDE = ".unvollstaendig"
LOG = ".exportprotokoll.txt"
BUFFER = 1024 * 1024
OF_CLOSING = (
    *("cashpointclosing", "location", "cashregister", "slaves", "pa", "tse", "vat"),
    *("businesscases", "payment", "cash_per_currency"),
)
BEFORE_DETAIL = len(KEY) + 1  # Z key and BON_ID
CERTIFICATE = "TSE_ZERTIFIKAT_"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A register's journal, and which of its closings are wanted."""

    journal: Path
    period: Period = ALL


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: file → SHA-256, the closings' keys, their first and last business day, what
    must be known of them (German), what was shortened; ``skips``: register, first and last receipt, first
    and last closing that were left out before them (0: none). ``folder`` is there, whole."""

    folder: Path
    files: dict[str, str]
    closings: tuple[tuple[str, str, int], ...]
    days: tuple[str, str]
    receipts: int
    notes: tuple[str, ...]
    cuts: tuple[Cut, ...]
    log: Path
    skips: tuple[tuple[str, int, int, int, int], ...] = ()


def export_dsfinvk(
    sources: Sequence[Source],
    out: Path,
    *,
    made_at: str,
    software: str,
    dtd: Path | None = None,
    progress: Progress = lambda register, seq: None,
) -> Exported:
    """Write the closings of ``sources`` (registers, in the order of their ids) to the new folder ``out``.

    The files depend on the journals alone: the same period gives the same bytes. ``made_at`` (RFC 3339) and
    ``software`` stand in the log beside the folder only. ``dtd``: an official copy to be shipped.
    ``progress`` is told a source's number and the line that has been read.

    Raises :class:`~kassd.fiscal.rows.ExportBlocked`; then, and after a crash, ``out`` is not there.
    """
    shipped = dtd_bytes(dtd)
    aside = out.with_name(out.name + ASIDE)
    if aside.exists():
        shutil.rmtree(aside)  # of an export that was interrupted
    aside.mkdir(parents=True)
    try:
        writing = _Writing(aside)
        with writing:
            for number, source in sorted(enumerate(sources), key=lambda each: origin(each[1].journal)):
                writing.journal(source, partial(progress, number))
        (aside / INDEX).write_bytes(index_xml(writing.tables()))
        (aside / DTD).write_bytes(shipped)
        files = {path.name: _settled(path) for path in sorted(aside.iterdir())}
        _sync(aside)
        aside.rename(out)
        _sync(out.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    log = out.with_name(out.name + LOG)
    days = min(writing.days), max(writing.days)
    cuts = tuple(writing.cuts)
    exported = Exported(
        *(out, files, tuple(writing.keys), days, writing.receipts, tuple(writing.notes), cuts, log),
        tuple(writing.skips),
    )
    log.write_text("\n".join(_log(exported, sources, made_at, software)) + "\n", encoding="utf-8")
    _settled(log)
    return exported


class _Writing:
    """The open files of an export."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stack = folder, ExitStack()
        self._layout: Layout | None = None
        self._write: dict[str, Any] = {}
        self._form: dict[str, Any] = {}
        self._tse: list[tuple[list[Any], dict[str, Any]]] = []
        self.keys: list[tuple[str, str, int]] = []
        self.days: set[str] = set()
        self.receipts = 0
        self.notes: list[str] = []
        self.skips: list[tuple[str, int, int, int, int]] = []
        self.cuts: list[Cut] = []

    def __enter__(self) -> "_Writing":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def tables(self) -> Iterator[Table]:
        """The tables as they were written."""
        assert self._layout is not None
        for table in self._layout.tables:
            yield self._tse_table() if table.stem == "tse" else table

    def journal(self, source: Source, progress: Callable[[int], None]) -> None:
        """All wanted closings of one register."""
        known = {register for register, _, _ in self.keys}
        for closing in closings(source.journal, source.period, progress):
            if closing.key.Z_KASSE_ID in known:
                told = "Diese Kasse ist zweimal genannt. Bitte jedes Journal nur einmal angeben."
                raise ExportBlocked([Problem(f"Kasse {closing.key.Z_KASSE_ID}", told)])
            self._begin(closing)
            self._closing(closing)
        if self._tse:
            self._write_tse()

    def _begin(self, closing: ClosingRows) -> None:
        layout = layout_of(closing.key.Z_ERSTELLUNG)
        if self._layout is None:
            self._layout = layout
            for table in layout.tables:
                self._open(table)
        elif layout.version != self._layout.version:
            told = (
                f"Bis hier gilt DSFinV-K {self._layout.version}, ab hier {layout.version}. Bitte die "
                "Zeiträume einzeln exportieren."
            )
            raise ExportBlocked([Problem(f"Z {closing.key.Z_NR}", told)])

    def _open(self, table: Table) -> None:
        if table.stem == "tse":
            return  # how many columns it has is known at the end
        file = self._stack.enter_context(
            (self._folder / table.file).open("w", encoding="utf-8", newline="", buffering=BUFFER)
        )
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.name for column in table.columns])
        whole = table.stem in OF_CLOSING or table.stem == "transactions"
        self._write[table.stem] = writer.writerows
        self._form[table.stem] = line_writer(table, len(KEY) if whole else BEFORE_DETAIL)

    def _closing(self, closing: ClosingRows) -> None:
        key = [closing.key.Z_KASSE_ID, closing.key.Z_ERSTELLUNG, str(closing.key.Z_NR)]
        for stem, rows in closing.tables.items():
            if stem == "tse":
                self._tse += [(key, row) for row in rows]
            else:
                form = self._form[stem]
                self._write[stem]([key + form(row) for row in rows])
        head, forms, writes = self._form["transactions"], self._form, self._write
        heads = writes["transactions"]
        for receipt in closing.receipts:
            heads((key + head(receipt.transaction),))
            place = [*key, receipt.bon_id]
            for stem, rows in receipt.tables.items():
                form = forms[stem]
                writes[stem]([place + form(row) for row in rows])
            self.receipts += 1
        self.keys.append(closing.key)
        self.days.add(closing.business_day)
        self.notes += _notes(closing)
        self.skips += _skips(closing)
        self.cuts += closing.cuts

    def _tse_table(self) -> Table:
        """Stamm_TSE with as many columns at its end as the longest certificate needs."""
        assert self._layout is not None
        table = self._layout.table("tse")
        named = {column.name for column in table.columns}
        used = {name for _, row in self._tse for name in row}
        more = [f"{CERTIFICATE}{number}" for number in ROMAN if f"{CERTIFICATE}{number}" in used - named]
        text = "Fortsetzung des base64-codierten Zertifikats der TSE"
        return replace(
            table, columns=(*table.columns, *(Column(name, False, 1000, False, text) for name in more))
        )

    def _write_tse(self) -> None:
        table = self._tse_table()
        form = line_writer(table)
        with (self._folder / table.file).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
            writer.writerow([column.name for column in table.columns])
            writer.writerows([key + form(row) for key, row in self._tse])


def _skips(closing: ClosingRows) -> Iterator[tuple[str, int, int, int, int]]:
    """Register, first and last receipt and closing (0: none) that were left out before this closing."""
    for skip in closing.fact["totals"].get("skips", ()):
        receipts, closings = (
            (skip.get(f"first_{kind}", 0), skip.get(f"last_{kind}", 0)) for kind in ("receipt", "closing")
        )
        yield (closing.key.Z_KASSE_ID, *receipts, *closings)


def _notes(closing: ClosingRows) -> Iterator[str]:
    """What an auditor would otherwise ask: numbers that were never given, and the TSE's outages."""
    where, totals = f"Kasse {closing.key.Z_KASSE_ID}, Z {closing.key.Z_NR}", closing.fact["totals"]
    for skip in totals.get("skips", ()):
        for kind, what in (("receipt", "Belege"), ("closing", "Abschlüsse")):
            if last := skip.get(f"last_{kind}"):
                numbers = f"{what} {skip[f'first_{kind}']} bis {last}"
                yield f"{where}: {numbers} wurden nicht vergeben ({skip['why']})"
    for outage in totals.get("outages", ()):
        count = f"{outage.get('unsigned', 0)} Vorgänge ohne Signatur ausgegeben"
        yield f"{where}: TSE-Ausfall seit {outage['since']}, {count}: {outage['message']}"


def _settled(path: Path) -> str:
    """Bring a written file to the disk; its SHA-256."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _log(exported: Exported, sources: Sequence[Source], made_at: str, software: str) -> Iterator[str]:
    """The export's log in German; its last block is read by ``sha256sum -c``."""
    yield f"# DSFinV-K-Export {exported.folder.name}, erstellt {made_at} mit {software}"
    for source in sources:
        yield f"# Journal {source.journal}, Zeitraum {source.period}"
    yield f"# {len(exported.closings)} Abschlüsse, {exported.receipts} Vorgänge"
    for register, at, number in exported.closings:
        yield f"# Kasse {register}, Z {number}, {at}"
    for note in exported.notes:
        yield f"# {note}"
    for cut in exported.cuts:
        yield f"# gekürzt: {cut.where}, {cut.column}: {cut.text}"
    for name, digest in exported.files.items():
        yield f"{digest}  {exported.folder.name}/{name}"
