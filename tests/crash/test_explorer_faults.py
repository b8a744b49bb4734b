"""A6 test 6: the Nth operation fails, once or for ever. What was acknowledged stays; nothing is after it."""

import asyncio
import errno
import os
import random
from pathlib import Path

import pytest
from explorer_disk import Op, RecordedDisk, crash_state
from explorer_run import HOME, ORIGIN, SMALL, Ticker, all_lines, check_state, entry, live, options

from kassd.errors import JournalError
from kassd.journal import Journal
from kassd.journal.files import OsFiles
from kassd.journal.start import start

FAULTS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EROFS": errno.EROFS, "short": 0, "EINTR": errno.EINTR}


def failing(disk: RecordedDisk, nth: int, fault: str, for_ever: bool) -> None:
    """Let operation ``nth`` (and, for ever, all after it) fail."""

    def fail(number: int, op: Op) -> int | None:
        if number == nth or (for_ever and number > nth):
            if fault == "short" and op.kind == "write":
                return len(op.data) // 2
            raise OSError(FAULTS[fault] or errno.EIO, f"injected {fault}")
        return None

    disk.fail = fail


async def sell_until_it_fails(disk: RecordedDisk) -> tuple[list[int], bool]:
    """Open and append; return the acknowledged seqs and whether an error was raised."""
    try:
        journal, _ = await Journal.open(HOME, ORIGIN, files=disk, now=Ticker(), segment_size=SMALL)
    except JournalError:
        return [], True
    acked: list[int] = []
    failed = False
    chance = random.Random(6)
    for number in range(14):
        try:
            line = await journal.append(entry(chance, number, closes=number == 5, size=900))
        except JournalError:
            failed = True
            continue
        assert not failed, "acknowledged after a failure"
        acked.append(line.seq)
    if failed:
        assert isinstance(await journal.failed, JournalError)
        assert journal.failed.result().exit_code == 74
        with pytest.raises(JournalError):
            await journal.put_blobs(b"x")
    await journal.close()
    return acked, failed


@pytest.mark.parametrize("for_ever", [False, True])
@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_06_nth_operation_fails(fault: str, for_ever: bool) -> None:
    disk = RecordedDisk()
    await sell_until_it_fails(disk)
    total = disk.calls
    chance = random.Random(f"{fault} {for_ever}")
    stopped = 0
    for nth in sorted(chance.sample(range(total), 14)):
        disk = RecordedDisk()
        failing(disk, nth, fault, for_ever)
        acked, failed = await sell_until_it_fails(disk)
        stopped += failed
        for seed in range(3):
            image = crash_state(disk, len(disk.log), random.Random(seed))
            check_state(image, None, max(acked, default=-1), options())
    assert stopped >= (8 if for_ever else 1)


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("nth", range(0, 12))
def test_06_a_fault_during_recovery_leaves_a_recoverable_journal(fault: str, nth: int) -> None:
    day = live(6)
    chance = random.Random(nth)
    image = crash_state(day.disk, chance.randint(0, len(day.disk.log)), chance)
    disk = RecordedDisk(image)
    failing(disk, nth, fault, False)
    try:
        start(HOME, ORIGIN, options(), disk)
    except JournalError:
        disk.fail = lambda _number, _op: None
        start(HOME, ORIGIN, options(), disk)
    all_lines(disk)


def test_06_short_writes_of_the_kernel_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: real(fd, bytes(data)[:3], at))
    files = OsFiles()
    handle = files.open(tmp_path / "a", create=True)
    files.pwrite(handle, b"0123456789", 2)
    files.close(handle)
    assert (tmp_path / "a").read_bytes() == b"\0\0" + b"0123456789"


def test_06_a_write_without_progress_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pwrite", lambda _fd, _data, _at: 0)
    handle = OsFiles().open(tmp_path / "a", create=True)
    with pytest.raises(OSError, match="advance"):
        OsFiles().pwrite(handle, b"x", 0)
    os.close(handle)


async def test_13_cancelling_a_waiter_does_not_unwrite(tmp_path: Path) -> None:
    journal, _ = await Journal.open(tmp_path / "j", ORIGIN, segment_size=SMALL)
    chance = random.Random(1)
    first = journal.append(entry(chance, 1))
    first.cancel()
    second = await journal.append(entry(chance, 2))
    assert second.seq == 2
    await journal.close()
    journal, recovery = await Journal.open(tmp_path / "j", ORIGIN, segment_size=SMALL)
    assert [line.seq for line in recovery.lines] == [0, 1, 2]
    await journal.close()
    await asyncio.sleep(0)
