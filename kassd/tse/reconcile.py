"""The TSE's log against the journal (L-044): each finish has one Vorgang, each signed Vorgang one finish.

Pure. Messages are looked at by signature counter. What the journal says of a call must be what the TSE has
logged: operation, number, counter, time, signature, process type and data. An outage receipt (TSE_TA_FEHLER)
needs no finish; if its own transaction was finished after all, the journal has it as ``tse.late``.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from kassd.core.fact import Fact
from kassd.core.facts import SaleFinished, SaleNumbered, TseFinished, TseLate, TseStarted
from kassd.core.verdict import Finding
from kassd.deferred import dataclass
from kassd.tse.log.messages import LogMessage, TransactionData
from kassd.tse.log.times import to_iso

Answer = TseStarted | TseFinished | TseLate
NAMES = {"start": "Beginn", "update": "Aktualisierung", "finish": "Ende"}


class Logged(NamedTuple):
    """A transaction log message. ``time`` as facts write it, ``signature`` base64."""

    counter: int
    operation: str
    number: int
    client: str
    process_type: str
    process_data: bytes
    time: str
    signature: str


def logged(message: LogMessage) -> Logged | None:
    """Reduce a message; None if it belongs to no transaction."""
    data = message.data
    if not isinstance(data, TransactionData):
        return None
    return Logged(
        message.signature_counter,
        data.operation,
        data.transaction_number,
        data.client_id,
        data.process_type or "",
        data.process_data,
        to_iso(message.time),
        b64encode(message.signature).decode(),
    )


@dataclass(slots=True)
class _Vorgang:
    number: int = 0
    process_type: str = ""
    process_data: str = ""
    ended: bool = False
    outage: bool = False
    finishes: list[TseFinished | TseLate] = field(default_factory=list)


def operation_of(answer: Answer) -> str:
    """Which call of the TSE a fact is the answer to."""
    if isinstance(answer, TseLate):
        return answer.operation
    return "start" if isinstance(answer, TseStarted) else "finish"


def is_logged(answer: Answer) -> bool:
    """Whether the fact carries a signature; the start of an orphan was never read."""
    return bool(answer.signature)


@dataclass(frozen=True, slots=True)
class Period:
    """What is compared. ``log``: messages by counter, those above ``after`` for the first time; ``facts``: of
    the journal lines compared for the first time, all answers with counters within ``log``, and the
    ``sale.numbered`` of their Vorgänge; ``later``: counters of finishes that later lines name; ``pending``:
    transactions whose finish the journal does not know yet and waits for; ``began``: when this journal was
    created (RFC 3339 UTC); what the TSE finished before is another one's."""

    serial_number: str
    client_id: str
    after: int
    log: Mapping[int, Logged]
    facts: Iterable[Fact]
    later: Collection[int] = ()
    pending: Collection[int] = ()
    began: str = ""


def reconcile(period: Period) -> Iterator[Finding]:
    """Everything that contradicts; each finding is an error."""
    sales: dict[str, _Vorgang] = {}
    started: set[int] = set()
    finished = set(period.later)
    answers: list[Answer] = []
    for fact in period.facts:
        if isinstance(fact, Answer):
            ours = fact.serial_number == period.serial_number  # and not that of a TSE replaced since
            answers += [fact] if ours else []
            if not isinstance(fact, TseStarted) and operation_of(fact) == "finish":
                finished |= {fact.signature_counter} if ours else set()
                sales.setdefault(fact.sale, _Vorgang()).finishes.append(fact)
            elif ours:
                started.add(fact.transaction_number)
        elif isinstance(fact, SaleNumbered):
            sale = sales.setdefault(fact.sale, _Vorgang())
            sale.number, sale.process_type, sale.process_data = (
                fact.number,
                fact.process_type,
                fact.process_data,
            )
        elif isinstance(fact, SaleFinished):
            sale = sales.setdefault(fact.sale, _Vorgang())
            sale.number, sale.ended, sale.outage = fact.number, True, bool(fact.outage)
    for answer in answers:
        if is_logged(answer):
            yield from _compare(answer, sales.get(answer.sale), period)
    for key, sale in sales.items():
        yield from _count(key, sale)
    yield from _owners(period, finished, started)


def _error(name: str, where: str, message: str) -> Finding:
    return Finding(name, "error", where, message)


def _compare(answer: Answer, sale: _Vorgang | None, period: Period) -> Iterator[Finding]:
    """One answer of the journal with the message of its counter."""
    operation, number = operation_of(answer), answer.transaction_number
    where = f"Transaktion {number}, Zähler {answer.signature_counter}"
    found = period.log.get(answer.signature_counter)
    if found is None:
        same = (m for m in period.log.values() if (m.operation, m.number) == (operation, number))
        if (other := next(same, None)) is not None:
            text = f"{NAMES[operation]}: der Signaturzähler der TSE ist {other.counter}"
            yield _error("counter_differs", where, text)
        else:
            text = f"{NAMES[operation]} steht im Journal, aber nicht im Protokoll der TSE"
            yield _error("message_missing", where, text)
        return
    process = ("", "") if operation == "start" else ("", "") if sale is None else _process(sale)
    pairs = (
        ("operation_differs", "Vorgang", operation, found.operation),
        ("number_differs", "Transaktionsnummer", number, found.number),
        ("client_differs", "Kassenkennung", period.client_id, found.client),
        ("time_differs", "Zeit", answer.log_time, found.time),
        ("signature_differs", "Signatur", answer.signature, found.signature),
        ("type_differs", "Art der Prozessdaten", process[0], found.process_type.strip()),
        ("data_differs", "Prozessdaten", process[1].encode(), found.process_data),
    )
    for name, what, journal, log in pairs:
        if journal != log:
            yield _error(name, where, f"{NAMES[operation]}: {what} im Journal und in der TSE weichen ab")


def _process(sale: _Vorgang) -> tuple[str, str]:
    return sale.process_type, sale.process_data


def _count(key: str, sale: _Vorgang) -> Iterator[Finding]:
    """A signed Vorgang has one finish, an outage receipt at most one that came late."""
    where, count = f"Beleg {sale.number or key}", len(sale.finishes)
    if count > 1:
        yield _error("vorgang_finished_twice", where, f"der Vorgang hat {count} signierte Enden")
    elif sale.ended and not sale.outage and not count:
        text = "der Vorgang hat weder ein signiertes Ende noch einen Ausfallvermerk"
        yield _error("vorgang_without_finish", where, text)


def _owners(period: Period, finished: Collection[int], started: Collection[int]) -> Iterator[Finding]:
    """Each new finish of ours belongs to a Vorgang, and is its transaction's only one."""
    new = [
        message
        for message in period.log.values()
        if message.operation == "finish"
        and message.client == period.client_id
        and message.counter > period.after
        and message.time >= period.began
    ]
    times = Counter(message.number for message in new)
    for message in new:
        where = f"Transaktion {message.number}, Zähler {message.counter}"
        if times[message.number] > 1:
            yield _error("transaction_finished_twice", where, "die TSE hat die Transaktion mehrfach beendet")
        if message.counter in finished or message.number in period.pending:
            continue
        if message.number in started:
            text = "die TSE hat die Transaktion beendet, der Vorgang weiß nichts davon"
            yield _error("finish_not_adopted", where, text)
        else:
            yield _error("finish_without_vorgang", where, "zu dieser Transaktion gibt es keinen Vorgang")
