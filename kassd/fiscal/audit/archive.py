"""The TSE's own archive beside the CSV (E2, E3, E10 to E12, E14)."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kassd.core.verdict import Finding
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.ledger import Ledger
from kassd.fiscal.audit.security import ModuleRow, digest_of
from kassd.tse.log.algorithms import ALGORITHMS
from kassd.tse.log.certificates import TseCertificate
from kassd.tse.log.messages import LogMessage, TransactionData
from kassd.tse.log.times import to_iso
from kassd.tse.log.verify import verify_tar

FILE = "transactions_tse.csv"
BACKWARDS_MS = 120_000
HOUR_MS = 3_600_000
NEAR = 3  # receipts before and after
BATCH = 2000
DATA_KEPT = 400


@dataclass(slots=True)
class Archive:
    """What was read of one archive; its transactions lie in the database at ``rows``."""

    path: Path
    rows: Path
    checked: int = 0
    findings: tuple[Finding, ...] = ()
    modules: set[tuple[str, str, str]] = field(default_factory=set)  # serial, algorithm, time format
    certificates: dict[str, set[bytes]] = field(default_factory=dict)  # serial → SHA-256 of each


def read_archive(path: Path, rows: Path, roots: Sequence[bytes], signatures: bool) -> Archive:
    """Verify an archive and write its transactions to a database of their own, for the ledger to take."""
    archive, batch = Archive(path, rows), list[tuple[object, ...]]()
    with closing(sqlite3.connect(rows)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE TABLE log (serial, operation, number, counter, time, client, type, data, digest,"
            " signature, place)"
        )

        def flush() -> None:
            connection.executemany("INSERT INTO log VALUES (?,?,?,?,?,?,?,?,?,?,?)", batch)
            batch.clear()

        def observe(message: LogMessage | TseCertificate, place: str) -> None:
            if isinstance(message, TseCertificate):
                known = archive.certificates.setdefault(message.serial.hex(), set())
                known.add(hashlib.sha256(message.der).digest())
                return
            name = (
                ALGORITHMS[message.algorithm].name if message.algorithm in ALGORITHMS else message.algorithm
            )
            archive.modules.add((message.serial.hex(), name, message.time_format))
            if isinstance(message.data, TransactionData):
                batch.append(_row(message, message.data, place))
                if len(batch) >= BATCH:
                    flush()

        verdict = verify_tar(path, roots=roots, observe=observe, signatures=signatures)
        flush()
        connection.commit()
    archive.checked = verdict.checked
    archive.findings = tuple(each for each in verdict.findings if each.severity != "info")
    return archive


def _row(message: LogMessage, data: TransactionData, place: str) -> tuple[object, ...]:
    kind = data.process_type or ""
    return (
        message.serial.hex(),
        data.operation,
        data.transaction_number,
        message.signature_counter,
        message.time,
        data.client_id,
        kind,
        data.process_data[:DATA_KEPT].decode("utf-8", "replace"),
        digest_of(data.client_id, kind, data.process_data),
        hashlib.blake2b(message.signature, digest_size=8).digest(),
        place,
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """What the CSV claims to have: by client, between what times (unix ms) every transaction; the TSEs it
    names, by serial."""

    bounds: dict[str, tuple[int, int]]
    modules: dict[str, ModuleRow]

    def has(self, client: str, time: int) -> bool:
        """Whether a transaction must be in the CSV."""
        first, last = self.bounds.get(client, (1, 0))
        return first <= time <= last


def check_transactions(ledger: Ledger, covered: frozenset[str], found: Findings) -> None:
    """The CSV by itself: numbers and counters of each TSE (E2, E3). ``covered``: TSEs with an archive."""
    twice = """SELECT a.row, a.number, b.row, a.serial FROM tse a JOIN tse b ON a.serial = b.serial
      AND a.number = b.number AND b.row < a.row WHERE a.number >= 0 AND a.serial != '' ORDER BY a.row"""
    for row, number, first, _ in ledger.ask(twice):
        found.add("E2", FILE, row, f"Transaktionsnummer {number} steht schon in Zeile {first}")
    query = "SELECT number, bon, row FROM tse WHERE serial = ? AND number >= 0 ORDER BY number"
    for (serial,) in list(ledger.ask("SELECT DISTINCT serial FROM tse WHERE serial != ''")):
        if serial not in covered:
            _check_gaps(ledger, serial, query, found)
        _check_counters(ledger, serial, found)


def _check_gaps(ledger: Ledger, serial: str, query: str, found: Findings) -> None:
    """Missing numbers: each outage without a number may have cost one, begun and never answered."""
    before, bon_before = -1, -1
    for number, bon, row in list(ledger.ask(query, serial)):
        missing = number - before - 1
        if before >= 0 and missing > 0:
            low, high = sorted((bon_before, bon))
            silent = "SELECT count(*) FROM tse WHERE number < 0 AND fault != '' AND bon BETWEEN ? AND ?"
            ((outages,),) = ledger.ask(silent, low - missing, high + missing)
            if missing > outages:
                text = f"vor Transaktion {number} fehlen {missing} Nummern ab {before + 1}"
                found.add("E2", FILE, row, f"{text}; nur das TSE-Archiv kann sie erklären", "warning")
        before, bon_before = number, bon


def _check_counters(ledger: Ledger, serial: str, found: Findings) -> None:
    last, last_end, last_row = -1, -1, 0
    query = "SELECT counter, end, row FROM tse WHERE serial = ? AND counter >= 0 ORDER BY counter, row"
    for counter, end, row in ledger.ask(query, serial):
        if counter == last:
            found.add("E3", FILE, row, f"Signaturzähler {counter} steht schon in Zeile {last_row}")
        elif 0 <= end < last_end - BACKWARDS_MS:
            text = f"Zähler {counter} ({to_iso(end)}) ist älter als Zähler {last} ({to_iso(last_end)})"
            found.add("E3", FILE, row, text)
        last, last_end, last_row = counter, end, row


def check_archives(ledger: Ledger, archives: Sequence[Archive], scope: Scope, found: Findings) -> None:
    """CSV and archives against each other, both ways (E10 to E12, E14)."""
    for archive in archives:
        for each in archive.findings:
            text = f"{each.message} [{each.id}]"
            where = f"{archive.path.name}: {each.where}" if each.where else archive.path.name
            found.add("E14", where, 0, text, each.severity)
        _check_modules(archive, scope, found)
    serials = {serial for archive in archives for serial, _, _ in archive.modules}
    for serial in sorted(set(scope.modules) - serials):
        ((count,),) = ledger.ask("SELECT count(*) FROM tse WHERE serial = ? AND counter >= 0", serial)
        if count:
            found.add(
                "E11", FILE, 0, f"zur TSE {serial[:16]}… ({count} Zeilen) liegt kein Archiv vor", "warning"
            )
    for serial in sorted(serials & set(scope.modules)):
        _check_missing(ledger, serial, found)
        _check_unexplained(ledger, serial, scope, found)
        _check_pairs(ledger, serial, found)
    _check_clients(ledger, scope, found)


def _check_modules(archive: Archive, scope: Scope, found: Findings) -> None:
    for serial, algorithm, time_format in sorted(archive.modules):
        known = scope.modules.get(serial)
        if known is None:
            continue
        if known.algorithm != algorithm:
            found.differs("E10", "tse.csv", known.row, "TSE_SIG_ALGO", algorithm, known.algorithm)
        if known.time_format.removesuffix("WithSeconds") != time_format.removesuffix("WithSeconds"):
            found.differs("E10", "tse.csv", known.row, "TSE_ZEITFORMAT", time_format, known.time_format)
        certificates = archive.certificates.get(serial)
        if certificates and known.certificate and known.certificate not in certificates:
            found.add("E8", "tse.csv", known.row, "das Zertifikat ist nicht das im TSE-Archiv")


def _check_missing(ledger: Ledger, serial: str, found: Findings) -> None:
    query = """SELECT t.row, t.number, t.counter FROM tse t WHERE t.serial = ? AND t.counter >= 0
      AND NOT EXISTS (SELECT 1 FROM log l
      WHERE l.serial = t.serial AND l.number = t.number AND l.operation = 'finish')
      ORDER BY t.row"""
    for row, number, counter in ledger.ask(query, serial):
        text = f"das TSE-Archiv hat kein Ende der Transaktion {number} (Zähler {counter})"
        found.add("E11", FILE, row, text)


def _check_unexplained(ledger: Ledger, serial: str, scope: Scope, found: Findings) -> None:
    finished = """SELECT l.number, l.counter, l.time, l.type, l.data, l.client, l.place FROM log l
      WHERE l.serial = ? AND l.operation = 'finish' AND NOT EXISTS (SELECT 1 FROM tse t
      WHERE t.serial = l.serial AND t.number = l.number AND t.counter >= 0) ORDER BY l.counter"""
    for number, counter, time, kind, data, client, place in ledger.ask(finished, serial):
        if scope.has(client, time):
            what = f"Transaktion {number} (Zähler {counter}, {to_iso(time)}, {kind} {shown(data)})"
            found.add("E11", place, 0, f"{what} steht nicht in der CSV")
    begun = """SELECT l.number, l.time, l.client, l.place FROM log l
      WHERE l.serial = ? AND l.operation = 'start' AND NOT EXISTS (SELECT 1 FROM log f
      WHERE f.serial = l.serial AND f.number = l.number AND f.operation = 'finish')
      AND NOT EXISTS (SELECT 1 FROM tse t WHERE t.number = l.number AND t.fault != ''
      AND t.serial IN ('', l.serial)) ORDER BY l.counter"""
    for number, time, client, place in ledger.ask(begun, serial):
        if scope.has(client, time) and not _outage_at(ledger, time):
            text = f"Transaktion {number} ({to_iso(time)}) ist begonnen und nie beendet, ohne Ausfall"
            found.add("E11", place, 0, text, "warning")


def _outage_at(ledger: Ledger, time: int) -> bool:
    """Whether a Vorgang around this time says that the TSE did not answer."""
    around = "SELECT min(bon), max(bon) FROM tse WHERE end BETWEEN ? AND ?"
    ((low, high),) = ledger.ask(around, time - HOUR_MS, time + HOUR_MS)
    if low is None:
        return False
    silent = "SELECT 1 FROM tse WHERE fault != '' AND number < 0 AND bon BETWEEN ? AND ? LIMIT 1"
    return any(True for _ in ledger.ask(silent, low - NEAR, high + NEAR))


def _check_pairs(ledger: Ledger, serial: str, found: Findings) -> None:
    query = """SELECT t.row, t.number, t.counter, l.counter, t.end, l.time,
        coalesce(t.digest, l.digest) = l.digest, t.signature = l.signature, t.start, s.time,
        l.type, l.data, l.client
      FROM tse t JOIN log l ON l.serial = t.serial AND l.number = t.number AND l.operation = 'finish'
      LEFT JOIN log s ON s.serial = t.serial AND s.number = t.number AND s.operation = 'start'
      WHERE t.serial = ? AND t.counter >= 0 AND NOT (t.counter = l.counter AND t.end = l.time AND
      coalesce(t.digest, l.digest) = l.digest AND t.signature = l.signature AND
      t.start = coalesce(s.time, t.start)) ORDER BY t.row"""
    for (
        row,
        number,
        counter,
        log_counter,
        end,
        time,
        same,
        signed,
        start,
        began,
        kind,
        data,
        client,
    ) in ledger.ask(query, serial):
        for what, expected, stands in _differences(
            (("TSE_TA_SIGZ", log_counter, counter), ("TSE_TA_ENDE", _iso(time), _iso(end))),
            (("TSE_TA_START", _iso(began), _iso(start)),) if began is not None else (),
        ):
            found.differs(
                "E11", FILE, row, f"{what} der Transaktion {number} nach dem TSE-Archiv", expected, stands
            )
        if not signed:
            found.add(
                "E11", FILE, row, f"die Signatur der Transaktion {number} ist nicht die des TSE-Archivs"
            )
        if not same:
            logged = f"{client}, {kind}, {data}"
            text = f"Kasse, Art oder Vorgangsdaten der Transaktion {number}: im TSE-Archiv steht"
            found.add("E11", FILE, row, f"{text} {shown(logged)}")


def _differences(*groups: Sequence[tuple[str, object, object]]) -> Iterator[tuple[str, object, object]]:
    for group in groups:
        yield from (each for each in group if each[1] != each[2])


def _iso(time: int) -> str:
    return to_iso(time) if time >= 0 else ""


def _check_clients(ledger: Ledger, scope: Scope, found: Findings) -> None:
    query = """SELECT client, count(*), min(place) FROM log WHERE operation = 'finish'
      AND time BETWEEN ? AND ? GROUP BY client ORDER BY client"""
    first = min((first for first, _ in scope.bounds.values()), default=0)
    last = max((last for _, last in scope.bounds.values()), default=0)
    for client, count, place in ledger.ask(query, first, last):
        if client not in scope.bounds:
            text = f"{count} Transaktionen der Kasse {shown(client)}, die nicht in der Ausgabe ist"
            found.add("E12", place, 0, text)
