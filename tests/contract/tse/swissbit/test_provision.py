"""From the factory state to work, interrupted anywhere; secrets are tried once."""

from dataclasses import replace
from pathlib import Path

import pytest

from kassd.errors import TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.log import verify_tar
from kassd.tse.soft import Fault
from tests.tse import unnoted
from tests.tse.swissbit.helpers import (
    CLIENT,
    OTHER,
    SECRETS,
    archive,
    bring_up,
    driver,
    hurried,
    plugged,
    sale,
)

STEPS = ["change_puk", "change_admin_pin", "change_time_admin_pin", "initialize"]
COMMANDS = ["self_test", "change_puk", "login", "change_pin", "register", "ctss_enable", "initialize"]


async def test_steps_are_told_before_their_commands(tmp_path: Path) -> None:
    with plugged(tmp_path) as sim:
        tse, told = driver(sim), []

        async def note(step: str) -> None:
            users = sim.core.device.signer.state.users
            told.append((step, users["Admin"].puk, users["Admin"].pin, users["TimeAdmin"].pin))
            assert sim.core.device.life_cycle == "factory"

        assert (await tse.open()).life_cycle == "factory"
        info = await tse.provision(SECRETS, CLIENT, note)
        assert (info.life_cycle, info.clients) == ("no_time", (CLIENT,))
        assert [step for step, *_ in told] == STEPS
        states = [state for _, *state in told]
        assert len({tuple(state) for state in states}) == 4  # nothing is changed before it is told
        told.clear()
        await tse.provision(SECRETS, CLIENT, note=unnoted)
        assert not told
        await tse.provision(SECRETS, OTHER, unnoted)
        assert (await tse.info()).clients == (CLIENT, OTHER)


@pytest.mark.parametrize(("kind", "cut"), [("silent", True), ("lost", True), ("lost", False)])
@pytest.mark.parametrize("command", COMMANDS)
async def test_interrupted_at_every_command_and_resumed(
    tmp_path: Path, command: str, kind: str, cut: bool
) -> None:
    with plugged(tmp_path) as sim:
        for skip in range(3):
            tse = driver(sim)
            await tse.open()
            sim.core.faults.set(Fault(kind, (command,), skip=skip, times=1))
            with hurried(tse, 0.2), pytest.raises(TseSilent) if skip == 0 else _anyhow():
                await tse.provision(SECRETS, CLIENT, unnoted)
            sim.core.faults.set()
            await tse.close()
            if cut:
                sim.power_cycle()
        tse = driver(sim)
        await tse.open()
        await tse.provision(SECRETS, CLIENT, unnoted)
        await bring_up(tse)
        await sale(tse)
        users = sim.core.device.signer.state.users
        assert (users["Admin"].pin_tries, users["TimeAdmin"].pin_tries, users["Admin"].puk_tries) == (3, 3, 3)
        assert (await tse.info()).clients == (CLIENT,)


class _anyhow:  # noqa: N801 (reads like pytest.raises)
    """A later interruption may come after the last such command."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, TseSilent)


async def test_a_clock_that_is_wanted_first_is_set_first(tmp_path: Path) -> None:
    with plugged(tmp_path) as sim:
        tse = driver(sim)
        await tse.open()
        sim.core.faults.set(
            Fault("refuse", ("initialize",), code=codes.TIME_NOT_SET, times=1),
            Fault("refuse", ("set_time",), code=codes.NOT_INITIALIZED, times=1),
        )
        with pytest.raises(TseRefused) as caught:
            await tse.provision(SECRETS, CLIENT, unnoted)
        assert caught.value.code == codes.NOT_INITIALIZED  # the simulated one has its clock set afterwards
        assert (await tse.provision(SECRETS, CLIENT, unnoted)).life_cycle == "no_time"


async def test_a_foreign_seed_costs_one_try_of_the_puk(tmp_path: Path) -> None:
    with plugged(tmp_path) as sim:
        tse = driver(sim, credential_seed="SomeDealersSeed")
        await tse.open()
        for _ in range(5):
            with pytest.raises(TseRefused, match="PUK falsch, noch 2 Versuche") as caught:
                await tse.provision(SECRETS, CLIENT, unnoted)
            assert caught.value.code == codes.WRONG_PIN
        assert sim.core.device.signer.state.users["Admin"].puk_tries == 2


async def test_a_foreign_seed_costs_one_try_over_all_processes(tmp_path: Path) -> None:
    noted: set[str] = set()

    async def note(step: str) -> None:
        noted.add(step)

    with plugged(tmp_path) as sim:
        for _ in range(5):
            tse = driver(sim, credential_seed="SomeDealersSeed")
            await tse.open()
            with pytest.raises(TseRefused) as caught:
                await tse.provision(SECRETS, CLIENT, note, frozenset(noted))
            assert caught.value.code == codes.WRONG_PIN
            await tse.close()
        assert sim.core.device.signer.state.users["Admin"].puk_tries == 2
        right = driver(sim)
        await right.open()
        assert (await right.provision(SECRETS, CLIENT, note, frozenset(noted))).clients == (CLIENT,)
        await right.close()


async def test_other_secrets_than_those_in_force_cost_one_try(tmp_path: Path) -> None:
    with plugged(tmp_path) as sim:
        tse = driver(sim)
        await bring_up(tse)
        await tse.close()
        other = driver(sim, None)
        await other.open()
        for _ in range(3):
            with pytest.raises(TseRefused) as caught:
                await other.provision(replace(SECRETS, admin_pin="99999"), CLIENT, unnoted)
            assert caught.value.code == codes.WRONG_PIN
        assert sim.core.device.signer.state.users["Admin"].pin_tries == 2
        await other.provision(SECRETS, CLIENT, unnoted)


async def test_the_log_of_a_set_up_verifies(tmp_path: Path) -> None:
    import io

    with plugged(tmp_path) as sim:
        tse = driver(sim)
        await bring_up(tse)
        verdict = verify_tar(io.BytesIO(await archive(tse)))
        assert verdict.ok, verdict.findings
        assert verdict.checked == (await tse.info()).signature_counter
