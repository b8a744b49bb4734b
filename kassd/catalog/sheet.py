"""A table as it was read, before anything in it means something."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kassd.catalog.cells import Value

MAX_ROWS = 200_000
MAX_COLUMNS = 256
PROGRESS_EVERY = 500
Row = tuple[int, list[Value]]
Progress = Callable[[int], None]  # rows done


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows``: number as the spreadsheet shows it, and its cells. ``merged``: (first row, first column, last
    row, last column) of merged cells, rows from 1, columns from 0. ``name``: '' in CSV."""

    name: str
    rows: list[Row]
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = field(default=())

    def filled(self) -> Iterator[Row]:
        """Rows in which anything stands."""
        for number, cells in self.rows:
            if any(cell is not None and cell != "" for cell in cells):
                yield number, cells
