"""kassd.register on a full disk (DESIGN §9): nothing half done, nothing paid is lost, nobody is sent home."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kassd import register as module
from kassd.core.codes import CODES
from kassd.core.inputs import ClockStepped, Room, Scanned
from kassd.core.state import State
from kassd.journal import read_lines, verify_journal
from tests.app.kit import SEGMENT, Bench, process
from tests.quota import Quota

MIB = 1024 * 1024


def kinds(folder: Path, first: int = 0) -> list[str]:
    return [fact["kind"] for line in read_lines(folder, first) for fact in line.facts]


def heard(bench: Bench) -> list[Room]:
    rooms: list[Room] = []
    bench.register.on_room = rooms.append
    return rooms


async def refused(bench: Bench, name: str, **args: Any) -> None:
    """The command is refused for the full disk, with its reason and the next step, and writes nothing."""
    before, seq = bench.register.state, bench.journal.next_seq
    reply = await bench.ask(name, **args)
    assert (reply["status"], reply["code"]) == ("rejected", "disk_full")
    assert reply["message"].startswith(CODES["disk_full"].message)
    assert "Platz schaffen" in reply["next"]
    assert bench.journal.next_seq == seq
    assert bench.register.state is before
    assert bench.task is not None
    assert not bench.task.done()


def cash(bench: Bench, more: int = 0) -> dict[str, int]:
    return {"1": bench.register.state.till.cash + more}


# -- a closing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("difference", [0, 250], ids=["at once", "after its movements"])
async def test_a_closing_on_a_full_disk_is_refused_and_selling_goes_on(
    tmp_path: Path, difference: int
) -> None:
    disk = Quota(64 * MIB)
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.open_till()
        await bench.sell()
        rooms = heard(bench)
        disk.fill()
        files = {path.name for path in tmp_path.rglob("*")}
        for _ in range(3):
            await refused(bench, "till.close", count=cash(bench, difference), reason="gezählt")
        assert {path.name for path in tmp_path.rglob("*")} == files
        assert rooms == ["lines"]
        await bench.sell()
        assert bench.register.state.till.procedure is None
        disk.left = 64 * MIB
        await bench.ok("till.close", count=cash(bench, difference), reason="gezählt")
        assert not bench.register.state.till.open
        assert rooms == ["lines", "ample"]
        assert "next.blob" not in {path.name for path in tmp_path.iterdir()}
    assert kinds(tmp_path).count("till.closing_began") == kinds(tmp_path).count("till.closed") == 1
    assert verify_journal(tmp_path).ok
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.open_till()


@pytest.mark.parametrize("left", [0, 4096, SEGMENT - 4096])
async def test_a_closing_needs_room_for_its_blobs_and_for_the_segment_after_the_next(
    tmp_path: Path, left: int
) -> None:
    """The spare segment is used by the first closing; before the second there must be another one."""
    disk = Quota(64 * MIB)
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.open_till()
        await bench.until(lambda: bench.journal.spare)
        disk.left = 40 * 1024
        await bench.close_till()
        await bench.until(lambda: bench.journal.starved)
        disk.left = left
        await bench.open_till()
        await bench.sell()
        await bench.until(lambda: not bench.journal.progress().waiting)
        await refused(bench, "till.close", count=cash(bench))
        assert disk.left <= left, "what was tried is given back"
        assert not list(tmp_path.rglob("*.tmp"))


async def test_room_that_a_closing_was_given_is_its_own(tmp_path: Path) -> None:
    """The disk becomes full while the difference is being signed."""
    disk = Quota(64 * MIB)
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.open_till()
        await bench.sell()
        bench.hands.signs = False
        reply = await bench.ask("till.close", count=cash(bench, 100), reason="gezählt")
        assert reply["status"] == "accepted"
        disk.fill()
        bench.hands.signs = True
        for wish in tuple(bench.register.state.outbox.values()):
            bench.register.post(bench.hands.tse.answer(wish))
        await bench.until(lambda: not bench.register.state.till.open)
        await bench.quiet()
    assert verify_journal(tmp_path).ok
    assert kinds(tmp_path).count("till.closed") == 1


async def test_a_closing_whose_room_was_taken_waits_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quotas, copy on write: what was laid out does not hold. What is signed stays; the closing follows."""
    monkeypatch.setattr(module, "ROOM_AGAIN_S", 0.05)
    disk = Quota(64 * MIB)
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.open_till()
        await bench.sell()
        bench.hands.signs = False
        await bench.ask("till.close", count=cash(bench, 100), reason="gezählt")
        bench.hands.signs = True
        (tmp_path / "next.blob").write_bytes(b"")
        disk.left = -64 * MIB
        for wish in tuple(bench.register.state.outbox.values()):
            bench.register.post(bench.hands.tse.answer(wish))
        await bench.until(lambda: not bench.register.state.sales and not bench.register.state.outbox)
        await refused(bench, "sale.add", text="Brot", price=100, vat=2)
        assert bench.register.state.till.open
        decisions = bench.register.decisions
        await bench.until(lambda: bench.register.decisions > decisions + 2)
    async with process(tmp_path, disk) as bench:  # nor does a restart end it, or the register
        await bench.commissioned()
        assert bench.register.state.till.procedure is not None
        await refused(bench, "till.close", count={})
        disk.left = 64 * MIB
        await bench.until(lambda: not bench.register.state.till.open)
        await bench.quiet()
    assert verify_journal(tmp_path).ok
    assert kinds(tmp_path).count("till.closed") == 1


# -- selling ------------------------------------------------------------------------------------------


async def sell_until_refused(bench: Bench) -> int:
    """The lines from which on the register took nothing new."""
    for _ in range(400):
        reply = await bench.ask("sale.add", text="Brot", price=100, vat=2)
        if reply["status"] == "rejected":
            assert reply["code"] == "disk_full"
            return bench.journal.next_seq
        await bench.ok("sale.pay", type="cash")
    raise AssertionError("the journal does not end")


async def full(bench: Bench, disk: Quota) -> None:
    """A register whose spare segment is used up, on a disk that is full."""
    await bench.commissioned()
    await bench.open_till()
    await bench.until(lambda: bench.journal.spare)
    disk.fill()
    await bench.sell()


async def test_before_the_journals_room_ends_nothing_new_is_begun_and_what_was_begun_is_ended(
    tmp_path: Path,
) -> None:
    disk = Quota(64 * MIB)
    async with process(tmp_path, disk) as bench:
        await full(bench, disk)
        await bench.ask("sale.add", station="main", text="Brot", price=100, vat=2)
        await bench.ok("sale.pay", type="cash")
        seq = await sell_until_refused(bench)
        assert seq * 4096 > SEGMENT, "the spare segment was used first"
        for name, args in (
            ("till.close", {"count": cash(bench)}),
            ("cash.in", {"amount": 100, "reason": "Wechselgeld"}),
            ("till.report", {}),
            ("article.price", {"article": "1", "price": 3}),
        ):
            reply = await bench.ask(name, **args)
            assert reply["status"] == "rejected", name
        await refused(bench, "till.report")
        bench.register.post(Scanned("main", "scanner", "4006381333931"))
        assert (await bench.ask("cash.expected"))["status"] == "ok", "questions are answered"
        assert bench.journal.next_seq == seq
    async with process(tmp_path, disk) as bench:  # the restarted register does not begin anything either
        await bench.commissioned()
        await sell_until_refused(bench)
        disk.left = 64 * MIB
        await bench.sell()
        await bench.close_till()
    assert verify_journal(tmp_path).ok


async def test_a_sale_that_is_open_when_the_room_ends_is_paid_signed_and_printed(tmp_path: Path) -> None:
    disk = Quota(64 * MIB)
    async with process(tmp_path, disk) as bench:
        await full(bench, disk)
        await bench.ok("sale.add", text="Brot", price=100, vat=2)
        await bench.ok("sale.add", text="Brezel", price=80, vat=2)
        for _ in range(400):
            reply = await bench.ask("till.report")
            if reply["status"] == "rejected":
                break
        assert reply["code"] == "disk_full"
        await refused(bench, "sale.add", text="Brot", price=100, vat=2)
        sale = bench.register.state.current("main")
        assert sale is not None
        await bench.ok("sale.void_line")
        await bench.ok("sale.pay", type="cash")
        last = bench.register.state.station("main").last
        assert last is not None
        assert (last.id, last.status, last.due) == (sale.id, "done", 0)
        assert not bench.register.state.outbox
        await refused(bench, "sale.add", text="Brot", price=100, vat=2)
    states: list[State] = []
    async with process(tmp_path, disk) as bench:
        states.append(bench.register.state)
    assert states[0].receipt == last.number
    assert verify_journal(tmp_path).ok


async def test_the_register_ends_loudly_when_even_the_rest_is_used_up(tmp_path: Path) -> None:
    """What was acknowledged is there; the start says why it cannot go on, and goes on once there is room."""
    disk = Quota(64 * MIB)
    async with process(tmp_path, disk) as bench:
        await full(bench, disk)
        await sell_until_refused(bench)
        assert bench.task is not None
        for _ in range(100):
            bench.register.post(ClockStepped(0, uncertain=False))
        await asyncio.wait([bench.task], timeout=20)
        assert isinstance(bench.task.exception(), module.JournalError)
    checked = verify_journal(tmp_path)
    assert checked.ok
    with pytest.raises(module.JournalError, match="voll"):
        async with process(tmp_path, disk):
            pass
    disk.left = 64 * MIB
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.sell()
        assert bench.journal.next_seq > checked.checked
