"""What goes beyond one closing, kept in a file of its own (SQLite) so that memory stays bounded.

Filled closing by closing in order; asked once at the end.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SCHEMA = """
CREATE TABLE closing (id INTEGER PRIMARY KEY, register TEXT, created TEXT, number INTEGER, row INTEGER,
  total INTEGER, cash INTEGER, master BLOB);
CREATE TABLE bon (closing INTEGER, bon_id TEXT, number INTEGER, total INTEGER, row INTEGER, kind TEXT,
  articles BLOB, opens TEXT, mirror BLOB, refers INTEGER);
CREATE TABLE tse (closing INTEGER, serial TEXT, number INTEGER, counter INTEGER, start INTEGER, end INTEGER,
  digest BLOB, signature BLOB, bon INTEGER, fault TEXT, qr BLOB, row INTEGER);
CREATE TABLE ref (closing INTEGER, row INTEGER, bon_id TEXT, total INTEGER, reverses INTEGER,
  articles BLOB, wants TEXT, to_register TEXT, to_closing TEXT, to_date TEXT, to_bon_id TEXT);
CREATE TABLE voucher (closing INTEGER, row INTEGER, bon INTEGER, number TEXT, kind TEXT, value INTEGER,
  vat INTEGER, sold INTEGER);
CREATE TABLE module (closing INTEGER, serial TEXT, place INTEGER, row INTEGER);
CREATE TABLE groups (closing INTEGER, row INTEGER, name TEXT, value INTEGER, ordered INTEGER,
  reverses INTEGER);
CREATE TABLE log (serial TEXT, operation TEXT, number INTEGER, counter INTEGER, time INTEGER, client TEXT,
  type TEXT, data TEXT, digest BLOB, signature BLOB, place TEXT);
CREATE TABLE told (register TEXT, number INTEGER, kind TEXT, outage INTEGER, qr BLOB, seq INTEGER);
CREATE TABLE told_closing (register TEXT, number INTEGER, created TEXT, total INTEGER, cash INTEGER,
  changed INTEGER, seq INTEGER);
CREATE TABLE told_voucher (number TEXT);
CREATE TABLE skipped (register TEXT, first_receipt INTEGER, last_receipt INTEGER, first_closing INTEGER,
  last_closing INTEGER);
"""
INDEXES = """
CREATE INDEX bon_id ON bon (bon_id);
CREATE INDEX bon_number ON bon (number);
CREATE INDEX bon_mirror ON bon (mirror) WHERE mirror IS NOT NULL;
CREATE INDEX tse_number ON tse (serial, number);
CREATE INDEX tse_counter ON tse (serial, counter);
CREATE INDEX log_number ON log (serial, number);
CREATE INDEX tse_bon ON tse (closing, bon);
CREATE INDEX tse_end ON tse (end);
CREATE INDEX tse_fault ON tse (bon) WHERE fault != '';
CREATE INDEX told_number ON told (register, number);
CREATE INDEX told_voucher_number ON told_voucher (number);
"""


class Ledger:
    """The collected rows of an audit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(SCHEMA)
        connection.execute("BEGIN")

    def add(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows in the order of the table's columns."""
        rows = list(rows)
        if rows:
            marks = ",".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def take(self, database: Path) -> None:
        """Take over the log of an archive that another process has read."""
        self._connection.execute("COMMIT")
        self._connection.execute("ATTACH ? AS archive", (str(database),))
        self._connection.execute("INSERT INTO log SELECT * FROM archive.log")
        self._connection.execute("DETACH archive")
        self._connection.execute("BEGIN")

    def index(self) -> None:
        """Make it quick to ask, once everything is in."""
        self._connection.executescript(f"{INDEXES} ANALYZE;")  # which ends the transaction

    def ask(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Rows of a query."""
        yield from self._connection.execute(query, values)


@contextmanager
def opened() -> Iterator[Ledger]:
    """A ledger in a temporary folder, gone afterwards."""
    with TemporaryDirectory(prefix="kassd-audit-") as folder:
        path = Path(folder) / "ledger"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            yield Ledger(connection)
