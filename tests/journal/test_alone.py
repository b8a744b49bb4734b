"""Segments checked by other processes: the same verdict as line by line."""

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.journal import verify
from kassd.journal.alone import check_alone
from kassd.journal.blobs import write_blob
from kassd.journal.files import OsFiles
from kassd.journal.line import chain, close_line, split_line
from kassd.journal.segments import Segment, list_segments, load
from kassd.journal.verify import verify_journal

from .helpers import entry, write_journal

DAYS = verify.MANY + 4
Change = Callable[[list[bytes]], list[bytes]]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed segments of three lines each, with a blob."""
    home = tmp_path_factory.mktemp("long") / "j"
    write_journal(home, [], compact=True)
    blob = write_blob(OsFiles(), home, b"a slip" * 100)
    write_journal(
        home,
        [
            one
            for day in range(DAYS)
            for one in (entry(day, log=blob if day == 9 else {}), entry(day, closes=True))
        ],
        compact=True,
    )
    return home


def middle(home: Path) -> Segment:
    return list_segments(OsFiles(), home)[DAYS // 2]


def change(home: Path, segment: Segment, how: Change) -> None:
    lines = load(OsFiles(), segment).split(b"\n")[:-1]
    data = b"".join(line + b"\n" for line in how(lines))
    packed = bytearray(gzip.compress(data, 6, mtime=0))
    packed[8:10] = b"\0\x03"
    segment.path.chmod(0o600)
    segment.path.write_bytes(packed)


def in_other_processes(home: Path, monkeypatch: pytest.MonkeyPatch, deep: bool) -> list[object]:
    """The verdict with two processes; line by line must come to the same."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    found = verify_journal(home, deep=deep)
    with monkeypatch.context() as patched:
        patched.setattr(verify, "MANY", 10_000)
        assert verify_journal(home, deep=deep) == found
    return [found.checked, *((each.id, each.where) for each in found.findings)]


def text(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b"\xa4", b"\xb6"), lines[2]]


def rehashed(lines: list[bytes]) -> list[bytes]:
    """One line rewritten and all after it chained again, but for the seal's content."""
    made = [lines[0]]
    for raw in [lines[1].replace(b"\xa4", b"\xb6"), *lines[2:]]:
        body, _ = split_line(raw)
        made.append(close_line(body, chain(split_line(made[-1])[1], body)))
    return made


def head(lines: list[bytes]) -> list[bytes]:
    """The first line, and all after it, as if it followed another line."""
    made, h = list[bytes](), hashlib.sha256(b"another").digest()
    for raw in lines:
        body, _ = split_line(raw)
        h = chain(h, body)
        made.append(close_line(body, h))
    return made


def unsealed(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def lax(lines: list[bytes]) -> list[bytes]:
    """A space more: chained, but no strict line."""
    return rehashed([lines[0], lines[1].replace(b',"mono":', b', "mono":'), lines[2]])


def test_a_good_one(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for deep in (True, False):
        assert in_other_processes(long, monkeypatch, deep) == [verify_journal(long).checked]


def test_what_a_segment_says(long: Path) -> None:
    segment = middle(long)
    data = load(OsFiles(), segment)
    said = check_alone(long, segment.first, True)
    assert said is not None
    assert said.head == data.split(b"\n")[0]
    assert (len(said.leaves), said.seal["last"]) == (3, segment.first + 1)
    assert said.keys == said.blobs == []
    packed = [each for each in list_segments(OsFiles(), long) if each.packed]
    named = [said for each in packed if (said := check_alone(long, each.first, False)) and said.blobs]
    assert [len(each.blobs) for each in named] == [1]


@pytest.mark.parametrize("deep", [True, False])
@pytest.mark.parametrize("how", [text, rehashed, head, unsealed, lax])
def test_what_is_wrong_is_said_as_line_by_line(
    long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Change, deep: bool
) -> None:
    home = tmp_path / "j"
    shutil.copytree(long, home)
    segment = middle(home)
    change(home, segment, how)
    found = in_other_processes(home, monkeypatch, deep)
    assert len(found) > 1, how
    assert any(segment.path.name in where or int(where[:12]) > segment.first for _, where in found[1:])  # type: ignore


def test_a_missing_segment_and_a_missing_blob(
    long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "j"
    shutil.copytree(long, home)
    for blob in (home / "blob").iterdir():
        blob.unlink()
    assert [each[0] for each in in_other_processes(home, monkeypatch, True)[1:]] == ["blob_missing"]  # type: ignore
    middle(home).path.unlink()
    assert in_other_processes(home, monkeypatch, True)[1][0] == "segment_missing"  # type: ignore


def test_bytes_that_cannot_be_unpacked_are_for_others_to_name(long: Path, tmp_path: Path) -> None:
    home = tmp_path / "j"
    shutil.copytree(long, home)
    segment = middle(home)
    segment.path.chmod(0o600)
    segment.path.write_bytes(b"no gzip")
    assert check_alone(home, segment.first, True) is None
    assert check_alone(home, segment.first + 1, True) is None, "no such file"
