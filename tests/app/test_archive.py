"""The archivist over a real soft TSE and its worker; the register's state is set by the test."""

import asyncio
import hashlib
from collections import namedtuple
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kassd.app import archive as room
from kassd.app import archive_check
from kassd.app.archive import Archivist
from kassd.app.archive_check import Checked, Task
from kassd.app.archive_files import keep
from kassd.clock import Clock
from kassd.core import inputs as i
from kassd.core.facts import Wish
from kassd.core.inputs import Input
from kassd.core.state import Archive, Bound, Sale, State, TseState
from kassd.tse.soft import Fault
from tests.tse.soft.helpers import CLIENT
from tests.tse.test_worker import Make, Scene, make

__all__ = ["make"]  # the fixture
WISH = "7.1"


class House:
    """Folds what the archivist reports as the register would."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        assert scene.worker.info is not None
        info = scene.worker.info
        self.serial = info.serial_number
        bound = Bound(self.serial, info.public_key, "", "", CLIENT, 0, info.certificates)
        self.place = folder / "tse-archive"
        self.state = State(tse=TseState(bound=bound, ready=True, surveyed=True))
        self.posted: list[Input] = []
        self.scene = scene
        self.archivist = Archivist(
            self.place, folder / "journal", Clock(), scene.worker, lambda: self.state, self.post
        )
        self.task = asyncio.create_task(self.archivist.run())

    def post(self, input: Input) -> None:
        self.posted.append(input)
        archive = self.state.tse.archive
        if isinstance(input, i.TseArchived):
            newest = Archive(input.last, input.seq, input.first, input.file, input.size, input.sha256)
            self.set(outbox={}, tse=replace(self.state.tse, archive=newest if input.file else archive))
        elif isinstance(input, i.TseReadBack):
            read = replace(archive, read_at="2999-01-01T00:00:00+00:00", unread=input.problem)
            now = Clock().now().isoformat()
            self.set(tse=replace(self.state.tse, archive=replace(read, read_at=now)))

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self.archivist.decided(self.state)

    def wish(self) -> None:
        args = {"serial_number": self.serial, "after": self.state.tse.archive.last}
        self.set(outbox={WISH: Wish(WISH, "archive", args)})

    async def next(self, kind: type[Input], seconds: float = 20.0) -> Any:
        async with asyncio.timeout(seconds):
            while not (found := [each for each in self.posted if isinstance(each, kind)]):
                assert not self.task.done(), self.task
                await asyncio.sleep(0.005)
        self.posted.clear()
        return found[-1]

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def whole_house(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(room, "QUIET_S", 0.01)
    monkeypatch.setattr(room, "RETRY_FIRST_S", 0.05)
    scene = make(folder=tmp_path / "tse")
    await scene.up()
    made = House(scene, tmp_path)
    yield made
    await made.end()


@pytest.fixture
def house(whole_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Archives are checked in this process: the start of another for each is what would take the time."""
    damaging(monkeypatch, lambda found: found)
    return whole_house


def damaging(monkeypatch: pytest.MonkeyPatch, change: Callable[[Checked], Checked]) -> list[Task]:
    """Let the check find more than there is."""
    tasks: list[Task] = []

    async def checked(_: Archivist, task: Task) -> Checked:
        tasks.append(task)
        return change(await asyncio.to_thread(archive_check.check, task))

    monkeypatch.setattr(Archivist, "_check", checked)
    return tasks


async def test_a_wish_becomes_a_file_and_is_read_back(whole_house: House) -> None:
    house = whole_house
    house.wish()
    done = await house.next(i.TseArchived)
    path = house.place / done.file
    assert (done.wish, done.serial_number, done.findings) == (WISH, house.serial, ())
    assert hashlib.sha256(path.read_bytes()).hexdigest() == done.sha256
    assert path.stat().st_mode & 0o777 == 0o400, "never changed again"
    assert house.place.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == [f"{done.first}-{done.last}.tar"]
    read = await house.next(i.TseReadBack)
    assert (read.first, read.last, read.problem) == (done.first, done.last, "")


async def test_nothing_new_leaves_no_file(house: House) -> None:
    house.wish()
    first = await house.next(i.TseArchived)
    house.wish()
    done = await house.next(i.TseArchived)
    assert (done.messages, done.file, done.last) == (0, "", first.last)
    assert len(list((house.place / house.serial).iterdir())) == 1


@pytest.mark.parametrize(
    "served",
    [
        {"sales": {"1-1": Sale("1-1", "sale", "main", "", "")}},
        {"tse": "not ready"},
        {"tse": "not surveyed"},
    ],
    ids=["sale", "away", "unsurveyed"],
)
async def test_it_waits_for_a_quiet_moment(house: House, served: dict[str, Any]) -> None:
    before = house.state
    if "tse" in served:
        tse = replace(before.tse, **{served["tse"].removeprefix("not "): False})
        served = {"tse": tse}
    house.set(**served)
    house.wish()
    await asyncio.sleep(0.1)
    assert not house.place.exists()
    house.set(sales={}, tse=before.tse)
    await house.next(i.TseArchived)


async def test_a_refusal_is_told_and_tried_again(house: House) -> None:
    house.scene.tse.faults.set(Fault("refuse", ("export",), code="busy", times=1))
    house.wish()
    failed = await house.next(i.TseArchiveFailed)
    assert (failed.wish, failed.reason) == (WISH, "refused:busy")
    await house.next(i.TseArchived)


async def test_that_there_is_no_quiet_moment_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BUSY_S", 0)
    real, given_way = house.scene.worker.export, asyncio.get_running_loop().create_future()
    given_way.set_result(False)
    monkeypatch.setattr(house.scene.worker, "export", lambda *_: given_way)
    house.wish()
    assert (await house.next(i.TseArchiveFailed)).reason == "busy"
    monkeypatch.setattr(house.scene.worker, "export", real)
    await house.next(i.TseArchived)


async def test_the_disk_keeps_a_reserve_for_the_journal(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    free = [room.RESERVE - 1]
    monkeypatch.setattr("kassd.app.archive.shutil.disk_usage", lambda _: usage(1, 1, free[0]))
    house.wish()
    failed = await house.next(i.TseArchiveFailed)
    assert (failed.reason, "Platz" in failed.message) == ("disk", True)
    assert not list(house.place.rglob("*.part")), "what was begun is given back"
    free[0] = room.RESERVE
    await house.next(i.TseArchived)


async def test_a_disk_that_cannot_be_written_is_told(house: House) -> None:
    house.place.write_text("a file where the folder should be")
    house.wish()
    failed = await house.next(i.TseArchiveFailed)
    assert (failed.reason, "Schreiben" in failed.message) == ("disk", True)
    house.place.unlink()
    await house.next(i.TseArchived)


async def test_a_damaged_export_is_read_again_and_at_last_kept_as_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = damaging(monkeypatch, lambda found: replace(found, damaged=("Zähler 3 [signature_invalid]",)))
    house.wish()
    for _ in range(room.TRIES - 1):
        failed = await house.next(i.TseArchiveFailed)
        assert (failed.reason, "Zähler 3" in failed.message) == ("damaged", True)
    done = await house.next(i.TseArchived)
    assert done.findings == ("Zähler 3 [signature_invalid]",)
    assert len(tasks) == room.TRIES


async def test_what_holds_no_message_is_never_an_archive(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaging(monkeypatch, lambda found: replace(found, messages=0, damaged=("[archive_damaged]",)))
    house.wish()
    for _ in range(room.TRIES + 1):
        assert (await house.next(i.TseArchiveFailed)).reason == "damaged"
    assert house.state.outbox


async def test_a_check_that_dies_is_told(whole_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.app.archive.sys.executable", "/bin/false")
    whole_house.wish()
    assert (await whole_house.next(i.TseArchiveFailed)).reason == "check"


async def test_a_part_that_was_changed_is_told_with_the_next_reading(house: House) -> None:
    house.wish()
    await house.next(i.TseReadBack)
    await asyncio.sleep(2 * room.RETRY_FIRST_S)
    archive = replace(house.state.tse.archive, sha256="00" * 32, read_at="2026-01-01T00:00:00+01:00")
    house.set(tse=replace(house.state.tse, archive=archive))
    assert "nicht mehr die" in (await house.next(i.TseReadBack)).problem


async def test_a_tse_that_refuses_to_be_read_is_told(house: House) -> None:
    house.wish()
    await house.next(i.TseArchived)
    house.scene.tse.faults.set(Fault("refuse", ("export",), code="busy"))
    assert "Nicht lesbar" in (await house.next(i.TseReadBack)).problem


def test_a_file_that_no_line_names_makes_way_and_is_kept(tmp_path: Path) -> None:
    part, target = tmp_path / "export.part", tmp_path / "1-9.tar"
    target.write_bytes(b"left by a power cut")
    part.write_bytes(b"new")
    keep(part, target)
    assert target.read_bytes() == b"new"
    (aside,) = tmp_path.glob("1-9.tar.*.aside")
    assert aside.read_bytes() == b"left by a power cut"
