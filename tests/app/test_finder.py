"""kassd.app.finder: receipts of any age out of the journal on the disk."""

import asyncio
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from kassd.app.finder import FILE, Finder
from kassd.core.corrections.found import Found
from tests.app.kit import Bench, Disk, process

Usage = namedtuple("Usage", "total used free")


async def look(finder: Finder, subject: str) -> Found | None:
    answers: asyncio.Queue[Found | None] = asyncio.Queue()
    finder.find(subject, answers.put_nowait)
    task = asyncio.create_task(finder.run())
    try:
        return await asyncio.wait_for(answers.get(), 60)
    finally:
        task.cancel()


async def sold(bench: Bench) -> None:
    await bench.commissioned()
    await bench.ok("till.open", counted=0)
    await bench.ok("sale.add", text="Brot", price=350, vat=2, quantity="2")
    await bench.ok("sale.add", text="Irrtum", price=100, vat=1)
    await bench.ok("sale.void_line")
    await bench.ok("sale.pay", type="cash", given=1000)


async def test_a_receipt_is_put_together_as_it_was_entered(tmp_path: Path) -> None:
    async with process(tmp_path, Disk()) as bench:
        await sold(bench)
        finder = Finder(bench.hands.directory, tmp_path / FILE)
        found = await look(finder, "2")
        assert found is not None
        assert found.receipt is not None
        sale = bench.register.state.station("main").last
        assert sale is not None
        assert found.receipt.sale.lines == sale.lines
        assert found.receipt.sale.payments == sale.payments
        assert (found.receipt.sale.number, found.receipt.sale.status) == (2, "done")
        assert found.receipt.document == bench.register.state.station("main").document
        assert (found.receipt.closing, found.corrections) == (0, ())
        assert found.seq == bench.register.state.seq


async def test_corrections_are_found_again_by_a_new_index(tmp_path: Path) -> None:
    async with process(tmp_path, Disk()) as bench:
        await sold(bench)
        finder = Finder(bench.hands.directory, tmp_path / FILE)
        found = await look(finder, "2")
        bench.command("receipt.cancel", receipt="2", reason="x", found=found)
        await bench.quiet()
        assert bench.replies[-1]["status"] == "accepted"
        await bench.ok("till.close", count={})
        for _ in range(2):
            found = await look(finder, "2")
            assert found is not None
            assert found.receipt is not None
            assert found.receipt.closing == 1
            ((correction),) = found.corrections
            assert (correction.how, correction.by) == ("cancel", "3")
            (tmp_path / FILE).unlink()


async def test_what_is_not_there_and_what_cannot_be_read(tmp_path: Path) -> None:
    async with process(tmp_path, Disk()) as bench:
        await sold(bench)
        found = await look(Finder(bench.hands.directory, tmp_path / FILE), "77")
        assert found == Found("77", bench.register.state.seq)
        assert await look(Finder(bench.hands.directory, tmp_path / "nowhere" / FILE), "2") is None


@pytest.mark.parametrize("slip", ["17", "A-4"])
async def test_a_slip_that_nobody_has_captured(tmp_path: Path, slip: str) -> None:
    async with process(tmp_path, Disk()) as bench:
        await sold(bench)
        found = await look(Finder(bench.hands.directory, tmp_path / FILE), f"paper:{slip}")
        assert found == Found(f"paper:{slip}", bench.register.state.seq)


@pytest.mark.parametrize("free", [0, 1 << 30])
async def test_an_index_without_room_is_told_from_one_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    """Whoever asks is not told to wait for what does not come."""
    async with process(tmp_path, Disk()) as bench:
        await sold(bench)
        (tmp_path / FILE).mkdir()
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 30, 0, free))
        found = await look(Finder(bench.hands.directory, tmp_path / FILE), "2")
        reply = await bench.ask("receipt.reprint", receipt="2", found=found)
        assert reply["code"] == ("busy" if free else "disk_full")
        monkeypatch.undo()
        (tmp_path / FILE).rmdir()
        found = await look(Finder(bench.hands.directory, tmp_path / FILE), "2")
        await bench.ok("receipt.reprint", receipt="2", found=found)
