"""Reading the store backwards, and where its bytes lie in files of a gigabyte."""

from pathlib import Path

import pytest

from kassd.errors import TseError
from kassd.tse.log.tar import END, entry
from kassd.tse.swissbit.store import CHUNK, FILE_SECTORS, Place, Store, walk


class Bytes(Store):
    """An archive in memory."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(Path())
        self.raw, self.asked = raw, 0

    def read(self, offset: int, size: int) -> bytes:
        self.asked += size
        return self.raw[offset : offset + size]


def test_walking_finds_the_first_header_that_leads_to_the_end() -> None:
    inner = entry("not-a-member", b"x" * 600, 0)  # lies in another's data and leads nowhere
    cut = entry("cut", b"y" * 512 + inner + b"z" * 700, 0)
    whole = entry("a", b"1", 0) + entry("b", b"", 0) + entry("c", bytes(1024), 0)
    found = walk(cut[1024:] + whole, 10_240)
    begin = 10_240 + len(cut) - 1024
    assert found == [Place(begin, "a"), Place(begin + 1024, "b"), Place(begin + 1536, "c")]
    assert [place.name for place in walk(whole + END, 0)] == ["a", "b", "c"]
    assert walk(bytes(4096), 0) == []
    assert walk(b"\xff" * 4096, 0) == []


def test_a_long_name_begins_with_its_own_header() -> None:
    name = "n" * 120
    raw = entry("a", b"1", 0) + entry(name, b"2", 0)
    assert walk(raw, 0) == [Place(0, "a"), Place(1024, name)]


def test_finding_from_the_end_reads_no_more_than_it_must() -> None:
    raw = b"".join(entry(f"m{n}", b"d" * 700, 0) for n in range(2000))
    store = Bytes(raw)
    place = store.find_back(len(raw), lambda name: name == "m1990")
    assert place == Place(1990 * 1536, "m1990")
    assert store.asked == CHUNK
    assert store.find_back(len(raw), lambda name: name == "m3") == Place(3 * 1536, "m3")
    assert store.find_back(len(raw), lambda name: name == "none") is None
    assert store.find_back(0, lambda name: True) is None


def test_a_member_larger_than_the_window_is_found() -> None:
    raw = entry("small", b"1", 0) + entry("large", b"L" * (3 * CHUNK), 0) + entry("last", b"2", 0)
    assert Bytes(raw).find_back(len(raw), lambda name: name == "small") == Place(0, "small")


def test_a_store_without_headers_is_told() -> None:
    with pytest.raises(TseError, match="Dateikopf"):
        Bytes(b"\xff" * 4096).find_back(4096, lambda name: True)


class Parts(Store):
    """Notes what is written where."""

    class File:
        def __init__(self, index: int, notes: list[tuple[int, int, bytes]]) -> None:
            self.index, self.notes = index, notes

        def write(self, data: bytes, offset: int = 0) -> None:
            self.notes.append((self.index, offset, data))

    def __init__(self) -> None:
        super().__init__(Path())
        self.notes: list[tuple[int, int, bytes]] = []

    def _file(self, index: int) -> "Parts.File":  # type: ignore[override]  # what write() needs of it
        return Parts.File(index, self.notes)


def test_sectors_follow_each_other_over_the_end_of_a_file() -> None:
    data = bytes(range(256)) * 6 + b"rest"  # four sectors: adding 512 instead of 1 would scatter them
    store = Parts()
    store.write(FILE_SECTORS - 1, data)
    assert store.notes == [(0, (FILE_SECTORS - 1) * 512, data[:512]), (1, 0, data[512:])]
    store.notes.clear()
    store.write(FILE_SECTORS, data)
    assert store.notes == [(1, 0, data)]
    store.notes.clear()
    store.write(5, b"")
    assert store.notes == []
    large = bytes(CHUNK) + b"x"
    store.write(7, large)
    assert store.notes == [(0, 7 * 512, large[:CHUNK]), (0, (7 + CHUNK // 512) * 512, b"x")]
