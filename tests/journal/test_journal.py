import asyncio
import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kassd.errors import ConfigError, JournalDamaged, JournalError, JournalLocked
from kassd.journal import Journal, LineError, read_blob, read_lines, verify_journal
from kassd.journal.files import OsFiles
from kassd.journal.journal import JournalBusy
from kassd.journal.note import open_note
from kassd.journal.segments import segment_path, strip_nul

from .helpers import ORIGIN, SMALL, Ticker, entry


async def opened(home: Path, **how: object) -> Journal:
    journal, _ = await Journal.open(home, ORIGIN, **{"segment_size": SMALL, "now": Ticker(), **how})  # type: ignore[arg-type]
    return journal


async def idle(journal: Journal) -> None:
    """Until the writer sleeps: a busy machine makes it look so for a moment."""
    beats, quiet = -1, 0
    while quiet < 5:
        quiet = quiet + 1 if beats == journal.progress().beats else 0
        beats = journal.progress().beats
        await asyncio.sleep(0.03)


async def test_first_start_writes_line_0_and_a_key(tmp_path: Path) -> None:
    journal, recovery = await Journal.open(tmp_path / "j", ORIGIN, epoch=3, segment_size=SMALL)
    (line,) = recovery.lines
    assert (recovery.created, recovery.tail, recovery.first_seq, recovery.size) == (True, "clean", 0, 1)
    (fact,) = line.facts
    assert fact["kind"] == "journal.created"
    assert (fact["data"]["origin"], fact["data"]["epoch"], fact["data"]["format"]) == (ORIGIN, 3, 1)
    assert stat.S_IMODE(os.stat(tmp_path / "j" / "key").st_mode) == 0o600
    assert stat.S_IMODE(os.stat(tmp_path / "j").st_mode) == 0o750
    signed = open_note(journal.checkpoint(), fact["data"]["public_key"])
    assert (signed.size, signed.root) == (1, recovery.root)
    await journal.close()


async def test_lines_come_back_in_order_with_the_seq_that_was_announced(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    order: list[int] = []
    futures = []
    for number in range(100):
        announced = journal.next_seq
        future = journal.append(entry(number))
        future.add_done_callback(lambda done: order.append(done.result().seq))
        futures.append((announced, future))
    for announced, future in futures:
        assert (await future).seq == announced
    await asyncio.sleep(0)
    assert order == sorted(order)
    assert len(order) == 100
    await journal.close()
    kinds = [line.facts[0]["kind"] for line in read_lines(tmp_path / "j")]
    assert kinds.count("sale.line_added") == 100
    assert kinds.count("journal.sealed") >= 3  # 128 KiB segments: the seals are counted by next_seq
    assert verify_journal(tmp_path / "j").ok


async def test_a_closing_ends_its_segment_and_a_start_begins_with_it(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    await journal.append(entry(1))
    closing = await journal.append(entry(2, closes=True))
    assert journal.next_seq == closing.seq + 2
    await journal.append(entry(3))
    await journal.close()
    again, recovery = await Journal.open(tmp_path / "j", ORIGIN, segment_size=SMALL)
    lines = list(recovery.lines)
    assert recovery.first_seq == closing.seq
    assert lines[0] == closing
    assert [line.seq for line in lines] == [2, 3, 4]
    await again.close()


async def test_batches_are_padded_to_align(tmp_path: Path) -> None:
    for align in (0, 4096, 16384):
        home = tmp_path / str(align)
        journal = await opened(home, align=align)
        for number in range(3):
            await journal.append(entry(number))
        data = strip_nul((home / "000000000000.jsonl").read_bytes())
        assert len(data) == 4 * align if align else len(data) < 2000
        assert data.endswith(b"}\n" if not align else b" \n")
        await journal.close()
    with pytest.raises(ValueError, match="align 512"):
        await opened(tmp_path / "x", align=512)


async def test_a_bad_entry_changes_nothing(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    with pytest.raises(LineError):
        journal.append(entry(1, price=1.5))
    assert journal.next_seq == 1
    assert (await journal.append(entry(2))).seq == 1
    await journal.close()
    assert verify_journal(tmp_path / "j").ok


async def test_the_queue_is_bounded(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    futures = [journal.append(entry(number)) for number in range(200)]
    with pytest.raises(JournalBusy):  # seals count as well, so a little earlier than the 257th
        futures += [journal.append(entry(number)) for number in range(57)]
    await asyncio.gather(*futures)
    await journal.append(entry(0))
    await journal.close()


async def test_closed_means_closed(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    waiting = journal.append(entry(1))
    await journal.close()
    await journal.close()
    assert waiting.done()
    assert waiting.result().seq == 1
    with pytest.raises(JournalError, match="geschlossen"):
        journal.append(entry(2))
    with pytest.raises(JournalError, match="geschlossen"):
        await journal.put_blobs(b"")
    assert not journal.progress().alive


async def test_one_process_at_a_time(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    with pytest.raises(JournalLocked) as caught:
        await opened(tmp_path / "j")
    assert caught.value.exit_code == 75
    (tmp_path / "j" / "lock").unlink(missing_ok=True)
    with pytest.raises(JournalLocked):
        await opened(tmp_path / "j")  # whatever somebody deletes
    await journal.close()
    await (await opened(tmp_path / "j")).close()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("file", "/file: gibt es schon. Bitte"),
        ("file/j", "/file/j: liegt in keinem Ordner. Bitte"),
    ],
)
async def test_a_place_that_cannot_be_used_is_told_in_german(tmp_path: Path, place: str, told: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="kann nicht geöffnet werden") as caught:
        await opened(tmp_path / place)
    assert told in str(caught.value)


class ReadOnly(OsFiles):
    """A file system that has become read-only."""

    def open(self, path: Path, **how: Any) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(path))


async def test_a_read_only_disk_is_told_in_german(tmp_path: Path) -> None:
    await (await opened(tmp_path / "j")).close()
    with pytest.raises(JournalError, match="ist schreibgeschützt"):
        await opened(tmp_path / "j", files=ReadOnly())


async def test_damage_is_told_in_german(tmp_path: Path) -> None:
    home = tmp_path / "j"
    journal = await opened(home)
    await journal.append(entry(1, closes=True))
    await journal.append(entry(2))
    await idle(journal)
    await journal.close()
    packed = segment_path(home, 0, packed=True)
    whole = packed.read_bytes()
    packed.unlink()
    with pytest.raises(JournalDamaged, match="das erste Segment fehlt"):
        await opened(home)
    segment_path(home, 3).unlink()
    for damaged, told in (
        (b"hello", "kein verdichtetes Segment"),
        (whole + b"x", "nicht auszupacken|folgen"),
    ):
        packed.write_bytes(damaged)
        with pytest.raises(JournalDamaged, match=told):
            await opened(home)


async def test_another_registers_journal_is_refused(tmp_path: Path) -> None:
    await (await opened(tmp_path / "j")).close()
    with pytest.raises(ConfigError, match="KASSE-0007"):
        await Journal.open(tmp_path / "j", "KASSE-0008")
    await (await opened(tmp_path / "j")).close()  # the refusal gave the lock back


async def test_blobs_are_there_before_their_line(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    (ref,) = await journal.put_blobs(b"x" * 100_000)
    assert read_blob(tmp_path / "j", ref) == b"x" * 100_000
    await journal.append(entry(1, carried=ref))
    await journal.close()
    assert verify_journal(tmp_path / "j").ok


async def test_read_line_and_reading_beside_the_writer(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j")
    for number in range(40):
        await journal.append(entry(number))
        assert [line.seq for line in read_lines(tmp_path / "j", 1)] == list(range(1, journal.next_seq))
    await idle(journal)
    assert journal.read_line(5).seq == 5
    with pytest.raises(JournalError):
        journal.read_line(journal.next_seq)
    await journal.close()


async def test_idle_time_makes_spare_checkpoint_and_compaction(tmp_path: Path) -> None:
    home = tmp_path / "j"
    journal = await opened(home)
    await journal.append(entry(1, closes=True))
    wanted = ["000000000000.jsonl.gz", "000000000003.jsonl", "checkpoint", "key", "next.seg"]
    async with asyncio.timeout(60):
        while sorted(path.name for path in home.iterdir()) != wanted:
            await asyncio.sleep(0.01)
    await idle(journal)
    assert (home / "next.seg").read_bytes() == bytes(SMALL)
    assert stat.S_IMODE((home / "000000000000.jsonl.gz").stat().st_mode) == 0o444
    before = journal.progress()
    await asyncio.sleep(0.3)
    assert journal.progress() == before  # asleep: no wake-ups
    await journal.close()


async def test_the_checkpoint_file_follows_every_64_lines(tmp_path: Path) -> None:
    journal = await opened(tmp_path / "j", segment_size=1024 * 1024)
    for number in range(70):
        await journal.append(entry(number))
    await idle(journal)
    size = int((tmp_path / "j" / "checkpoint").read_text().split("\n")[1])
    assert 64 <= size <= 71
    await journal.close()
    assert (tmp_path / "j" / "checkpoint").read_text().split("\n")[1] == "71"


async def test_the_checkpoint_follows_a_line_that_waited_long_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kassd.journal.store.CHECKPOINT_S", 600.0)
    await (await opened(tmp_path / "j")).close()
    journal, signed = await opened(tmp_path / "j"), list[int]()
    journal.signing = lambda: signed.append(journal.next_seq)
    began = time.monotonic()
    await journal.append(entry(1))
    await idle(journal)
    assert (covered(tmp_path / "j"), signed) == (1, [])
    monkeypatch.setattr("kassd.journal.store.CHECKPOINT_S", 1.0)
    await journal.append(entry(2))
    async with asyncio.timeout(60):
        while not signed:
            await asyncio.sleep(0.01)
        assert time.monotonic() - began >= 1.0
        while covered(tmp_path / "j") != 3:
            await asyncio.sleep(0.01)
    await idle(journal)
    assert signed == [3]
    asleep = journal.progress()
    await asyncio.sleep(1.2)
    assert journal.progress() == asleep, "no timer while every line is covered"
    await journal.close()


async def test_a_checkpoint_that_fails_is_tried_again_in_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kassd.journal.store.CHECKPOINT_S", 0.3)
    home, heard = tmp_path / "j", list[tuple[str, str]]()
    await (await opened(home)).close()
    journal = await opened(home, report=lambda name, text: heard.append((name, text)))
    (home / "checkpoint.tmp").mkdir()
    began = time.monotonic()
    await journal.append(entry(1))
    await asyncio.sleep(1.0)
    async with asyncio.timeout(60):
        while not heard:
            await asyncio.sleep(0.01)
    assert len(heard) <= (time.monotonic() - began) / 0.3 + 1, "once in each period"
    assert {name for name, _ in heard} == {"checkpoint"}
    (home / "checkpoint.tmp").rmdir()
    async with asyncio.timeout(60):
        while covered(home) == 1:
            await asyncio.sleep(0.01)
    await idle(journal)
    assert heard[-1] == ("checkpoint", "")
    assert covered(home) == 2
    await journal.close()


def covered(home: Path) -> int:
    """Lines the checkpoint file vouches for."""
    return int((home / "checkpoint").read_text(encoding="utf-8").split("\n")[1])


async def test_trouble_of_a_chore_is_told_and_selling_goes_on(tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []
    home = tmp_path / "j"
    (tmp_path / "file").write_text("in the way")
    journal = await opened(
        home, mirror=tmp_path / "file", report=lambda name, text: heard.append((name, text))
    )
    assert (await journal.append(entry(1))).seq == 1
    await idle(journal)
    await journal.close()
    assert {name for name, _ in heard} == {"mirror"}


async def test_a_lost_checkpointed_line_is_damage(tmp_path: Path) -> None:
    home = tmp_path / "j"
    journal = await opened(home)
    for number in range(3):
        await journal.append(entry(number))
    await journal.close()
    path = segment_path(home, 0)
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 4 * 4096] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(JournalDamaged, match="bürgt für 4 Zeilen"):
        await opened(home)
    assert path.read_bytes() == data


async def test_a_lost_key_is_replaced_and_told(tmp_path: Path) -> None:
    home = tmp_path / "j"
    await (await opened(home)).close()
    for told in ([], ["checkpoint_unreadable"]):  # the first key stands in line 0, the second far behind it
        (home / "key").unlink()
        journal, recovery = await Journal.open(home, ORIGIN, segment_size=SMALL)
        assert list(recovery.lines)[-1].facts[0]["kind"] == "journal.key_changed"
        assert [finding.id for finding in recovery.anchors] == told
        await journal.close()
        assert (home / "torn" / "checkpoint").exists() == bool(told)
        assert verify_journal(home).ok, "verify knows every key, and so that the checkpoint was good"


@pytest.mark.parametrize(
    "damage",
    [lambda key: key[:-9] + ("B" if key[-9] == "A" else "A") + key[-8:], lambda key: "", lambda key: "\x80"],
)
async def test_a_damaged_key_is_put_aside_replaced_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[str], str]
) -> None:
    """It stops nobody from selling. Who verifies is told before the start and as long as it lies there."""
    home, heard = tmp_path / "j", list[tuple[str, str]]()
    await (await opened(home)).close()
    bad = damage((home / "key").read_text()).encode("latin-1")
    (home / "key").write_bytes(bad)
    for full in (False, True):
        verdict = verify_journal(home, full=full)
        assert [(f.id, f.severity, f.where) for f in verdict.findings] == [("key_damaged", "warning", "key")]
        assert "neu starten" in verdict.findings[0].message
    for changed in (True, False):
        heard.clear()
        again, recovery = await Journal.open(
            home, ORIGIN, segment_size=SMALL, report=lambda name, text: heard.append((name, text))
        )
        kinds = [line.facts[0]["kind"] for line in recovery.lines if line.facts]
        assert kinds.count("journal.key_changed") == 1
        assert (kinds[-1] == "journal.key_changed") == changed
        await again.append(entry(2))
        await again.close()
        assert ("aside", "key") in heard
        assert (home / "torn" / "key").read_bytes() == bad
        assert (home / "key").stat().st_mode & 0o777 == 0o600
        assert [(f.id, f.where) for f in verify_journal(home).findings] == [("key_damaged", "torn/key")]
    assert [r.message for r in caplog.records if "put the damaged key aside" in r.message]
    (home / "torn" / "key").unlink()
    assert verify_journal(home).findings == ()


async def test_a_key_that_may_not_be_read_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As whoever is not the register's user reads a journal."""
    home = tmp_path / "j"
    await (await opened(home)).close()
    real = OsFiles.read

    def read(self: OsFiles, path: Path, offset: int = 0, length: int = -1) -> bytes:
        if path.name == "key":
            raise PermissionError(13, "Permission denied", str(path))
        return real(self, path, offset, length)

    monkeypatch.setattr(OsFiles, "read", read)
    verdict = verify_journal(home)
    assert verdict.ok
    assert not verdict.findings


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda note: note.replace("\n2\n", "\n1\n"), "checkpoint_signature"),
        (lambda note: note[:40], "checkpoint_unreadable"),
        (lambda note: "\0" * len(note), "checkpoint_unreadable"),
    ],
)
async def test_a_tampered_checkpoint_is_kept_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, change: Callable[[str], str], found: str
) -> None:
    home, heard = tmp_path / "j", list[tuple[str, str]]()
    journal = await opened(home)
    await journal.append(entry(1))
    await journal.close()
    bad = change((home / "checkpoint").read_text(encoding="utf-8"))
    (home / "checkpoint").write_text(bad, encoding="utf-8")
    for _ in range(2):  # each start tells it, as long as it lies there
        heard.clear()
        again = await opened(home, report=lambda name, text: heard.append((name, text)))
        await again.append(entry(2))
        await again.close()
        assert ("aside", "checkpoint") in heard
        assert (home / "torn" / "checkpoint").read_text(encoding="utf-8") == bad
        findings = verify_journal(home).findings
        assert [(f.id, f.severity, f.where) for f in findings] == [(found, "error", "torn/checkpoint")]
    (error,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "put the checkpoint aside" in error.message
    (home / "checkpoint").write_text(bad, encoding="utf-8")
    await (await opened(home)).close()
    assert sorted(path.name for path in (home / "torn").iterdir()) == ["checkpoint", "checkpoint-2"]
    for path in (home / "torn").iterdir():
        path.unlink()
    assert verify_journal(home).ok


async def test_align_may_change_between_starts(tmp_path: Path) -> None:
    for align in (0, 4096, 16384, 0, 4096):
        journal = await opened(tmp_path / "j", align=align)
        await journal.append(entry(align))
        await journal.close()
    assert verify_journal(tmp_path / "j").checked == 6


def test_a_loop_that_ends_first_does_not_hang(tmp_path: Path) -> None:
    """The daemon thread must not keep the process, nor raise into the void."""
    script = (
        "import asyncio, sys, pathlib\n"
        "from kassd.journal import Journal, Entry\n"
        "async def main():\n"
        "    journal, _ = await Journal.open(pathlib.Path(sys.argv[1]), 'K')\n"
        "    for n in range(50):\n"
        "        journal.append(Entry('2026-01-02T08:00:00.000000Z', n, 'ab', [], []))\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "j")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert next(read_lines(tmp_path / "j")).seq == 0
