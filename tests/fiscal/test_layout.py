"""The layout as data: what the standard has, no column more or less."""

import json

import pytest

from kassd.fiscal.layout import KEY, layout_of, layouts
from tests.fiscal.kit import VECTORS


def test_there_are_20_files_with_219_columns_and_every_row_begins_with_its_closing() -> None:
    (layout,) = layouts()
    assert layout.version == "2.4"
    assert len(layout.tables) == len({table.file for table in layout.tables}) == 20
    assert sum(len(table.columns) for table in layout.tables) == 219
    for table in layout.tables:
        assert tuple(column.name for column in table.columns[:3]) == KEY
        assert len({column.name for column in table.columns}) == len(table.columns)
        assert all(column.description for column in table.columns)


def test_columns_are_read_as_they_are_written() -> None:
    lines = {column.name: column for column in layout_of("2026-01-01").table("lines").columns}
    assert (lines["MENGE"].numeric, lines["MENGE"].size, lines["MENGE"].required) == (True, 3, True)
    assert (lines["GTIN"].numeric, lines["GTIN"].size, lines["GTIN"].required) == (False, 50, False)


@pytest.mark.parametrize("day", ["2019-12-31", "2026-11-22", "2026-11-22T18:00:00+01:00", "2999-01-01"])
def test_a_closing_s_day_tells_the_version(day: str) -> None:
    assert layout_of(day).version == "2.4"


@pytest.mark.skipif(not VECTORS.is_dir(), reason="folder ../shared/vectors is absent")
def test_the_columns_are_those_of_the_published_structure() -> None:
    published = json.loads((VECTORS / "structure-2.4" / "layout.json").read_text(encoding="utf-8"))
    ours = {
        table.file: [
            table.name,
            [
                [c.name, "n" if c.numeric else "a", 0 if c.numeric else c.size, c.size if c.numeric else -1]
                for c in table.columns
            ],
        ]
        for table in layout_of("2026-01-01").tables
    }
    assert ours == published
    assert list(ours) == list(published)
