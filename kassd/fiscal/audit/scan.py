"""First pass over one file: its form, and where the rows of each closing lie (A3 to A11, B1).

The second pass then reads one closing at a time out of all files, in whatever order their rows stand; held in
memory are the places of the closings only.
"""

from dataclasses import dataclass, field
from pathlib import Path

from kassd.fiscal.audit.cells import Cells
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.norm import KEY, TABLES, Column
from kassd.fiscal.audit.package import Declared
from kassd.fiscal.audit.records import BOM, RecordError, fields, lenient_fields, records

Key = tuple[str, str, str]


@dataclass(slots=True)
class Run:
    """Rows of one closing that lie together: octets from ``start`` to ``end``, the first row's number."""

    start: int
    end: int
    row: int


@dataclass(slots=True)
class Scanned:
    """What the first pass knows of a file. ``header``: its columns as they stand; ``runs``: by closing, in
    the order of the file."""

    file: str
    header: tuple[str, ...] = ()
    runs: dict[Key, list[Run]] = field(default_factory=dict)
    rows: int = 0
    found: Findings = field(default_factory=Findings)


def scan(folder: Path, declared: Declared) -> Scanned:
    """Read one file from beginning to end."""
    scanned = Scanned(declared.file)
    found = scanned.found
    with (folder / declared.file).open("rb") as file:
        if file.read(3) == BOM:
            found.add("A3", declared.file, 1, "die Datei beginnt mit einer Bytefolge-Marke (BOM)")
        else:
            file.seek(0)
        cells: Cells | None = None
        last: Run | None = None
        last_key: Key | None = None
        for number, offset, raw in records(file):
            try:
                row = fields(raw)
            except RecordError as error:
                found.add(error.id, declared.file, number, str(error))
                meant = lenient_fields(raw)
                if meant is None:
                    continue
                row = meant
            if cells is None:
                cells = _header(declared, row, scanned)
                width = len(scanned.header)
                places = [scanned.header.index(name) if name in scanned.header else -1 for name in KEY]
                continue
            scanned.rows += 1
            if len(row) != width:
                found.differs("A6", declared.file, number, "Zahl der Felder", width, len(row))
                row = (row + [""] * width)[:width]
            cells.check(row, number, found)
            key = _key(row, places)
            if not all(key):
                found.add(
                    "B1", declared.file, number, f"Schlüssel des Abschlusses unvollständig: {shown(key)}"
                )
            if key == last_key and last is not None and last.end == offset:
                last.end = offset + len(raw)
            else:
                last, last_key = Run(offset, offset + len(raw), number), key
                scanned.runs.setdefault(key, []).append(last)
        if cells is None:
            found.add("A5", declared.file, 1, "die Kopfzeile fehlt")
    return scanned


def _key(row: list[str], places: list[int]) -> Key:
    if places == [0, 1, 2]:
        return row[0], row[1], row[2]
    register, created, number = (row[place] if place >= 0 else "" for place in places)
    return register, created, number


def _header(declared: Declared, row: list[str], scanned: Scanned) -> Cells:
    """The first row names the columns; tests go by name, the norm's before what index.xml declares."""
    scanned.header = tuple(row)
    expected = tuple(column.name for column in declared.columns)
    if scanned.header != expected:
        pairs = zip((*expected, *("",) * len(row)), (*row, *("",) * len(expected)), strict=False)
        want, stands = next(pair for pair in pairs if pair[0] != pair[1])
        scanned.found.differs("A5", declared.file, 1, "Kopfzeile gegen index.xml", want, stands)
    known = {column.name: column for column in declared.columns}
    if declared.file in TABLES:
        known |= {column.name: column for column in TABLES[declared.file].columns}
    return Cells(declared.file, tuple(known.get(name, Column(name)) for name in row))
