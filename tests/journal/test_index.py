import json
import shutil
from pathlib import Path

import pytest

from kassd.errors import JournalError
from kassd.journal.index import Index
from kassd.journal.start import Options, start
from kassd.journal.writer import Writer

from .helpers import ORIGIN, Ticker, close, entry, write_journal

LARGE = 1024 * 1024  # no seal comes in between


def grow(home: Path, *numbers: int) -> None:
    options = Options(capacity=LARGE, now=Ticker())
    started = start(home, ORIGIN, options)
    writer = Writer(started.store, lambda _batch: None, lambda _error: None)
    for number in numbers:
        writer.commit(started.chain.extend(entry(number), options.now, LARGE))
    close(started)


def test_refresh_takes_only_what_is_new(tmp_path: Path) -> None:
    home = tmp_path / "j"
    write_journal(home, [entry(n) for n in range(30)], capacity=LARGE)
    with Index(tmp_path / "index.sqlite") as index:
        first = index.refresh(home)
        assert first == 31
        assert index.refresh(home) == 0
        grow(home, 100, 101)
        assert index.refresh(home) == 2
        query = "SELECT data FROM facts WHERE kind = 'sale.line_added' ORDER BY seq"
        numbers = [json.loads(row[0])["n"] for row in index.db.execute(query)]
        assert numbers == [*range(30), 100, 101]
        assert index.db.execute("SELECT count(*) FROM lines").fetchone() == (first + 2,)


def test_it_can_be_deleted_or_spoilt_at_any_time(tmp_path: Path) -> None:
    home, path = tmp_path / "j", tmp_path / "index.sqlite"
    write_journal(home, [entry(1)])
    path.write_bytes(b"no database at all, but longer than a header" * 50)
    with Index(path) as index:
        assert index.refresh(home) == 2
    path.unlink()
    with Index(path) as index:
        assert index.refresh(home) == 2
        index.db.execute("DROP TABLE facts")
        index.db.execute("DELETE FROM lines")
        index.db.commit()
        assert index.refresh(home) == 2
        index.db.execute("PRAGMA user_version=99")
    with Index(path) as index:
        assert index.refresh(home) == 2


def test_another_or_an_older_journal_is_indexed_anew(tmp_path: Path) -> None:
    home, old = tmp_path / "j", tmp_path / "old"
    write_journal(home, [entry(1), entry(2)])
    shutil.copytree(home, old)
    grow(home, 3, 4)
    with Index(tmp_path / "index.sqlite") as index:
        assert index.refresh(home) == 5
        assert index.refresh(old) == 3
        assert index.db.execute("SELECT max(seq) FROM lines").fetchone() == (2,)
        write_journal(tmp_path / "other", [entry(9) for _ in range(5)])
        assert index.refresh(tmp_path / "other") == 6


def test_an_index_that_somebody_writes_is_not_made_anew(tmp_path: Path) -> None:
    home, path = tmp_path / "j", tmp_path / "index.sqlite"
    write_journal(home, [entry(1)])
    with Index(path) as index, Index(path) as other:
        other.db.execute("PRAGMA busy_timeout=1")
        index.db.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="nicht benutzbar"):
            other.refresh(home)
        index.db.rollback()
        assert path.exists()
        assert other.refresh(home) == 2
        assert other.with_document("R17") is None
