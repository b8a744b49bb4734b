"""kassd.register: decide, make durable, then do; on a real journal."""

import asyncio
import errno
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest

from kassd import ledger
from kassd.core import inputs as i
from kassd.core.codes import CODES
from kassd.core.decide import RULES
from kassd.core.decision import Decision, Draft
from kassd.core.facts import ConfigChanged, OutageBegan, SaleFinished
from kassd.core.goods.article import Article
from kassd.core.state import State
from kassd.errors import JournalError
from kassd.journal import read_lines
from kassd.register import BATCH
from tests.app.kit import CONFIG, Bench, Disk, Hands, process


def kinds(folder: Path) -> list[str]:
    return [fact["kind"] for line in read_lines(folder) for fact in line.facts]


def sold(folder: Path) -> int:
    """Lines of sales."""
    return sum('"Brot"' in json.dumps(fact) for line in read_lines(folder) for fact in line.facts[:2])


def blobs_of(disk: Disk, folder: Path) -> set[str]:
    return {name for name in disk.names if len(name) == 64 and (folder / "blob" / name).exists()}


# -- durable first ------------------------------------------------------------------------------------


async def test_nothing_is_done_or_shown_before_its_line_is_durable(tmp_path: Path) -> None:
    disk = Disk()
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        before, acted = bench.register.state, len(bench.hands.acted)
        disk.slow()
        bench.command("till.open", counted=0)
        await bench.until(disk.blocked.is_set)
        await asyncio.sleep(0.05)
        assert bench.register.state is before
        assert len(bench.hands.acted) == acted
        assert bench.hands.prepared.till.open  # what is to be shown may be drawn meanwhile
        assert not bench.replies
        disk.fast()
        await bench.until(lambda: bench.replies)
        assert bench.register.state.till.open


async def test_what_the_tse_was_asked_for_is_foreseen_when_nothing_waits(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        foreseen, waiting = bench.hands.foreseen, list[int]()

        def foresee(decision: Decision, now: State) -> None:
            waiting.append(bench.register.waiting)
            foreseen.append((decision, now))

        bench.hands.foresee = foresee  # type: ignore[method-assign]
        bench.hands.signs = False
        bench.command("till.open", counted=0)
        await bench.until(lambda: bench.register.state.till.open)
        for _ in range(3):
            bench.command("sale.add", text="Brot", price=100, vat=2)
        bench.command("sale.pay", type="cash")
        await bench.until(lambda: len(bench.replies) == 5)
        asked = [wish.kind for decision, _ in foreseen for wish in decision.wishes]
        assert "tse.start" in asked
        assert all(decision.wishes for decision, _ in foreseen)
        assert not any(waiting), "whoever waits goes first"
        assert all(now is bench.register.state or now.seq >= decision.stamp.seq for decision, now in foreseen)


async def test_a_failed_write_ends_the_register_and_nothing_of_it_is_done(tmp_path: Path) -> None:
    disk = Disk()
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        before, acted = bench.register.state, len(bench.hands.acted)
        disk.error = OSError(errno.ENOSPC, "No space left on device")
        asked = [
            bench.command("till.open", counted=0),
            bench.command("sale.add", text="Brot", price=100, vat=2),
        ]
        assert bench.task is not None
        with pytest.raises(JournalError, match="nicht weiter verkauft"):
            await asyncio.wait_for(asyncio.shield(bench.task), 60)
        assert bench.register.state is before
        assert len(bench.hands.acted) == acted
        assert bench.journal.failed.done()
        asked.append(bench.command("sale.add", text="Brot", price=100, vat=2))  # before the process has ended
        assert [reply["id"] for reply in bench.replies] == asked
        for reply in bench.replies:
            assert (reply["status"], reply["code"], reply["rev"]) == ("failed", "journal_failed", before.seq)
            assert reply["message"] == CODES["journal_failed"].message
            assert reply["next"]


async def test_a_command_that_was_told_of_the_failure_acts_once_after_the_restart(tmp_path: Path) -> None:
    """Its line was written, the sync failed: nobody knows until the next start, which has it or has not."""
    disk = Disk()
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        disk.error = OSError(errno.EIO, "Input/output error")
        bench.command("sale.add", id="A", text="Brot", price=100, vat=2)
        await asyncio.wait([bench.task] if bench.task else [], timeout=20)
        assert bench.replies[-1]["code"] == "journal_failed"
    async with process(tmp_path) as bench:
        await bench.commissioned()
        reply = await bench.ok("sale.add", id="A", text="Brot", price=100, vat=2)
        assert "duplicate" not in reply
    assert sold(tmp_path) == 1


async def test_whoever_waits_is_told_that_the_register_ends_of_a_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()

        def broken(*_: Any) -> NoReturn:
            raise ValueError("ein Fehler")

        monkeypatch.setattr(bench.hands, "act", broken)
        first = bench.command("till.open", counted=0)
        second = bench.command("till.open", counted=0)
        assert bench.task is not None
        with pytest.raises(ValueError, match="ein Fehler"):
            await asyncio.wait_for(asyncio.shield(bench.task), 60)
        assert [(reply["id"], reply["code"]) for reply in bench.replies] == [
            (first, "internal_error"),
            (second, "internal_error"),
        ]


async def test_a_defect_is_logged_and_the_register_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(d: Draft) -> NoReturn:
        raise ValueError("ein Fehler")

    async with process(tmp_path, Disk()) as bench:
        await bench.commissioned()
        monkeypatch.setattr("kassd.core.decide.RULES", (broken,))
        await bench.ok("till.open", counted=0)
        assert bench.register.state.till.open
        assert [str(fault) for fault in bench.hands.acted[-1][0].faults] == ["ein Fehler"]
    assert "ein Fehler" in caplog.text


def _says(key: str, size: int) -> Callable[[Draft], None]:
    """A rule with ``size`` bytes to write once the till is open."""

    def rule(d: Draft) -> None:
        if d.state.till.open and key not in d.state.config:
            d.fact(ConfigChanged(key, None, "x" * size, "kassd", "test"))

    return rule


async def test_what_does_not_fit_one_line_takes_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        rules = (_says("x.one", 40_000), _says("x.two", 40_000))
        monkeypatch.setattr("kassd.core.decide.RULES", (*rules, *RULES))
        await bench.ok("till.open", counted=0)
        await bench.until(lambda: "x.two" in bench.register.state.config)
        await bench.until(lambda: not bench.register.state.sales)
        assert bench.register.state.till.open
    written = [{fact["kind"] for fact in line.facts} for line in read_lines(tmp_path)]
    opened = next(n for n, line in enumerate(written) if "till.opened" in line)
    assert ["config.changed" in line for line in written[opened : opened + 3]] == [False, True, True]
    assert kinds(tmp_path).count("till.opened") == 1


async def test_what_fits_no_line_is_refused_and_the_register_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        before, seq = bench.register.state, bench.journal.next_seq
        offer = Article("a", "Karte", 100, 1, codes=("x" * 70_000,))
        bench.register.post(i.CatalogOffered((offer,), ()))
        with monkeypatch.context() as small:
            small.setattr("kassd.journal.line.MAX_LINE", 500)
            reply = await bench.ask("sale.add", text="x" * 250, price=100, vat=1)
        assert (reply["status"], reply["code"]) == ("rejected", "too_much_at_once")
        assert reply["next"]
        faults = [fault for decision, *_ in bench.hands.acted for fault in decision.faults]
        assert [type(fault).__name__ for fault in faults] == ["LineTooLong"], (
            "an alert of the offer, which is lost"
        )
        assert (bench.register.state, bench.journal.next_seq) == (before, seq)
        await bench.ok("sale.add", text="Brot", price=100, vat=2)
    assert "refused CatalogOffered" in caplog.text
    assert sold(tmp_path) == 1


async def test_a_rule_that_fits_no_line_does_not_spin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        monkeypatch.setattr("kassd.core.decide.RULES", (*RULES, _says("x.huge", 70_000)))
        await bench.ok("till.open", counted=0)
        await bench.ok("sale.add", text="Brot", price=100, vat=2)
        made = bench.register.decisions
        await asyncio.sleep(0.05)
        assert bench.register.decisions - made <= 2
        assert "x.huge" not in bench.register.state.config


async def test_a_code_that_fits_no_line_is_told_at_its_station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        offer = Article("a", "x" * 200, 100, 1, codes=("4006381333931",))
        bench.register.post(i.CatalogOffered((offer,), ()))
        await bench.quiet()
        monkeypatch.setattr("kassd.journal.line.MAX_LINE", 500)
        bench.register.post(i.Scanned("scanner", "main", "4006381333931"))
        await bench.until(lambda: bench.register.state.station("main").message)
        assert "zu viel" in bench.register.state.station("main").message
        assert not bench.register.state.sales


async def test_a_failed_blob_ends_the_register_before_the_closing_line(tmp_path: Path) -> None:
    disk = Disk()
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        disk.error = OSError(errno.EIO, "Input/output error")
        bench.command("till.close", count={})
        assert bench.task is not None
        with pytest.raises(JournalError):
            await asyncio.wait_for(asyncio.shield(bench.task), 60)
        assert [reply["code"] for reply in bench.replies[1:]] == ["journal_failed"]
    assert "till.closed" not in kinds(tmp_path)


async def test_what_waits_goes_to_the_disk_together_and_is_done_in_order(tmp_path: Path) -> None:
    disk = Disk()
    async with process(tmp_path, disk) as bench:
        bench.hands.signs = False
        await bench.commissioned()
        await bench.ask("till.open", counted=0)
        bench.replies.clear()
        acted = len(bench.hands.seqs)
        disk.slow()
        bench.command("sale.add", text="0", price=100, vat=2)
        await bench.until(disk.blocked.is_set)
        writes = disk.names.count("line")
        ids = [bench.command("sale.add", text=str(n), price=100, vat=2) for n in range(1, BATCH + 1)]
        disk.let()
        await bench.until(disk.blocked.is_set)
        assert len(bench.replies) == 1, "the others are not durable"
        await asyncio.sleep(0.02)
        disk.fast()
        await bench.until(lambda: len(bench.replies) == BATCH + 1)
        assert disk.names.count("line") - writes <= 3, "33 lines in three writes: group commit"
        assert [reply["id"] for reply in bench.replies][1:] == ids
        seqs = bench.hands.seqs[acted:]
        assert seqs == list(range(seqs[0], seqs[0] + BATCH + 1))
        assert [reply["rev"] for reply in bench.replies] == seqs
        texts = [line.text for line in bench.register.state.current("main").lines]  # type: ignore[union-attr]
        assert texts == [str(n) for n in range(BATCH + 1)]


async def test_a_decision_sees_the_ones_before_it_that_are_not_durable_yet(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        bench.command("till.open", counted=0)
        bench.command("till.open", counted=0)
        await bench.until(lambda: len(bench.replies) == 2)
        assert [reply.get("code") for reply in bench.replies] == [None, "till_open"]


# -- the same command again ---------------------------------------------------------------------------


async def test_a_command_that_changed_nothing_gets_its_reply_again(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        first = await bench.ask("sale.add", id="X", text="Brot", price=100, vat=2)
        assert first["code"] == "till_closed"
        await bench.ok("till.open", counted=0)
        lines = bench.journal.next_seq
        again = await bench.ask("sale.add", id="X", text="Brot", price=100, vat=2)
        assert again == first | {"duplicate": True}
        assert bench.journal.next_seq == lines


async def test_a_journalled_command_is_not_carried_out_twice(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        bench.replies.clear()
        for _ in range(3):  # in one batch
            bench.command("sale.add", id="X", text="Brot", price=100, vat=2)
        await bench.until(lambda: len(bench.replies) == 3)
        first, second, third = bench.replies
        assert "duplicate" not in first
        assert second == third == first | {"duplicate": True}
        sale = bench.register.state.current("main")
        assert sale is not None
        assert len(sale.lines) == 1
        other = await bench.ask("sale.add", id="X", client="zweite", text="Brot", price=100, vat=2)
        assert "duplicate" not in other, "another client's id is another command"


async def test_a_repeated_command_after_a_restart(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        opened = await bench.ok("till.open", id="O", counted=0)
        added = await bench.ok("sale.add", id="X", text="Brot", price=100, vat=2)
    async with process(tmp_path) as bench:
        await bench.commissioned()
        assert await bench.ask("sale.add", id="X", text="Brot", price=100, vat=2) == added | {
            "duplicate": True
        }
        assert await bench.ask("till.open", id="O", counted=0) == opened | {"duplicate": True}
    assert sold(tmp_path) == 1


async def test_two_commands_of_one_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_hash", lambda client, command_id: 7)
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        first = await bench.ok("sale.add", id="A", text="Brot", price=100, vat=2)
        second = await bench.ok("sale.add", id="B", text="Brot", price=100, vat=2)
        assert first["rev"] < second["rev"]
        for reply in (first, second):
            args = {"text": "Brot", "price": 100, "vat": 2}
            assert await bench.ask("sale.add", id=reply["id"], **args) == reply | {"duplicate": True}
    assert sold(tmp_path) == 2


# -- time is a wish -----------------------------------------------------------------------------------


async def test_the_time_asked_for_comes_back_as_an_input(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned(CONFIG | {"register.tse_deadline_ms": 500})
        await bench.ok("till.open", counted=0)
        await bench.ok("sale.add", text="Brot", price=100, vat=2)
        bench.hands.signs = False
        paid = asyncio.get_running_loop().time()
        await bench.ask("sale.pay", type="cash")
        done = [d for d, _, _ in bench.hands.acted]
        await bench.until(lambda: any(_has(d, OutageBegan) for d, _, _ in bench.hands.acted))
        assert asyncio.get_running_loop().time() - paid > 0.45
        after = [d for d, _, _ in bench.hands.acted][len(done) :]
        assert any(_has(d, SaleFinished) for d in after), "the receipt is issued unsigned"


def _has(decision: Any, kind: type) -> bool:
    return any(isinstance(fact, kind) for fact in decision.facts)


async def test_an_idle_register_does_nothing(tmp_path: Path) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        decisions = bench.register.decisions
        await asyncio.sleep(0.2)
        assert bench.register.decisions == decisions
        assert bench.register._timer is None


async def test_time_in_the_journal_never_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system clock is set back an hour in the middle of the day."""
    offset, real = [0], time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + offset[0])
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.ok("till.open", counted=0)
        offset[0] = -3600 * 1_000_000_000
        await bench.sell()
    times = [line.at for line in read_lines(tmp_path)]
    assert times == sorted(times)


class Wall:
    """The system clock, ``off`` ns from the real one; ``right``: the kernel vouches for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off, self.right, real = 0, False, time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: real() + self.off)
        monkeypatch.setattr("kassd.clock.synchronised", lambda: self.right)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def steps(folder: Path) -> list[dict[str, Any]]:
    facts = [fact for line in read_lines(folder) for fact in line.facts]
    return [fact["data"] for fact in facts if fact["kind"] == "clock.stepped"]


def times_told(bench: Bench) -> int:
    """How often the TSE was to be told the time."""
    return sum(ask.kind == "tse.set_time" for d, _, _ in bench.hands.acted for ask in d.asks)


DAY = 86_400 * 1_000_000_000
YEARS_30 = 30 * 365 * DAY


async def test_a_register_that_wakes_in_1970_says_so_once_and_sells_on(tmp_path: Path, wall: Wall) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
    with (tmp_path / "000000000000.jsonl").open("r+b") as segment:  # a batch that was cut off
        segment.seek(len(segment.read().rstrip(b"\0")))
        segment.write(b'{"v":1,"')
    newest = list(read_lines(tmp_path))[-1].at
    wall.off = -time.time_ns()
    async with process(tmp_path) as bench:
        repaired = list(read_lines(tmp_path))[-1]
        assert repaired.facts[0]["kind"] == "journal.tail_repaired"
        woken = datetime.fromisoformat(repaired.at) - datetime.fromisoformat(newest)
        assert 0 <= woken.total_seconds() < 600
        await bench.commissioned()
        (step,) = steps(tmp_path)
        assert (step["seconds"], step["uncertain"]) == (0, True)
        assert step["refused"] < -1_000_000_000
        for _ in range(3):
            await asyncio.sleep(0.05)
            await bench.ask("sale.add", text="Brot", price=100, vat=2)
        await bench.open_till()
        ends = bench.register.state.till.day_ends
        assert bench.register._timer_at == ends, "the doubt wakes nobody, only the day's end does"
        assert len(steps(tmp_path)) == 1, "no step while time goes on"
        assert times_told(bench) == 0
        since = read_lines(
            tmp_path, repaired.seq + 1
        )  # the start ends, and time is taken up, after the repair
        pace = [(datetime.fromisoformat(line.at), line.mono) for line in since]
        passed = (pace[-1][0] - pace[0][0]).total_seconds()
        assert passed == pytest.approx((pace[-1][1] - pace[0][1]) / 1e9, abs=0.05)
        wall.off = 7200 * 1_000_000_000
        await bench.sell()
        assert [step["uncertain"] for step in steps(tmp_path)] == [True, False]
        assert steps(tmp_path)[-1]["seconds"] == pytest.approx(7200, abs=200), "more by what the start took"
        assert times_told(bench) == 1
    times = [line.at for line in read_lines(tmp_path)]
    assert times == sorted(times)


async def test_a_glitch_of_the_clock_leaves_nothing_but_a_fact(tmp_path: Path, wall: Wall) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.open_till()
        wall.off = YEARS_30
        await bench.sell()
        (step,) = steps(tmp_path)
        assert (step["seconds"], step["uncertain"]) == (0, True)
        assert step["refused"] == pytest.approx(30 * 365 * 86_400, abs=2)
        assert times_told(bench) == 0
    async with process(tmp_path) as bench:  # the glitch outlives a restart
        await bench.commissioned()
        await bench.sell()
        assert times_told(bench) == 0
        wall.off = 0
        await bench.sell()
        assert [step["uncertain"] for step in steps(tmp_path)] == [True, True, False]
    days = {line.at[:10] for line in read_lines(tmp_path)}
    assert len(days) <= 2, "today, and tomorrow at midnight"


async def test_a_leap_the_kernel_vouches_for_is_followed_and_told_to_the_tse(
    tmp_path: Path, wall: Wall
) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        wall.off = 3 * DAY
        await bench.open_till()
        assert [step["uncertain"] for step in steps(tmp_path)] == [True]
        wall.right = True
        await bench.sell()
        assert [step["uncertain"] for step in steps(tmp_path)] == [True, False]
        assert steps(tmp_path)[-1]["seconds"] == pytest.approx(3 * 86_400, abs=2)
        assert times_told(bench) == 1


async def test_a_leap_is_believed_after_a_restart(tmp_path: Path, wall: Wall) -> None:
    async with process(tmp_path) as bench:
        await bench.commissioned()
        wall.off = 40 * DAY
        await bench.open_till()
        assert len(steps(tmp_path)) == 1
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.sell()
        assert len(steps(tmp_path)) == 1
        away = datetime.fromisoformat(list(read_lines(tmp_path))[-1].at) - datetime.now(UTC)
        assert 39 <= away.days <= 40


# -- the closing --------------------------------------------------------------------------------------


async def test_a_closing_stores_its_blobs_before_its_line(tmp_path: Path) -> None:
    disk = Disk()
    async with process(tmp_path, disk) as bench:
        await bench.commissioned()
        await bench.open_till()
        await bench.sell()
        await bench.close_till()
    closing = next(line for line in read_lines(tmp_path) if "till.closed" in [f["kind"] for f in line.facts])
    fact = next(fact for fact in closing.facts if fact["kind"] == "till.closed")
    named = {ref["blob"] for ref in fact["data"]["carry"].values()}
    assert set(fact["data"]["carry"]) == {"state", "catalog", "replies"}
    assert named <= blobs_of(disk, tmp_path)
    at = next(n for n, data in enumerate(disk.writes) if b'"till.closed"' in data)
    lines = [n for n, name in enumerate(disk.names) if name in ("line", "bytes")]
    assert all(disk.names.index(name) < lines[at] for name in named)


async def test_a_closing_carries_the_newest_replies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "KEEP", 3)
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.open_till()
        await _sell_some(bench, 3)
        await bench.close_till()
        kept = sorted(bench.register.ledger.carry())
        assert len(kept) == 3
        assert len(bench.register.ledger) <= 4, "the older ones are forgotten in memory, too"
    async with process(tmp_path) as bench:
        assert sorted(bench.register.ledger.carry()) == kept
        closing = next(
            line for line in read_lines(tmp_path) if (line.cmd and line.seq == kept[-1][1]) or False
        )
        assert closing.cmd
        replay = await bench.ask("sale.pay", id=_ids(tmp_path)["sale.pay"], type="cash")
        assert replay["duplicate"] is True


async def _sell_some(bench: Bench, count: int) -> None:
    for n in range(count):
        await bench.sell(100 + n)


def _ids(folder: Path) -> dict[str, str]:
    """The newest id of each command in the journal."""
    return {line.cmd["id"].split("-")[0]: line.cmd["id"] for line in read_lines(folder) if line.cmd}


async def test_the_journal_is_canonical_json_and_verifies(tmp_path: Path) -> None:
    from kassd.journal import verify_journal

    async with process(tmp_path, hands=Hands(tmp_path)) as bench:
        await bench.commissioned()
        await bench.open_till()
        await bench.sell()
        bench.register.post(i.Tick())
        await bench.close_till()
    verdict = verify_journal(tmp_path)
    assert verdict.ok, json.dumps(verdict.render(), indent=1)
