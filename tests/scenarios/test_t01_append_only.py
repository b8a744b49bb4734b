"""T01 append-only: one byte flipped or one record deleted, and the verifier names the first broken place."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import acts

from kassd.sim.world import World

Kassd = Callable[..., tuple[int, Any]]


Damage = Callable[[bytes, int], bytes]


def damaged(journal: Path, seq: int, damage: Damage) -> str:
    """Damage one line in its segment, unpacked if it was packed; says how the verifier names the place."""
    for packed in journal.glob("*.gz"):
        plain = packed.with_suffix("")
        if not plain.exists():  # else the compaction has not been cleared up
            plain.write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    file = max(f for f in journal.glob("*.jsonl") if int(f.stem) <= seq)
    first = int(file.stem)
    file.chmod(0o600)  # a sealed one is read-only
    file.write_bytes(damage(file.read_bytes(), seq - first))
    return f"{file.name}: line {seq - first + 1}, seq {seq},"


def flipped(data: bytes, line: int) -> bytes:
    """One bit of a letter inside the line changed: still JSON, still printable."""
    lines = data.split(b"\n")
    at = lines[line].index(b'"kind":"') + 8
    lines[line] = lines[line][:at] + bytes((lines[line][at] ^ 1,)) + lines[line][at + 1 :]
    return b"\n".join(lines)


def shortened(data: bytes, line: int) -> bytes:
    """The line gone, what follows moved up, as an editor would do it."""
    lines = data.split(b"\n")
    del lines[line]
    return b"\n".join(lines)


async def test_t01_append_only(world: World, kassd: Kassd, tmp_path: Path) -> None:
    await acts.open_till(world)
    await acts.sell(world)
    await world.restart(kill=True)
    await acts.sell(world, type="card")
    await world.restart()
    await acts.sell(world, given=500)
    await acts.close_till(world, 10_780)
    assert await world.stop() == 0

    code, verdict = kassd("verify", world.stage.journal)
    lines = len(world.journal())
    assert (code, verdict["ok"], verdict["checked"]) == (0, True, lines), verdict

    for n in (1, 20):
        for damage in (flipped, shortened):
            copy = tmp_path / f"{damage.__name__}-{n}"
            shutil.copytree(world.stage.journal, copy)
            place = damaged(copy, n, damage)
            code, verdict = kassd("verify", copy)
            (finding,) = (f for f in verdict["findings"] if f["severity"] == "error")
            assert code == 65
            assert finding["id"] == "chain_broken", finding
            assert place in finding["where"], finding


async def test_a_register_does_not_start_on_a_changed_journal(world: World) -> None:
    await acts.open_till(world)
    await acts.sell(world)
    await world.stop()
    place = damaged(world.stage.journal, 5, flipped)
    file = world.stage.journal / place.partition(":")[0]
    before = file.read_bytes()
    await world.spawn()
    assert await world.ended() == 65
    assert file.read_bytes() == before
