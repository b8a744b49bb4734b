"""The files and columns of DSFinV-K as data, one JSON file per version.

A column's type is written as in the standard's tables: ``a50`` text of at most 50 characters, ``n2`` a number
with 2 decimals, ``*`` a field that must be filled (Anhang G) where its row exists at all.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

KEY = ("Z_KASSE_ID", "Z_ERSTELLUNG", "Z_NR")
VERSIONS = ("2.4",)


@dataclass(frozen=True, slots=True)
class Column:
    """``size``: most characters of a text, decimals of a number. ``required``: Mussfeld."""

    name: str
    numeric: bool
    size: int
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """One file; ``name`` as index.xml and the standard's text call it (``Bonkopf``)."""

    file: str
    name: str
    columns: tuple[Column, ...]

    @property
    def stem(self) -> str:
        """The file's name without ``.csv``; rows are known by it."""
        return self.file.removesuffix(".csv")


@dataclass(frozen=True, slots=True)
class Layout:
    """A version of the standard; closings from ``first_day`` (ISO date) on are written in it."""

    version: str
    first_day: str
    tables: tuple[Table, ...]

    def table(self, stem: str) -> Table:
        """The table of ``transactions.csv`` by ``transactions``."""
        return next(table for table in self.tables if table.stem == stem)


def layout_of(day: str) -> Layout:
    """The version in which a closing of ``day`` (ISO date, or a time that begins with it) is written."""
    fitting = [layout for layout in layouts() if layout.first_day <= day[:10]]
    return fitting[-1] if fitting else layouts()[0]


@cache
def layouts() -> tuple[Layout, ...]:
    """All versions, the oldest first."""
    return tuple(_read(version) for version in VERSIONS)


def _read(version: str) -> Layout:
    text = (files("kassd.fiscal") / f"dsfinvk-{version}.json").read_text(encoding="utf-8")
    data = json.loads(text)
    tables = tuple(
        Table(table["file"], table["name"], tuple(_column(*column) for column in table["columns"]))
        for table in data["tables"]
    )
    return Layout(data["version"], data["first_day"], tables)


def _column(name: str, kind: str, description: str) -> Column:
    return Column(name, kind[0] == "n", int(kind[1:].rstrip("*")), kind.endswith("*"), description)
