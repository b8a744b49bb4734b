"""The mount that stands in for a stick, and the driver's way to its files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.errors import TseGone
from kassd.sim.tse.volume import Volume
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
