"""Setting up, interrupted at every note and at every command, and gone on with."""

from pathlib import Path

import pytest

from kassd.errors import TseError, TseRefused
from kassd.sim.tse.epson import EpsonSim
from kassd.tse.epson import EpsonTse
from kassd.tse.port import Secrets
from kassd.tse.soft import Fault
from tests.tse import unnoted
from tests.tse.epson.kit import CLIENT, OTHER, SECRETS, bring_up, driver, hurried, sale, simulated


class PowerCut(Exception):
    """The register dies."""


def check(sim: EpsonSim) -> None:
    """Set up with these secrets, and no try lost on the way."""
    state = sim.core.device.signer.state
    assert state.initialized
    assert {name: user.pin_tries for name, user in state.users.items()} == {"Admin": 3, "TimeAdmin": 3}
    assert state.clients == [CLIENT]


async def test_the_notes_and_the_commands(sim: EpsonSim) -> None:
    noted: list[tuple[str, int]] = []

    async def note(step: str) -> None:
        noted.append((step, sim.functions.count("SetUp")))

    tse = driver(sim, None)
    await tse.open()
    info = await tse.provision(SECRETS, CLIENT, note)
    assert noted == [("set_up", 0)]
    assert (info.life_cycle, info.clients, info.self_test_due) == ("no_time", (CLIENT,), False)
    check(sim)
    again = await tse.provision(SECRETS, CLIENT, note)
    assert (again.clients, len(noted)) == ((CLIENT,), 1)
    await tse.close()


async def test_stopped_by_the_note_nothing_is_sent(sim: EpsonSim) -> None:
    async def cut(step: str) -> None:
        raise PowerCut

    tse = driver(sim)
    await tse.open()
    with pytest.raises(PowerCut):
        await tse.provision(SECRETS, CLIENT, cut)
    assert "SetUp" not in sim.functions
    assert (await tse.info()).life_cycle == "factory"
    await tse.close()


async def interrupted(sim: EpsonSim, fault: Fault) -> EpsonTse | None:
    """Provision under a fault; the driver if it came through."""
    tse = driver(sim)
    sim.core.faults.set(fault)
    try:
        with hurried(tse, 0.2):
            await tse.open()
            await tse.provision(SECRETS, CLIENT, unnoted)
    except TseError:
        await tse.close()
        return None
    finally:
        sim.core.faults.set()
    return tse


@pytest.mark.parametrize("kind", ["hang_up", "cut", "lost"])
@pytest.mark.parametrize("power_cut", [False, True])
async def test_interrupted_at_every_command(tmp_path: Path, kind: str, power_cut: bool) -> None:
    for skip in range(40):
        with simulated(tmp_path / str(skip)) as sim:
            tse = await interrupted(sim, Fault(kind, skip=skip, times=1))
            through = tse is not None
            if tse is None:
                if power_cut:
                    sim.power_cycle()
                tse = driver(sim)
                await tse.open()
                info = await tse.provision(SECRETS, CLIENT, unnoted)
                assert info.clients == (CLIENT,)
            check(sim)
            await bring_up(tse)
            await sale(tse)
            await tse.close()
        if through:
            break
    assert through
    assert skip > 8


async def test_set_up_with_other_secrets_before(sim: EpsonSim) -> None:
    first = driver(sim)
    await first.open()
    await first.provision(SECRETS, CLIENT, unnoted)
    await first.close()
    other = driver(sim, None)
    await other.open()
    wrong = Secrets("77777", "88888", "999999", "999999")
    for _ in range(3):
        with pytest.raises(TseRefused) as caught:
            await other.provision(wrong, CLIENT, unnoted)
        assert caught.value.code == "ErrorAuthenticationFailed"
    assert sim.core.device.signer.state.users["Admin"].pin_tries == 2
    await other.provision(SECRETS, OTHER, unnoted)
    assert set((await other.info()).clients) == {CLIENT, OTHER}
    await other.close()


async def test_never_a_disabled_one(sim: EpsonSim, tse: EpsonTse) -> None:
    await tse.disable()
    with pytest.raises(TseRefused) as caught:
        await tse.provision(SECRETS, CLIENT, unnoted)
    assert caught.value.code == "ErrorSecureElementDisabled"
