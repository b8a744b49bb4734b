"""Devices and transcripts on a mounted volume."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd.sim.tse.cryptovision import CryptovisionSim
from kassd.sim.tse.volume import Volume
from tests.tse.cryptovision.kit import Play, Transcript, simulator


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[CryptovisionSim]:
    with simulator(tmp_path) as made:
        yield made


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Mounts a transcript; at the end all of it must have been played, and nothing else."""
    transcript = Transcript([])
    volume = Volume(tmp_path / "stick", lambda: {"TSE-IO.bin": transcript}, lambda: True)

    def start(steps: list[tuple[str, bytes]]) -> tuple[Path, Transcript]:
        transcript.steps = list(steps)
        return volume.mountpoint, transcript

    volume.mount()
    yield start
    volume.unmount()
    assert transcript.problems == []
    assert transcript.steps == []
