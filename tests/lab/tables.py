"""Tables and figures that a run shows at its end, whether it was told to be verbose or not.

A row belongs to the test that is running. It goes into the test's report, and so out of the process that
ran it.
"""

from collections.abc import Iterable

import pytest

PROPERTY = "row"  # of a report
_rows: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []


def row(title: str, head: tuple[str, ...], *cells: str) -> None:
    """One row more of the table with this title."""
    _rows.append((title, head, cells))


def hand_over(item: pytest.Item) -> None:
    """Give the rows since the last time to the reports of this test."""
    place = item.session.items.index(item)
    item.user_properties += [(PROPERTY, (place, *one)) for one in _rows]
    _rows.clear()


def shown(reports: Iterable[pytest.TestReport]) -> list[str]:
    """All tables of these reports, as text: rows in the order of the tests, however these were shared out."""
    ended = [report for report in reports if report.when == "call"]
    found = [value for report in ended for name, value in report.user_properties if name == PROPERTY]
    tables: dict[str, list[tuple[str, ...]]] = {}
    for _, title, head, cells in sorted(found, key=lambda value: value[0]):
        tables.setdefault(title, [tuple(head)]).append(tuple(cells))
    lines: list[str] = []
    for title, rows in tables.items():
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines += ["", title]
        lines += [
            "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip() for cells in rows
        ]
    return lines
