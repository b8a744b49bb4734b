"""How long a drawer behind a printer is under power: as its section says, on the simulator's own decoder."""

import asyncio
from pathlib import Path

import pytest

from kassd import settings as configuration
from kassd.app.seams import Seams
from kassd.app.wiring import build_devices
from kassd.core.status import DeviceStatus
from kassd.devices.port import KickOutcome
from kassd.sim.printer import PrinterSim
from tests.devices.support import Recorder, running

LONG_S = 60.0
DRAWERS = """
[[drawer]]
name = "breit"
driver = "printer"
printer = "printer"
pulse_ms = 160
"""


@pytest.mark.parametrize(
    ("paper", "drawer", "pulses"),
    [
        ("ok", "drawer", [(2, 100, 400)]),
        ("ok", "breit", [(2, 160, 510)]),
        ("out", "breit", [(2, 100, 100)]),  # real time knows hundreds only: no longer than asked
    ],
)
async def test_a_pulse_is_as_long_as_its_drawer_wants(
    paper: str, drawer: str, pulses: list[tuple[int, int, int]], tmp_path: Path
) -> None:
    sim, seen = PrinterSim(tmp_path / "slips", pictures=False), Recorder()
    await sim.start()
    sim.control(paper=paper)
    example = configuration.EXAMPLE.replace("port = 9100", f"port = {sim.port}")
    file = tmp_path / "kassd.toml"
    file.write_text(example.replace("/var/lib/kassd", str(tmp_path)) + DRAWERS, encoding="utf-8")
    _, printers, drawers, _ = build_devices(configuration.load(file, {}), Seams(), seen)
    try:
        async with running(printers["printer"]), running(drawers[drawer]):
            known = "degraded" if paper == "out" else "ready"
            await seen.until(
                lambda: (drawer, known) in [(told.name, told.state) for told in seen.of(DeviceStatus)], LONG_S
            )
            drawers[drawer].kick("k")
            assert await seen.next(KickOutcome, timeout=LONG_S) == KickOutcome(drawer, "k", "kicked")
            async with asyncio.timeout(LONG_S):
                while not sim.kicks:  # the simulator has no event for every byte
                    await asyncio.sleep(0.005)
    finally:
        await sim.stop()
    assert sim.printer.kicks == pulses
