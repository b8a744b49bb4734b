"""All tables of ``kassd query`` as CSV, with a page that says what each column is (GoBD Rz. 129, 176)."""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from kassd.core.money import decimal_point, point
from kassd.fiscal.query import VIEWS, Answer, Query, Records, ask

STRUCTURE = "tabellen.txt"
# What concerns the whole life of the register, whatever days are asked for.
ALWAYS = frozenset(("tse", "stammdaten", "ausfaelle", "exporte"))


def write_csv(answer: Answer, out: IO[str]) -> None:
    """Semicolons, decimal commas, one line of names."""
    writer = csv.writer(out, delimiter=";")
    writer.writerow(column.name for column in answer.columns)
    writer.writerows(shown(answer, comma))


def comma(cents: int) -> str:
    """``-1234`` → ``-12,34``."""
    return point(cents).replace(".", ",")


def shown(answer: Answer, money: Callable[[int], str]) -> Iterator[list[str]]:
    """Values as people read them; ``money`` writes cents."""
    kinds = [column.kind for column in answer.columns]
    for row in answer.rows:
        yield [_cell(kind, value, money) for kind, value in zip(kinds, row, strict=True)]


def _cell(kind: str, value: Any, money: Callable[[int], str]) -> str:
    if value is None:
        return ""
    if kind == "euro":
        return money(value)
    if kind == "quantity":
        return decimal_point(Decimal(value) / 1000).replace(".", ",")
    return str(value)


def write_tables(folder: Path, records: Records, first: date | None, last: date | None) -> None:
    """One file for each table into a new folder."""
    folder.mkdir()
    said = [
        "Felder mit ; getrennt, Dezimalkomma, UTF-8. Geldbeträge in Euro, wo keine Währung dabeisteht.",
        "",
    ]
    for view in VIEWS.values():
        period = (None, None) if view.name in ALWAYS else (first, last)
        with (folder / f"{view.name}.csv").open("w", encoding="utf-8", newline="") as out:
            write_csv(ask(records, Query(view.name, first=period[0], last=period[1])), out)
        said += [f"{view.name}.csv: {view.means}"]
        said += [f"    {column.name:20} {column.means}" for column in view.columns]
        said.append("")
    (folder / STRUCTURE).write_text("\n".join(said), encoding="utf-8")
