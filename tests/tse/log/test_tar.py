import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.tse.log import tar
from kassd.tse.log.tar import TarError, TarReader

FILES = [("a.log", b"hello"), ("empty", b""), ("b" * 120, b"x" * 512), ("c", bytes(1000))]
ARCHIVE = b"".join(tar.entry(name, data, 1_600_000_000) for name, data in FILES) + tar.END


def read(raw: bytes, step: int = 1 << 20) -> list[tuple[str, bytes]]:
    reader, found = TarReader(), []
    for offset in range(0, len(raw), step):
        found += [(m.name, m.data) for m in reader.feed(raw[offset : offset + step])]
    reader.close()
    return found


@pytest.mark.parametrize("step", [1, 7, 511, 512, 513, 1 << 20])
def test_any_chunking_gives_the_members(step: int) -> None:
    assert read(ARCHIVE, step) == FILES


def test_standard_library_reads_what_we_write() -> None:
    with tarfile.open(fileobj=io.BytesIO(ARCHIVE)) as judge:
        found = [(m.name, judge.extractfile(m).read()) for m in judge.getmembers()]  # type: ignore[union-attr]
    assert found == FILES


@pytest.mark.parametrize("tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_we_read_what_the_standard_library_writes(tar_format: int) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as writer:
        folder = tarfile.TarInfo(".")
        folder.type = tarfile.DIRTYPE
        writer.addfile(folder)
        for name, data in [("./one.log", b"1"), ("long" * 30 + "/x", b"2"), ("ü", b"3")]:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1.5 if tar_format == tarfile.PAX_FORMAT else 1
            writer.addfile(info, io.BytesIO(data))
    assert read(buffer.getvalue()) == [("one.log", b"1"), ("long" * 30 + "/x", b"2"), ("ü", b"3")]


def test_missing_end_is_told_and_cut_member_refused() -> None:
    reader = TarReader()
    assert len(list(reader.feed(ARCHIVE[:-1024]))) == len(FILES)
    reader.close()
    assert not reader.ended
    with pytest.raises(TarError, match="bricht in Eintrag 1 ab"):
        read(ARCHIVE[:600])


def test_odd_entries_are_listed() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as writer:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        writer.addfile(link)
    reader = TarReader()
    assert list(reader.feed(buffer.getvalue())) == []
    assert reader.odd_entries == ["link"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (ARCHIVE[:512].replace(b"a.log", b"b.log") + ARCHIVE[512:], "Prüfsumme"),
        (ARCHIVE[:1024] + bytes(512) + ARCHIVE[1024:], "Nullblock"),
        (ARCHIVE + b"more", "nach dem Ende"),
        (tar._header(b"big", 5 << 20, 0, b"0"), "zu groß"),
        (tar._header(b"p", 3, 0, b"x") + b"9 x" + bytes(509), "pax"),
        (b"x" * 512, "nicht lesbar"),
    ],
)
def test_damage_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(TarError, match=why):
        read(raw)


def test_data_after_the_end_in_a_later_chunk_is_refused() -> None:
    reader = TarReader()
    list(reader.feed(ARCHIVE))
    list(reader.feed(bytes(9000)))
    with pytest.raises(TarError, match="nach dem Ende"):
        list(reader.feed(b"x"))


@given(st.binary(max_size=2000), st.integers(0, len(ARCHIVE)))
def test_garbage_never_crashes(garbage: bytes, place: int) -> None:
    try:
        read(ARCHIVE[:place] + garbage + ARCHIVE[place:])
    except TarError:
        pass
