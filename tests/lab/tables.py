"""Tables and figures that a run shows at its end, whether it was told to be verbose or not."""

_ROWS: dict[str, list[tuple[str, ...]]] = {}


def row(title: str, head: tuple[str, ...], *cells: str) -> None:
    """One row more of the table with this title."""
    _ROWS.setdefault(title, [head]).append(cells)


def shown() -> list[str]:
    """All tables, as text."""
    lines: list[str] = []
    for title, rows in _ROWS.items():
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines += ["", title]
        lines += [
            "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip() for cells in rows
        ]
    return lines
