"""A real disk that is full: the register says so, closes nothing by halves and goes on by itself."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import acts
import pytest

from kassd.core.outlook import sentence
from kassd.sim.world import World
from tests.cli import kit

SIZE = 24 * 1024 * 1024
FULL = sentence(0, 0)


def as_root(*words: str) -> None:
    subprocess.run([*(() if os.geteuid() == 0 else ("sudo", "-n")), *words], check=True, timeout=30)


@pytest.fixture
def world(make_world: acts.MakeWorld) -> Iterator[World]:
    """A register whose journal has a small file system of its own; not started yet."""
    world = make_world(printer=False)
    folder = world.folder / "journal"
    folder.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0750,uid={os.getuid()}", "small", str(folder))
    yield world
    as_root("umount", "--lazy", str(folder))


def fill(folder: Path) -> Path:
    """Another program takes all that is left; gives its file."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for piece in (1 << 20, 4096, 1):
            try:
                while file.write(bytes(piece)):
                    pass
            except OSError:
                continue
    assert os.statvfs(folder).f_bavail == 0
    return filler


async def test_a_full_disk(world: World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await world.start()
    await acts.open_till(world)
    await acts.sell(world)
    folder = world.stage.journal
    await world.until(lambda: (folder / "next.seg").exists(), 10, "the spare segment")
    shown = await world.wait("state/dev/journal", lambda d: "free" in d)
    assert 0 < shown["free"] < SIZE
    assert shown["days"] == 0, "of a day nobody has seen yet"
    assert world.doc("alert/journal-disk")["severity"] == "critical"

    filler = fill(folder)
    before, files = world.journal()[-1].seq, sorted(os.listdir(folder))
    closing = {"count": {"1": world.state("till")["cash_expected"]}}
    assert await acts.refused(world, "till.close", closing) == "disk_full"
    assert await acts.refused(world, "till.close", {**closing, "skim": 100}) == "disk_full"
    assert world.journal()[-1].seq == before
    assert sorted(os.listdir(folder)) == files
    alert = await world.wait("alert/journal-no-closing", lambda d: d.get("severity") == "critical")
    assert "Platz schaffen" in alert["text_de"]
    await acts.sell(world)
    shown = await world.wait("state/dev/journal", lambda d: d.get("reason") == "full")
    assert "Kassenabschluss" in shown["message"]

    await world.restart(kill=True)
    await acts.sell(world, type="card")
    shown = await world.wait("state/dev/journal", lambda d: d.get("free") == 0)
    assert FULL in kit.kassd("status", config=world.config).stdout
    _, checks = kassd("--config", world.config, "doctor")
    (disk,) = (check for check in checks["findings"] if check["id"] == "disk")
    assert (disk["severity"], disk["message"].startswith(FULL)) == ("error", True)
    closing = {"count": {"1": world.state("till")["cash_expected"]}}
    assert await acts.refused(world, "till.close", closing) == "disk_full"

    filler.unlink()
    await acts.done(world, "till.close", closing)
    await world.wait("state/till/main", lambda d: not d["open"])
    await world.wait("alert/journal-no-closing", lambda d: not d)
    assert await world.stop() == 0
    assert world.verify().ok
    assert len(world.facts("till.closed")) == len(world.facts("till.closing_began")) == 1
    assert len(world.facts("sale.paid")) == 5, "the float, where it came from, and three sales"
