"""T21 tar: the TAR of the same days; beside the DSFinV-K no row is left unexplained, in either direction."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import acts
import days
import pytest
from turned_clock import Calendar

from tests.cli import kit


@pytest.mark.timeout(600)
async def test_t21_tar(
    make_world: acts.MakeWorld, tmp_path: Path, kassd: Callable[..., tuple[int, Any]]
) -> None:
    calendar = Calendar(tmp_path)
    world = make_world(module="turned_clock", environment=calendar.environment)
    first, second, third = await days.three_days(world, calendar, tmp_path / "usb")
    for begin, end in ((first, first), (second, third), (first, third)):
        words = ("--from", str(begin), "--to", str(end), "--out")
        folder, tar = tmp_path / f"dsfinvk-{begin}-{end}", tmp_path / f"tse-{begin}-{end}.tar"
        for what, out in (("dsfinvk", folder), ("tar", tar)):
            done = await asyncio.to_thread(kit.kassd, "export", what, *words, out, config=world.config)
            assert done.returncode == 0, done.stderr
        code, verdict = kassd("verify", tar)
        assert (code, verdict["ok"]) == (0, True), verdict
        code, verdict = kassd("audit", folder, "--tar", tar)
        assert (code, verdict["ok"], verdict["findings"]) == (0, True, []), verdict
    # At the console, too, the register notes what was handed out to whom.
    words = ("export", "audit", "--out", tmp_path, "--recipient", "Herr Amt")
    done = await asyncio.to_thread(kit.kassd, *words, config=world.config)
    assert done.returncode == 0, done.stderr
    sums = Path(done.stdout.strip()) / "SHA256SUMS"
    made = world.facts("export.made")[-1]
    assert (made["what"], made["recipient"]) == ("audit", "Herr Amt")
    assert made["sha256"] == hashlib.sha256(sums.read_bytes()).hexdigest()
    await world.restart()
    assert await world.stop() == 0

    # A receipt taken out of the CSV is missed by the archive, one of the archive's by the CSV.
    name = folder / "transactions_tse.csv"
    lines = name.read_bytes().split(b"\r\n")
    name.write_bytes(b"\r\n".join([*lines[:3], *lines[4:]]))
    code, verdict = kassd("audit", folder, "--tar", tar)
    assert (code, verdict["ok"]) == (65, False)
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
