"""kassd.journal.lost: what no start will find is not acknowledged, and it is saved if that can be done."""

import asyncio
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from kassd.errors import JournalError, JournalLost
from kassd.journal import Journal, read_lines, verify_journal
from kassd.journal.files import OsFiles
from kassd.journal.segments import segment_path

from .helpers import ORIGIN, entry
from .test_journal import idle, opened


async def sold(home: Path, **how: object) -> Journal:
    """A journal with three acknowledged lines, and nothing left to do."""
    journal = await opened(home, **how)
    for number in (1, 2):
        await journal.append(entry(number))
    await idle(journal)
    return journal


async def refused(journal: Journal) -> str:
    """The next line is not acknowledged, and nothing after it; gives the sentence."""
    with pytest.raises(JournalLost) as found:
        await journal.append(entry(3))
    assert (await journal.failed) is found.value
    with pytest.raises(JournalLost):
        journal.append(entry(4))
    await journal.close()
    return str(found.value)


async def goes_on(home: Path, lines: int) -> None:
    """A start finds ``lines`` and goes on."""
    journal, recovery = await Journal.open(home, ORIGIN)
    assert (recovery.tail, recovery.size, recovery.created) == ("clean", lines, False)
    assert (await journal.append(entry(9))).seq == lines
    await journal.close()
    verdict = verify_journal(home)
    assert verdict.ok, verdict.findings


async def test_a_folder_that_was_moved(tmp_path: Path) -> None:
    home, away = tmp_path / "j", tmp_path / "away"
    journal = await sold(home)
    home.rename(away)
    told = await refused(journal)
    assert f"liegt jetzt unter {away / '000000000000.jsonl'}" in told
    assert not home.exists(), "nothing is in the way of putting it back"
    away.rename(home)
    await goes_on(home, 4)


@pytest.mark.parametrize("whole", [True, False])
async def test_what_was_deleted_is_put_back(tmp_path: Path, whole: bool) -> None:
    home = tmp_path / "j"
    journal = await sold(home)
    key = (home / "key").read_bytes()
    shutil.rmtree(home) if whole else segment_path(home, 0).unlink()
    told = await refused(journal)
    assert "gelöscht" in told
    assert "Die Zeilen ab 0 sind gerettet" in told
    assert (home / "key").read_bytes() == key
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600
    await goes_on(home, 4)


async def test_what_was_deleted_comes_without_what_was_sealed_before(tmp_path: Path) -> None:
    home = tmp_path / "j"
    journal = await sold(home)
    await journal.append(entry(3, closes=True))
    await journal.append(entry(4))
    await idle(journal)
    shutil.rmtree(home)
    assert "Die Zeilen ab 5 sind gerettet" in await refused(journal)
    with pytest.raises(JournalError):
        await Journal.open(home, ORIGIN)


async def test_another_file_has_taken_its_name(tmp_path: Path) -> None:
    home = tmp_path / "j"
    journal = await sold(home)
    raw = segment_path(home, 0)
    older = raw.read_bytes()
    raw.unlink()
    raw.write_bytes(older)
    told = await refused(journal)
    kept = home / "torn" / raw.name
    assert str(kept) in told
    assert raw.read_bytes() == older
    (tmp_path / "k").mkdir()
    shutil.copy(kept, tmp_path / "k")
    assert [line.seq for line in read_lines(tmp_path / "k")] == [0, 1, 2, 3]


class Unwritable(OsFiles):
    """Nothing new can be made."""

    shut = False

    def mkdir(self, path: Path) -> None:
        if self.shut:
            raise PermissionError(13, "Permission denied", str(path))
        super().mkdir(path)


async def test_what_cannot_be_saved_is_said(tmp_path: Path) -> None:
    home, files = tmp_path / "j", Unwritable()
    journal = await sold(home, files=files)
    shutil.rmtree(home)
    files.shut = True
    told = await refused(journal)
    assert "konnten nicht gerettet werden (Permission denied)" in told
    assert "kassd restore" in told


async def test_the_medium_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = await sold(tmp_path / "j")
    monkeypatch.setattr(OsFiles, "is_at", lambda *_: False)
    assert "wieder einhängen" in await refused(journal)


def removed(home: Path) -> None:
    while home.exists():  # a checkpoint may be written just now: a name goes, another one comes
        shutil.rmtree(home, ignore_errors=True)


def moved(home: Path) -> None:
    home.rename(home.with_name("away"))


@pytest.mark.parametrize("take", [removed, moved])
async def test_a_checkpoint_that_is_due_finds_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, take: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("kassd.journal.store.CHECKPOINT_S", 0.3)
    journal = await sold(tmp_path / "j")
    await journal.append(entry(3))
    take(tmp_path / "j")
    async with asyncio.timeout(60):
        assert isinstance(await journal.failed, JournalLost)
    await journal.close()


@pytest.mark.parametrize("take", [removed, moved])
async def test_a_closing_finds_it_out(tmp_path: Path, take: Callable[[Path], None]) -> None:
    journal = await sold(tmp_path / "j")
    take(tmp_path / "j")
    with pytest.raises(JournalLost):
        await journal.reserve(b"x" * 4096)
    assert isinstance(await journal.failed, JournalLost)
    await journal.close()


@pytest.mark.parametrize("take", [removed, moved])
async def test_a_stop_finds_it_out(tmp_path: Path, take: Callable[[Path], None]) -> None:
    journal = await sold(tmp_path / "j")
    take(tmp_path / "j")
    await journal.close()
    assert isinstance(journal.failed.result(), JournalLost)
    assert (tmp_path / "j").exists() == (take is removed)
