import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kassd.errors import JournalLocked
from kassd.journal.blobs import write_blob
from kassd.journal.files import OsFiles, write_file
from kassd.journal.segments import list_segments, strip_nul
from tests.journal.helpers import entry, write_journal


class Kernel:
    """Hears the system calls of this process and lets them through. ``loose``: inodes whose content, size or
    names have changed and were not given to fsync since; ``synced``: how often which kind was, of those
    that had changed; ``renamed``: names that were given to a file."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.loose: dict[int, str] = {}
        self.synced = {"content": 0, "size": 0, "names": 0}
        self.renamed: list[str] = []
        self._patch = patch
        self._hear("fsync", lambda handle: self._sync(os.fstat(handle)))
        self._hear("pwrite", lambda handle, *_: self._write(handle))
        self._hear("ftruncate", lambda handle, _: self._change(os.fstat(handle), "size"))
        self._hear("open", lambda path, flags, *_: flags & os.O_CREAT and self._name(path), first=True)
        self._hear("rename", self._rename, first=True)
        self._hear("unlink", self._unlink, first=True)
        self._hear("mkdir", lambda path, *_: self._name(path))

    def _hear(self, name: str, heed: Any, first: bool = False) -> None:
        real = getattr(os, name)

        def call(*given: Any, **named: Any) -> Any:
            if first:
                heed(*given)
            done = real(*given, **named)
            if not first:
                heed(*given)
            return done

        self._patch.setattr(os, name, call)

    def _change(self, found: os.stat_result, what: str) -> None:
        self.loose[found.st_ino] = what

    def _name(self, path: Any) -> None:
        self._change(os.stat(Path(path).parent), "names")

    def _write(self, handle: int) -> None:
        if not fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_DSYNC:
            self._change(os.fstat(handle), "content")

    def _sync(self, found: os.stat_result) -> None:
        what = self.loose.pop(found.st_ino, "")
        assert (what == "names") == bool(what and stat.S_ISDIR(found.st_mode))
        if what:
            self.synced[what] += 1

    def _rename(self, source: Any, target: Any) -> None:
        assert os.stat(source).st_ino not in self.loose, f"{target} before its content"
        self.renamed.append(Path(target).name)
        self._name(target)

    def _unlink(self, path: Any) -> None:
        self.loose.pop(os.stat(path).st_ino, None)
        self._name(path)


def test_the_kernel_is_told_to_keep_all_that_a_journal_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open, commit, rotate, a blob, compact, close; and a start that repairs. What is not written through
    is given to the real fsync: contents before their name, names in their own directory."""
    kernel, home = Kernel(monkeypatch), tmp_path / "j"
    lines = [entry(number, closes=number == 5, size=900) for number in range(12)]
    write_journal(home, lines, compact=True)
    write_blob(OsFiles(), home, b"a document")
    assert not kernel.loose
    assert {"next.seg", "000000000000.jsonl", "000000000000.jsonl.gz", "key", "checkpoint"} < set(
        kernel.renamed
    )
    assert kernel.synced["size"] == 1
    before = dict(kernel.synced)
    newest = list_segments(OsFiles(), home)[-1].path
    with newest.open("r+b") as segment:
        segment.seek(len(strip_nul(newest.read_bytes())))
        segment.write(b'{"v":1,"')
    write_journal(home, [entry(12)])
    assert not kernel.loose
    assert len(os.listdir(home / "torn")) == 1
    assert {what: kernel.synced[what] > before[what] for what in ("content", "names")} == {
        "content": True,
        "names": True,
    }


def test_dsync_is_a_property_of_the_handle(tmp_path: Path) -> None:
    files = OsFiles()
    for dsync in (False, True):
        handle = files.open(tmp_path / "a", create=True, dsync=dsync)
        assert bool(fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_DSYNC) == dsync
        files.close(handle)


def test_reading_parts(tmp_path: Path) -> None:
    files = OsFiles()
    write_file(files, tmp_path / "a", b"0123456789", mode=0o640)
    assert files.read(tmp_path / "a") == b"0123456789"
    assert files.read(tmp_path / "a", 3, 4) == b"3456"
    assert files.read(tmp_path / "a", 8, 40) == b"89"
    assert files.read(tmp_path / "a", 20) == b""
    assert files.list(tmp_path) == ["a"]
    assert files.list(tmp_path / "none") == []
    assert files.size(tmp_path / "a") == 10


def test_write_file_replaces_whole_files(tmp_path: Path) -> None:
    files = OsFiles()
    write_file(files, tmp_path / "a", b"old")
    (tmp_path / "a.tmp").write_bytes(b"left by a crash")
    write_file(files, tmp_path / "a", b"new")
    assert files.read(tmp_path / "a") == b"new"
    assert files.list(tmp_path) == ["a"]


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from kassd.journal.files import OsFiles\n"
        "OsFiles().lock(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(JournalLocked):
            OsFiles().lock(tmp_path)
        other.kill()
    os.close(OsFiles().lock(tmp_path))
