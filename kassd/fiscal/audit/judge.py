"""The second pass: one closing, every check it can answer, and what of it goes beyond."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kassd.core.verdict import Severity
from kassd.fiscal.audit.book import Book, book_of
from kassd.fiscal.audit.course import Facts, Master
from kassd.fiscal.audit.findings import Findings, Found
from kassd.fiscal.audit.keys import check_keys
from kassd.fiscal.audit.logic import Logic, check_logic
from kassd.fiscal.audit.moments import instant
from kassd.fiscal.audit.rows import Closing, Plan, load, number, units
from kassd.fiscal.audit.security import Security, check_security
from kassd.fiscal.audit.sums import check_sums


@dataclass(slots=True)
class Judged:
    """One closing, judged. ``bons``: (BON_ID, as a number, UMS_BRUTTO, row, BON_TYP,
    and its :class:`Traits`); ``master``: a digest of the closing's master data."""

    facts: Facts
    kept: list[Found]
    count: Counter[tuple[str, Severity]]
    bons: list[tuple[str, int, int, int, str, bytes, str, bytes | None, bool]]
    security: Security
    logic: Logic
    clients: frozenset[str]
    turnover: int
    master: bytes
    company: tuple[str, ...] = ()
    kinds: Counter[str] = field(default_factory=Counter)
    outages: list[tuple[str, str, str]] = field(default_factory=list)  # BON_ENDE, BON_ID, fault


def judge(folder: Path, plans: Sequence[Plan], signatures: bool) -> list[Judged]:
    """Judge closings one after another."""
    return [_judge(load(folder, plan), signatures) for plan in plans]


def _judge(closing: Closing, signatures: bool) -> Judged:
    found, book = Findings(), book_of(closing)
    check_keys(closing, book, found)
    sums = check_sums(closing, book, found)
    logic = check_logic(closing, book, found)
    security = check_security(closing, book, found, signatures)
    heads = closing["transactions.csv"]
    ids = [id_ for row in heads if (id_ := number(row.BON_ID)) >= 0]
    ends = [(end, row.ROW) for row in heads if (end := instant(row.BON_ENDE)) >= 0]
    facts = Facts(
        register=closing.key[0],
        created=closing.key[1],
        number=number(closing.key[2]),
        row=book.head.ROW if book.head is not None else 0,
        first_bon=min(ids, default=-1),
        last_bon=max(ids, default=-1),
        earliest_end=min(ends, default=(-1, 0)),
        stocks=sums.stocks,
        masters=_masters(closing),
    )
    return Judged(
        facts,
        found.kept,
        found.count,
        [
            (row.BON_ID, number(row.BON_ID), units(row.UMS_BRUTTO), row.ROW, row.BON_TYP, *traits)
            for row, traits in zip(heads, logic.traits, strict=True)
        ],
        security,
        logic,
        _clients(closing, book),
        sums.turnover,
        _master(closing),
        _company(book),
        Counter(row.BON_TYP for row in heads),
        [
            (receipt.head.BON_ENDE, receipt.head.BON_ID, row.TSE_TA_FEHLER)
            for receipt in closing.receipts
            for row in receipt["transactions_tse.csv"]
            if row.TSE_TA_FEHLER
        ],
    )


def _master(closing: Closing) -> bytes:
    """A digest of all master data but the tax rates and the TSEs, which have checks of their own."""
    digest = hashlib.blake2b(digest_size=12)
    for file in ("location.csv", "cashregister.csv", "slaves.csv", "pa.csv"):
        for row in closing[file]:
            cells = row[3:-2] if file == "cashregister.csv" else row[3:-1]  # KEINE_UST_ZUORDNUNG is by use
            digest.update(repr(cells).encode())
    for row in closing["cashpointclosing.csv"]:
        digest.update(repr((row.NAME, row.STRASSE, row.PLZ, row.ORT, row.LAND, row.STNR, row.USTID)).encode())
    return digest.digest()


# Master data that as a rule stay as they are, and what a row is about; places of business may move about.
STAYING: Mapping[str, tuple[str, slice]] = {
    "cashpointclosing.csv": ("", slice(7, 14)),
    "cashregister.csv": ("", slice(3, 9)),
    "slaves.csv": ("TERMINAL_ID", slice(3, 9)),
    "pa.csv": ("AGENTUR_ID", slice(3, 11)),
    "tse.csv": ("TSE_ID", slice(3, 11)),
    "vat.csv": ("UST_SCHLUESSEL", slice(3, 6)),
}


def _masters(closing: Closing) -> dict[tuple[str, str], Master]:
    found = {}
    for file, (name, cells) in STAYING.items():
        for row in closing[file]:
            digest = hashlib.blake2b(repr(row[cells]).encode(), digest_size=8).digest()
            which = f"{name} {getattr(row, name)}" if name else ""
            found[(file, which)] = (digest, row.ROW)
    return found


def _clients(closing: Closing, book: Book) -> frozenset[str]:
    own = {closing.key[0], *book.terminals.values()}
    return frozenset(own | ({book.register.KASSE_SERIENNR} if book.register is not None else set()) - {""})


def _company(book: Book) -> tuple[str, ...]:
    head = book.head
    if head is None:
        return ()
    return (head.NAME, head.STRASSE, f"{head.PLZ} {head.ORT}", head.STNR or head.USTID)
