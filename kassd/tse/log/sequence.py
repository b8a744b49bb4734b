"""Plausibility of the log messages of one TSE, taken together (TR-03153, chapter on checking).

What a filter may have left out makes the difference: with a gap before a message the same observation is
a warning, without one it is an error. Warnings only are the order in which transactions begin and which
client ends them: TSEs in the field count in parallel, and let one register finish what another began.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from kassd.core.verdict import Finding, Severity
from kassd.tse.log.messages import LogMessage, SystemData, TransactionData
from kassd.tse.log.times import TimeFormat, to_iso

SHOWN = 1000  # characters


class Row(NamedTuple):
    """What the checks across messages need of one message."""

    counter: int
    time: int
    where: str
    version: int
    time_format: TimeFormat
    operation: str
    number: int
    client: str


def row(message: LogMessage, where: str) -> Row:
    """Reduce a message. ``operation`` is start, update, finish, a system operation's name or ``""``."""
    operation, number, client = "", -1, ""
    if isinstance(message.data, TransactionData):
        operation, number, client = (
            message.data.operation,
            message.data.transaction_number,
            message.data.client_id,
        )
    elif isinstance(message.data, SystemData):
        operation = message.data.operation.lower()
    return Row(
        message.signature_counter,
        message.time,
        where,
        message.version,
        message.time_format,
        operation,
        number,
        client,
    )


def check_sequence(rows: Iterable[Row]) -> Iterator[Finding]:
    """Check counters, times and transactions of one TSE's messages, given in the archive's order."""
    given = list(rows)
    ordered = sorted(given, key=lambda r: (r.counter, r.where))
    if not ordered:
        return
    yield from _describe(given, ordered[0], ordered[-1])
    complete = ordered[0].counter in (0, 1)
    previous = ordered[0]
    for current in ordered[1:]:
        gap = current.counter - previous.counter
        if gap == 0:
            text = f"der Signaturzähler {current.counter} kommt auch in {previous.where} vor"
            yield Finding("counter_duplicate", "error", current.where, text)
        elif gap > 1:
            complete = False
            text = f"davor fehlen {gap - 1} Lognachrichten ab Zähler {previous.counter + 1}"
            yield Finding("counter_gap", "warning", current.where, text)
        yield from _check_pair(previous, current, "warning" if gap > 1 else "error")
        previous = current
    yield from _check_transactions(ordered, complete)


def _describe(given: list[Row], first: Row, last: Row) -> Iterator[Finding]:
    """What the archive covers: nothing in it tells whether the TSE signed more before or after."""
    text = f"Signaturzähler {first.counter} bis {last.counter}, {to_iso(first.time)} bis {to_iso(last.time)}"
    yield Finding("counter_range", "info", first.where, text)
    moved = next((later for one, later in pairwise(given) if later.counter < one.counter), None)
    if moved is not None:
        text = f"die Nachrichten liegen nicht in der Reihenfolge ihrer Signaturzähler, sondern {_runs(given)}"
        yield Finding("members_unordered", "info", moved.where, text[:SHOWN])


def _runs(given: list[Row]) -> str:
    """Counters in the order given, those that follow each other together: ``4-6, 1-3``."""
    runs: list[list[int]] = []
    for row_ in given:
        if runs and row_.counter == runs[-1][1] + 1:
            runs[-1][1] = row_.counter
        else:
            runs.append([row_.counter, row_.counter])
    return ", ".join(f"{first}-{last}" if first != last else f"{first}" for first, last in runs)


def _check_pair(previous: Row, current: Row, severity: Severity) -> Iterator[Finding]:
    if current.time < previous.time and "updatetime" not in (current.operation, previous.operation):
        text = f"{to_iso(current.time)} liegt vor {to_iso(previous.time)} der Nachricht {previous.where}"
        yield Finding("time_backwards", severity, current.where, text)
    if current.version != previous.version:
        text = f"Version {current.version} folgt auf Version {previous.version}"
        yield Finding("version_changed", "warning", current.where, text)
    if current.time_format != previous.time_format:
        text = f"Zeitformat {current.time_format} folgt auf {previous.time_format}"
        yield Finding("time_format_changed", "warning", current.where, text)


def _check_transactions(ordered: list[Row], complete: bool) -> Iterator[Finding]:
    open_by_number: dict[int, Row] = {}
    finished: set[int] = set()
    clients: dict[int, str] = {}
    started: dict[int, Row] = {}
    last_started: int | None = None
    for current in ordered:
        number = current.number
        if number < 0:
            continue
        if current.operation == "start":
            yield from _check_start(current, last_started, clients)
            started.setdefault(number, current)
            last_started = number if last_started is None else max(last_started, number)
            clients[number] = current.client
            open_by_number[number] = current
            continue
        if number in finished:
            text = f"Transaktion {number} war schon beendet"
            yield Finding("transaction_after_finish", "error", current.where, text)
        elif number not in clients:
            severity: Severity = "error" if complete else "warning"
            text = f"der Beginn der Transaktion {number} fehlt"
            yield Finding("transaction_no_start", severity, current.where, text)
        known = clients.setdefault(number, current.client)
        if known != current.client:
            text = f"Transaktion {number} gehört dem Client {known!r}, nicht {current.client!r}"
            yield Finding("transaction_client", "warning", current.where, text)
        if current.operation == "finish":
            finished.add(number)
            open_by_number.pop(number, None)
    for before, number in pairwise(sorted(started)):
        if number > before + 1:
            text = f"zwischen Transaktion {before} und {number} fehlen Nummern"
            yield Finding("transaction_gap", "warning", started[number].where, text)
    for row_ in open_by_number.values():
        text = f"Transaktion {row_.number} ist nicht beendet"
        yield Finding("transaction_open", "info", row_.where, text)


def _check_start(current: Row, last: int | None, clients: dict[int, str]) -> Iterator[Finding]:
    number = current.number
    if number in clients:
        text = f"Transaktion {number} beginnt zum zweiten Mal oder nach ihrem Ende"
        yield Finding("transaction_duplicate", "error", current.where, text)
    elif last is not None and number < last:
        text = f"Transaktion {number} beginnt nach Transaktion {last}"
        yield Finding("transaction_order", "warning", current.where, text)
