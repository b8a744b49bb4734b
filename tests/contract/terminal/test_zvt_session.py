"""Session and simulated terminal over TCP and a pty, with a fault at every single message of a payment.

Whatever happens, the conversation says no more than is true, and asking the terminal (06 20) gives the truth.
"""

import asyncio
from pathlib import Path

import pytest

from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.messages import EURO, Authorisation, EndOfDay, Reversal, StatusInformation
from kassd.devices.terminal.zvt.receipt import SlipCollector
from kassd.devices.terminal.zvt.session import OutcomeUnknown
from kassd.sim.terminal.behaviour import KINDS, Fault, Kind
from tests.contract.terminal.stage import PASSWORD, PATIENT_S, Till, stage

CENTS = 2040
# 06 01, 80 00; 04 FF three times, 04 0F, 06 D3 twice, 06 0F, each with its answer.
MESSAGES = 2 + 2 * (3 + 1 + 2 + 1)
QUICK_S = 0.15


@pytest.fixture(params=["tcp", "serial"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("quality", ["perfect", "bytes", "delayed"])
async def test_a_day_over_any_wire(kind: str, quality: str, tmp_path: Path) -> None:
    async with stage(kind, tmp_path, quality) as set_up:
        till = Till(set_up)
        await till.register()
        assert await till.pay(CENTS, PATIENT_S) == "paid"
        names = [apdu.name for apdu in till.journal]
        assert names == ["04 FF", "04 FF", "04 FF", "04 0F", "06 D3", "06 D3", "06 0F"]
        collector = SlipCollector()
        slips = [slip for apdu in till.journal for slip in collector.take(apdu)]
        assert [slip.kind for slip in slips] == ["merchant", "customer"]
        session = await set_up.connect(PATIENT_S)
        assert (await session.run(Reversal(PASSWORD, "0001").to_apdu(), till.hear)).name == "06 0F"
        assert (await session.run(EndOfDay(PASSWORD).to_apdu(), till.hear)).name == "06 0F"
        session.close()
        assert set_up.terminal.memory.charged == 0


@pytest.mark.parametrize(
    ("fault", "orphans"),
    [
        *((fault, "reverse") for fault in KINDS),
        ("cut_before", "keep"),
        ("cut_after", "keep"),
        ("silence", "keep"),
    ],
)
async def test_a_fault_at_every_message_of_a_payment(
    kind: str, fault: Kind, orphans: str, tmp_path: Path
) -> None:
    rows = []
    async with stage(kind, tmp_path, t3_s=QUICK_S) as set_up:
        till, terminal = Till(set_up), set_up.terminal
        terminal.behaviour.change(orphans=orphans)
        await till.register()
        for message in range(1, MESSAGES + 1):
            last, before = terminal.memory.last, terminal.memory.charged
            known = f"{last.receipt if last else 0:04d}"
            terminal.behaviour.change(faults=[Fault(fault, message, 0x0601, 1.5 * QUICK_S)])
            till.journal.clear()
            said = await till.pay(CENTS, QUICK_S)
            heard = [apdu.name for apdu in till.journal]
            terminal.behaviour.change(faults=[])
            truth = await till.ask(CENTS, known) if said == "unknown" else said
            cents = terminal.memory.charged - before
            rows.append(
                f"{kind:6} {fault:12} {orphans:7} {message:2} {said:8} {truth:8} {cents:5} {' '.join(heard)}"
            )
            assert cents == (CENTS if truth == "paid" else 0), rows[-1]
            assert said != "paid" or "04 0F" in heard, rows[-1]
    print("\n".join(rows))
    assert len(rows) == MESSAGES


async def test_a_late_answer_does_not_become_the_next_payment(kind: str, tmp_path: Path) -> None:
    """The terminal answers after T3, when the register has given up and comes back with another amount."""
    async with stage(kind, tmp_path, t3_s=QUICK_S) as set_up:
        till = Till(set_up)
        await till.register()
        set_up.terminal.behaviour.change(faults=[Fault("slow", 2, 0x0601, 3 * QUICK_S)])
        assert await till.pay(CENTS, QUICK_S) == "unknown"
        while await till.pay(500, PATIENT_S) == "unknown":  # the old command is still being looked at
            await asyncio.sleep(QUICK_S)
        amounts = [t.amount for t in set_up.terminal.memory.stored]
        assert amounts.count(500) == 1
        assert await till.ask(500, "0000") == "paid"


async def test_cut_while_the_journal_is_written(kind: str, tmp_path: Path) -> None:
    """The register dies between 04 0F and its answer: the terminal takes the payment back."""
    async with stage(kind, tmp_path, t3_s=10 * QUICK_S) as set_up:
        till = Till(set_up)
        await till.register()
        session = await set_up.connect(PATIENT_S)

        async def dies(apdu: Apdu) -> Apdu | None:
            if apdu.control == StatusInformation.CONTROL:
                raise ConnectionAbortedError("power cut")
            return None

        with pytest.raises(ConnectionAbortedError):
            await session.run(Authorisation(CENTS, EURO).to_apdu(), dies)
        assert await till.ask(CENTS, "0000") == "not done"
        assert set_up.terminal.memory.charged == 0


async def test_closing_ends_a_running_command(kind: str, tmp_path: Path) -> None:
    async with stage(kind, tmp_path) as set_up:
        till = Till(set_up)
        await till.register()
        set_up.terminal.behaviour.change(card="none")
        set_up.terminal.payments.no_card_s = 20.0
        session = await set_up.connect(PATIENT_S)
        waiting = asyncio.Event()

        async def hear(apdu: Apdu) -> Apdu | None:
            waiting.set()
            return None

        running = asyncio.create_task(session.run(Authorisation(CENTS, EURO).to_apdu(), hear))
        await waiting.wait()
        session.abort()
        assert (await running).data == b"\x6c"
        session.close()


def test_every_kind_of_fault_is_tried() -> None:
    assert set(KINDS) == {"cut_before", "cut_after", "silence", "wrong_length", "half", "garble", "slow"}
    assert OutcomeUnknown.advice == "operator"
