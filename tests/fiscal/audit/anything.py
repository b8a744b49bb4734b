"""Any change to any row or column of the twenty files, whether or not something else fixes it."""

import random
from collections.abc import Iterator
from pathlib import Path

from kassd.fiscal.audit.norm import TABLES
from tests.fiscal.audit.mutators import Mutation, cells, lines, other, write

CELL = ("empty", "fill", "other", "wrong")
ROW = ("drop", "double", "swap")
FILLED = {"GTIN": "4006381333931", "Z_BUCHUNGSTAG": "2026-03-02", "TSE_TA_ENDE": "2026-03-01T09:00:00.000Z"}


def places() -> Iterator[tuple[str, str, str]]:
    """Every (what, file, column); of rows the column is empty."""
    for file, table in TABLES.items():
        for what in ROW:
            yield what, file, ""
        for column in table.names:
            for what in CELL:
                yield what, file, column


def change(folder: Path, what: str, file: str, column: str, seed: int) -> Mutation | None:
    """Do it somewhere; None where there is nothing of the kind."""
    chance = random.Random(f"{what} {file} {column} {seed}")
    rows = lines(folder / file)
    done = _rows(rows, what, file, chance) if what in ROW else _cell(rows, what, file, column, chance)
    if done is not None:
        write(folder / file, rows)
    return done


def _rows(rows: list[str], what: str, file: str, chance: random.Random) -> Mutation | None:
    if len(rows) < 3:
        return None
    number = chance.randrange(1, len(rows))
    before = rows[number]
    if what == "drop":
        del rows[number]
    elif what == "double":
        rows.insert(number, before)
    else:
        beside = number - 1 if number > 1 and chance.random() < 0.5 else chance.randrange(1, len(rows))
        if rows[beside] == before:
            return None
        rows[number], rows[beside] = rows[beside], before
    return Mutation(what, file, "", number + 1, before)


def _cell(rows: list[str], what: str, file: str, column: str, chance: random.Random) -> Mutation | None:
    place = rows[0].split(";").index(column)
    table = [cells(row) for row in rows]
    there = sorted({row[place] for row in table[1:] if row[place]})
    fitting = [number for number, row in enumerate(table) if number and bool(row[place]) != (what == "fill")]
    if not fitting:
        return None
    number = chance.choice(fitting)
    before = table[number][place]
    match what:
        case "empty":
            after = ""
        case "fill":
            after = chance.choice(there) if there else FILLED.get(column, "1")
        case "other":
            after = chance.choice(there)
        case _:
            after = other(column, before, chance)
    if after == before:
        return None
    table[number][place] = after
    rows[number] = ";".join(table[number])
    return Mutation(what, file, column, number + 1, before, after)
