"""Cells put by hand into an export, and what is found then."""

from pathlib import Path

from kassd.fiscal.audit import audit
from tests.fiscal.audit.mutators import cells, lines, write


def put(folder: Path, file: str, number: int, **changes: str) -> None:
    """Change cells of a row; ``number`` counts from the file's first row, -1 is its last."""
    head, *rows = lines(folder / file)
    names, row = head.split(";"), cells(rows[number])
    for name, text in changes.items():
        row[names.index(name)] = text
    rows[number] = ";".join(row)
    write(folder / file, [head, *rows])


def found(folder: Path) -> dict[str, str]:
    """Of each check found, the first message; with the archives."""
    findings = audit(folder, sorted(folder.parent.glob("*.tar"))).verdict.findings
    return {each.id: each.message for each in reversed(findings)}


def first(folder: Path, file: str, **cell: str) -> int:
    """Place of the first row with these cells."""
    head, *rows = lines(folder / file)
    names = head.split(";")
    return next(
        place
        for place, row in enumerate(rows)
        if all(cells(row)[names.index(name)] == text for name, text in cell.items())
    )
