"""The register killed (SIGKILL) at every message of a card payment, both ways, over TCP and a serial line.

The real ``kassd run``; the simulated terminal lives on and says when. ``unsent``: just before it sends the
message. ``sent``: it lies in the kernel, and the register, stopped before, has not read it (over a serial
line: its block is acknowledged). ``written``: what the register made of it is on the disk. ``heard``: the
register's own message has arrived. Afterwards whoever stands at the till tries again until the sale is paid:
never paid twice, never "paid" without money, never money without a sale. ``SOAK=1``: every moment of every
message on each wire and with each kind of terminal; else each message once, by turns.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from kill_till import PATIENT, Died, Till

from kassd.sim.terminal.behaviour import Behaviour
from kassd.sim.terminal.talk import Moment, unwatched
from kassd.sim.world_journal import follow

SOAK = os.environ.get("SOAK") == "1"
PAYMENT, CENTS = 0x0601, 390
REPORTS = ("80 00", "04 FF", "04 FF", "04 FF", "04 0F", "06 D3", "06 D3", "06 0F")
# As the terminal counts them: odd ones from the second report on are its own, the answers are even.
NAMES = ["06 01 →", "80 00 ←", *(name for report in REPORTS[1:] for name in (f"{report} ←", "80 00 →"))]
# What the register writes on hearing a report: the fact, and the how many-th of this payment.
WRITES = {
    9: ("card.approved", 1),
    11: ("card.slip_kept", 1),
    13: ("card.slip_kept", 2),
    15: ("card.ended", 1),
}
LONG_S, T3_S, LOOK_S, TRIES = 30.0, 2.0, 0.002, 5
# The register waits there for a block's acknowledgement before it writes.
NOT_SERIAL = {("written", 15)}
Case = tuple[str, int]  # moment, message


def moments(message: int) -> tuple[str, ...]:
    """When the register can die there."""
    if NAMES[message - 1].endswith("→"):
        return ("heard",)
    return ("unsent", "sent", "written") if message in WRITES else ("unsent", "sent")


def cases(turn: int, step: int) -> list[Case]:
    """All, or of each ``step`` reports and answers those whose ``turn`` it is, each at one moment."""
    numbers = range(1, len(NAMES) + 1)
    if SOAK:
        return [(moment, message) for message in numbers for moment in moments(message)]
    return [(moments(n)[n // 2 // step % len(moments(n))], n) for n in numbers if n // 2 % step == turn]


@dataclass
class Killer:
    """Watches the terminal's wire and kills the register when it is time."""

    till: Till
    moment: str
    message: int
    serial: bool
    done: bool = False

    def __call__(self, moment: Moment, message: int, command: int) -> None:
        if (message, command) != (self.message, PAYMENT):
            return
        if moment == "unsent" and self.moment == "sent" and not self.serial:
            self._signal(signal.SIGSTOP)
        if moment == "sent" and self.moment == "written":
            self._await_line(*WRITES[message])
            self._kill()
        elif moment == self.moment:
            self._kill()

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)
        self.done = True

    def _signal(self, number: int) -> None:
        assert self.till.world.process is not None
        os.kill(self.till.world.process.pid, number)

    def _await_line(self, kind: str, count: int) -> None:
        """The simulator, which runs in this thread, does nothing meanwhile."""
        journal, first = self.till.world.stage.journal, self.till.checker.book.next_seq
        deadline = time.monotonic() + LONG_S
        while sum(fact["kind"] == kind for line in follow(journal, first) for fact in line.facts) < count:
            assert time.monotonic() < deadline, kind
            time.sleep(LOOK_S)


async def rest(till: Till) -> None:
    """The terminal works, and nothing is open with it; nobody has to be asked."""
    world = till.world
    await world.wait(
        "state/dev/terminal", lambda d: d.get("state") == "ready" and d["boot"] == world.boot, LONG_S
    )
    await world.until(lambda: not charges(till), LONG_S, "the end of a card payment")
    await world.wait("state/sale/main", lambda d: d["boot"] == world.boot and not d.get("card"), LONG_S)


def charges(till: Till) -> list[str]:
    """What terminals were asked for and is not known to have ended."""
    return [wish["id"] for wish in till.checker.read().wishes.values() if wish["kind"] == "card"]


async def die(till: Till, killer: Killer) -> None:
    """Pay with a card, which the register does not survive."""
    assert till.world.terminal is not None
    till.world.terminal.terminal.watch = killer
    for _ in range(TRIES):  # a busy machine breaks off by itself, and never comes to that message
        try:
            await till.do("sale.pay", type="card")
        except Died:
            break
        await till.world.until(lambda: killer.done or not charges(till), LONG_S, "an end")
        if killer.done or till.checker.read().current is None:
            break
    assert await till.world.ended(LONG_S) == -signal.SIGKILL
    till.world.terminal.terminal.watch = unwatched


async def killed(till: Till, case: Case, *, serial: bool) -> str:
    """One sale, in whose payment the register dies; the row of the table."""
    moment, message = case
    world, book = till.world, till.checker.read()
    assert world.terminal is not None
    terminal, known, first = world.terminal.terminal, len(book.sales), book.next_seq
    before = terminal.memory.charged
    await till.do("sale.add", article="brot")
    await die(till, Killer(till, moment, message, serial))
    await till.back()
    await rest(till)
    charged, booked = terminal.memory.charged - before, sum(booked_since(till, first))
    facts = " ".join(card_facts(till, first))
    row = f"{NAMES[message - 1]:9} {message:2} {moment:8} {charged:7} {booked:7}  {facts}"
    assert charged == booked, row
    assert charged in (0, CENTS), row
    assert "unknown" not in facts, row
    for _ in range(TRIES):  # a busy machine breaks off by itself
        if till.checker.read().current is None:
            break
        await till.do("sale.pay", type="card")
        await rest(till)
    (sale,) = list(till.checker.read().sales.values())[known:]
    assert sale.paid, row
    assert terminal.memory.charged - before == sum(booked_since(till, first)) == sale.paid_sum == CENTS, row
    return row


def booked_since(till: Till, first: int) -> list[int]:
    """Cents that the register has booked as charged to cards."""
    facts = [fact for line in follow(till.world.stage.journal, first) for fact in line.facts]
    return [f["data"]["amount"] for f in facts if f["kind"] == "sale.payment_added" and f["data"].get("card")]


def card_facts(till: Till, first: int) -> list[str]:
    """The life of the payment, shortly."""
    facts = [fact["kind"] for line in follow(till.world.stage.journal, first) for fact in line.facts]
    return [kind.removeprefix("card.") for kind in facts if kind.startswith("card.") and kind != "card.last"]


@pytest.mark.timeout(3000 if SOAK else 600)
@pytest.mark.parametrize(
    ("wire", "orphans", "turn", "step"),
    [("TCP", "reverse", 0, 2), ("TCP", "keep", 1, 2), ("serial", "reverse", 7, 8), ("serial", "keep", 1, 4)],
)
async def test_killed_at_every_message(
    wire: str, orphans: str, turn: int, step: int, tmp_path: Path, table: Callable[[str, list[str]], None]
) -> None:
    serial = wire == "serial"
    behaviour = Behaviour(orphans=orphans)  # type: ignore[arg-type]
    stage = {"scanner": False, "terminal": behaviour, "terminal_serial": serial, "terminal_t3_s": T3_S}
    till = Till(tmp_path, 5, PATIENT, runner="kassd", **stage)
    wanted = [case for case in cases(turn, step) if not serial or case not in NOT_SERIAL]
    rows = [f"{'message':9} at {'when':8} {'charged':>7} {'booked':>7}  card facts"]
    async with till.world:
        await till.open()
        rows += [await killed(till, case, serial=serial) for case in wanted]
        await till.end()
    assert till.deaths == len(wanted) == len(rows) - 1
    table(f"The register killed at every message of a card payment ({wire}, {orphans})", rows)
