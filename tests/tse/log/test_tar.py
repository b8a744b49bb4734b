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
    assert [(r.id, r.where) for r in reader.remarks] == [("member_unknown", "link")]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (ARCHIVE[:512].replace(b"a.log", b"b.log") + ARCHIVE[512:], "Prüfsumme"),
        (ARCHIVE[:1024] + bytes(512) + ARCHIVE[1024:], "Nullblock"),
        (ARCHIVE + b"more", "nach dem Ende"),
        (tar._header(b"big", 5 << 20, 0, b"0"), "zu groß"),
        (tar._header(b"p", 3, 0, b"x") + b"9 x" + bytes(509), "pax"),
        (tar._header(b"p", 6, 0, b"x") + b"6 path" + bytes(506), "pax"),
        (tar._header(b"p", 9, 0, b"x") + b"9 path=ab" + bytes(503), "pax"),
        (ARCHIVE[:148] + b"0_" + ARCHIVE[150:], "nicht lesbar"),
        (b"x" * 512, "nicht lesbar"),
    ],
)
def test_damage_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(TarError, match=why):
        read(raw)


def remarks(raw: bytes) -> list[tuple[str, str]]:
    reader = TarReader()
    assert len(list(reader.feed(raw))) <= len(FILES)
    return [(remark.id, remark.where) for remark in reader.remarks]


def test_what_is_odd_is_remarked() -> None:
    assert remarks(ARCHIVE) == []
    assert remarks(ARCHIVE[:600] + b"x" + ARCHIVE[601:]) == [("padding_not_zero", "a.log")]
    assert remarks(ARCHIVE[:155] + b"\0" + ARCHIVE[156:]) == [("header_unusual", "a.log")]
    global_header = tar._header(b"g", 0, 0, b"g")
    assert remarks(global_header + ARCHIVE) == [("member_unknown", "g")]
    record = b"18 SCHILY.dev=123\n"
    pax = tar._header(b"pax", len(record), 0, b"x") + record + bytes(512 - len(record))
    assert remarks(pax + ARCHIVE) == [("header_unusual", "Eintrag 1")]


def test_no_directory_hides_content() -> None:
    folder = tar._header(b"folder/", 5, 0, b"5") + b"hello" + bytes(507)
    assert remarks(folder + tar.END) == [("member_unknown", "folder/")]
    assert [name for name, _ in read(tar._header(b"old/", 5, 0, b"0") + b"hello" + bytes(507))] == ["old/"]


def test_every_changed_byte_of_a_header_is_noticed() -> None:
    """A wrong checksum, or a remark about how the right one is written."""
    for place in range(512):
        for flip in (1, 2, 0x10, 0x20, 0x30, 0x80, 0xFF):
            mutant = bytearray(ARCHIVE)
            mutant[place] ^= flip
            try:
                assert remarks(bytes(mutant)), (place, flip)
            except TarError:
                continue


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
