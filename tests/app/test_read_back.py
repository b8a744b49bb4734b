"""A sample of the archive against what the TSE gives back."""

import hashlib
from pathlib import Path

import pytest

from kassd.app import read_back
from kassd.app.read_back import Sample
from kassd.core.state import Archive
from kassd.errors import DataError
from kassd.tse.log.tar import END, entry
from kassd.tse.parts import read_members
from kassd.tse.port import ExportFilter
from tests.tse.soft.helpers import CLIENT, collect, ready


@pytest.fixture
async def data(tmp_path: Path) -> bytes:
    """An export of a TSE with some transactions."""
    tse = await ready(tmp_path / "tse")
    for _ in range(3):
        number = (await tse.start(CLIENT)).transaction_number
        await tse.finish(number, CLIENT, "Kassenbeleg-V1", b"Beleg")
    exported = await collect(tse.export(ExportFilter()))
    await tse.close()
    (tmp_path / "part.tar").write_bytes(exported)
    return exported


def archive(data: bytes, last: int) -> Archive:
    digest = hashlib.sha256(data).hexdigest()
    return Archive(last=last, first=1, file="part.tar", size=len(data), sha256=digest)


def newest(data: bytes) -> int:
    return data.count(b".log\0")


async def test_the_same_bytes_are_no_problem(tmp_path: Path, data: bytes) -> None:
    sample = Sample.of(tmp_path, archive(data, newest(data)))
    more = [await sample.take(data[at : at + 1000]) for at in range(0, len(data), 1000)]
    assert more[0] is True
    assert more[-1] is False, "complete before the end of the TSE's log is reached"
    assert sample.problem() == ""


async def test_the_sample_is_bounded(tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_back, "MESSAGES", 2)
    last = newest(data)
    sample = Sample.of(tmp_path, archive(data, last))
    assert (sample.first, set(sample.archived)) == (last - 1, {last - 1, last})


async def test_another_byte_and_a_missing_message_are_told(tmp_path: Path, data: bytes) -> None:
    sample = Sample.of(tmp_path, archive(data, newest(data)))
    await sample.take(data.replace(b"Beleg", b"BELEG", 1))
    assert "lautet anders als im Archiv" in sample.problem()
    sample = Sample.of(tmp_path, archive(data, newest(data)))
    await sample.take(data[: data.index(b"info.csv")] + END)
    assert "fehlt" in sample.problem()


async def test_the_archive_itself_is_looked_at_first(tmp_path: Path, data: bytes) -> None:
    known = archive(data, newest(data))
    (tmp_path / "part.tar").write_bytes(data[:-1] + b"\1")
    with pytest.raises(DataError, match="nicht mehr die"):
        Sample.of(tmp_path, known)
    (tmp_path / "part.tar").unlink()
    with pytest.raises(DataError, match="fehlt"):
        Sample.of(tmp_path, known)


async def test_what_the_tse_gives_back_must_be_messages(tmp_path: Path, data: bytes) -> None:
    sample = Sample.of(tmp_path, archive(data, newest(data)))
    with pytest.raises(DataError, match="nicht lesbar"):
        await sample.take(entry("Unixt_1_Sig-1_Log-Aud.log", b"no message", 0))


def test_the_helper_counts_messages(tmp_path: Path, data: bytes) -> None:
    with (tmp_path / "part.tar").open("rb") as file:
        assert sum(member.name.endswith(".log") for member in read_members(file)) == newest(data)
