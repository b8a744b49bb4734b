"""XLSX: what a spreadsheet program shows in each cell, read and written with openpyxl.

Only the command line imports this; a running register reads JSON. Formulas give the value that was stored
with them. A file without formulas and merged cells, as merchandise systems write it, is read row by row.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from kassd.catalog.cells import Damaged, Value, is_error
from kassd.catalog.problem import FileRefused, Problem, letters
from kassd.catalog.sheet import MAX_COLUMNS, MAX_ROWS, PROGRESS_EVERY, Progress, Sheet

MAX_UNPACKED = 50_000_000
BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    SyntaxError,
    OSError,
    EOFError,
    AttributeError,
    IndexError,
)
PIECE = 1 << 20
NOT_COMPUTED = "die Formel ist nicht ausgerechnet; die Datei einmal in der Tabellenkalkulation speichern"


def read_xlsx(data: bytes, progress: Progress = lambda _: None) -> list[Sheet]:
    """All sheets; raises :class:`FileRefused`."""
    careful = _needs_care(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=not careful, data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(data), data_only=False, keep_links=False) if careful else None
        return [_sheet(sheet, formulas, progress) for sheet in book.worksheets]
    except BROKEN as error:
        text = "die Datei ist keine XLSX-Mappe oder beschädigt; sie öffnen und neu speichern"
        raise FileRefused([Problem(f"{text} ({error})")]) from error


def _needs_care(data: bytes) -> bool:
    """Whether cells are merged or computed. Refuses what would not fit into memory, and XML entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > MAX_UNPACKED:
                raise FileRefused(
                    [Problem(f"ausgepackt ist die Mappe größer als {MAX_UNPACKED // 10**6} MB")]
                )
            sheets = [info for info in infos if info.filename.startswith("xl/worksheets/")]
            if any(info.flag_bits & 1 for info in infos):
                raise FileRefused([Problem("die Mappe ist verschlüsselt; bitte ohne Kennwort speichern")])
            for info in infos:
                if info.filename.endswith((".xml", ".rels")) and _has(
                    archive, info, (b"<!DOCTYPE", b"<!ENTITY")
                ):
                    raise FileRefused(
                        [Problem("die Mappe enthält XML, das keine Tabellenkalkulation schreibt")]
                    )
            return any(_has(archive, info, (b"<mergeCell", b"<f>", b"<f ", b"<f/")) for info in sheets)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError) as error:
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            text = (
                "ist eine alte XLS-Datei oder eine Mappe mit Kennwort; bitte als XLSX ohne Kennwort speichern"
            )
        else:
            text = f"die Datei ist beschädigt ({error})"
        raise FileRefused([Problem(text)]) from error


def _has(archive: zipfile.ZipFile, info: zipfile.ZipInfo, marks: tuple[bytes, ...]) -> bool:
    tail = b""
    with archive.open(info) as file:
        while piece := file.read(PIECE):
            if any(mark in tail + piece for mark in marks):
                return True
            tail = piece[-16:]
    return False


def _sheet(sheet: Any, formulas: Any, progress: Progress) -> Sheet:
    merged: tuple[tuple[int, int, int, int], ...] = ()
    if formulas is not None:
        ranges = sheet.merged_cells.ranges
        merged = tuple((r.min_row, r.min_col - 1, r.max_row, r.max_col - 1) for r in ranges)
    else:
        sheet.reset_dimensions()  # what the file says of its size may be anything
    rows = [
        (number, cells) for number, cells in _rows(sheet, progress) if any(cell is not None for cell in cells)
    ]
    if formulas is not None:
        computed = formulas[sheet.title]
        for number, cells in rows:
            for column, value in enumerate(cells):
                if value is None and computed.cell(number, column + 1).data_type == "f":
                    cells[column] = Damaged(NOT_COMPUTED)
    return Sheet(sheet.title, rows, sheet.sheet_state != "visible", merged)


def _rows(sheet: Any, progress: Progress) -> Iterator[tuple[int, list[Value]]]:
    for number, row in enumerate(
        sheet.iter_rows(max_col=None if sheet.max_column is None else min(sheet.max_column, MAX_COLUMNS)), 1
    ):
        cells = [_value(cell) for cell in row[:MAX_COLUMNS]]
        if number % PROGRESS_EVERY == 0:
            progress(number)
        if number > MAX_ROWS and any(cell is not None for cell in cells):
            raise FileRefused([Problem(f"die Tabelle hat mehr als {MAX_ROWS} Zeilen", sheet.title)])
        yield number, cells


def _value(cell: Any) -> Value:
    value = cell.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if cell.data_type == "e" or is_error(value):
            return Damaged(f"die Formel hat einen Fehler ({value}); bitte in der Tabelle berichtigen")
        return value
    if isinstance(value, int | float):
        form = cell.number_format
        if value >= 0 and value == int(value) and len(form) > 1 and not form.strip("0"):
            return str(int(value)).zfill(len(form))  # shown with zeros at its beginning
        return value
    return value if isinstance(value, datetime | date | time | timedelta) else str(value)


def write_xlsx(titles: list[str], texts: list[bool], rows: Iterable[list[Any]]) -> bytes:
    """A workbook with one sheet; ``texts``: the columns that a spreadsheet must not take for numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Artikel")
    sheet.freeze_panes = "A2"
    for column, title in enumerate(titles):
        sheet.column_dimensions[letters(column)].width = 32 if column == 1 else max(14, len(title) + 2)

    def made(value: Any, is_text: bool, bold: bool = False) -> Any:
        if value is None:
            return None
        cell = WriteOnlyCell(sheet)
        if is_text or isinstance(value, str):
            cell.value = str(value)
            cell.data_type = "s"  # never a formula
            cell.number_format = "@"
        else:
            cell.value = value
            if isinstance(value, Decimal):
                cell.number_format = "#,##0.00" if value == round(value, 2) else "General"
        if bold:
            cell.font = Font(bold=True)
        return cell

    sheet.append([made(title, True, bold=True) for title in titles])
    for row in rows:
        sheet.append([made(value, is_text) for value, is_text in zip(row, texts, strict=True)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
