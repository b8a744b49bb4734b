"""Our own journal as a witness (B4, D9, D12, F1, F3, G1, G2, G4, G5): what it tells of the exported closings.

Read line by line, without the register's own decoding: kinds and keys are those of ``docs/facts.md``.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kassd.fiscal.audit.course import Skip
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.ledger import Ledger
from kassd.fiscal.audit.rows import CENT, amount
from kassd.journal import read_lines, verify_journal

# What may change between two closings only: the names in the journal begin so.
BOUND = ("business.", "place.", "agency.", "vat.", "register.brand", "register.model")
RATE = "vat.rate."
FILE, HEADS = "transactions.csv", "cashpointclosing.csv"


def qr_digest(text: str) -> bytes:
    """A QR string, short enough to be kept for every receipt."""
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


@dataclass(slots=True)
class _Reading:
    """Where the reading of one journal stands."""

    place: str
    register: str = ""
    receipts: int = 0  # finished since the last closing
    positions: int = 0
    is_open: bool = False
    changed: int = 0  # master data since the last closing
    outages: int = 0
    skipped: set[Skip] = field(default_factory=set)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    closings: list[tuple[Any, ...]] = field(default_factory=list)
    vouchers: list[tuple[str]] = field(default_factory=list)


def hear(journal: Path, ledger: Ledger, found: Findings) -> tuple[str, set[Skip]]:
    """Check a journal itself (G1, G5) and write what it says of receipts, closings and vouchers into the
    ledger; returns whose it is, and which numbers it says were skipped."""
    for each in verify_journal(journal).findings:
        if each.severity != "info":
            where = f"{journal.name}: {each.where}" if each.where else journal.name
            found.add("G1", where, 0, f"{each.message} [{each.id}]", each.severity)
    reading = _Reading(journal.name)
    for line in read_lines(journal):
        for fact in line.facts:
            _take(fact["kind"], fact["data"], line.seq, reading, found)
        if len(reading.rows) > 1000:
            _flush(reading, ledger)
    _flush(reading, ledger)
    return reading.register, reading.skipped


def _flush(reading: _Reading, ledger: Ledger) -> None:
    ledger.add("told", reading.rows)
    ledger.add("told_closing", reading.closings)
    ledger.add("told_voucher", reading.vouchers)
    reading.rows.clear()
    reading.closings.clear()
    reading.vouchers.clear()


def _take(kind: str, data: dict[str, Any], seq: int, reading: _Reading, found: Findings) -> None:
    match kind:
        case "journal.created":
            reading.register = data["origin"]
        case "sale.finished" if data.get("number"):
            reading.receipts += 1
            document = data.get("document") or {}
            seal = document.get("seal") or {}
            qr = seal.get("qr") or ""
            reading.rows.append(
                (
                    reading.register,
                    int(data["number"]),
                    data["bon_type"],
                    bool(data.get("outage")),
                    qr_digest(qr) if qr else None,
                    seq,
                )
            )
        case "till.closed":
            held = data.get("holdings", {}).items()
            cash = sum(stock["amount"] for account, stock in held if account.endswith("|EUR"))
            row = (reading.register, data["number"], data["at"], data["total"] * CENT, cash * CENT)
            reading.closings.append((*row, reading.changed, seq))
            reading.receipts = reading.positions = reading.changed = 0
        case "voucher.taken_over":
            reading.vouchers.append((data["number"],))
        case "counters.skipped":
            reading.skipped.add(Skip(reading.register, *(data.get(name, 0) for name in Skip._fields[1:])))
        case "sale.line_added":
            reading.positions += 1
        case "config.changed" | "place.changed" | "register.started" | "tse.bound" | "tse.replaced":
            reading.changed += 1
            key = str(data.get("key", ""))
            if key.startswith(RATE) and not reading.positions:
                return  # what had no position had no rate: a new TSE's check while the till is closed
            if kind == "config.changed" and key.startswith(BOUND) and reading.receipts:
                text = (
                    f"{key} geändert (Journal Zeile {seq}) nach {reading.receipts} Vorgängen ohne Abschluss"
                )
                found.add("G5", reading.place, 0, text)


def compare(ledger: Ledger, found: Findings) -> None:
    """The journal against the CSV, both ways."""
    _compare_receipts(ledger, found)
    _compare_closings(ledger, found)
    _compare_master(ledger, found)


def _compare_receipts(ledger: Ledger, found: Findings) -> None:
    """Of each register in both: the receipts between the first and the last exported one (G2, G4, F1)."""
    missing = """SELECT t.register, t.number, t.seq FROM told t JOIN (SELECT c.register AS register,
      min(b.number) AS first, max(b.number) AS last FROM bon b JOIN closing c ON c.id = b.closing
      WHERE b.number >= 0
      GROUP BY c.register) e ON e.register = t.register AND t.number BETWEEN e.first AND e.last
      WHERE NOT EXISTS (SELECT 1 FROM bon b JOIN closing c ON c.id = b.closing AND c.register = t.register
      WHERE b.number = t.number) ORDER BY t.number"""
    for register, number, seq in ledger.ask(missing):
        text = f"der Vorgang {number} der Kasse {register} (Journal Zeile {seq}) steht nicht in der DSFinV-K"
        found.add("G2", FILE, 0, text)
    unknown = """SELECT b.row, b.bon_id FROM bon b JOIN closing c ON c.id = b.closing WHERE c.register IN
      (SELECT register FROM told) AND NOT EXISTS (SELECT 1 FROM told t WHERE t.register = c.register AND
      t.number = b.number) ORDER BY b.row"""
    for row, bon_id in ledger.ask(unknown):
        found.add("G2", FILE, row, f"das Journal kennt den Vorgang {shown(bon_id)} nicht")
    pairs = """SELECT b.row, b.bon_id, b.kind, t.kind, t.outage, t.qr, s.fault, s.qr, s.row FROM bon b
      JOIN closing c ON c.id = b.closing JOIN told t ON t.register = c.register AND t.number = b.number
      LEFT JOIN tse s ON s.closing = b.closing AND s.bon = b.number
      WHERE b.kind != t.kind OR (t.outage != (coalesce(s.fault, '') != ''))
      OR (t.qr IS NOT NULL AND t.qr IS NOT s.qr) ORDER BY b.row"""
    for row, bon_id, kind, told, outage, qr, fault, own_qr, tse_row in ledger.ask(pairs):
        if kind != told:
            found.differs("G2", FILE, row, f"BON_TYP von {bon_id} nach dem Journal", told, kind)
        if bool(outage) != bool(fault):
            text = "TSE_TA_FEHLER nach dem Journal"
            found.differs(
                "G4", "transactions_tse.csv", tse_row or 0, text, "ein Ausfall" if outage else "", fault or ""
            )
        if qr is not None and qr != own_qr:
            text = f"der gedruckte QR-Code von {bon_id} ist nicht der, den die Zeilen ergeben"
            found.add("F1", "transactions_tse.csv", tse_row or 0, text)


def _compare_closings(ledger: Ledger, found: Findings) -> None:
    query = """SELECT c.number, c.row, c.created, c.total, c.cash, t.created, t.total, t.cash, t.seq
      FROM closing c LEFT JOIN told_closing t ON t.register = c.register AND t.number = c.number
      WHERE c.register IN (SELECT register FROM told_closing) ORDER BY c.id"""
    for number, row, created, total, cash, told_created, told_total, told_cash, seq in ledger.ask(query):
        if seq is None:
            found.add("G2", HEADS, row, f"das Journal kennt den Abschluss {number} nicht")
            continue
        if created != told_created:
            found.differs("G2", HEADS, row, f"Z_ERSTELLUNG von Z {number}", told_created, created)
        if total != told_total:
            what = f"Z_SE_ZAHLUNGEN von Z {number} gegen den Z-Bericht"
            found.differs("F3", HEADS, row, what, amount(told_total), amount(total))
        if cash != told_cash:
            what = f"Bargeldbestand EUR von Z {number} gegen den Z-Bericht"
            found.differs("F3", HEADS, row, what, amount(told_cash), amount(cash))


def _compare_master(ledger: Ledger, found: Findings) -> None:
    """Master data that differ from the closing before without a change in the journal (D12)."""
    query = """SELECT row, number FROM (SELECT c.row, c.number, c.register, c.master, c.id,
      lag(c.master) OVER (PARTITION BY c.register ORDER BY c.number) AS before FROM closing c) d
      WHERE d.master != d.before AND EXISTS (SELECT 1 FROM told_closing t WHERE t.register = d.register)
      AND NOT EXISTS (SELECT 1 FROM told_closing t WHERE t.register = d.register
      AND t.number = d.number AND t.changed > 0) ORDER BY d.id"""
    for row, number in ledger.ask(query):
        text = f"die Stammdaten von Z {number} sind andere als davor; das Journal nennt keine Änderung"
        found.add("D12", HEADS, row, text)
