"""From a journal's lines to closings: which of them are wanted, where to begin, one pass."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from kassd.fiscal.rows.bon import Json
from kassd.fiscal.rows.closing import ClosingRows, Sums, closing_rows
from kassd.fiscal.rows.fold import Fold
from kassd.fiscal.rows.problem import ExportBlocked, Problem
from kassd.fiscal.rows.receipt import receipt_rows
from kassd.fiscal.rows.seal import Late
from kassd.journal.stream import Start, last_start, raw_lines, start_of_closing

WANTED = re.compile(
    rb'"kind":"(?:sale\.|tse\.|till\.closed|config\.changed|register\.started|operator\.changed|place\.changed'
    rb"|reference\.added|receipt\.corrected|receipt\.invoiced|paper\.captured)"
)
DAY = timedelta(days=1)
_decode = json.JSONDecoder().decode


@dataclass(frozen=True, slots=True)
class Period:
    """Closings wanted: of the business days ``first`` to ``last``, or with the numbers ``first_number`` to
    ``last_number``; both ends count, None is open."""

    first: date | None = None
    last: date | None = None
    first_number: int | None = None
    last_number: int | None = None

    def has(self, business_day: str, number: int) -> bool:
        """Whether a closing belongs to it."""
        day = date.fromisoformat(business_day)
        return (
            (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
            and (self.first_number is None or self.first_number <= number)
            and (self.last_number is None or number <= self.last_number)
        )

    def is_over(self, business_day: str, number: int) -> bool:
        """Whether no closing after this one can belong to it; a clock may have been two days fast."""
        if self.last_number is not None and number >= self.last_number:
            return True
        return self.last is not None and date.fromisoformat(business_day) > self.last + 2 * DAY

    def __str__(self) -> str:
        if self.first_number is not None or self.last_number is not None:
            return f"Abschluss {self.first_number or 1} bis {self.last_number or 'heute'}"
        begin = "Beginn" if self.first is None else f"{self.first:%d.%m.%Y}"
        end = "heute" if self.last is None else f"{self.last:%d.%m.%Y}"
        return f"{begin} bis {end}"


ALL = Period()
Progress = Callable[[int], None]


def closings(
    directory: Path, period: Period = ALL, progress: Progress = lambda seq: None
) -> Iterator[ClosingRows]:
    """The closings of a journal in their order; each is to be used up before the next is asked for.

    Reads beside a running daemon. ``progress`` is told the line that has been read, now and then. Raises
    :class:`~kassd.fiscal.rows.problem.ExportBlocked` where something cannot be exported as it is, and where
    the period has no closing at all.
    """
    start = _start(directory, period)
    fold = Fold.after(_closing_of(start), directory) if start.closing else Fold()
    count = 0
    for closing in _wanted(directory, start, fold, period, progress):
        count += 1
        yield closing
        closing.close()
    if not count:
        told = (
            f"Im Zeitraum {period} gibt es keinen Kassenabschluss. Bitte einen anderen Zeitraum wählen oder "
            "die Kasse erst abschließen (till.close): exportiert wird, was abgeschlossen ist."
        )
        raise ExportBlocked([Problem("", told)])


def _start(directory: Path, period: Period) -> Start:
    if period.first_number is not None:
        return start_of_closing(directory, period.first_number)
    if period.first is not None:
        return last_start(directory, (period.first - DAY).isoformat())
    return Start(0, b"")


def _closing_of(start: Start) -> dict[str, object]:
    facts = json.loads(start.closing)["facts"]
    data: dict[str, object] = next(fact["data"] for fact in facts if fact["kind"] == "till.closed")
    return data


def _lines(directory: Path, start: Start) -> Iterator[tuple[int, list[Json], list[Json]]]:
    """Seq, facts and wishes of the lines of the period that begins there. Where new tax rates close by
    themselves, the next period begins in the closing's own line, behind it: with the opening, and
    the Vorgang that goes on."""
    if start.closing:
        line = _decode(start.closing.decode())
        kinds = [fact["kind"] for fact in line["facts"]]
        yield line["seq"], line["facts"][kinds.index("till.closed") + 1 :], line["wishes"]
    for seq, raw in enumerate(raw_lines(directory, start.seq), start.seq):
        if WANTED.search(raw) is not None:
            line = _decode(raw.decode())
            yield seq, line["facts"], line["wishes"]


def _wanted(
    directory: Path, start: Start, fold: Fold, period: Period, progress: Progress
) -> Iterator[ClosingRows]:
    """Fold the lines from ``start``, where a period begins. What is wrong with a closing that is not wanted
    does not matter."""
    late, sums = Late(directory), Sums()
    for seq, facts, wishes in _lines(directory, start):
        for fact in facts:
            kind, data = fact["kind"], fact["data"]
            if kind == "sale.finished":
                _finished(fold, sums, data, seq)
            elif kind == "till.closed":
                day, number = data["business_day"], data["number"]
                if period.has(day, number):
                    late.known(fold.late, seq)
                    yield closing_rows(fold, sums, data, seq, late)
                if period.is_over(day, number):
                    return
                sums.receipts.close()
                sums = Sums()
                fold.closed()
                progress(seq)
            else:
                fold.fact(kind, data)
        fold.wishes(wishes)


def _finished(fold: Fold, sums: Sums, data: Json, seq: int) -> None:
    bon = fold.bons.pop(data["sale"])
    storno = bool(fold.config.get("fiscal.bon_storno", False))
    try:
        sums.add(receipt_rows(bon, data, seq, fold.keys(), storno, f"Beleg {data['number']}"))
    except ExportBlocked as blocked:
        sums.problems += blocked.problems
