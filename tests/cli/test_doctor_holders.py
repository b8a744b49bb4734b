"""Who has a device file open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kassd.cli.doctor_holders import Holder, holders, named

HOLDING = "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print(flush=True); sys.stdin.read()"


def test_a_real_process_and_not_ourselves() -> None:
    device, ours = os.openpty()
    path = os.ttyname(ours)
    number = os.stat(path).st_rdev
    try:
        assert holders(number) == []
        command = [sys.executable, "-c", HOLDING, path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"\n"
            (found,) = holders(number)
            assert found == Holder(other.pid, Path(f"/proc/{other.pid}/comm").read_text().strip())
            other.communicate()
        assert holders(number) == []
    finally:
        os.close(device)
        os.close(ours)


def test_what_ends_closes_or_may_not_be_seen_while_we_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in ((9, "nine"), (10, "ten"), (700, "gone"), (800, "shut")):
        (tmp_path / str(number) / "fd").mkdir(parents=True)
        (tmp_path / str(number) / "comm").write_text(f"{name}\n")
        (tmp_path / str(number) / "fd" / "3").symlink_to("/dev/null")
    (tmp_path / "700" / "comm").unlink()
    (tmp_path / "800" / "fd" / "2").symlink_to("/proc/self/fd/9999")
    (tmp_path / "self").mkdir()
    listed = Path.iterdir

    def iterdir(path: Path) -> object:
        if path == tmp_path / "10" / "fd":
            raise PermissionError
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    found = holders(os.stat("/dev/null").st_rdev, tmp_path)
    assert found == [Holder(9, "nine"), Holder(800, "shut")]
    assert named(found) == "nine (PID 9), shut (PID 800)"
    assert holders(os.stat("/dev/zero").st_rdev, tmp_path) == []
