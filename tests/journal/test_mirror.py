import asyncio
import threading
import time
from pathlib import Path

import pytest

from kassd.journal import Journal, read_lines, verify_journal
from kassd.journal import mirror as mirror_module
from kassd.journal.files import OsFiles
from kassd.journal.mirror import Mirror, supply

from .helpers import ORIGIN, SMALL, Ticker, entry, write_journal


async def opened(home: Path, stick: Path, heard: list[str], files: OsFiles | None = None) -> Journal:
    journal, _ = await Journal.open(
        home, ORIGIN, mirror=stick, segment_size=SMALL, now=Ticker(), files=files,
        report=lambda name, text: heard.append(f"{name}: {text}"),
    )  # fmt: skip
    return journal


async def test_the_mirror_is_a_journal_of_its_own(tmp_path: Path) -> None:
    home, stick, heard = tmp_path / "j", tmp_path / "stick", list[str]()
    journal = await opened(home, stick, heard)
    await journal.put_blobs(b"catalogue")
    for number in range(40):
        await journal.append(entry(number, closes=number == 20))
    await journal.close()
    assert verify_journal(stick).ok
    assert list(read_lines(stick)) == list(read_lines(home))
    assert [p.read_bytes() for p in (stick / "blob").iterdir()] == [b"catalogue"]
    assert not (stick / "key").exists()
    journal = await opened(home, stick, heard)  # what was compacted in the meantime is replaced
    await journal.append(entry(99))
    await journal.close()
    assert list(read_lines(stick)) == list(read_lines(home))
    assert [text for text in heard if text != "mirror: "] == []


async def test_an_empty_card_is_filled_from_the_stick(tmp_path: Path) -> None:
    home, stick = tmp_path / "j", tmp_path / "stick"
    journal = await opened(home, stick, [])
    for number in range(40):
        await journal.append(entry(number))
    await journal.close()
    lines = list(read_lines(home))
    journal, recovery = await Journal.open(tmp_path / "new", ORIGIN, mirror=stick, segment_size=SMALL)
    await journal.close()
    assert [finding.id for finding in recovery.anchors] == ["rollback"]
    restored = list(read_lines(tmp_path / "new"))
    assert restored[: len(lines)] == lines
    assert [fact["kind"] for fact in restored[-1].facts] == ["journal.gap", "journal.key_changed"]
    assert verify_journal(tmp_path / "new").ok


@pytest.mark.parametrize("content", ["foreign", "longer"])
def test_another_journal_is_never_overwritten(tmp_path: Path, content: str) -> None:
    home, stick, heard = tmp_path / "j", tmp_path / "stick", list[str]()
    write_journal(home, [entry(1)])
    write_journal(stick, [entry(n) for n in range(60 if content == "longer" else 3)])
    before = {path.name: path.read_bytes() for path in stick.iterdir()}
    Mirror(OsFiles(), home, stick, lambda name, text: heard.append(text), threaded=False)
    assert {path.name: path.read_bytes() for path in stick.iterdir()} == before
    assert "mehr Zeilen" in heard[0] if content == "longer" else "anderen Journal" in heard[0]
    assert supply(OsFiles(), home, stick, "KASSE-0008", 0) == (0, [])


class Slow(OsFiles):
    """A stick that holds each write while its gate is shut."""

    def __init__(self, stick: Path) -> None:
        self.stick, self.gate = stick, threading.Event()
        self.slow: set[int] = set()
        self.gate.set()

    def open(self, path: Path, *, create: bool = False, dsync: bool = False, mode: int = 0o600) -> int:
        handle = super().open(path, create=create, dsync=dsync, mode=mode)
        (self.slow.add if path.parent == self.stick else self.slow.discard)(handle)
        return handle

    def pwrite(self, handle: int, data: bytes, offset: int) -> None:
        if handle in self.slow:
            self.gate.wait(60)
        super().pwrite(handle, data, offset)


async def test_a_hanging_stick_holds_the_till_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_module, "PATIENCE_S", 1.0)
    heard: list[str] = []
    files = Slow(tmp_path / "stick")
    journal = await opened(tmp_path / "j", tmp_path / "stick", heard, files)
    await journal.append(entry(1))
    await asyncio.sleep(0.1)
    files.gate.clear()
    began = time.monotonic()
    for number in range(6):
        await journal.append(entry(number))
    assert time.monotonic() - began < 4, "once, not six times"
    files.gate.set()
    await journal.close()
    assert "mirror: Der Journal-Spiegel antwortet nicht." in heard
    assert verify_journal(tmp_path / "j").checked == 8


async def test_a_stick_that_comes_back_catches_up(tmp_path: Path) -> None:
    home, stick, heard = tmp_path / "j", tmp_path / "stick", list[str]()
    stick.write_text("not a directory")
    journal = await opened(home, stick, heard)
    await journal.append(entry(1))
    stick.unlink()
    for number in range(70):
        await journal.append(entry(number))
    await journal.close()
    assert heard[0].startswith("mirror: Der Journal-Spiegel")
    assert heard[-1] == "mirror: "
    assert verify_journal(stick).ok
    assert list(read_lines(stick)) == list(read_lines(home))
