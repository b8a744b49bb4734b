"""A register that dies while a display's export runs: nothing half is left, and the next one succeeds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import acts


async def test_nothing_is_handed_out_that_is_not_recorded(
    make_world: acts.MakeWorld, tmp_path: Path, kassd: Callable[..., tuple[int, Any]]
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    world = make_world(extra_toml=f'[fiscal]\nhandout = "{stick}"\n')
    await world.start()
    await acts.open_till(world)
    await acts.sell(world)

    await acts.done(world, "export.audit", {"recipient": "Frau Amt"})
    await world.until(lambda: list(stick.iterdir()), 120, "a folder that is being made")
    await world.kill()
    world.process = None  # it is waited for something that goes on without it
    await world.until(lambda: not list(stick.iterdir()), 120, "the end of the export")
    assert world.facts("export.made") == []

    # No closing yet: all but the DSFinV-K and what needs it, which is said.
    await world.start()
    await acts.done(world, "export.audit", {"recipient": "Frau Amt"})
    shown = await world.wait("state/dev/export", lambda d: d.get("state") not in (None, "busy"), 200)
    assert (shown["state"], shown["reason"]) == ("degraded", "incomplete")
    assert "Kassendaten" in shown["message"]
    await world.until(lambda: world.facts("export.made"), 10, "the export's record")
    (folder,) = stick.iterdir()
    assert (folder / "tabellen" / "belege.csv").read_text("utf-8").count("Beleg;") == 3
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
