"""Findings of an audit: gathered in workers, joined in the order of the files, the many counted."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kassd.core.verdict import Finding, Severity
from kassd.fiscal.audit.checks import CHECKS

SHOWN_PER_ID = 20
SHOWN = 160  # characters of a value
_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


class Found(NamedTuple):
    """One thing found. ``row``: its number in the file, the header being row 1; 0 where it has none."""

    id: str
    file: str
    row: int
    text: str
    severity: Severity

    @property
    def where(self) -> str:
        """``lines.csv Zeile 12``."""
        return f"{self.file} Zeile {self.row}" if self.row else self.file


def shown(value: object) -> str:
    """A value in a sentence: shortened, line breaks visible, empty as such."""
    text = str(value)
    if not text:
        return "nichts"
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return "„" + text.replace("\r", "\\r").replace("\n", "\\n") + "“"


class Findings:
    """Takes what checks find; of each id the first ones are kept, the others counted."""

    def __init__(self) -> None:
        self.kept: list[Found] = []
        self.count: Counter[tuple[str, Severity]] = Counter()

    def add(self, id_: str, file: str, row: int, text: str, severity: Severity | None = None) -> None:
        """Take one; the severity is that of the check if none is given."""
        self.take(Found(id_, file, row, text, severity or CHECKS[id_].severity))

    def differs(self, id_: str, file: str, row: int, what: str, expected: object, stands: object) -> None:
        """Take one of the form: this is expected, that stands there."""
        self.add(id_, file, row, f"{what}: erwartet {shown(expected)}, dort steht {shown(stands)}")

    def take(self, found: Found) -> None:
        """Take one that is made already."""
        key = found.id, found.severity
        self.count[key] += 1
        if self.count[key] <= SHOWN_PER_ID:
            self.kept.append(found)

    def join(self, kept: Iterable[Found], count: Counter[tuple[str, Severity]]) -> None:
        """Take what another collector has, as if it had been found here."""
        for found in kept:
            self.take(found)
            count[(found.id, found.severity)] -= 1
        self.count += count

    def __iter__(self) -> Iterator[Found]:
        return iter(self.kept)

    def result(self) -> tuple[Finding, ...]:
        """In the verdict's form: errors first, then by check, then by place."""
        order = list(CHECKS)
        ranked = sorted(self.kept, key=lambda f: (_RANK[f.severity], order.index(f.id), f.file, f.row))
        rows = [Finding(f.id, f.severity, f.where, f.text) for f in ranked]
        rows += [
            Finding(id_, severity, "", f"{total - SHOWN_PER_ID} weitere Befunde dieser Art")
            for (id_, severity), total in sorted(self.count.items())
            if total > SHOWN_PER_ID
        ]
        return tuple(rows)
