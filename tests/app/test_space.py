"""The disk is looked at when something was written, and what a day takes is remembered."""

import asyncio
import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from kassd.app.space import FILE, Space, measure
from kassd.core.outlook import ASSUMED, MIB, Outlook

Usage = namedtuple("Usage", "total used free")


class Disk:
    """What the system says of the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.used, self.asked = 100 * MIB, list[Path]()
        monkeypatch.setattr(shutil, "disk_usage", self.usage)

    def usage(self, path: Path) -> Usage:
        self.asked.append(path)
        return Usage(1000 * MIB, self.used, 1000 * MIB - self.used)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_days_are_remembered_beside_the_journal(tmp_path: Path, disk: Disk) -> None:
    journal = tmp_path / "journal"
    assert measure(journal) == Outlook(900 * MIB, ASSUMED)
    assert disk.asked == [tmp_path], "the journal will lie there"
    assert not (tmp_path / FILE).exists()
    for day in range(20, 24):
        disk.used += 10 * MIB
        measure(journal, f"2026-11-{day}")
    assert measure(journal) == Outlook(860 * MIB, 10 * MIB)
    assert measure(journal).days == 86


@pytest.mark.parametrize("content", [b"", b"{}", b'{"days": [[1]]}', b"\xff", b'{"days": 3}'])
def test_a_file_that_is_none_is_begun_anew(tmp_path: Path, disk: Disk, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert measure(tmp_path / "journal", "2026-11-20") == Outlook(900 * MIB, ASSUMED)
    assert json.loads((tmp_path / FILE).read_bytes()) == {"v": 1, "days": [["2026-11-20", 100 * MIB]]}


def test_where_the_day_cannot_be_remembered_the_outlook_is_told_all_the_same(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / f"{FILE}.tmp").mkdir()
    assert measure(tmp_path / "journal", "2026-11-20") == Outlook(900 * MIB, ASSUMED)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_an_idle_register_wakes_nobody_for_the_disk(tmp_path: Path, disk: Disk) -> None:
    told: list[Outlook] = []
    space = Space(tmp_path / "journal", told.append)
    task = asyncio.create_task(space.run())

    async def heard(count: int) -> None:
        async with asyncio.timeout(20):
            while len(told) < count:
                await asyncio.sleep(0.001)

    await heard(1)
    await asyncio.sleep(0.1)
    assert len(told) == len(disk.asked) == 1
    disk.used += MIB
    space.look()
    await heard(2)
    assert told[-1].free == 899 * MIB
    space.closed("2026-11-20")
    await heard(3)
    assert json.loads((tmp_path / FILE).read_bytes())["days"] == [["2026-11-20", 101 * MIB]]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
