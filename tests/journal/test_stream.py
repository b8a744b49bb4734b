"""Reading fast: the same lines as ``read_lines``, and where periods begin."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from kassd.errors import JournalDamaged
from kassd.journal import read_lines
from kassd.journal.line import parse_line
from kassd.journal.stream import last_start, raw_lines, reach, start_of_closing
from tests.fiscal.kit import traded


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return traded(tmp_path_factory.mktemp("bar") / "bar", "bar", date(2026, 3, 2), days=4, density=0.02)


@pytest.mark.parametrize("first", [0, 1, 57, 100_000])
def test_the_lines_are_those_of_read_lines(journal: Path, first: int) -> None:
    lines = [parse_line(raw) for raw in raw_lines(journal, first)]
    assert lines == [line for line in read_lines(journal) if line.seq >= first]


def closings(journal: Path) -> list[int]:
    """Seqs of the closing lines."""
    return [
        line.seq for line in read_lines(journal) if any(fact["kind"] == "till.closed" for fact in line.facts)
    ]


def test_a_period_begins_after_the_closing_before_it(journal: Path) -> None:
    ends = closings(journal)
    assert len(ends) == 4
    assert start_of_closing(journal, 1).seq == 0
    for number in (2, 3, 4):
        start = start_of_closing(journal, number)
        assert parse_line(start.closing).seq == ends[number - 2]
        assert ends[number - 2] < start.seq <= ends[number - 2] + 2  # the seal of its segment is between
    assert start_of_closing(journal, 99).seq > ends[-1]


def test_a_day_s_period_begins_before_everything_of_that_day(journal: Path) -> None:
    assert (
        last_start(journal, "2026-01-01") == last_start(journal, "2026-03-01") == start_of_closing(journal, 1)
    )
    for day in ("2026-03-03", "2026-03-04", "2026-03-05"):
        start = last_start(journal, day)
        later = [line.seq for line in read_lines(journal) if line.at >= day]
        assert start.seq <= later[0]
        assert start.seq == 0 or parse_line(start.closing).at < day
    assert last_start(journal, "2027-01-01").seq > closings(journal)[-2]


def test_how_far_a_journal_reaches(journal: Path, tmp_path: Path) -> None:
    assert reach(tmp_path) == 0
    assert 0 < reach(journal) <= max(line.seq for line in read_lines(journal)) + 1


def test_a_line_in_the_middle_that_is_another_is_told(journal: Path, tmp_path: Path) -> None:
    for path in journal.glob("*.jsonl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    first = tmp_path / "000000000000.jsonl"
    first.write_bytes(first.read_bytes().replace(b'{"v":1,"seq":3,', b'{"v":1,"seq":4,', 1))
    with pytest.raises(JournalDamaged, match="Zeile 3"):
        list(raw_lines(tmp_path))


def damaged(journal: Path, place: Path, seq: int) -> Path:
    """A copy in which one letter of line ``seq`` is another, still JSON."""
    copy = Path(shutil.copytree(journal, place))
    for path in sorted(copy.glob("*.jsonl")):
        text = path.read_bytes()
        for line in text.split(b"\n"):
            if line.startswith(b'{"v":1,"seq":%d,' % seq):
                path.write_bytes(text.replace(line, line.replace(b'"at":"2026', b'"at":"2025', 1)))
                return copy
    raise AssertionError(seq)


@pytest.mark.parametrize("seq", [0, 1, 60])
def test_a_changed_line_is_no_line(journal: Path, tmp_path: Path, seq: int) -> None:
    copy = damaged(journal, tmp_path / "copy", seq)
    with pytest.raises(JournalDamaged, match=f"Zeile {seq} ist nicht, was dort geschrieben wurde"):
        list(raw_lines(copy))
    with pytest.raises(JournalDamaged, match=f"Zeile {seq} "):
        list(raw_lines(copy, seq))
    if seq:  # line 0 vouches for where the chain begins
        assert next(raw_lines(copy, seq + 1), b"").startswith(b'{"v":1,"seq":%d,' % (seq + 1))


def test_a_broken_line_before_others_is_no_torn_tail(journal: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(journal, tmp_path / "copy"))
    last = [path for path in sorted(copy.glob("*.jsonl")) if path.read_bytes().startswith(b"{")][-1]
    for path in copy.glob("*.jsonl"):
        if path.name > last.name:
            path.unlink()  # the spare one
    last.write_bytes(b"\n".join(last.read_bytes().split(b"\n")[:-2]) + b"\n")  # without its seal: the newest
    lines = [line for line in last.read_bytes().split(b"\n") if line.startswith(b"{")]
    assert len(lines) > 2
    last.write_bytes(last.read_bytes().replace(lines[-2], b"x" + lines[-2][1:]))
    with pytest.raises(JournalDamaged, match="dort steht nicht Zeile"):
        list(raw_lines(copy))
