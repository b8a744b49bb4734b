"""The mount that stands in for a stick, and the driver's way to its files."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.errors import ConfigError, TseGone
from kassd.sim.tse.volume import Volume, unmount
from kassd.tse.volume import SectorFile


class Sectors:
    def __init__(self, size: int) -> None:
        self.data = bytearray(size)

    def size(self) -> int:
        return len(self.data)

    def read(self, size: int, offset: int) -> bytes:
        return bytes(self.data[offset : offset + size])

    def write(self, data: bytes, offset: int) -> int:
        self.data[offset : offset + len(data)] = data
        return len(data)


class Stick:
    def __init__(self, mountpoint: Path) -> None:
        self.file = Sectors(8192)
        self.plugged = True
        self.volume = Volume(mountpoint, lambda: {"TSE-IO.bin": self.file}, lambda: self.plugged)


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Stick]:
    stick = Stick(tmp_path / "stick")
    stick.volume.mount()
    yield stick
    stick.volume.unmount()


def test_sectors_pass_every_cache(stick: Stick) -> None:
    file = SectorFile(stick.volume.mountpoint / "TSE-IO.bin", 8192)
    file.write(b"one", 512)
    assert stick.file.data[512:1024] == b"one".ljust(512, b"\0")
    stick.file.data[:3] = b"new"
    assert file.read(512).startswith(b"new")
    stick.file.data[:3] = b"two"
    assert file.read(512).startswith(b"two")
    file.close()


def test_a_pulled_stick_is_gone(stick: Stick) -> None:
    path = stick.volume.mountpoint / "TSE-IO.bin"
    file = SectorFile(path, 512)
    stick.plugged = False
    with pytest.raises(TseGone, match="TSE steckt"):
        file.read(512)
    file.close()
    with pytest.raises(TseGone):
        SectorFile(path)
    stick.plugged = True
    SectorFile(path).close()


def test_less_than_a_sector_is_no_answer(stick: Stick) -> None:
    file = SectorFile(stick.volume.mountpoint / "TSE-IO.bin", 8192)
    with pytest.raises(TseGone, match="gelesen"):
        file.read(8192, 4096)
    file.close()


def test_unmounting_ends_the_mount(tmp_path: Path) -> None:
    stick = Stick(tmp_path / "stick")
    stick.volume.mount()
    assert os.path.ismount(tmp_path / "stick")
    stick.volume.unmount()
    assert not os.path.ismount(tmp_path / "stick")


def test_what_a_killed_simulator_has_left_is_in_nobodys_way(tmp_path: Path) -> None:
    place = tmp_path / "stick"
    code = f"""
import os, signal
from pathlib import Path
from kassd.sim.tse.volume import Volume, unmount
Volume(Path({str(place)!r}), dict, lambda: True).mount()
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == -signal.SIGKILL
    try:
        with pytest.raises(OSError, match=r"not connected|abort"):
            os.listdir(place)
        stick = Stick(place)
        stick.volume.mount()
        SectorFile(place / "TSE-IO.bin").close()
    finally:
        unmount(place)


def test_a_volume_that_is_mounted_is_not_mounted_over(stick: Stick) -> None:
    with pytest.raises(ConfigError, match="schon eingehängt: läuft der Simulator dort schon"):
        Stick(stick.volume.mountpoint).volume.mount()
    SectorFile(stick.volume.mountpoint / "TSE-IO.bin").close()


def test_without_dev_fuse_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassd.sim.tse.volume.os.access", lambda path, mode: path != "/dev/fuse")
    with pytest.raises(ConfigError, match="/dev/fuse ist nicht benutzbar"):
        Stick(tmp_path / "stick").volume.mount()
    assert not (tmp_path / "stick").exists()


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mfusepy", None)
    with pytest.raises(ConfigError, match=r"mfusepy und fuse3 [(]apt-get install fuse3"):
        Stick(tmp_path / "stick").volume.mount()
