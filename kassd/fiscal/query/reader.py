"""A look at everything the journal says that cannot change anything.

The index beside the journal is opened read-only; what came after it was last brought up to date is read from
the journal itself and held aside. So an account that may only read, in a folder where it may only read, sees
the state of this moment, beside a running register or without one.
"""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from kassd.errors import DataError, JournalError
from kassd.fiscal.query.events import EVENT_VIEWS, LABELS, NO_EVENTS
from kassd.fiscal.query.views import CLOSING_VIEWS, SALES_VIEWS, View
from kassd.journal import read_lines
from kassd.journal.index import BATCH, VERSION, store, tables
from kassd.journal.projection import TABLES

VIEWS: dict[str, View] = {view.name: view for view in (*SALES_VIEWS, *CLOSING_VIEWS, *EVENT_VIEWS)}
ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE))
NEW = "ATTACH '' AS new"  # a file of SQLite's own, gone with the connection
OPTIONS = ("mode=ro", "mode=ro&immutable=1")  # the second one where a folder may not be written to
STEPS = 100_000  # of SQLite's machine between two looks at Ctrl-C
Progress = Callable[[int], None]


class Changed(JournalError):
    """The index was changed while it was read without a lock: what was read may be wrong."""

    advice = "retry"
    exit_code = 75

    def __init__(self) -> None:
        super().__init__("Der Index wurde gerade fortgeschrieben. Bitte noch einmal versuchen.")


class Records:
    """Tables :data:`VIEWS` and a connection ``db`` that can do nothing but SELECT."""

    def __init__(
        self, journal: Path, index: Path, zone: ZoneInfo, progress: Progress = lambda _: None
    ) -> None:
        """``progress`` is told of lines read. Raises :class:`kassd.errors.JournalError`."""
        self._zone = zone
        self._path = index
        self._seen: tuple[int, int] | None = None
        self.db = self._connect(journal)
        try:
            self._read_tail(journal, progress)
            self._make_views()
        except BaseException:
            self.db.close()
            raise
        self.db.set_authorizer(_authorize)
        self.db.set_progress_handler(lambda: 0, STEPS)

    # -- opening --------------------------------------------------------------------------------------

    def _connect(self, journal: Path) -> sqlite3.Connection:
        """The index if it is this journal's, else an empty one: then everything is read from the journal."""
        for option in OPTIONS:
            try:
                return self._usable(journal, option)
            except (sqlite3.DatabaseError, DataError, FileNotFoundError):
                continue
        self._seen, self._first = None, 0
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.execute(NEW)
        db.executescript(tables())
        return db

    def _usable(self, journal: Path, option: str) -> sqlite3.Connection:
        """``immutable``: a folder that may not be written to keeps SQLite from locking; what is changed
        meanwhile is noticed by :meth:`check`."""
        self._seen = self._stamp() if "immutable" in option else None
        db = sqlite3.connect(f"{self._path.absolute().as_uri()}?{option}", uri=True, isolation_level=None)
        try:
            db.execute(NEW)
            db.execute("BEGIN")  # one moment's state to the end
            (version,) = db.execute("PRAGMA user_version").fetchone()
            newest = db.execute("SELECT seq, h FROM lines ORDER BY seq DESC LIMIT 1").fetchone()
            if version != VERSION or newest is None:
                raise sqlite3.DatabaseError(f"index version {version}")
            known = next(read_lines(journal, newest[0], newest[0]), None)
            if known is None or known.h != newest[1]:
                raise sqlite3.DatabaseError("another journal's")
            self._first = int(newest[0]) + 1
        except BaseException:
            db.close()
            raise
        return db

    def _stamp(self) -> tuple[int, int]:
        log = Path(f"{self._path}-wal")
        if log.exists() and log.stat().st_size:
            raise DataError("the index is being written")
        found = self._path.stat()
        return found.st_size, found.st_mtime_ns

    def check(self) -> None:
        """Raise :class:`Changed` if what was read since the beginning may be wrong."""
        try:
            if self._seen is not None and self._stamp() != self._seen:
                raise Changed
        except DataError:
            raise Changed from None

    def _read_tail(self, journal: Path, progress: Progress) -> None:
        for statement in tables("new").split(";"):
            self.db.execute(statement)
        lines, done = read_lines(journal, self._first), 0
        while batch := list(islice(lines, BATCH)):
            store(self.db, batch, "new")
            done += len(batch)
            progress(done)
        self.tail = done

    def _make_views(self) -> None:
        names = ("lines", "facts", *TABLES)
        for name in names:
            more = f" UNION ALL SELECT * FROM new.{name}" if self.tail else ""
            self.db.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM main.{name}{more}")
        self.db.create_function("local_time", 1, self._local, deterministic=True)
        self.db.create_function("fold", 1, _fold, deterministic=True)
        self.db.execute("CREATE TEMP TABLE kinds (kind TEXT PRIMARY KEY, label TEXT)")
        kinds = set(_kinds(self.db, "main")) | set(_kinds(self.db, "new"))
        rows = [(kind, LABELS.get(kind, kind)) for kind in sorted(kinds - NO_EVENTS)]
        self.db.executemany("INSERT INTO temp.kinds VALUES (?, ?)", rows)
        for view in VIEWS.values():
            columns = ", ".join(column.name for column in view.columns)
            self.db.execute(f"CREATE TEMP VIEW {view.name} ({columns}) AS {view.sql}")

    def _local(self, utc: str) -> str:
        """The register's time of a line's UTC."""
        return datetime.fromisoformat(utc).astimezone(self._zone).isoformat(timespec="seconds")

    # -- asking ---------------------------------------------------------------------------------------

    def select(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        """Run one SELECT. Raises :class:`DataError` in German for anything else, or a mistake in it."""
        try:
            cursor = self.db.execute(sql, values)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise DataError(f"Die Abfrage geht nicht: {error}") from error
        if cursor.description is None:
            raise DataError("Die Abfrage geht nicht: erwartet wird ein SELECT.")
        return cursor

    def rows(self, cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT; what goes wrong in the middle is said as in :meth:`select`."""
        try:
            yield from cursor
        except sqlite3.Error as error:
            raise DataError(f"Die Abfrage geht nicht: {error}") from error

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def __enter__(self) -> "Records":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _kinds(db: sqlite3.Connection, database: str) -> Iterator[str]:
    """Kinds of facts there are, each by one look into the index."""
    kind = ""
    while (row := db.execute(f"SELECT min(kind) FROM {database}.facts WHERE kind > ?", (kind,)).fetchone())[
        0
    ]:
        kind = row[0]
        yield kind


def _authorize(action: int, one: str | None, two: str | None, database: str | None, by: str | None) -> int:
    """Reading and computing; nothing that writes, attaches another file or changes a setting."""
    if action in ALLOWED or (action == sqlite3.SQLITE_FUNCTION and two != "load_extension"):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _fold(value: object) -> str:
    """Text that is compared without regard to upper and lower case."""
    return "" if value is None else str(value).casefold()
