"""The data can be read, by whom and while what: never written, always as new as the journal."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kassd.errors import DataError
from kassd.fiscal.query import Query, ask, reader
from kassd.fiscal.query.reader import Changed
from kassd.journal import Index
from tests.fiscal.query import kit


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of which ``index.sqlite`` knows the first 61 lines, and ``new.sqlite`` all."""
    folder = tmp_path_factory.mktemp("reader")
    entries, journal = kit.entries(kit.a_day()), folder / "journal"
    kit.write(journal, entries[:60])
    with Index(folder / "index.sqlite") as index:
        index.refresh(journal)
    kit.write(journal, entries[60:])
    with Index(folder / "new.sqlite") as index:
        index.refresh(journal)
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return Path(shutil.copytree(made, tmp_path / "home"))


def everything(journal: Path) -> list[tuple[object, ...]]:
    with kit.opened(journal) as records:
        rows = list(ask(records, Query("belege")).rows) + list(ask(records, Query("ereignisse")).rows)
        records.check()
    return rows


def test_an_index_of_any_age_gives_the_same_answers(home: Path) -> None:
    with kit.opened(home / "journal") as records:
        (known,) = records.db.execute("SELECT count(*) FROM main.lines").fetchone()
        assert known == 61, "the journal's own first line, and sixty"
        assert records.tail > 0
    half = everything(home / "journal")
    (home / "index.sqlite").unlink()
    assert everything(home / "journal") == half
    (home / "new.sqlite").rename(home / "index.sqlite")
    with kit.opened(home / "journal") as records:
        assert records.tail == 0
    assert everything(home / "journal") == half


@pytest.mark.parametrize(
    "change", ["UPDATE lines SET h = 'ff'", "PRAGMA user_version = 1", "DELETE FROM lines", ""]
)
def test_an_index_of_another_journal_or_version_is_left_alone(home: Path, change: str) -> None:
    expected, path = everything(home / "journal"), home / "index.sqlite"
    if change:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(change)
    else:
        path.write_bytes(b"no database" * 1000)
    before = path.read_bytes()
    assert everything(home / "journal") == expected
    assert path.read_bytes() == before


def test_it_reads_beside_a_writer_and_sees_one_moment(home: Path) -> None:
    with kit.opened(home / "journal") as records, Index(home / "index.sqlite") as index:
        before = list(ask(records, Query("belege")).rows)
        assert index.refresh(home / "journal") > 0
        assert list(ask(records, Query("belege")).rows) == before
        records.check()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM main.facts",
        "INSERT INTO main.lines VALUES (1,1,1,1,1,1,1,1)",
        "CREATE TABLE x (y)",
        "DROP VIEW belege",
        "ATTACH 'x' AS y",
        "DETACH new",
        "PRAGMA user_version = 7",
        "VACUUM INTO 'x'",
        "SELECT load_extension('x')",
        "SELECT 1; SELECT 2",
        "BEGIN IMMEDIATE",
        "",
        "SELEKT",
    ],
)
def test_only_a_select_is_taken(made: Path, sql: str) -> None:
    before = (made / "index.sqlite").read_bytes()
    with kit.opened(made / "journal") as records, pytest.raises(DataError, match="Die Abfrage geht nicht"):
        list(records.rows(records.select(sql)))
    assert (made / "index.sqlite").read_bytes() == before


def test_what_goes_wrong_while_reading_is_said(made: Path) -> None:
    with kit.opened(made / "journal") as records, pytest.raises(DataError, match="Die Abfrage geht nicht"):
        list(records.rows(records.select("SELECT json_extract(kind, '$.x') FROM facts")))


READ_ONLY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--"]
"""What makes root obey file modes; an ordinary account does without."""


@pytest.mark.parametrize("index", ["old", "being written", "none"])
def test_an_account_that_may_only_read_reads(home: Path, index: str) -> None:
    writer = Index(home / "index.sqlite")
    if index == "being written":
        assert writer.refresh(home / "journal") > 0
    else:
        writer.close()
    if index == "none":
        (home / "index.sqlite").unlink()
    expected = everything(home / "journal")
    files = {path: path.stat().st_mode for path in [home, *home.rglob("*")]}
    for path in files:
        path.chmod(0o555 if path.is_dir() else 0o444)
    command = ["-m", "kassd", "query", "belege", "--journal", str(home / "journal"), "--csv"]
    probe = ["-c", f"open({str(home / 'x')!r}, 'w')"]
    try:
        refused, done = (
            subprocess.run(
                [*(READ_ONLY if os.geteuid() == 0 else []), sys.executable, *words],
                capture_output=True,
                text=True,
                check=False,
            )
            for words in (probe, command)
        )
    finally:
        for path, mode in files.items():
            path.chmod(mode)
        writer.close()
    assert "PermissionError" in refused.stderr, "the account may write: the test would show nothing"
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1 + sum(isinstance(row[1], int) for row in expected)


def test_a_change_that_no_lock_has_kept_out_is_noticed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "OPTIONS", reader.OPTIONS[1:])
    with kit.opened(home / "journal") as records:
        records.check()
        with Index(home / "index.sqlite") as index:
            assert index.refresh(home / "journal") > 0
            with pytest.raises(Changed):
                records.check()
        with pytest.raises(Changed):
            records.check()
    with kit.opened(home / "journal") as records:
        assert records.tail == 0
        records.check()
