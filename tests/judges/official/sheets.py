"""The worked examples of the official DSFinV-K package (V 2.1) as records: which file, which cells."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

# Their names of the files → ours; a record begins with the first column that it already has.
FILES = {
    "Stamm_Kassen": "cashregister",
    "Bonkopf": "transactions",
    "Bonkopf_AbrKreis": "allocation_groups",
    "Bonkopf_USt": "transactions_vat",
    "Bonkopf_Zahlarten": "datapayment",
    "Bonpos": "lines",
    "Bonpos_USt": "lines_vat",
    "Bonpos_Preisfindung": "itemamounts",
    "Bon_Referenzen": "references",
    "TSE_Transaktionen": "transactions_tse",
}
Cell = Decimal | str


@dataclass(slots=True)
class Example:
    """``heads``: records of each file that stand once or in the head; ``lines``: for each line its own cells
    and the records below it."""

    name: str
    heads: dict[str, list[dict[str, Cell]]] = field(default_factory=dict)
    lines: list[dict[str, list[dict[str, Cell]]]] = field(default_factory=list)


def examples(folder: Path) -> dict[str, Example]:
    """Every example of every sheet by its number."""
    found: dict[str, Example] = {}
    for path in sorted(folder.glob("*.xlsx")):
        found.update(_sheet(load_workbook(path, data_only=True).worksheets[0]))
    return found


def _sheet(sheet: Any) -> dict[str, Example]:
    rows = list(sheet.iter_rows())
    file = next(c.column for row in rows for c in row if c.value == "Datei:")
    heads = [c for row in rows for c in row if c.column > file and str(c.value).startswith("Beispiel ")]
    starts = [head.column for head in heads] + [sheet.max_column + 2]
    made = {}
    for head, end in zip(heads, starts[1:], strict=True):
        example = Example(str(head.value).removeprefix("Beispiel ").strip())
        for row in rows[head.row :]:
            names = [str(c.value).strip() for c in row[: file - 1] if c.value is not None]
            if names and names[0].startswith("line/"):
                example.lines.append({})
            values = [c.value for c in row[head.column - 1 : end - 1] if _said(c.value)]
            where, column = row[file - 1].value, row[file].value
            if values and where in FILES and column:
                _put(example, FILES[where], str(column).strip(), _cell(values[0]))
        made[example.name] = example
    return made


def _said(value: Any) -> bool:
    return value is not None and str(value).strip() not in ("", "\xa0")


def _cell(value: Any) -> Cell:
    if isinstance(value, int | float):
        return round(Decimal(str(value)), 2)
    text = str(value).strip()
    try:
        return round(Decimal(text), 2)
    except ArithmeticError:
        return text


def _put(example: Example, file: str, column: str, value: Cell) -> None:
    of_line = file in ("lines", "lines_vat", "itemamounts", "references") and example.lines
    records = (example.lines[-1] if of_line else example.heads).setdefault(file, [])
    if not records or column in records[-1]:
        records.append({})
    records[-1][column] = value
