import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kassd.errors import JournalLocked
from kassd.journal.files import OsFiles, write_file


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
