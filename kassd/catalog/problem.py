"""What is wrong with a file: every place at once, each as a German sentence."""

from dataclasses import dataclass
from typing import Any

from kassd.core.lettering import printable
from kassd.errors import DataError

SHOWN = 100
MAX_VALUE = 40


def letters(column: int) -> str:
    """Name of a column as spreadsheets show it: 0 → ``A``, 26 → ``AA``."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True, slots=True)
class Problem:
    """``text``: what is wrong and what to do. ``row`` counts from 1 as the spreadsheet shows it, 0: the whole
    file; ``column`` from 0, -1: the whole row; ``title``: stands above it; ``value``: stands there."""

    text: str
    sheet: str = ""
    row: int = 0
    column: int = -1
    title: str = ""
    value: str = ""

    @property
    def where(self) -> str:
        """``Blatt „Artikel“, Zeile 12, Spalte C („Preis“)``; '' for the whole file."""
        parts = [f"Blatt „{self.sheet}“"] if self.sheet else []
        parts += [f"Zeile {self.row}"] if self.row else []
        if self.column >= 0:
            title = f" („{self.title}“)" if self.title else ""
            parts.append(f"Spalte {letters(self.column)}{title}")
        return ", ".join(parts)

    def __str__(self) -> str:
        value = f"„{self.value}“: " if self.value else ""
        where = f"{self.where}: " if self.where else ""
        return f"{where}{value}{printable(self.text)}"


class FileRefused(DataError):
    """A file of articles is refused as a whole; ``problems`` has every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        rows = [str(problem) for problem in problems[:SHOWN]]
        more = len(problems) - len(rows)
        rows += [f"… und {more} weitere"] if more else []
        super().__init__("\n".join(rows))


def quoted(value: Any) -> str:
    """A cell's value, short and printable, for a sentence."""
    text = "" if value is None else str(value)
    short = text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
    return printable(short)
