"""Packing never costs the only good copy of a segment, and rot is told."""

import gzip
import shutil
from pathlib import Path

import pytest

from kassd.journal.compact import compact
from kassd.journal.files import OsFiles
from kassd.journal.segments import Segment, list_segments, load, read_lines, segment_path, wholeness
from kassd.journal.start import Options, start
from kassd.journal.verify import verify_journal

from .helpers import ORIGIN, SMALL, Ticker, close, entry, write_journal

RAW, PACKED = "000000000000.jsonl", "000000000000.jsonl.gz"


@pytest.fixture(params=[0, 4096])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Two sealed segments and an open one, all raw; a start reads the first only to pack it."""
    entries = [entry(n, closes=n in (11, 14), size=300) for n in range(17)]
    write_journal(tmp_path / "j", entries, align=request.param)
    (tmp_path / "j" / RAW).chmod(0o600)
    return tmp_path / "j"


def rot(path: Path, at: int = -900) -> bytes:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.chmod(0o600)
    path.write_bytes(data)
    return bytes(data)


def packed_beside(home: Path) -> bytes:
    """The packed form of the sealed segment, lying beside the raw one: a compaction was cut off."""
    raw = (home / RAW).read_bytes()
    for _ in compact(OsFiles(), Segment(0, home)):
        pass
    (home / RAW).write_bytes(raw)
    return (home / PACKED).read_bytes()


def run(home: Path) -> list[tuple[str, str]]:
    """Start, do all chores, stop; what was reported."""
    heard: list[tuple[str, str]] = []
    options = Options(
        capacity=SMALL, now=Ticker(), compact=True, report=lambda name, text: heard.append((name, text))
    )
    started = start(home, ORIGIN, options)
    while started.store.chore():
        pass
    close(started)
    return heard


def whole(data: bytes, first: int) -> bool:
    steps = wholeness(data, first)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bool(end.value)


def test_every_rotten_byte_of_a_segment_is_seen(tmp_path: Path) -> None:
    write_journal(tmp_path / "j", [entry(n, closes=n == 2, size=3) for n in range(3)], align=0)
    data = (tmp_path / "j" / RAW).read_bytes()
    assert whole(data, 0)
    assert not whole(data, 1)
    for at in range(len(data)):
        assert not whole(data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :], 0), at
        assert not whole(data[:at], 0)
    assert not whole(data + b"\0", 0)


def test_a_whole_segment_is_packed(home: Path) -> None:
    lines = list(read_lines(home))
    assert run(home) == []
    assert not (home / RAW).exists()
    assert list(read_lines(home))[: len(lines)] == lines
    assert verify_journal(home).ok


def test_a_cut_off_compaction_is_finished(home: Path) -> None:
    packed = packed_beside(home)
    before = (home / PACKED).stat().st_ino
    assert [segment.packed for segment in list_segments(OsFiles(), home)] == [False] * 3
    assert run(home) == []
    assert not (home / RAW).exists()
    assert (home / PACKED).read_bytes() == packed
    assert (home / PACKED).stat().st_ino == before, "what is good is not written again"


def test_rot_beside_a_good_packed_form_is_put_aside(home: Path) -> None:
    packed, lines = packed_beside(home), list(read_lines(home))
    rotten = rot(home / RAW)
    assert list(read_lines(home)) == lines, "the good form counts already"
    verdict = verify_journal(home)
    assert [(f.id, f.severity, f.where) for f in verdict.findings] == [("segment_rotten", "warning", RAW)]
    assert verdict.ok
    assert run(home) == [("aside", RAW)]
    assert (home / PACKED).read_bytes() == packed
    assert (home / "torn" / RAW).read_bytes() == rotten
    assert not (home / RAW).exists()
    assert verify_journal(home).findings == ()
    assert run(home) == [("aside", RAW)], "told as long as it lies there"


def test_a_start_goes_on_from_the_packed_form_after_the_last_closing(tmp_path: Path) -> None:
    """The rotten segment is one that the start must read."""
    home = tmp_path / "j"
    write_journal(home, [entry(n, size=900) for n in range(60)])
    packed_beside(home)
    rot(home / RAW)
    checked = verify_journal(home).checked
    assert run(home) == [("aside", RAW)]
    assert verify_journal(home).ok
    assert verify_journal(home).checked == checked


def test_rot_without_another_form_is_left_and_told(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    rotten = rot(home / RAW)
    for _ in range(2):
        assert run(home) == [("rotten", RAW)]
        assert (home / RAW).read_bytes() == rotten
        assert not (home / PACKED).exists()
    assert not (home / "torn").exists()
    assert [record.levelname for record in caplog.records] == ["CRITICAL"] * 2
    assert [f.id for f in verify_journal(home).findings] == ["chain_broken"]


def test_rot_in_both_forms_is_left_and_told(home: Path) -> None:
    packed_beside(home)
    rotten, spoilt = rot(home / RAW), rot(home / PACKED, 700)
    assert run(home) == [("rotten", RAW)]
    assert ((home / RAW).read_bytes(), (home / PACKED).read_bytes()) == (rotten, spoilt)


def test_a_rotten_packed_form_is_made_anew(home: Path) -> None:
    packed = packed_beside(home)
    rot(home / PACKED, 700)
    assert [segment.packed for segment in list_segments(OsFiles(), home)] == [False] * 3
    assert run(home) == []
    assert (home / PACKED).read_bytes() == packed
    assert not (home / RAW).exists()


def test_two_whole_forms_that_contradict_each_other_are_left_and_told(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_journal(other, [entry(n, closes=n == 11, size=301) for n in range(14)], compact=True)
    shutil.copy(other / PACKED, home / PACKED)
    before = (home / RAW).read_bytes()
    assert run(home) == [("rotten", RAW)]
    assert (home / RAW).read_bytes() == before
    assert (home / PACKED).read_bytes() == (other / PACKED).read_bytes()


def test_a_segment_the_medium_does_not_give_is_rotten(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed_beside(home)
    read = OsFiles.read

    def refuse(files: OsFiles, path: Path, offset: int = 0, length: int = -1) -> bytes:
        if path == home / RAW:
            raise OSError(5, "Input/output error")
        return read(files, path, offset, length)

    monkeypatch.setattr(OsFiles, "read", refuse)
    assert run(home) == [("aside", RAW)]
    assert verify_journal(home).ok


class Forgetful(OsFiles):
    """A card that stores something else than it was given."""

    def rename(self, source: Path, target: Path) -> None:
        if target.name.endswith(".gz"):
            source.chmod(0o600)
            source.write_bytes(gzip.compress(b"something else"))
        super().rename(source, target)


def test_what_is_not_read_back_keeps_the_raw_file(home: Path) -> None:
    raw, heard = (home / RAW).read_bytes(), list[str]()
    options = Options(capacity=SMALL, now=Ticker(), report=lambda name, text: heard.append(f"{name}: {text}"))
    started = start(home, ORIGIN, options, Forgetful())
    while started.store.chore():
        pass
    close(started)
    assert (home / RAW).read_bytes() == raw
    assert len(heard) == 1
    assert heard[0].startswith("compact: ")
    assert "read back otherwise" in heard[0]
    assert load(OsFiles(), list_segments(OsFiles(), home)[0]) == raw
    assert run(home) == []
    assert not segment_path(home, 0).exists()
    assert verify_journal(home).ok
