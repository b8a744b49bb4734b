"""CSV as shops have it: Excel's semicolons, tabs or commas, ``sep=;``, UTF-8, UTF-16 or Windows-1252."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator

from kassd.catalog.cells import Value
from kassd.catalog.columns import column_of
from kassd.catalog.problem import FileRefused, Problem
from kassd.catalog.sheet import MAX_ROWS, Row, Sheet

DELIMITERS = ";,\t|"
# ä, ö, Ä, Ö, Ü of code page 850 and of the Mac, read as Windows-1252, between two letters.
_BROKEN = re.compile(r"[^\W\d_][„”™ŽšŠŸ†][^\W\d_]|[A-Z]…[A-Z]")
_SEP = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
# Excel takes for a formula what begins with one of these; ours has an apostrophe before it.
_FORMULA = re.compile(r"'*[=+\-@\t]")


def decoded(data: bytes) -> str:
    """The text of a file. What is no UTF-8 is Windows-1252, unless it has bytes that neither has."""
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(bom):
            return _strict(data[len(bom) :], encoding)
    if b"\0" in data:
        raise FileRefused([Problem("ist keine Textdatei; gelesen werden JSON, CSV und XLSX")])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _with_umlauts(_strict(data, "cp1252"))


def _with_umlauts(text: str) -> str:
    """DOS (code page 850) and old Macs have other bytes for umlauts: here quotation marks and foreign
    letters within words here; such names are not guessed at."""
    found = _BROKEN.search(text)
    if found is None:
        return text
    row = text.count("\n", 0, found.start()) + 1
    what = "die Umlaute sind nicht lesbar (DOS- oder Mac-Zeichensatz?); die Datei als „CSV UTF-8“ speichern"
    raise FileRefused([Problem(what, row=row, value=found[0])])


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        text = "die Zeichen sind weder UTF-8 noch Windows-1252; die Datei als „CSV UTF-8“ speichern"
        raise FileRefused([Problem(text, row=row)]) from error


def read_csv(data: bytes) -> Sheet:
    """The one table of a CSV file; raises :class:`FileRefused`."""
    text = decoded(data)
    match = _SEP.match(text)
    if match is not None:
        return Sheet("", _rows(text[match.end() :], match[1]))
    return Sheet("", _rows(text, _delimiter(text)))


def _delimiter(text: str) -> str:
    """The character with which most titles are known, in the row that has them."""
    head = io.StringIO(text[:65_536], newline="").readlines()[:40]

    def known(delimiter: str) -> tuple[int, int]:
        best = (0, 0)
        try:
            for row in csv.reader(head, delimiter=delimiter):
                best = max(best, (sum(column_of(cell) is not None for cell in row), len(row)))
        except csv.Error:
            return best
        return best

    return max(DELIMITERS, key=known)


def _rows(text: str, delimiter: str) -> list[Row]:
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            if number > MAX_ROWS:
                raise FileRefused([Problem(f"die Datei hat mehr als {MAX_ROWS} Zeilen")])
            rows.append((number, [_shown(cell) for cell in row]))
    except csv.Error as error:
        problem = Problem(f"die Anführungszeichen passen nicht zusammen ({error})", row=len(rows) + 1)
        raise FileRefused([problem]) from error
    return rows


def _shown(cell: str) -> Value:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def write_csv(titles: list[str], rows: Iterable[list[str]]) -> bytes:
    """CSV as a German Excel opens it: semicolons, CRLF, UTF-8 with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows(_guarded(row) for row in rows)
    return codecs.BOM_UTF8 + out.getvalue().encode()


def _guarded(row: list[str]) -> Iterator[str]:
    """No text of a catalogue becomes a formula in the program that opens it."""
    for cell in row:
        yield "'" + cell if _FORMULA.match(cell) else cell
