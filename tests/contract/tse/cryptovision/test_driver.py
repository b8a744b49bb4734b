"""The driver beyond the contract: set-up cut off anywhere, power, other sticks, limits of the wire."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from kassd.errors import TseError, TseGone, TseRefused, TseSilent, TseWrong
from kassd.sim.tse import cryptovision_commands
from kassd.sim.tse.cryptovision import MODEL, CryptovisionSim
from kassd.tse.cryptovision.answers import LIFE_CYCLES
from kassd.tse.cryptovision.codec import Code
from kassd.tse.port import LifeCycle
from kassd.tse.signatures import verify_answer
from kassd.tse.soft import Fault
from tests.tse import unnoted
from tests.tse.cryptovision.kit import (
    CLIENT,
    DATA,
    NOW,
    OTHER,
    SECRETS,
    TYPE,
    bring_up,
    driver,
    ready,
    sale,
    sent,
    simulator,
)

INITIALIZE_PINS, UNBLOCK, INITIALIZE = 0x0002, 0x0004, 0x0006
STEPS = {
    1: ["InitializePins", "Initialize"],
    2: [
        "InitializePins Admin",
        "InitializePins TimeAdmin",
        "UnblockUser Admin",
        "UnblockUser TimeAdmin",
        "Initialize",
    ],
}
SETTING_UP = ("provision", "unblock", "authenticate", "set_time", "register", "log_out", "close", "open")


class PowerCut(Exception):
    pass


@pytest.fixture(params=[1, 2])
def hardware(request: pytest.FixtureRequest) -> Literal[1, 2]:
    found: Literal[1, 2] = request.param
    return found


@pytest.fixture
def either(tmp_path: Path, hardware: Literal[1, 2]) -> Iterator[CryptovisionSim]:
    with simulator(tmp_path, hardware) as sim:
        yield sim


def tries(sim: CryptovisionSim) -> list[tuple[int, int]]:
    return [(user.pin_tries, user.puk_tries) for user in sim.core.device.signer.state.users.values()]


async def test_every_step_that_changes_a_secret_is_noted(
    either: CryptovisionSim, hardware: Literal[1, 2]
) -> None:
    notes: list[str] = []

    async def note(step: str) -> None:
        notes.append(step)

    tse = driver(either)
    await tse.open()
    await tse.provision(SECRETS, CLIENT, note)
    assert notes == STEPS[hardware]
    await tse.provision(SECRETS, CLIENT, note)
    assert notes == STEPS[hardware]
    await tse.close()


async def test_cut_off_at_every_note(either: CryptovisionSim, hardware: Literal[1, 2]) -> None:
    for at in STEPS[hardware]:

        async def cut(step: str, at: str = at) -> None:
            if step == at:
                raise PowerCut

        tse = driver(either)
        await tse.open()
        with pytest.raises(PowerCut):
            await tse.provision(SECRETS, CLIENT, cut)
        either.core.power_cycle()
        await tse.close()
    tse = await bring_up(driver(either))
    await sale(tse)
    assert set(tries(either)) == {(3, 3)}
    await tse.close()


@pytest.mark.parametrize("shift", range(3) if os.environ.get("SOAK") else [0])
async def test_cut_off_at_every_command(tmp_path: Path, hardware: Literal[1, 2], shift: int) -> None:
    """Acted or not, the same secrets go on; nothing is set twice and no try is lost."""
    kinds = ("lost", "silent", "hang_up")
    for at in range(30):
        with simulator(tmp_path / str(at), hardware) as sim:
            tse = driver(sim, timeout_s=10.0, drain_s=0.05)
            await tse.open()
            tse._session.link.timeout_s = 0.4  # short for the cut only: the disk may take its time
            sim.core.faults.set(Fault(kinds[(at + shift) % 3], calls=SETTING_UP, skip=at, times=1))
            try:
                info = await tse.provision(SECRETS, CLIENT, unnoted)
                done = True
            except (TseSilent, TseGone):
                done = False
            tse._session.link.timeout_s = 10.0
            if not done:
                sim.core.faults.set()
                if at % 2:
                    sim.core.power_cycle()
                await tse.open()
                info = await tse.provision(SECRETS, CLIENT, unnoted)
            sim.core.faults.set()
            assert (info.life_cycle, info.clients) == ("no_time", (CLIENT,))
            assert tries(sim) == [(3, 3), (3, 3)]
            await tse.set_time(NOW)
            await sale(tse)
            await tse.close()
        if done:
            break
    assert at >= (8 if hardware == 1 else 11)


async def test_other_secrets_do_not_set_up_what_has_some(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        other = type(SECRETS)("87654321", "22222222", "3333333333", "4444444444")
        for _ in range(3):
            with pytest.raises(TseRefused) as caught:
                await tse.provision(other, CLIENT, unnoted)
            assert caught.value.code == "ErrorAuthenticationFailed"
        assert tries(sim)[0] == (2, 3)


@pytest.mark.parametrize("pin", ["1111111", "111111111", "1111111x", "１１１１１１１１"])
async def test_secrets_of_another_form_are_refused_before_anything_is_sent(
    sim: CryptovisionSim, pin: str
) -> None:
    tse = driver(sim)
    await tse.open()
    sim.mailbox.log.clear()
    with pytest.raises(TseRefused, match="8, PUK aus 10 Ziffern"):
        await tse.provision(type(SECRETS)(pin, "22222222", "3333333333", "4444444444"), CLIENT, unnoted)
    assert sim.mailbox.log == []
    await tse.close()


@pytest.mark.parametrize("bugs", [True, False])
async def test_all_that_is_told(tmp_path: Path, bugs: bool) -> None:
    with simulator(tmp_path, bugs=bugs) as sim:
        async with ready(sim) as tse:
            names = [f"BAR-{n:04}" for n in range(20)]
            for name in names:
                await tse.register(name)
            opened = [(await tse.start(name)).transaction_number for name in names]
            info = await tse.info()
            assert info.clients == (CLIENT, *names)
            assert info.open_transactions == 20
            assert await tse.open_transactions() == tuple(opened)
            assert await tse.open_transactions(names[7]) == (opened[7],)
            assert (info.signature_algorithm, info.time_format) == ("ecdsa-plain-SHA256", "unixTime")
            assert len(info.serial_number) == 64
            assert info.certification_id == "BSI-K-TR-0000-2020"
            assert info.description.endswith("462076 Dec 18 2019 00:11:50")
            assert (info.time_sync_interval, info.max_clients, info.max_open_transactions) == (3600, 100, 512)
            assert len(info.certificates) >= 2
            assert info.memory_used == 0
            assert info.signatures_left is None


@pytest.mark.parametrize(
    ("told", "state"), [(1, "factory"), (2, "no_time"), (3, "active"), (4, "deactivated"), (5, "disabled")]
)
async def test_life_cycles(sim: CryptovisionSim, told: int, state: LifeCycle) -> None:
    assert LIFE_CYCLES[told] == state


async def test_an_open_list_that_is_not_whole_is_an_error(
    sim: CryptovisionSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ready(sim) as tse:
        await tse.start(CLIENT)
        monkeypatch.setattr(type(sim.core.device), "open_transactions", lambda self, client: ())
        with pytest.raises(TseError, match="0 von 1"):
            await tse.open_transactions()


async def test_power_lost_between_start_and_finish(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        number = (await tse.start(CLIENT)).transaction_number
        sim.core.power_cycle()
        with pytest.raises(TseGone, match="ohne Strom"):
            await tse.finish(number, CLIENT, TYPE, DATA)
        info = await tse.open()
        assert (info.life_cycle, info.open_transactions) == ("no_time", 1)
        with pytest.raises(TseRefused) as caught:
            await tse.finish(number, CLIENT, TYPE, DATA)
        assert caught.value.code == "ErrorTimeNotSet"
        await tse.set_time(NOW)
        signed = await tse.finish(number, CLIENT, TYPE, DATA)
        assert verify_answer(await tse.info(), CLIENT, "finish", TYPE, DATA, signed)


async def test_another_stick_in_its_place(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        mine = (await tse.info()).serial_number
        sim.core.faults.set(Fault("wrong"))
        with pytest.raises(TseGone):
            await tse.start(CLIENT)
        assert (await tse.open()).serial_number != mine
        with pytest.raises(TseRefused):
            await tse.delete_exported()
        sim.core.faults.set()
        assert (await tse.open()).serial_number == mine


async def test_an_answer_of_another_key_is_told(
    sim: CryptovisionSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ready(sim) as tse:
        monkeypatch.setattr(cryptovision_commands, "_serial", lambda device: bytes(32))
        with pytest.raises(TseWrong):
            await tse.start(CLIENT)


async def test_an_older_answer_is_not_taken_for_this_one(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        first, second = [(await tse.start(CLIENT)).transaction_number for _ in range(2)]
        await tse.finish(first, CLIENT, TYPE, DATA)
        sim.core.faults.set(Fault("stale_answer", calls=("finish",), times=1))
        with pytest.raises(TseSilent, match="frühere"):
            await tse.finish(second, CLIENT, TYPE, DATA)
        assert await tse.open_transactions() == (second,)
        await tse.finish(second, CLIENT, TYPE, DATA)


async def test_waking_up_takes_its_time(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        sim.core.faults.set(Fault("busy", calls=("start",), ms=400, times=1))
        assert (await tse.start(CLIENT)).transaction_number == 1


async def test_large_data_fits_and_larger_is_refused_unsent(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        for size in (7000, 8080):
            data = b"x" * size
            number = (await tse.start(CLIENT)).transaction_number
            signed = await tse.finish(number, CLIENT, TYPE, data)
            assert verify_answer(await tse.info(), CLIENT, "finish", TYPE, data, signed)
        number = (await tse.start(CLIENT)).transaction_number
        sim.mailbox.log.clear()
        for size in (8150, 100_000):
            with pytest.raises(TseRefused) as caught:
                await tse.finish(number, CLIENT, TYPE, b"x" * size)
            assert caught.value.code == "ErrorParameterMismatch"
        assert sim.mailbox.log == []
        await tse.finish(number, CLIENT, TYPE, DATA)


async def test_signatures_used_up(tmp_path: Path) -> None:
    with CryptovisionSim(
        tmp_path / "device", tmp_path / "stick", latency_s=0.0, model=replace(MODEL, max_signatures=20)
    ) as sim:
        async with ready(sim) as tse:
            while (await tse.info()).signature_counter < 20:
                number = (await tse.start(CLIENT)).transaction_number
            with pytest.raises(TseRefused) as caught:
                await tse.finish(number, CLIENT, TYPE, DATA)
            assert caught.value.code == "ErrorFinishTransactionFailed"


async def test_the_wire_cannot_deregister(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        with pytest.raises(TseRefused, match="nicht abmelden"):
            await tse.deregister(CLIENT)


async def test_a_registered_client_is_not_registered_again(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        sim.mailbox.log.clear()
        await tse.register(CLIENT)
        await tse.register(OTHER)
        await tse.register(OTHER)
        assert sent(sim, 0x0009) == 1


async def test_a_last_result_is_the_clients_own(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        assert await tse.last_result(CLIENT) is None
        await tse.register(OTHER)
        started = await tse.start(CLIENT)
        for _ in range(3):
            await sale(tse, OTHER)
        await tse.set_time(NOW + 60)
        last = await tse.last_result(CLIENT)
        assert last is not None
        assert (last.operation, last.signed) == ("start", started)


async def test_the_event_loop_is_never_held_up(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        sim.core.faults.set(Fault("busy", ms=300, times=1))
        call = asyncio.ensure_future(tse.start(CLIENT))
        beats = 0
        while not call.done():
            await asyncio.sleep(0.01)
            beats += 1
        assert beats >= 15
        await call


async def test_a_deactivated_device_is_named_and_set_up_again(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        async with tse._session.logged_in("Admin"):
            await tse._session.call(Code.DEACTIVATE)
        sim.core.power_cycle()
        assert (await tse.open()).life_cycle == "deactivated"
        for call in (tse.start(CLIENT), tse.set_time(NOW), tse.register(OTHER)):
            with pytest.raises(TseRefused, match="wieder einschalten") as caught:
                await call
            assert caught.value.code == "ErrorDeactivated"
        assert (await tse.provision(SECRETS, CLIENT, unnoted)).life_cycle == "no_time"
        await tse.set_time(NOW)
        await sale(tse)
        assert tries(sim) == [(3, 3), (3, 3)]


async def test_high_wear_is_told_at_the_opening(
    sim: CryptovisionSim, caplog: pytest.LogCaptureFixture
) -> None:
    async with ready(sim) as tse:
        for wear, told in ((79, 0), (80, 1), (65_535, 1)):
            sim.mailbox.commands.wear = wear
            caplog.clear()
            await tse.open()
            await tse.info()
            assert caplog.text.count(f"wear indicator {wear}") == told


async def test_firmware_without_a_wear_indicator_is_let_be(
    sim: CryptovisionSim, caplog: pytest.LogCaptureFixture
) -> None:
    async with ready(sim) as tse:
        sim.core.faults.set(Fault("refuse", calls=("wear",), code="8001"))
        assert (await tse.open()).life_cycle == "active"
        assert "WARNING" not in caplog.text


async def test_keep_alive_reads_the_guard_file(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        await tse.keep_alive()
        reads = sim._guard.reads
        await tse.keep_alive()
        assert sim._guard.reads == reads + 1
        assert tse.keep_alive_s is not None
        sim.core.faults.set(Fault("gone"))
        with pytest.raises(TseGone):
            await tse.keep_alive()
        sim.core.faults.set()


async def test_a_self_test_is_refused_with_what_to_do(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        assert tse.tests_itself
        with pytest.raises(TseRefused, match=r"keinen Befehl dafür.*wieder einstecken"):
            await tse.self_test(CLIENT)
