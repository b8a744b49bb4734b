"""A keyboard scanner at one report a millisecond, while the register has other things to do."""

import os
from types import ModuleType

import pytest

from kassd.sim.world_config import CATALOG
from tests.lab import tables
from tests.lab.guest import AGAIN, NUMBERED, Guest, numbered
from tests.lab.inside import box, keyboard, load, uinput_scanner

BREAD = str(CATALOG[0]["codes"][0])
USB, UINPUT = (NUMBERED, NUMBERED) if os.environ.get("SOAK") else (80, 40)  # scans
SLOW_MS = 3.0  # whoever scans shares the processor with the others
TITLE = "Scans at a report a millisecond"
HEAD = ("scanner", "codes", "lost", "asked for again", "ms per report at most")
CASH = "KASSDBAR"  # the control code: what is due, in cash


@pytest.mark.parametrize(("way", "scans"), [(keyboard, USB), (uinput_scanner, UINPUT)], ids=["usb", "uinput"])
async def test_every_code_is_right_or_to_be_scanned_again(shop: Guest, way: ModuleType, scans: int) -> None:
    """Other processes want the processor, and now and then the register is stopped for longer than
    the kernel keeps a code for it."""
    codes = [numbered(n) for n in range(scans)]
    batches = [[*codes[n : n + 20], CASH] for n in range(0, scans, 20)]
    name = "scanner"
    if way is uinput_scanner:
        name = "uinput"
        await shop.begin(uinput_scanner.serve, name=name)
        await shop.ready(name)
    await shop.begin(load.compute)
    await shop.begin(load.compute)
    await shop.begin(load.stall, pid=await shop.call(box.pid), seed=1)
    took = [await shop.call(way.scan, name=name, codes=codes, pause_s=0.1, seconds=600) for codes in batches]
    await shop.call(load.end)
    told = shop.heard("state/sale/main", lambda d: d.get("message") == AGAIN)
    await shop.call(way.scan, name=name, codes=[BREAD])
    await shop.shown("state/sale/main", lambda d: d["lines"] and d["lines"][-1]["text"] == "Bauernbrot 1 kg")
    names = [f"Artikel {n}" for n in range(scans)]
    lines = [line["text"] for line in await shop.call(box.facts, kind="sale.line_added")]
    sold = [text for text in lines if text.startswith("Artikel")]
    figures = (str(figure) for figure in (scans, scans - len(sold), told))
    tables.row(TITLE, HEAD, way.__name__.rpartition(".")[2], *figures, f"{max(took):.1f}")
    assert not await shop.call(box.huge_pages)  # who reads would stand still while they are made
    assert max(took) < SLOW_MS, took
    assert len(set(sold)) == len(sold), "one was sold twice"
    assert [name for name in names if name in set(sold)] == sold, "one was sold that was not scanned"
    assert len(sold) == scans or told, "one was lost and nobody was told"
    assert len(sold) > scans * 0.75, told


async def test_a_scanner_that_is_pulled_out_in_a_code(shop: Guest) -> None:
    await shop.call(keyboard.pull_out_within, name="scanner", text=BREAD[:7])
    await shop.shown("state/dev/scanner", lambda d: d["state"] == "absent" and d["reason"] == "unplugged")
    await shop.shown("state/sale/main", lambda d: d.get("message") == AGAIN)
    await shop.replug("scanner", socket=0)
    await shop.ready("scanner")
    await shop.scan(BREAD, 1)
    await shop.shown("state/sale/main", lambda d: d["due"] == 390)
