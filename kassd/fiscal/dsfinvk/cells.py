"""Values as DSFinV-K writes them: decimal comma, the declared decimals exactly, no grouping, unset is
empty."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from kassd.fiscal.layout import KEY, Column, Table

Writer = Callable[[Mapping[str, Any]], list[str]]


def text(value: str | None) -> str:
    """A text as it is."""
    return value or ""


def whole(value: int | None) -> str:
    """A number without decimals."""
    return "" if value is None else str(value)


def number(decimals: int) -> Callable[[int | Decimal | None], str]:
    """How a column with ``decimals`` (2 at least) is written: integers are cents, the rest is exact."""
    zeros = "0" * (decimals - 2)

    def write(value: int | Decimal | None) -> str:
        if value is None:
            return ""
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


def cell(column: Column) -> Callable[[Any], str]:
    """How one column is written."""
    if not column.numeric:
        return text
    return number(column.size) if column.size else whole


def line_writer(table: Table, before: int = len(KEY)) -> Writer:
    """A function from a row (column → value) to the cells of ``table`` after its first ``before`` columns."""
    cells = [(column.name, cell(column)) for column in table.columns[before:]]
    known = frozenset(name for name, _ in cells)

    def write(row: Mapping[str, Any]) -> list[str]:
        if not known.issuperset(row):
            raise ValueError(f"{table.file} has no {sorted(row.keys() - known)}")
        get = row.get
        return [form(get(name)) for name, form in cells]

    return write
