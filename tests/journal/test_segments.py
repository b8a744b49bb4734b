import gzip
from pathlib import Path

import pytest

from kassd.errors import JournalDamaged
from kassd.journal.files import OsFiles
from kassd.journal.line import genesis
from kassd.journal.merkle import Frontier
from kassd.journal.segments import (
    SegmentError,
    last_line,
    list_segments,
    load,
    read_lines,
    scan,
    seal_of,
    segment_path,
    strip_nul,
    strip_padding,
    unpack,
)

from .helpers import ORIGIN, entry, write_journal


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_journal(tmp_path / "j", [entry(n, closes=n in (3, 5)) for n in range(8)], compact=True)
    return tmp_path / "j"


def test_segments_are_listed_once_and_raw_wins(home: Path) -> None:
    segments = list_segments(OsFiles(), home)
    assert [(s.first, s.packed) for s in segments] == [(0, True), (6, True), (9, False)]
    assert all(s.path.exists() for s in segments)
    segment_path(home, 6).write_bytes(load(OsFiles(), segments[1]))
    (home / "junk.jsonl").write_bytes(b"")
    assert [(s.first, s.packed) for s in list_segments(OsFiles(), home)][1] == (6, False)
    assert list_segments(OsFiles(), home / "none") == []


def test_compaction_is_deterministic_and_drops_only_padding(home: Path) -> None:
    packed = (home / "000000000000.jsonl.gz").read_bytes()
    plain = unpack(packed)
    assert gzip.decompress(packed) == plain
    assert strip_padding(plain) == plain
    assert plain.count(b"\n") == 6
    assert seal_of(last_line(plain)) is not None


def test_bad_archives(home: Path) -> None:
    packed = (home / "000000000000.jsonl.gz").read_bytes()
    for broken in (packed[:-1], packed + b"x", b"x" + packed, b"", packed[:40]):
        with pytest.raises(SegmentError):
            unpack(broken)


def test_scan_stops_at_the_first_wrong_byte(home: Path) -> None:
    data = unpack((home / "000000000000.jsonl.gz").read_bytes())
    marks = {3: b"", 99: b""}
    whole = scan(data, 0, genesis(ORIGIN), Frontier(), marks)
    assert (whole.seq, whole.end, whole.count, whole.reason) == (6, len(data), 6, "")
    assert len(marks[3]) == 32
    assert marks[99] == b""
    third = data.find(b"\n", data.find(b"\n") + 1) + 1
    part = scan(data[:third] + b"x" + data[third:], 0, genesis(ORIGIN), Frontier())
    assert (part.seq, part.end, part.reason) == (2, third, "Zeile 2 erwartet")
    assert scan(data, 1, genesis(ORIGIN), Frontier()).reason == "Zeile 1 erwartet"
    assert scan(data, 0, bytes(32), Frontier()).reason == "der Hash stimmt nicht"
    assert scan(data[:-1], 0, genesis(ORIGIN), Frontier()).reason == "eine Zeile ohne Ende"


def test_strip_nul() -> None:
    assert strip_nul(b"a\nb\n\0\0") == b"a\nb\n"
    assert strip_nul(b"a\n\0x\0\0") == b"a\n\0x"
    assert strip_nul(b"\0\0") == b""


def test_read_lines_from_anywhere(home: Path) -> None:
    every = [line.seq for line in read_lines(home)]
    assert every == list(range(11))
    for first in every:
        assert [line.seq for line in read_lines(home, first)] == every[first:]
        assert [line.seq for line in read_lines(home, first, 7)] == every[first:8]
    assert list(read_lines(home, 11)) == []
    assert list(read_lines(home / "none")) == []


def test_read_lines_names_what_is_missing(home: Path) -> None:
    (home / "000000000006.jsonl.gz").unlink()
    with pytest.raises(JournalDamaged, match="Zeile 6 fehlt"):
        list(read_lines(home))
    (home / "000000000000.jsonl.gz").unlink()
    with pytest.raises(JournalDamaged, match="Zeile 2 fehlt"):
        list(read_lines(home, 2))


def test_read_lines_says_in_german_what_is_broken_and_what_to_do(home: Path) -> None:
    path = home / "000000000006.jsonl.gz"  # the raw form of it, as long as it is not compacted
    lines = gzip.decompress(path.read_bytes()).split(b"\n")
    lines[1] = lines[1].replace(b'"mono"', b'"mona"')
    path.with_suffix("").write_bytes(b"\n".join(lines))
    path.unlink()
    told = r"000000000006.jsonl: Zeile 7 ist beschädigt .*für den Betreuer: keys .* kassd restore "
    with pytest.raises(JournalDamaged, match=told):
        list(read_lines(home))


def test_read_lines_stops_before_a_batch_in_flight(home: Path) -> None:
    path = segment_path(home, 9)
    data = bytearray(path.read_bytes())
    end = len(strip_nul(bytes(data)))
    data[end : end + 8] = b'{"v":1,\n'
    path.write_bytes(data)
    assert [line.seq for line in read_lines(home, 9)] == [9, 10]
