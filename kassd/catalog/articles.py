"""From the rows of a table to articles: titles found, cells read, each problem with its place."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, replace
from typing import Any

from kassd.catalog.cells import Damaged, TaxKeys, Unclear, Value, is_empty, repaired
from kassd.catalog.columns import COLUMNS, NET, Column, column_of, plain, read_cell
from kassd.catalog.problem import Problem, letters, quoted
from kassd.catalog.sheet import PROGRESS_EVERY, Progress, Row, Sheet
from kassd.core.catalog import Article

HEADER_WITHIN = 30  # rows from the top
REQUIRED = tuple(name for name, column in COLUMNS.items() if column.default is MISSING)


@dataclass(frozen=True, slots=True)
class Header:
    """The row of titles. ``columns``: place and meaning; ``ignored``: places of other titles."""

    row: int
    columns: tuple[tuple[int, Column], ...]
    titles: Mapping[int, str]
    ignored: tuple[int, ...]


@dataclass(slots=True)
class Rows:
    """Articles with their rows. Where ``problems`` has any, ``articles`` are not to be used."""

    articles: list[tuple[int, Article]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


def find_header(sheet: Sheet) -> Header | None:
    """The row near the top with most known titles, at least an article number and one more."""
    best: Header | None = None
    for number, cells in sheet.rows:
        if number > HEADER_WITHIN:
            break
        header = _header(number, cells)
        fields = {column.field for _, column in header.columns}
        if "id" in fields and len(fields) > 1 and (best is None or len(header.columns) > len(best.columns)):
            best = header
    return best


def _header(number: int, cells: list[Value]) -> Header:
    titles = {
        at: " ".join(cell.split()) for at, cell in enumerate(cells) if isinstance(cell, str) and cell.strip()
    }
    known = [(at, column_of(title)) for at, title in titles.items()]
    columns = [(at, column) for at, column in known if column is not None]
    fields = {column.field for _, column in columns}
    if "codes" not in fields and "gtin" in fields:  # the only numbers there are: scanners read them
        gtin = COLUMNS["codes"]
        columns = [(at, replace(gtin, is_gtin=True) if c.field == "gtin" else c) for at, c in columns]
    return Header(number, tuple(columns), titles, tuple(at for at, column in known if column is None))


def read_rows(sheet: Sheet, current: Mapping[str, Article], keys: TaxKeys, progress: Progress) -> Rows:
    """Every row below the titles is an article; empty rows count for nothing."""
    header = find_header(sheet)
    out = Rows()
    if header is None:
        text = "keine Überschriften gefunden; gebraucht werden Artikelnummer, Bezeichnung, Preis, Steuersatz"
        out.problems.append(Problem(text, sheet.name))
        return out
    _judge_header(sheet, header, out)
    if out.problems:
        return out
    _judge_merged(sheet, header, out)
    for done, (number, cells) in enumerate(sheet.filled(), 1):
        if done % PROGRESS_EVERY == 0:
            progress(done)
        if number > header.row and not all(is_empty(cell) for cell in cells):
            _Row(sheet.name, header, (number, cells), keys, out).read(current)
    if not out.articles and not out.problems:
        out.problems.append(Problem("unter den Überschriften steht kein Artikel", sheet.name, header.row))
    return out


def _judge_header(sheet: Sheet, header: Header, out: Rows) -> None:
    seen: dict[str, int] = {}
    for at, column in header.columns:
        if column.field in seen and column.kind != "codes":
            text = (
                f"auch Spalte {letters(seen[column.field])} heißt so ({column.title}); eine davon umbenennen"
            )
            out.problems.append(Problem(text, sheet.name, header.row, at, header.titles[at]))
        seen.setdefault(column.field, at)
    for at in header.ignored:
        title = header.titles[at]
        if plain(title) in NET and "price" not in seen:
            text = "die Kasse rechnet mit Bruttopreisen; eine Spalte „Preis“ mit Bruttopreisen wird gebraucht"
            out.problems.append(Problem(text, sheet.name, header.row, at, title))
        else:
            text = "diese Spalte kennt die Kasse nicht; sie bleibt unbeachtet"
            out.notices.append(Problem(text, sheet.name, header.row, at, title))


def _judge_merged(sheet: Sheet, header: Header, out: Rows) -> None:
    """Only the first of merged cells has a value: the articles below it would silently go without."""
    used = [at for at, _ in header.columns]
    for first_row, first, last_row, last in sheet.merged:
        if last_row > header.row and any(first <= at <= last for at in used):
            end = f"{letters(last)}{last_row}"
            text = f"die Zellen bis {end} sind verbunden; den Verbund aufheben und jede füllen"
            out.problems.append(Problem(text, sheet.name, first_row, first, header.titles.get(first, "")))


@dataclass(slots=True)
class _Row:
    sheet: str
    header: Header
    row: Row
    keys: TaxKeys
    out: Rows
    failed: bool = False

    def read(self, current: Mapping[str, Article]) -> None:
        at = next(at for at, column in self.header.columns if column.field == "id")
        if at >= len(self.row[1]) or is_empty(self.row[1][at]):
            self._problem("die Artikelnummer fehlt; Zwischentitel und Summen bitte löschen", -1)
            return
        values = self._values()
        if "id" not in values:
            return
        self._beyond()
        base = current.get(values["id"])
        if base is not None:
            if not self.failed:
                self.out.articles.append((self.row[0], replace(base, **values)))
            return
        for name in REQUIRED:
            if name not in values and not self.failed_at(name):
                title = COLUMNS[name].title
                self._problem(f"der Artikel ist neu, und die Spalte „{title}“ fehlt", -1)
        if not self.failed:
            self.out.articles.append((self.row[0], Article(**values)))

    def failed_at(self, name: str) -> bool:
        """Whether the file has a column for it: then its cell has been judged."""
        return any(column.field == name for _, column in self.header.columns)

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        cells = self.row[1]
        for at, column in self.header.columns:
            value = cells[at] if at < len(cells) else None
            try:
                read = self._read(column, value, at)
            except Unclear as error:
                self._problem(str(error), at, value)
                continue
            if column.kind == "codes":
                read = tuple(dict.fromkeys((*values.get(column.field, ()), *read)))
            values[column.field] = read
        return values

    def _read(self, column: Column, value: Value, at: int) -> Any:
        if is_empty(value):
            if column.default is MISSING:
                raise Unclear("fehlt")
            return column.default
        read = read_cell(column, value, self.keys)
        if column.kind == "codes":
            return tuple(self._repaired(column, code, at, value) for code in read)
        return self._repaired(column, read, at, value) if column.kind == "gtin" else read

    def _repaired(self, column: Column, code: str, at: int, value: Value) -> str:
        """Zeros that a spreadsheet took from the beginning of a GTIN, where its check digit proves it."""
        if not column.is_gtin and isinstance(value, str):
            return code
        full = repaired(code)
        if full != code:
            text = f"vorne fehlen Nullen; mit ihnen stimmt die Prüfziffer: {full}"
            self._say(self.out.notices, text, at, value)
        return full

    def _beyond(self) -> None:
        """What stands right of all titles was cut in two by a separator within a cell."""
        last = max(self.header.titles)
        for at, value in enumerate(self.row[1][last + 1 :], last + 1):
            if not is_empty(value):
                text = (
                    'steht rechts von allen Überschriften; ein Trennzeichen in einer Zelle braucht „"“ darum'
                )
                self._problem(text, at, value)
                return

    def _problem(self, text: str, at: int, value: Value = None) -> None:
        self.failed = True
        self._say(self.out.problems, text, at, None if isinstance(value, Damaged) else value)

    def _say(self, where: list[Problem], text: str, at: int, value: Value) -> None:
        title = self.header.titles.get(at, "")
        where.append(Problem(text, self.sheet, self.row[0], at, title, quoted(value)))
