"""``kassd query``: filter, sort and sum over all tax data, read-only, beside a running register or alone."""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO
from zoneinfo import ZoneInfo

from kassd import settings
from kassd.app.finder import FILE
from kassd.cli.output import print_json
from kassd.core.money import decimal_point, euros
from kassd.errors import DataError
from kassd.fiscal.query import VIEWS, Answer, Condition, Query, Records, ask
from kassd.fiscal.query.reader import Changed
from kassd.fiscal.query.views import Column
from kassd.fiscal.visit.tables import shown, write_csv

TRIES = 5
IN_MEMORY = 8 << 20
RIGHT = frozenset(("euro", "quantity", "number", "flag"))


def execute(arguments: argparse.Namespace) -> int:
    """The answer is complete before its first row is shown."""
    if arguments.table is None and arguments.sql is None:
        return _tables(arguments.json)
    if arguments.table is not None and arguments.sql is not None:
        raise DataError("Entweder eine Tabelle oder --sql, nicht beides.")
    if arguments.limit < 0:
        raise DataError("--limit: erwartet wird eine Zahl ab 1.")
    journal, zone = _place(arguments)
    for attempt in range(TRIES):
        with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="") as out:
            try:
                with Records(journal, journal.parent / FILE, zone, _progress) as records:
                    _write(arguments, records, out)
                    records.check()
            except Changed:
                if attempt == TRIES - 1:
                    raise
                continue
            out.seek(0)
            shutil.copyfileobj(out, sys.stdout)
            return 0
    raise AssertionError("unreachable")


def _place(arguments: argparse.Namespace) -> tuple[Path, ZoneInfo]:
    if arguments.journal is not None:
        journal: Path = arguments.journal
        if not journal.is_dir():
            raise DataError(f"{journal} gibt es nicht. Erwartet wird ein Journal-Verzeichnis.")
        return journal, ZoneInfo("Europe/Berlin")
    loaded = settings.load(arguments.config)
    return loaded.journal.dir, settings.zone(loaded)


def _progress(lines: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{lines} Zeilen des Journals gelesen …", end="", file=sys.stderr, flush=True)


def _tables(as_json: bool) -> int:
    if as_json:
        print_json(
            {
                view.name: {"means": view.means, "columns": {c.name: c.means for c in view.columns}}
                for view in VIEWS.values()
            }
        )
        return 0
    for view in VIEWS.values():
        print(f"{view.name}: {view.means}")
        for column in view.columns:
            print(f"    {column.name:20} {column.means}")
    return 0


def _write(arguments: argparse.Namespace, records: Records, out: IO[str]) -> None:
    if arguments.sql is not None:
        cursor = records.select(arguments.sql)
        columns = tuple(Column(row[0], "text", "") for row in cursor.description)
        answer, more = Answer(columns, records.rows(cursor)), list[str]()
    else:
        query, more = _query(arguments)
        answer = ask(records, query)
    if arguments.json:
        _json(answer, out)
    elif arguments.csv:
        write_csv(answer, out)
    else:
        _text(answer, more, out)


def _query(arguments: argparse.Namespace) -> tuple[Query, list[str]]:
    """The question, and the columns that a screen has no room for."""
    query = Query(
        table=arguments.table,
        columns=_names(arguments.columns),
        where=tuple(Condition.parse(text) for text in arguments.where),
        group=_names(arguments.group),
        sums=_names(arguments.sum),
        order=_names(arguments.order),
        limit=arguments.limit,
        first=arguments.first,
        last=arguments.last,
    )
    view = VIEWS.get(query.table)
    whole = query.columns or query.group or query.sums or arguments.json or arguments.csv
    if view is None or whole or not view.brief:
        return query, []
    more = [column.name for column in view.columns if column.name not in view.brief]
    return replace(query, columns=view.brief), more


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _json(answer: Answer, out: IO[str]) -> None:
    """One object per row; amounts are cents, quantities decimal strings."""
    names = [column.name for column in answer.columns]
    quantities = [column.kind == "quantity" for column in answer.columns]
    out.write("[")
    for n, row in enumerate(answer.rows):
        values = [
            decimal_point(Decimal(int(value)) / 1000) if is_quantity and value is not None else value
            for value, is_quantity in zip(row, quantities, strict=True)
        ]
        out.write(",\n " if n else "\n ")
        json.dump(dict(zip(names, values, strict=True)), out, ensure_ascii=False)
    out.write("\n]\n")


def _text(answer: Answer, more: list[str], out: IO[str]) -> None:
    head = [column.name for column in answer.columns]
    rows = [[cell.replace("\n", " ") for cell in row] for row in shown(answer, euros)]
    widths = [max(map(len, cells)) for cells in zip(head, *rows, strict=True)]
    right = [column.kind in RIGHT for column in answer.columns]

    def line(cells: Iterable[str]) -> str:
        padded = (
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(cells, widths, right, strict=True)
        )
        return "  ".join(padded).rstrip() + "\n"

    for cells in chain([head, ["-" * width for width in widths]], rows):
        out.write(line(cells))
    out.write(f"{len(rows)} {'Zeile' if len(rows) == 1 else 'Zeilen'}\n")
    if more:
        out.write(f"Weitere Spalten mit --columns: {', '.join(more)}\n")
