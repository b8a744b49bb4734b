"""Values as DSFinV-K writes them: decimal comma, the declared decimals exactly, no grouping, unset is
empty."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from kassd.fiscal.layout import KEY, Column, Table

Writer = Callable[[Mapping[str, Any]], list[str]]


def number(decimals: int) -> Callable[[int | Decimal], str]:
    """How a column with ``decimals`` (2 at least) is written: integers are cents, the rest is exact."""
    zeros = "0" * (decimals - 2)

    def write(value: int | Decimal) -> str:
        if type(value) is int:
            sign, cents = ("-", -value) if value < 0 else ("", value)
            return f"{sign}{cents // 100},{cents % 100:02d}{zeros}"
        return exact(Decimal(value), decimals)

    return write


def exact(value: Decimal, decimals: int) -> str:
    """A decimal number; raises :class:`ValueError` where it has more decimals than the column."""
    written = f"{value:.{decimals}f}"
    if Decimal(written) != value:
        raise ValueError(f"{value} has more than {decimals} decimals")
    return written.replace(".", ",")


def cell(column: Column) -> Callable[[Any], str] | None:
    """How one column is written; None: a text, as it is."""
    if not column.numeric:
        return None
    return number(column.size) if column.size else str


def line_writer(table: Table, before: int = len(KEY)) -> Writer:
    """A function from a row (column → value, what is unset left out) to the cells of ``table`` after its
    first ``before`` columns."""
    columns = table.columns[before:]
    places = {column.name: (place, cell(column)) for place, column in enumerate(columns)}
    empty = [""] * len(columns)

    def write(row: Mapping[str, Any]) -> list[str]:
        cells = empty.copy()
        try:
            for name, value in row.items():
                place, form = places[name]
                cells[place] = value if form is None else form(value)
        except KeyError as error:
            raise ValueError(f"{table.file} has no {error}") from error
        return cells

    return write
