"""A journal read beside its writer: the same lines, and no more of the disk than is used."""

from pathlib import Path

import pytest

from kassd.journal import Entry, Journal, read_lines
from kassd.journal.files import OsFiles
from kassd.sim.world_journal import PIECE, Used, follow


def entry(number: int, size: int = 100) -> Entry:
    facts = [{"kind": "sale.line_added", "data": {"n": number, "text": "x" * size}}]
    return Entry("2026-01-02T03:04:05.000000Z", number, "00112233aabbccdd", facts, [])


async def test_the_lines_are_those_of_the_journal_and_go_on_where_one_has_read(tmp_path: Path) -> None:
    assert list(follow(tmp_path / "none")) == []
    journal, _ = await Journal.open(tmp_path, "KASSE-1")
    try:
        for number in range(40):
            await journal.append(entry(number, 3000))
        read = list(follow(tmp_path))
        assert read == list(read_lines(tmp_path))
        assert len(read) > 40
        newest = await journal.append(entry(40))
        assert [line.seq for line in follow(tmp_path, len(read))] == [newest.seq]
        assert list(follow(tmp_path, len(read) + 1)) == []
    finally:
        await journal.close()


async def test_the_unused_rest_of_a_segment_is_left_alone(tmp_path: Path) -> None:
    journal, _ = await Journal.open(tmp_path, "KASSE-1")
    await journal.append(entry(1))
    await journal.close()
    (segment,) = tmp_path.glob("*.jsonl")
    whole, used = OsFiles().read(segment), Used().read(segment)
    assert whole.startswith(used)
    assert whole.strip(b"\0") == used.strip(b"\0")
    assert len(used) <= 2 * PIECE < len(whole)
    assert Used().read(segment, 5, 7) == whole[5:12]


@pytest.mark.parametrize("name", ["packed.jsonl.gz", "checkpoint"])
def test_nul_in_another_file_is_content(tmp_path: Path, name: str) -> None:
    data = b"a" + bytes(3 * PIECE) + b"b"
    (tmp_path / name).write_bytes(data)
    assert Used().read(tmp_path / name) == data
