import os
from pathlib import Path

import pytest

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse.soft.store import FILE, Record, Store, decode, encode


def fill(folder: Path, *commits: list[Record]) -> Store:
    store = Store(folder)
    store.open()
    list(store.records())
    for commit in commits:
        for record in commit:
            store.stage(record)
        store.commit()
    return store


def content(folder: Path) -> list[Record]:
    store = Store(folder)
    store.open()
    try:
        return [record for _, record in store.records()]
    finally:
        store.close()


COMMITS: list[list[Record]] = [[{"a": 1}], [{"b": "ü" * 3000}, {"c": 3}], [{"d": 4}]]
FLAT = [record for commit in COMMITS for record in commit]


def test_what_was_committed_is_read_again(tmp_path: Path) -> None:
    fill(tmp_path, *COMMITS).close()
    assert content(tmp_path) == FLAT


def test_records_are_found_where_committed_says(tmp_path: Path) -> None:
    store = fill(tmp_path, *COMMITS)
    spans = [span for span, _ in store.committed()]
    assert [record for _, record in store.committed()] == FLAT
    assert [store.read(span) for span in spans] == FLAT
    store.stage({"t": "not committed"})
    assert [record for _, record in store.committed()] == FLAT
    with pytest.raises(TseRefused):
        store.read((1, 0))
    with pytest.raises(TseRefused):
        store.read((0, 7))
    store.close()


def test_every_cut_leaves_whole_commits(tmp_path: Path) -> None:
    fill(tmp_path, *COMMITS).close()
    whole = (tmp_path / FILE).read_bytes()
    ends = [0, *(i + 1 for i, octet in enumerate(whole) if octet == 10)]
    expected = {end: [r for commit in COMMITS[:n] for r in commit] for n, end in enumerate(ends)}
    for cut in (*range(0, 60), *range(len(whole) - 60, len(whole) + 1)):
        (tmp_path / FILE).write_bytes(whole[:cut])
        last = max(end for end in ends if end <= cut)
        assert content(tmp_path) == expected[last]
        assert (tmp_path / FILE).stat().st_size == last


def test_zeros_at_the_end_are_removed(tmp_path: Path) -> None:
    fill(tmp_path, *COMMITS).close()
    with (tmp_path / FILE).open("ab") as writer:
        writer.write(bytes(500))
    assert content(tmp_path) == FLAT
    fill(tmp_path, [{"e": 5}]).close()
    assert content(tmp_path) == [*FLAT, {"e": 5}]


def test_damage_before_valid_lines_stops_the_device(tmp_path: Path) -> None:
    fill(tmp_path, *COMMITS).close()
    raw = bytearray((tmp_path / FILE).read_bytes())
    raw[12] ^= 1
    (tmp_path / FILE).write_bytes(raw)
    with pytest.raises(TseRefused, match="beschädigt"):
        content(tmp_path)


@pytest.mark.parametrize(
    "last",
    [
        b"\xff\x00\x9fno text at all",
        bytes(range(256)) * 4,
        b'0badc0de [{"whole": "but wrong"}]\n',
        b'0badc0de [{"beg\nun twice',
    ],
)
@pytest.mark.parametrize("commits", [[], COMMITS])
def test_what_no_power_cut_leaves_is_not_removed(
    tmp_path: Path, commits: list[list[Record]], last: bytes
) -> None:
    fill(tmp_path, *commits).close()
    with (tmp_path / FILE).open("ab") as writer:
        writer.write(last)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(TseRefused, match="beschädigt"):
        content(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_only_one_owner(tmp_path: Path) -> None:
    store = fill(tmp_path)
    with pytest.raises(TseGone, match="anderen Prozess"):
        Store(tmp_path).open()
    store.close()
    fill(tmp_path).close()


def test_failed_write_closes_and_leaves_the_outcome_unknown(tmp_path: Path) -> None:
    store = fill(tmp_path, *COMMITS)
    os.close(store._file)
    store._file = os.open(tmp_path / FILE, os.O_RDONLY)
    store.stage({"x": 1})
    with pytest.raises(TseSilent):
        store.commit()
    assert not store.is_open
    assert content(tmp_path) == FLAT


def test_replace_is_atomic(tmp_path: Path) -> None:
    store = fill(tmp_path, *COMMITS)
    (tmp_path / f"{FILE}.new").write_bytes(b"left over from a crash")
    store.replace(iter([{"n": 1}, {"n": 2}]))
    assert [record for _, record in store.records()] == [{"n": 1}, {"n": 2}]
    store.close()
    (tmp_path / f"{FILE}.new").write_bytes(b"left over from a crash")
    assert content(tmp_path) == [{"n": 1}, {"n": 2}]
    assert not (tmp_path / f"{FILE}.new").exists()


def test_lines() -> None:
    line = encode([{"a": 1}])
    assert decode(line) == [{"a": 1}]
    for place in range(len(line)):
        assert decode(line[:place] + bytes((line[place] ^ 4,)) + line[place + 1 :]) is None
