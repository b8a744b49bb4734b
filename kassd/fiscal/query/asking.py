"""A question to one table, without SQL: filter, group, sum, sort."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from kassd.errors import DataError
from kassd.fiscal.query.reader import VIEWS, Records
from kassd.fiscal.query.views import Column, View

OPERATORS = {
    "=": "=",
    "==": "=",
    "!=": "<>",
    "<>": "<>",
    "<=": "<=",
    ">=": ">=",
    "<": "<",
    ">": ">",
    "~": "~",
}
_CONDITION = re.compile(r"\s*(\w+)\s*(<=|>=|<>|!=|==|=|<|>|~)\s*(.*?)\s*", re.DOTALL)
SCALES = {"euro": 100, "quantity": 1000, "number": 1, "flag": 1}
MAX_NUMBER = 2**63 - 1
COUNT = Column("anzahl", "number", "Zahl der Zeilen")


@dataclass(frozen=True, slots=True)
class Condition:
    """``column`` compared with ``value`` as typed. ``~``: contains, upper or lower case alike."""

    column: str
    operator: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """``summe >= 100,00``, ``bon_typ = Beleg``, ``grund ~ bruch``."""
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise DataError(f"Bedingung „{text}“: erwartet wird SPALTE OPERATOR WERT, z. B. „summe >= 100“.")
        return cls(found[1].lower(), OPERATORS[found[2]], found[3])


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. ``columns`` empty: all. With ``group`` or ``sums`` rows are put together: one for each
    value of the columns of ``group``, with their number and the sums. ``order``: columns, ``-name``
    descending. ``first`` and ``last``: days, both included. ``limit`` 0: all."""

    table: str
    columns: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    group: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    limit: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """``rows`` come one by one; values as the columns' kinds say, None: nothing there."""

    columns: tuple[Column, ...]
    rows: Iterator[tuple[str | int | None, ...]]


def ask(records: Records, query: Query) -> Answer:
    """Answer a question. Raises :class:`DataError` in German where it names what is not there."""
    view = VIEWS.get(query.table)
    if view is None:
        raise DataError(f"Die Tabelle „{query.table}“ gibt es nicht. Es gibt: {', '.join(VIEWS)}.")
    columns = tuple(_column(view, name) for name in query.columns) or view.columns
    shown = [column.name for column in columns]
    order = query.order
    if query.group or query.sums:
        if query.columns:
            raise DataError("--columns geht nicht zusammen mit --group oder --sum.")
        columns, shown = _grouped(view, query)
        order = order or query.group
    where, values = _where(view, query)
    sql = f"SELECT {', '.join(shown)} FROM {view.name}{where}"
    if query.group:
        sql += f" GROUP BY {', '.join(_column(view, name).name for name in query.group)}"
    grouped = bool(query.group or query.sums)
    sql += _order(columns if grouped else view.columns, order, "" if grouped else view.order)
    if query.limit:
        sql += f" LIMIT {query.limit:d}"
    return Answer(columns, records.rows(records.select(sql, tuple(values))))


def _grouped(view: View, query: Query) -> tuple[tuple[Column, ...], list[str]]:
    by = [_column(view, name) for name in query.group]
    sums = [_column(view, name) for name in query.sums]
    for column in sums:
        if column.kind not in ("euro", "quantity", "number"):
            raise DataError(f"Die Spalte „{column.name}“ hat keine Zahlen, die man summieren kann.")
    shown = [column.name for column in by] + [f"count(*) AS {COUNT.name}"]
    shown += [f"coalesce(sum({column.name}), 0) AS {column.name}" for column in sums]
    return (*by, COUNT, *sums), shown


def _column(view: View, name: str) -> Column:
    for column in view.columns:
        if column.name == name.lower():
            return column
    names = ", ".join(column.name for column in view.columns)
    raise DataError(f"Die Tabelle {view.name} hat keine Spalte „{name}“. Sie hat: {names}.")


def _where(view: View, query: Query) -> tuple[str, list[object]]:
    terms: list[str] = []
    values: list[object] = []
    for condition in query.where:
        column = _column(view, condition.column)
        if condition.operator == "~":
            terms.append(f"instr(fold({column.name}), ?) > 0")
            values.append(condition.value.casefold())
        elif condition.value == "" and condition.operator in ("=", "<>"):
            terms.append(f"coalesce({column.name}, '') {condition.operator} ''")
        else:
            terms.append(f"{column.name} {condition.operator} ?")
            values.append(value_of(column, condition.value))
    for operator, day in ((">=", query.first), ("<=", query.last)):
        if day is not None:
            terms.append(f"datum {operator} ?")
            values.append(day.isoformat())
    return (f" WHERE {' AND '.join(terms)}" if terms else ""), values


def value_of(column: Column, text: str) -> str | int:
    """What is typed as the column stores it: euro as cents, with decimal comma or point."""
    scale = SCALES.get(column.kind)
    if scale is None:
        return text
    try:
        number = Decimal(text.replace(",", ".")) * scale
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        whole, number = 0, Decimal("NaN")
    if whole != number or abs(whole) > MAX_NUMBER:
        raise DataError(f"Spalte {column.name}: erwartet wird eine Zahl, z. B. 12,50, nicht „{text}“.")
    return whole


def _order(columns: Sequence[Column], order: Sequence[str], default: str) -> str:
    names = {column.name for column in columns}
    terms = []
    for name in order:
        bare = name.removeprefix("-").lower()
        if bare not in names:
            raise DataError(f"Nach „{bare}“ kann hier nicht sortiert werden. Es gibt: {', '.join(names)}.")
        terms.append(f"{bare} DESC" if name.startswith("-") else bare)
    text = ", ".join(terms) or default
    return f" ORDER BY {text}" if text else ""
