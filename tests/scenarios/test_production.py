"""A production register with a vendor's TSE: real receipts, an archived closing, the same after a cut."""

from collections.abc import Callable
from typing import Any

import acts

CLIENT = """
[[client]]
name = "cashier-1"
rights = ["sell", "void", "refund", "drawer", "cash", "till", "report"]
"""


async def test_production(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(mode="production", tse=True, tse_kind="epson", extra_toml=CLIENT)
    await world.start()
    (bound,) = world.facts("tse.bound")
    steps = world.facts("tse.step_taken")
    assert steps
    assert {step["serial_number"] for step in steps} == {bound["serial_number"]}
    assert (world.stage.tse_secrets.stat().st_mode & 0o777) == 0o600

    await acts.open_till(world)
    first = await acts.sell(world)
    assert not first.get("outage")
    slip = await world.slip(f"Beleg-Nr. {first['receipt']}")
    text = "\n".join(slip.text)
    assert "TEST" not in text
    assert slip.qr
    code, verdict = kassd("qr", "verify", slip.qr[0])
    assert (code, verdict["ok"]) == (0, True), verdict

    await world.restart(kill=True)
    await acts.sell(world, acts.COFFEE)
    await acts.close_till(world, 10_670)
    await world.until(lambda: world.facts("tse.archived"), 120, "archive of the closing")
    (archived,) = world.facts("tse.archived")
    assert archived["serial_number"] == bound["serial_number"]
    assert not archived.get("findings")
    assert await world.stop() == 0

    tar = world.folder / "tse.tar"
    code, _ = kassd("--config", world.config, "verify")
    assert code == 0
    archive, verdict = await world.tse_archive()
    assert verdict.ok, verdict
    tar.write_bytes(archive)
    code, verdict = kassd("verify", tar)
    assert (code, verdict["ok"]) == (0, True), verdict
    assert not world.facts("tse.outage_began")
