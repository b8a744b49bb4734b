"""The simulator on a device node: a host opens, writes, reads, and loses it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kassd.sim.printer import PrinterSim

SLIP = b"\x1b@Brot\n\x1dV\x00"


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[PrinterSim]:
    sim = PrinterSim(tmp_path / "slips", pictures=False)
    await sim.start(node=tmp_path / "lp0")
    yield sim
    await sim.stop()


@pytest.fixture
def opened(sim: PrinterSim, tmp_path: Path) -> int:
    return os.open(tmp_path / "lp0", os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_slip_and_its_answer(sim: PrinterSim, opened: int) -> None:
    os.write(opened, SLIP + b"\x1dr\x01")
    await until(lambda: sim.slips)
    assert os.read(opened, 10) == b"\x00"
    assert sim.slips[0].text == ("Brot",)
    assert not (sim.paper.out_dir / "001.png").exists(), "without pictures"
    os.close(opened)


async def test_a_printer_without_paper_takes_no_more(sim: PrinterSim, opened: int) -> None:
    sim.control(paper="out")
    taken = 0
    for _ in range(100):
        await asyncio.sleep(0.005)
        try:
            taken += os.write(opened, b"x\n" * 2000)
        except BlockingIOError:
            continue
    assert 4_096 <= taken < 40_000
    sim.control(paper="ok")
    await until(lambda: sim.printer.processed == taken)
    os.close(opened)


@pytest.mark.parametrize("gone", [{"cable": "out"}, {"power": "off"}])
async def test_the_node_is_there_while_the_printer_is(
    sim: PrinterSim, opened: int, tmp_path: Path, gone: dict[str, str]
) -> None:
    os.write(opened, b"half\n")
    await until(lambda: sim.printer.processed == 5)
    sim.control(**gone)
    assert not (tmp_path / "lp0").is_symlink()
    with pytest.raises(OSError, match=r"Input/output error"):
        os.write(opened, b"more")
    os.close(opened)
    sim.control(cable="in")
    assert (tmp_path / "lp0").exists() == ("cable" in gone), "without power no cable helps"
    sim.control(power="on")
    again = os.open(tmp_path / "lp0", os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    os.write(again, SLIP)
    await until(lambda: sim.slips)
    assert (sim.slips[0].text, sim.slips[0].interrupted) == (("half", "Brot"), "power" in gone)
    os.close(again)
