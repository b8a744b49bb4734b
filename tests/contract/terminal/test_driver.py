"""The driver at the simulated terminal, over TCP and a pty: states, outcomes, and what it waits for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kassd.devices.config import TerminalConfig
from kassd.devices.port import (
    CardAnswer,
    CardHeard,
    CardLast,
    CardOutcome,
    CardSlip,
    CardText,
    ChargeRequest,
    DeviceEvent,
    DeviceStatus,
)
from kassd.devices.terminal import driver as driver_module
from kassd.devices.terminal.driver import TerminalDriver
from kassd.sim.terminal.behaviour import Behaviour, Fault
from kassd.sim.terminal.host import SerialTerminalSim, TcpTerminalSim
from kassd.sim.terminal.terminal import Terminal
from tests.devices.support import Recorder, running

LONG_S = 60.0


@dataclass
class Counter:
    """``disk``: what the driver reports is durable at once."""

    terminal: Terminal
    driver: TerminalDriver
    heard: Recorder
    sim: TcpTerminalSim | SerialTerminalSim
    disk: bool = True

    def report(self, event: DeviceEvent) -> None:
        self.heard(event)
        if self.disk and isinstance(event, (CardHeard, CardSlip)):
            self.driver.go_on(event.charge)

    async def ready(self) -> None:
        await self.heard.state("ready", timeout=LONG_S)

    async def charge(self, charge: str, operation: Any, amount: int = 0, receipt: str = "") -> CardOutcome:
        """Wish something; ``known`` is what the driver has told."""
        known = self.heard.of(CardLast)[-1].last
        done = [event.data for event in self.heard.of(CardOutcome) if event.data is not None]
        count = len(self.heard.of(CardOutcome))
        self.driver.charge(ChargeRequest(charge, operation, amount, receipt, (done or [known])[-1]))
        return await self.heard.next(CardOutcome, count + 1, LONG_S)


@contextlib.asynccontextmanager
async def counter(kind: str, folder: Path, t3_s: float = 5.0, **behaviour: Any) -> AsyncIterator[Counter]:
    terminal = Terminal(Behaviour(**behaviour))
    terminal.payments.no_card_s = 20.0
    sim: TcpTerminalSim | SerialTerminalSim
    where: dict[str, Any]
    if kind == "tcp":
        sim = tcp = TcpTerminalSim(terminal, t3_s)
        await tcp.start()
        where = {"host": "127.0.0.1", "port": tcp.port}
    else:
        sim = serial = SerialTerminalSim(terminal, folder / "terminal", t3_s)
        serial.plug()
        where = {"path": str(serial.path)}
    task = asyncio.create_task(sim.serve())
    config = TerminalConfig("karte", driver=kind, answer_timeout_s=t3_s, **where)  # type: ignore[arg-type]
    events: list[Counter] = []
    driver = TerminalDriver(config, lambda event: events[0].report(event))
    events.append(Counter(terminal, driver, Recorder(), sim))
    try:
        async with running(driver):
            yield events[0]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        sim.stop()


@pytest.fixture(params=["tcp", "serial"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_day(kind: str, tmp_path: Path) -> None:
    async with counter(kind, tmp_path) as here:
        await here.ready()
        assert here.heard.of(CardLast)[-1].last is None
        assert here.terminal.memory.config == 0xBE
        paid = await here.charge("1.0", "payment", 2040)
        assert paid.result == "done"
        assert paid.data is not None
        assert (paid.data.amount, paid.data.receipt, paid.data.number) == (2040, "0001", "4711")
        assert [slip.copy for slip in here.heard.of(CardSlip)] == ["merchant", "customer"]
        assert "Karte einstecken" in [event.text for event in here.heard.of(CardText)]
        back = await here.charge("2.0", "reversal", 2040, "0001")
        assert (back.result, back.data and back.data.original_trace) == ("done", paid.data.trace)
        assert (await here.charge("3.0", "refund", 500)).result == "done"
        day = await here.charge("4.0", "end_of_day")
        assert (day.result, day.count) == ("done", 1)
        here.driver.ask("2.0")
        answer = await here.heard.next(CardAnswer, 1, LONG_S)
        assert (answer.charge, answer.found) == ("2.0", "last")


async def test_the_last_receipt_once_more(kind: str, tmp_path: Path) -> None:
    """It is sent again, whole; nothing is charged and nothing is taken for a new payment."""
    async with counter(kind, tmp_path) as here:
        await here.ready()
        assert (await here.charge("1.0", "repeat")).result == "failed", "there is none"
        paid = await here.charge("2.0", "payment", 2040)
        first = [(slip.copy, slip.lines) for slip in here.heard.of(CardSlip)]
        again = await here.charge("3.0", "repeat")
        assert (again.result, again.data) == ("done", None)
        slips = here.heard.of(CardSlip)[len(first) :]
        assert [(slip.copy, slip.lines) for slip in slips] == first
        assert {slip.charge for slip in slips} == {"3.0"}
        assert len(here.heard.of(CardHeard)) == 1
        assert here.terminal.memory.charged == 2040
        here.driver.charge(ChargeRequest("4.0", "payment", 100, "", paid.data))
        assert (await here.heard.next(CardOutcome, 4, LONG_S)).result == "done"


async def test_declined_and_refused_are_known_not_to_be_done(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path) as here:
        await here.ready()
        here.terminal.behaviour.change(result=51)
        declined = await here.charge("1.0", "payment", 100)
        assert (declined.result, declined.code) == ("failed", "33")
        assert "Verfügungsrahmen" in declined.message
        here.terminal.behaviour.change(result=0, busy=True)
        assert (await here.charge("2.0", "payment", 100)).code == "849c"
        assert here.terminal.memory.charged == 0


async def test_what_is_not_on_the_disk_is_not_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "WRITE_S", 0.1)
    async with counter("tcp", tmp_path, t3_s=0.3) as here:
        await here.ready()
        here.disk = False
        outcome = await here.charge("1.0", "payment", 100)
        assert (outcome.result, outcome.code) == ("unclear", "not_written")
        here.driver.ask("1.0")
        answer = await here.heard.next(CardAnswer, 1, LONG_S)
        assert answer.found == "none"
        assert here.terminal.memory.charged == 0


async def test_abort(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path, card="none") as here:
        await here.ready()
        known = here.heard.of(CardLast)[-1].last
        here.driver.charge(ChargeRequest("1.0", "payment", 100, "", known))
        await here.heard.next(CardText, 1, LONG_S)
        here.driver.abort("other")
        here.driver.abort("1.0")
        assert (await here.heard.next(CardOutcome, 1, LONG_S)).code == "6c"


async def test_who_does_not_know_the_last_transaction_charges_nobody(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path) as here:
        await here.ready()
        paid = await here.charge("1.0", "payment", 100)
        assert paid.result == "done"
        here.driver.charge(ChargeRequest("2.0", "payment", 100, "", None))
        assert (await here.heard.next(CardOutcome, 2, LONG_S)).code == "not_sent"
        assert here.terminal.memory.charged == 100


async def test_a_wrong_password_is_told_and_an_absent_terminal_charges_nobody(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path, password="999999") as here:
        status = await here.heard.state("error", "refused_37", timeout=LONG_S)
        assert "Passwort" in status.message
    heard = Recorder()
    driver = TerminalDriver(TerminalConfig("karte", host="127.0.0.1", port=1), heard)
    async with running(driver):
        status = await heard.state("absent", timeout=LONG_S)
        assert "nicht erreichbar" in status.message
        driver.charge(ChargeRequest("1.0", "payment", 100))
        assert (await heard.next(CardOutcome, 1, LONG_S)).code == "not_sent"


async def test_a_terminal_that_needs_something_says_so(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path, status=0xC2) as here:
        status = await here.heard.state("degraded", "status_c2", timeout=LONG_S)
        assert "Diagnose" in status.message
    async with counter("tcp", tmp_path, status=0x51) as here:
        status = await here.heard.state("degraded", "status_51", timeout=LONG_S)
        assert "die Initialisierung starten" in status.message
        assert "bezahlen" not in status.message
        assert (await here.charge("1.0", "payment", 350)).result == "done"
        await here.heard.until(lambda: here.heard.states()[-1][0] != "busy", LONG_S)
        after = here.heard.of(DeviceStatus)[-1]
        assert (after.state, after.reason, after.message) == ("degraded", "status_51", status.message)


async def test_one_that_does_not_say_is_asked_again(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """06 1E 9C, and 84 9C to the question itself: neither is an answer, nor the end of the connection."""
    monkeypatch.setattr(driver_module, "ASK_FIRST_S", 0.02)
    monkeypatch.setattr(driver_module, "ASK_MAX_S", 0.05)
    async with counter(kind, tmp_path) as here:
        await here.ready()
        paid = await here.charge("1.0", "payment", 100)
        registrations = here.terminal.heard.count(here.terminal.heard[0])
        here.terminal.behaviour.change(mute=2)
        here.driver.ask("1.0")
        answer = await here.heard.next(CardAnswer, 3, LONG_S)
        assert [one.found for one in here.heard.of(CardAnswer)] == ["mute", "mute", "last"]
        assert [one.mute for one in here.heard.of(CardLast)] == [False, True, True, False]
        assert answer.last == paid.data
        here.terminal.behaviour.change(busy=True)
        here.driver.ask("1.0")
        await here.heard.next(CardAnswer, 5, LONG_S)
        here.terminal.behaviour.change(busy=False)
        async with asyncio.timeout(LONG_S):
            while here.heard.of(CardAnswer)[-1].found == "mute":
                await here.heard.next(CardAnswer, len(here.heard.of(CardAnswer)) + 1, LONG_S)
        assert here.terminal.heard.count(here.terminal.heard[0]) == registrations


async def test_while_it_does_not_say_only_who_knows_that_is_served(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path, mute=1) as here:
        await here.ready()
        assert here.heard.of(CardLast)[-1].mute
        here.driver.charge(ChargeRequest("1.0", "payment", 100))
        assert (await here.heard.next(CardOutcome, 1, LONG_S)).code == "not_sent"
        here.driver.charge(ChargeRequest("2.0", "payment", 100, sure=False))
        assert (await here.heard.next(CardOutcome, 2, LONG_S)).result == "done"
        assert (await here.charge("3.0", "payment", 100)).result == "done", "now it is known"


async def test_one_that_hangs_up_is_called_again_at_once_and_seen_to_be_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "RECALL_S", 0.0)
    async with counter("tcp", tmp_path, hangs_up="payment") as here:
        await here.ready()
        await here.charge("1.0", "payment", 100)
        await here.heard.next(CardLast, 2, LONG_S)
        assert (await here.charge("2.0", "payment", 100)).result == "done"
        await here.heard.next(CardLast, 3, LONG_S)
        here.sim.stop()  # the connection goes on, and nobody takes the next
        assert (await here.charge("3.0", "payment", 100)).result == "done"
        status = await here.heard.state("absent", "unplugged", timeout=LONG_S)
        assert status.message.endswith("prüfen.")
        here.driver.charge(ChargeRequest("4.0", "payment", 100, "", here.heard.of(CardOutcome)[-1].data))
        outcome = await here.heard.next(CardOutcome, 4, LONG_S)
        assert (outcome.code, outcome.message) == ("not_sent", status.message)


async def test_what_waits_is_refused_when_it_cannot_be_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has hung up, and that was too soon after the last time to call at once."""
    monkeypatch.setattr(driver_module, "RECALL_S", 1000.0)
    async with counter("tcp", tmp_path, hangs_up="payment") as here:
        await here.ready()
        await here.charge("1.0", "payment", 100)
        here.sim.stop()
        async with asyncio.timeout(LONG_S):
            while not here.driver._line.is_gone:
                await asyncio.sleep(0.005)
        outcome = await here.charge("2.0", "payment", 100)
        assert (outcome.result, outcome.code) == ("failed", "not_sent")
        assert "nicht erreichbar" in outcome.message
        assert here.terminal.memory.charged == 100


async def test_no_reversal_without_a_receipt_number(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path, tells="bare") as here:
        await here.ready()
        await here.charge("1.0", "payment", 100)
        outcome = await here.charge("2.0", "reversal", 100)
        assert (outcome.result, outcome.code) == ("failed", "no_receipt")
        assert here.terminal.memory.charged == 100


async def test_after_a_doubt_it_is_asked_again_before_the_next_charge(kind: str, tmp_path: Path) -> None:
    """It has said that there is nothing, and books it all the same: the next one is not charged on top."""
    async with counter(kind, tmp_path) as here:
        await here.ready()
        here.terminal.behaviour.change(faults=[Fault("cut_before", 5, 0x0601)])
        assert (await here.charge("1.0", "payment", 350)).result == "unclear"
        here.driver.ask("1.0")
        assert (await here.heard.next(CardAnswer, 1, LONG_S)).found == "none"
        await here.ready()
        late = here.terminal.payments.by_hand(350)
        here.driver.charge(ChargeRequest("2.0", "payment", 350, "", None))
        assert (await here.heard.next(CardOutcome, 2, LONG_S)).code == "not_sent"
        told = here.heard.of(CardLast)[-1].last
        assert told is not None
        assert (told.amount, told.receipt) == (350, f"{late.receipt:04d}")
        assert (await here.charge("3.0", "payment", 350)).result == "done"
        asked = here.terminal.heard.count("06 20")
        assert (await here.charge("4.0", "payment", 350)).result == "done"
        assert here.terminal.heard.count("06 20") == asked, "not before each"


async def test_after_a_doubt_it_is_asked_before_each_charge_until_one_is_done(
    kind: str, tmp_path: Path
) -> None:
    """One that failed and left nothing behind changes nothing of what it may still book."""
    async with counter(kind, tmp_path) as here:
        await here.ready()
        here.terminal.behaviour.change(faults=[Fault("cut_before", 5, 0x0601)])
        assert (await here.charge("1.0", "payment", 350)).result == "unclear"
        here.driver.ask("1.0")
        assert (await here.heard.next(CardAnswer, 1, LONG_S)).found == "none"
        await here.ready()
        here.terminal.payments.no_card_s = 0.05
        here.terminal.behaviour.change(card="none")
        assert (await here.charge("2.0", "payment", 350)).code == "6c"
        here.terminal.behaviour.change(card="girocard")
        late = here.terminal.payments.by_hand(350)
        assert (await here.charge("3.0", "payment", 350)).code == "not_sent"
        told = here.heard.of(CardLast)[-1].last
        assert told is not None
        assert told.receipt == f"{late.receipt:04d}"


async def test_broken_off_it_comes_back_by_itself(tmp_path: Path) -> None:
    async with counter("tcp", tmp_path) as here:
        await here.ready()
        here.terminal.behaviour.change(faults=[Fault("cut_before", 5, 0x0601)])
        outcome = await here.charge("1.0", "payment", 100)
        assert outcome.result == "unclear"
        here.driver.ask("1.0")
        assert (await here.heard.next(CardAnswer, 1, LONG_S)).found == "none"
        await here.ready()
        assert (await here.charge("2.0", "payment", 100)).result == "done"


async def test_an_end_of_day_that_breaks_off_speaks_of_no_payment(kind: str, tmp_path: Path) -> None:
    """Neither what became of it, nor the terminal's state meanwhile."""
    async with counter(kind, tmp_path) as here:
        await here.ready()
        here.terminal.behaviour.change(faults=[Fault("cut_before", 3, 0x0650)])
        outcome = await here.charge("1.0", "end_of_day")
        assert outcome.result == "unclear"
        assert "Kassenschnitt" in outcome.message
        status = await here.heard.state("error", timeout=LONG_S)
        assert "Kassenschnitt" in status.message
        assert not [text for text in (outcome.message, status.message) if "gezahlt" in text]
