"""The first set-up, interrupted at every command and gone on with."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from kassd.errors import TseError, TseGone, TseRefused, TseSilent
from kassd.sim.tse.diebold_wire import DieboldTcpSim
from kassd.tse.diebold import DieboldTse
from kassd.tse.soft.model import PIN_TRIES
from tests.tse import unnoted
from tests.tse.diebold.helpers import CLIENT, FAST, SECRETS, bring_up, config, once

SOAK = os.environ.get("SOAK") == "1"
COMMANDS = ("404", "403", "400", "100", "106", "112", "401")


@pytest.mark.parametrize("kind", ["mute", "hangup", "deaf"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("skip", range(6) if SOAK else (1,))
async def test_interrupted_at_a_command(tmp_path: Path, kind: str, command: str, skip: int) -> None:
    if (kind, command) != ("hangup", "112") and command == "112":
        return  # the time-out of a self test is two minutes
    with DieboldTcpSim(tmp_path, FAST, latency_s=0.0) as sim:
        sim.core.faults.set(once(kind, command, skip=skip))
        tse = DieboldTse(config(sim))
        await tse.open()
        try:
            await tse.provision(SECRETS, CLIENT, unnoted)
        except (TseSilent, TseGone):
            await tse.close()
            sim.power_cycle()
            tse = DieboldTse(config(sim))
            await tse.open()
            await tse.provision(SECRETS, CLIENT, unnoted)
        sim.core.faults.set()
        await bring_up(tse)
        users = sim.core.device.signer.state.users.values()
        assert {user.pin_tries for user in users} == {PIN_TRIES}
        assert (await tse.start(CLIENT)).transaction_number == 1
        await tse.close()


async def test_each_secret_is_noted_before_it_changes(tmp_path: Path) -> None:
    with DieboldTcpSim(tmp_path, FAST, latency_s=0.0) as sim:
        steps: list[str] = []

        async def note(step: str) -> None:
            steps.append(step)

        tse = DieboldTse(config(sim))
        await tse.open()
        await tse.provision(SECRETS, CLIENT, note)
        assert steps == ["change_puk_2", "change_pin_2", "change_puk_1", "change_pin_1"]
        device = sim.core.device
        device.unblock("Admin", SECRETS.admin_puk, SECRETS.admin_pin)
        device.unblock("TimeAdmin", SECRETS.time_admin_puk, SECRETS.time_admin_pin)
        await tse.close()


async def test_again_with_other_secrets_costs_one_try(tmp_path: Path) -> None:
    with DieboldTcpSim(tmp_path, FAST, latency_s=0.0) as sim:
        tse = DieboldTse(config(sim))
        await tse.open()
        await tse.provision(SECRETS, CLIENT, unnoted)
        wrong = replace(SECRETS, admin_pin="98765")
        for _ in range(3):
            with pytest.raises(TseRefused) as caught:
                await tse.provision(wrong, CLIENT, unnoted)
            assert caught.value.code == "ErrorAuthenticationFailed"
        assert sim.core.device.signer.state.users["Admin"].pin_tries == PIN_TRIES - 1
        assert (await tse.provision(SECRETS, CLIENT, unnoted)).clients == (CLIENT,)
        await tse.close()


async def test_a_tse_with_unknown_pins_keeps_a_try(tmp_path: Path) -> None:
    with DieboldTcpSim(tmp_path, FAST, latency_s=0.0) as sim:
        tse = DieboldTse(config(sim))
        await tse.open()
        for user in ("Admin", "TimeAdmin"):
            sim.core.device.change_pin(user, "12345", "77777")
        for _ in range(3):
            with pytest.raises(TseError):
                await tse.provision(SECRETS, CLIENT, unnoted)
        tries = {name: user.pin_tries for name, user in sim.core.device.signer.state.users.items()}
        assert tries == {"TimeAdmin": 1, "Admin": 3}
        await tse.close()
