"""Rows with names: one closing out of all files, its amounts as whole numbers.

Amounts and quantities are ``int`` in 1/100,000 (:func:`units`): the five decimals of DSFinV-K, exactly.
"""

import re
from collections import defaultdict, namedtuple
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from kassd.fiscal.audit.norm import RECEIPT_FILES, TABLES
from kassd.fiscal.audit.records import RecordError, fields, lenient_fields, records
from kassd.fiscal.audit.scan import Key, Run

UNIT = 100_000
CENT = UNIT // 100
_NUMBER = re.compile(r"(-?)(\d{1,12})(?:,(\d{1,5}))?", re.ASCII)  # in units it fits 64 bits
Row = Any  # a named tuple of a file's columns, with FILE and its number ROW


def _row_type(file: str) -> Any:
    name, columns = file.removesuffix(".csv"), (*TABLES[file].names, "ROW")
    base = namedtuple(name, columns)  # type: ignore[misc] # from the norm
    return type(base.__name__, (base,), {"FILE": file, "__slots__": ()})


ROW_TYPES: Mapping[str, Any] = {file: _row_type(file) for file in TABLES}


@lru_cache(maxsize=1 << 15)
def units(text: str) -> int:
    """``12,34`` → 1234000. What is no number (A7 has said so) counts as nothing."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return 0
    value = int(match[2]) * UNIT + int((match[3] or "").ljust(5, "0"))
    return -value if match[1] else value


def amount(value: int) -> str:
    """``1234000`` → ``12,34``: at least two decimals, no more than needed."""
    whole, rest = divmod(abs(value), UNIT)
    digits = f"{rest:05d}".rstrip("0").ljust(2, "0")
    return f"{'-' if value < 0 else ''}{whole},{digits}"


def number(text: str) -> int:
    """A whole number; -1 if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else -1


@dataclass(slots=True)
class Receipt:
    """One Vorgang: its row in transactions.csv and its rows in the other nine files."""

    head: Row
    rows: Mapping[str, list[Row]]

    def __getitem__(self, file: str) -> list[Row]:
        return self.rows.get(file, [])


@dataclass(slots=True)
class Closing:
    """All rows of one closing. ``loose``: rows of receipt files without a Bonkopf, or of a doubled one."""

    key: Key
    tables: dict[str, list[Row]] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    loose: list[Row] = field(default_factory=list)

    def __getitem__(self, file: str) -> list[Row]:
        return self.tables.get(file, [])


@dataclass(frozen=True, slots=True)
class Plan:
    """Where one closing lies: file → (its header, its runs)."""

    key: Key
    files: Mapping[str, tuple[tuple[str, ...], tuple[Run, ...]]]


def load(folder: Path, plan: Plan) -> Closing:
    """Read one closing."""
    closing = Closing(plan.key)
    for file, (header, runs) in plan.files.items():
        closing.tables[file] = list(_rows(folder / file, header, runs))
    by_bon: defaultdict[str, dict[str, list[Row]]] = defaultdict(dict)
    for file in RECEIPT_FILES[1:]:
        for row in closing[file]:
            by_bon[row.BON_ID].setdefault(file, []).append(row)
    for head in closing["transactions.csv"]:
        closing.receipts.append(Receipt(head, by_bon.pop(head.BON_ID, {})))
    for rest in by_bon.values():
        closing.loose += [row for rows in rest.values() for row in rows]
    return closing


def _rows(path: Path, header: tuple[str, ...], runs: Iterable[Run]) -> Iterator[Row]:
    kind = ROW_TYPES[path.name]
    norm = TABLES[path.name].names
    width, straight = len(norm), header[: len(norm)] == norm
    places = [header.index(name) if name in header else -1 for name in norm]
    with path.open("rb") as file:
        for run in runs:
            file.seek(run.start)
            for record in records(file):
                if record.offset >= run.end:
                    break
                try:
                    cells: list[str] | None = fields(record.raw)
                except RecordError:
                    cells = lenient_fields(record.raw)
                if cells is None:
                    continue
                if len(cells) < len(header):
                    cells += [""] * (len(header) - len(cells))
                if len(cells) > width and straight and norm[-1] == "TSE_ZERTIFIKAT_II":
                    cells[width - 1] += "".join(cells[width:])  # TSE_ZERTIFIKAT_III and so on
                if not straight:
                    cells = [cells[place] if place >= 0 else "" for place in places]
                yield kind(*cells[:width], run.row + record.number - 1)
