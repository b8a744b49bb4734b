"""A SQLite projection of the journal for those who search it. It can be deleted at any time.

No commit waits for it: a commit costs the card its one block and no more. A reader brings it up to date when
it needs it, the daemon too, before it looks an old receipt up.
"""

import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from kassd.core.facts import Fact, from_json
from kassd.errors import JournalError
from kassd.journal.line import Line
from kassd.journal.projection import TABLES, insert, project, schema
from kassd.journal.segments import read_lines

log = logging.getLogger(__name__)

VERSION = 5
BATCH = 2000
LINES = """
CREATE TABLE {database}.lines (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, mono INTEGER NOT NULL,
    boot TEXT NOT NULL, kind TEXT NOT NULL, client TEXT, command TEXT, h TEXT NOT NULL) STRICT;
CREATE TABLE {database}.facts (seq INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (seq, n)) STRICT, WITHOUT ROWID;
CREATE INDEX {database}.facts_kind ON facts (kind, seq);
"""
_LOOKED_UP = """
CREATE INDEX facts_sale ON facts (json_extract(data, '$.sale'));
CREATE INDEX facts_number ON facts (json_extract(data, '$.number')) WHERE kind = 'sale.finished';
CREATE INDEX facts_receipt ON facts (json_extract(data, '$.receipt')) WHERE kind LIKE 'receipt.%';
CREATE INDEX facts_slip ON facts (json_extract(data, '$.slip')) WHERE kind LIKE 'paper.%';
CREATE INDEX facts_token ON facts (json_extract(data, '$.token')) WHERE kind = 'receipt.offered';
CREATE INDEX facts_document ON facts (json_extract(data, '$.document.id'))
    WHERE json_extract(data, '$.document.id') IS NOT NULL;
CREATE INDEX lines_at ON lines (at);
"""
# Another process is at it, or this one may not: that is no reason to make the index anew.
_NOT_BROKEN = frozenset(
    (
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
    )
)


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _NOT_BROKEN


class Index:
    """Tables ``lines(seq, at, mono, boot, kind, client, command, h)`` and ``facts(seq, n, kind, data)``.

    ``kind`` of a line is that of its first fact, ``command`` the id of the command it answers, ``data`` JSON.
    Those of :mod:`kassd.journal.projection` stand beside them. ``db`` is an ordinary connection for queries.
    """

    def __init__(self, path: Path) -> None:
        """Open or create; a file that is no index of this version is replaced."""
        self.path = path
        self.db = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if not _is_broken(error):
                raise JournalError(f"Der Index {self.path} ist nicht benutzbar: {error}") from error
            self._delete()
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            raise JournalError(f"Der Index {self.path} kann nicht angelegt werden: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                db.executescript(f"BEGIN; {tables()} {_LOOKED_UP} PRAGMA user_version={VERSION}; COMMIT;")
            elif version != VERSION:
                raise sqlite3.DatabaseError(f"index version {version}")
        except BaseException:
            db.close()
            raise
        return db

    def _delete(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def refresh(self, directory: Path) -> int:
        """Index what came since the last call; return the number of new lines.

        If the journal is not the one that was indexed (a restored copy, another register), all is built anew.
        """
        try:
            return self._append(directory)
        except sqlite3.DatabaseError as error:
            if not _is_broken(error):
                raise JournalError(f"Der Index {self.path} ist nicht benutzbar: {error}") from error
            self.db.close()
            self._delete()
            self.db = self._open()
            return self._append(directory)

    def _append(self, directory: Path) -> int:
        if not directory.is_dir():  # taken away: what is known of it is worth more than nothing
            return 0
        row = self.db.execute("SELECT seq, h FROM lines ORDER BY seq DESC LIMIT 1").fetchone()
        first = 0
        if row is not None:
            known = next(read_lines(directory, row[0], row[0]), None)
            if known is None or known.h != row[1]:
                with self.db:
                    for table in ("lines", "facts", *TABLES):
                        self.db.execute(f"DELETE FROM {table}")
            else:
                first = row[0] + 1
        count = 0
        batch: list[Line] = []
        for line in read_lines(directory, first):
            batch.append(line)
            if len(batch) == BATCH:
                count += self._store(batch)
                batch.clear()
        return count + self._store(batch)

    def _store(self, batch: list[Line]) -> int:
        with self.db:
            store(self.db, batch)
        return len(batch)

    # -- receipts (:class:`kassd.core.corrections.recall.Records`) ------------------------------------

    def newest(self) -> int:
        """Seq of the newest indexed line, -1 if there is none."""
        (seq,) = self.db.execute("SELECT max(seq) FROM lines").fetchone()
        return -1 if seq is None else int(seq)

    def finished(self, number: int) -> str:
        """Id of the Vorgang with this BON_ID that is over, '' if there is none."""
        where = "kind = 'sale.finished' AND json_extract(data, '$.number') = ?"
        query = f"SELECT json_extract(data, '$.sale') FROM facts WHERE {where}"
        row = self.db.execute(query, (number,)).fetchone()
        return "" if row is None else str(row[0])

    def of_sale(self, sale: str) -> Iterator[tuple[int, Fact]]:
        """Every fact about a Vorgang, in the journal's order."""
        return self._facts("json_extract(data, '$.sale') = ?", sale)

    def about(self, receipt: str) -> Iterator[tuple[int, Fact]]:
        """Facts ``receipt.*`` that name this receipt."""
        return self._facts("kind LIKE 'receipt.%' AND json_extract(data, '$.receipt') = ?", receipt)

    def of_slip(self, slip: str) -> Iterator[tuple[int, Fact]]:
        """Facts ``paper.*`` that name this paper slip."""
        return self._facts("kind LIKE 'paper.%' AND json_extract(data, '$.slip') = ?", slip)

    def offered(self, token: str) -> Fact | None:
        """The fact that offered the receipt whose link's secret part has this SHA-256; None if none did."""
        where = "kind = 'receipt.offered' AND json_extract(data, '$.token') = ?"
        return next((fact for _, fact in self._facts(where, token)), None)

    def with_document(self, document: str) -> Fact | None:
        """The fact that issued the slip with this id; None if there is none."""
        where = "json_extract(data, '$.document.id') = ?"
        return next((fact for _, fact in self._facts(where, document)), None)

    def closing_of(self, sale: str) -> tuple[int, str]:
        """Number and time of the first closing after a Vorgang was over; (0, '') if there is none."""
        ended = self.db.execute(
            "SELECT seq, n FROM facts WHERE kind = 'sale.finished' AND json_extract(data, '$.sale') = ?",
            (sale,),
        ).fetchone()
        row = (
            ended
            and self.db.execute(
                "SELECT json_extract(data, '$.number'), json_extract(data, '$.at') FROM facts"
                " WHERE kind = 'till.closed' AND (seq, n) > (?, ?) ORDER BY seq LIMIT 1",
                ended,
            ).fetchone()
        )
        return (int(row[0]), str(row[1])) if row else (0, "")

    def _facts(self, where: str, value: str) -> Iterator[tuple[int, Fact]]:
        query = f"SELECT seq, kind, data FROM facts WHERE {where} ORDER BY seq, n"
        for seq, kind, data in self.db.execute(query, (value,)).fetchall():
            yield seq, from_json({"kind": kind, "data": json.loads(data)})

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def __enter__(self) -> "Index":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def remembered(path: Path) -> tuple[str, int] | None:
    """Origin and number of lines of the journal that the index at ``path`` has seen; changes nothing. None:
    there is no index, or it cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
            (lines,) = db.execute("SELECT count(*) FROM lines").fetchone()
            created = "seq = 0 AND kind = 'journal.created'"
            query = f"SELECT json_extract(data, '$.origin') FROM facts WHERE {created}"
            row = db.execute(query).fetchone()
    except sqlite3.DatabaseError as error:
        log.info("index %s says nothing: %s", path, error)
        return None
    return (str(row[0]), int(lines)) if row is not None else None


def tables(database: str = "main") -> str:
    """SQL that makes all tables, empty."""
    return LINES.format(database=database) + schema(database)


def store(db: sqlite3.Connection, lines: Sequence[Line], database: str = "main") -> None:
    """Add lines to the tables of ``database``; the caller commits."""
    db.executemany(f"INSERT INTO {database}.lines VALUES (?,?,?,?,?,?,?,?)", map(_line_row, lines))
    db.executemany(f"INSERT INTO {database}.facts VALUES (?,?,?,?)", _fact_rows(lines))
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for line in lines:
        for table, row in project(line):
            rows.setdefault(table, []).append(row)
    for table, found in rows.items():
        db.executemany(insert(table, database), found)


def _line_row(line: Line) -> tuple[int, str, int, str, str, str | None, str | None, str]:
    cmd = line.cmd or {}
    kind = str(line.facts[0]["kind"]) if line.facts else ""
    client, command = cmd.get("client"), cmd.get("id")
    return (
        line.seq, line.at, line.mono, line.boot, kind,
        None if client is None else str(client), None if command is None else str(command), line.h,
    )  # fmt: skip


def _fact_rows(batch: Sequence[Line]) -> Iterator[tuple[int, int, str, str]]:
    for line in batch:
        for number, fact in enumerate(line.facts):
            data = json.dumps(fact["data"], ensure_ascii=False, separators=(",", ":"))
            yield line.seq, number, str(fact["kind"]), data
