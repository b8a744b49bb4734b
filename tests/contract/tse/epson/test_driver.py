"""The driver on the simulated host: log-ins, PINs, power, other hosts, what the wire does not tell."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kassd.errors import TseBusy, TseError, TseGone, TseRefused, TseSilent, TseWrong
from kassd.sim.tse.epson import EpsonSim
from kassd.sim.tse.epson_host import EpsonHost
from kassd.sim.tse.epson_values import VENDOR
from kassd.tse import codes
from kassd.tse.epson import EpsonTse
from kassd.tse.port import Secrets
from kassd.tse.signatures import verify_answer
from kassd.tse.soft import Fault, Model
from tests.tse import unnoted
from tests.tse.epson.kit import (
    CLIENT,
    DATA,
    NOW,
    OTHER,
    SECRETS,
    TYPE,
    archive,
    bring_up,
    driver,
    hurried,
    ready,
    sale,
    simulated,
)


def logins(sim: EpsonSim, role: str) -> int:
    return sim.functions.count(f"AuthenticateUserFor{role}")


async def test_a_client_logs_in_once_and_signs_often(sim: EpsonSim, tse: EpsonTse) -> None:
    before = logins(sim, "TimeAdmin")
    for _ in range(3):
        await sale(tse)
    assert logins(sim, "TimeAdmin") == before == 1


async def test_every_client_logs_in_before_it_signs(sim: EpsonSim, tse: EpsonTse) -> None:
    await tse.register(OTHER)
    await sale(tse, OTHER)
    assert sim.host.volatile.clients == {CLIENT, OTHER}


async def test_the_administrator_is_logged_out_again(sim: EpsonSim, tse: EpsonTse) -> None:
    await tse.register(OTHER)
    assert not sim.host.volatile.admin
    with pytest.raises(TseRefused):
        await tse.deregister("NOBODY")
    assert not sim.host.volatile.admin


async def test_a_log_in_the_host_forgot_is_made_again(sim: EpsonSim, tse: EpsonTse) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    sim.host.volatile.clients.clear()
    await tse.finish(number, CLIENT, TYPE, DATA)
    assert logins(sim, "TimeAdmin") == 2


async def test_info_uses_no_signatures_once_the_clients_are_known(sim: EpsonSim, tse: EpsonTse) -> None:
    first = await tse.info()
    assert await tse.info() == first
    assert first.clients == (CLIENT,)
    assert first.signatures_left == FAST_SIGNATURES - first.signature_counter


FAST_SIGNATURES = Model().max_signatures


async def test_clients_of_other_registers_are_seen(sim: EpsonSim, tse: EpsonTse) -> None:
    def register(device: object) -> None:
        device.authenticate("Admin", SECRETS.admin_pin)  # type: ignore[attr-defined] # the soft device
        device.register_client(OTHER)  # type: ignore[attr-defined] # the soft device

    sim.core.call("elsewhere", register)
    assert (await tse.info()).clients == (CLIENT, OTHER)


async def test_an_unknown_client_costs_no_signature(sim: EpsonSim, tse: EpsonTse) -> None:
    before = (await tse.info()).signature_counter
    with pytest.raises(TseRefused) as caught:
        await tse.start("UNKNOWN")
    assert caught.value.code == "ErrorNoERS"
    assert (await tse.info()).signature_counter == before


@pytest.mark.parametrize(("role", "field"), [("Admin", "admin_pin"), ("TimeAdmin", "time_admin_pin")])
async def test_a_wrong_pin_is_sent_once_in_a_driver_s_life(sim: EpsonSim, role: str, field: str) -> None:
    await (await ready(sim)).close()
    sim.power_cycle()
    before = logins(sim, role)
    tse = driver(sim, replace(SECRETS, **{field: "99999"}))
    for _ in range(4):
        await tse.open()
        await tse.self_test(CLIENT)
        with pytest.raises(TseRefused) as caught:
            await (tse.register(OTHER) if role == "Admin" else tse.set_time(NOW))
        assert caught.value.code == "ErrorAuthenticationFailed"
        await tse.close()
    assert logins(sim, role) == before + 1
    assert sim.core.device.signer.state.users[role].pin_tries == 2


async def test_a_blocked_pin_is_not_sent_again(sim: EpsonSim) -> None:
    await (await ready(sim)).close()
    for _ in range(3):
        wrong = driver(sim, replace(SECRETS, admin_pin="99999"))
        await wrong.open()
        await wrong.info()
        await wrong.close()
    right = driver(sim)
    await right.open()
    codes = set()
    for _ in range(3):
        with pytest.raises(TseRefused) as caught:
            await right.register(OTHER)
        codes.add(caught.value.code)
    assert codes == {"ErrorPinBlocked"}
    await sale(right)  # who signs is another user
    await right.close()


async def test_a_pin_without_an_answer_is_not_sent_for_ever(sim: EpsonSim) -> None:
    await (await ready(sim)).close()
    before = logins(sim, "Admin")
    sim.core.faults.set(Fault("silent", calls=("authenticate",)))
    tse = driver(sim)
    for _ in range(2):
        await tse.open()
        with hurried(tse), pytest.raises(TseSilent):
            await tse.info()
    for _ in range(3):
        await tse.open()
        with pytest.raises(TseRefused, match="nicht geantwortet"):
            await tse.register(OTHER)
    assert logins(sim, "Admin") == before + 2
    await tse.close()


async def test_another_shared_secret(sim: EpsonSim) -> None:
    await (await ready(sim)).close()
    tse = driver(sim, host_secret="WRONGKEY")
    await tse.open()
    with pytest.raises(TseRefused, match="host_secret"):
        await tse.register(OTHER)
    assert sim.core.device.signer.state.users["Admin"].pin_tries == 3
    await tse.close()


async def test_without_secrets_it_tells_what_it_can(sim: EpsonSim) -> None:
    await (await ready(sim)).close()
    tse = driver(sim, None)
    info = await tse.open()
    assert (info.life_cycle, info.clients) == ("active", ())
    with pytest.raises(TseRefused) as caught:
        await tse.start(CLIENT)
    assert caught.value.code == "ErrorUserNotAuthenticated"
    await tse.close()


async def test_used_in_another_printer_it_is_bound_to_this_one(tmp_path: Path) -> None:
    with simulated(tmp_path, host=EpsonHost(tmp_path, "EPSON-0001")) as sim:
        await (await ready(sim)).close()
    with simulated(tmp_path, host=EpsonHost(tmp_path, "EPSON-0002")) as sim:
        tse = await ready(sim)
        assert sim.functions.count("SetUpForPrinter") == 1
        await tse.self_test(CLIENT)
        assert sim.functions.count("SetUpForPrinter") == 1
        assert await sale(tse) == 1
        await tse.close()


async def test_a_locked_tse_is_unlocked_by_provisioning(sim: EpsonSim, tse: EpsonTse) -> None:
    await tse._as_admin(lambda: tse._host.call("LockTSE"))
    assert (await tse.info()).life_cycle == "deactivated"
    with pytest.raises(TseRefused) as caught:
        await tse.start(CLIENT)
    assert caught.value.code == "TSE1_ERROR_WRONG_STATE_NEEDS_TSE_UNLOCK"
    assert (await tse.provision(SECRETS, CLIENT, unnoted)).life_cycle == "active"
    await sale(tse)


async def test_power_cut_between_start_and_finish(sim: EpsonSim, tse: EpsonTse) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    sim.power_cycle()
    await asyncio.sleep(0.02)
    with pytest.raises(TseRefused) as caught:  # the connection is made anew, the TSE wants its self test
        await tse.finish(number, CLIENT, TYPE, DATA)
    assert caught.value.code == "ErrorSelfTestRequired"
    await bring_up(tse)
    signed = await tse.finish(number, CLIENT, TYPE, DATA)
    assert verify_answer(await tse.info(), CLIENT, "finish", TYPE, DATA, signed)


async def test_pulled_out_and_put_in_again(sim: EpsonSim, tse: EpsonTse) -> None:
    sim.core.faults.set(Fault("gone"))
    for call in (tse.start(CLIENT), tse.open(), tse.info()):
        with pytest.raises(TseGone):
            await call
    sim.core.faults.set()
    await bring_up(tse)
    await sale(tse)


async def test_the_tse_is_missing_in_its_host(sim: EpsonSim, tse: EpsonTse) -> None:
    sim.core.faults.set(Fault("no_storage"))
    with pytest.raises(TseGone, match="steckt"):
        await tse.start(CLIENT)
    await tse.close()
    with pytest.raises(TseGone, match="steckt"):
        await tse.open()
    sim.core.faults.set()
    await tse.open()
    await sale(tse)


async def test_another_stick_after_a_broken_connection_is_not_used(sim: EpsonSim, tse: EpsonTse) -> None:
    sim.core.faults.set(Fault("wrong"))
    sim.power_cycle()
    await asyncio.sleep(0.02)
    with pytest.raises(TseWrong):
        await tse.start(CLIENT)
    with pytest.raises(TseGone):
        await tse.start(CLIENT)


async def _set_up_elsewhere(sim: EpsonSim) -> None:
    """The other TSE is another register's, with PINs of the same form."""
    sim.core.faults.set(Fault("wrong"))
    other = driver(sim, Secrets("55555", "66666", "777777", "777777"))
    await other.open()
    await other.provision(Secrets("55555", "66666", "777777", "777777"), OTHER, unnoted)
    await other.close()
    sim.core.faults.set()


CALLS: dict[str, Callable[[EpsonTse, int], Awaitable[object]]] = {
    "start": lambda tse, number: tse.start(CLIENT),
    "finish": lambda tse, number: tse.finish(number, CLIENT, TYPE, DATA),
    "set_time": lambda tse, number: tse.set_time(NOW),
    "register": lambda tse, number: tse.register(OTHER),
    "disable": lambda tse, number: tse.disable(),
    "provision": lambda tse, number: tse.provision(SECRETS, CLIENT, unnoted),
    "self_test": lambda tse, number: tse.self_test(CLIENT),
    "info": lambda tse, number: tse.info(),
    "keep_alive": lambda tse, number: tse.keep_alive(),
    "export": lambda tse, number: archive(tse),
}
WITH_SECRETS = ("Authenticate", "SetUp", "Unblock")


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("call", CALLS)
async def test_another_tse_in_the_running_host_is_told_and_hears_no_pin(
    sim: EpsonSim, call: str, used: bool, closed: bool
) -> None:
    if used:
        await _set_up_elsewhere(sim)
    tse = await ready(sim)
    mine = (await tse.info()).serial_number
    number = (await tse.start(CLIENT)).transaction_number
    not_open = [Fault("not_open", times=1)] if closed else []  # the host has noticed the change
    sim.core.faults.set(Fault("wrong"), *not_open)
    sim.functions.clear()
    with pytest.raises(TseWrong, match="andere TSE"):
        await CALLS[call](tse, number)
    assert not [name for name in sim.functions if name.startswith(WITH_SECRETS)]
    with pytest.raises(TseGone):
        await tse.start(CLIENT)
    assert (await tse.open()).serial_number != mine
    assert not [name for name in sim.functions if name.startswith(WITH_SECRETS)]
    sim.core.faults.set()
    await bring_up(tse)
    assert (await tse.info()).serial_number == mine
    await tse.finish(number, CLIENT, TYPE, DATA)
    await tse.close()


async def test_held_by_another_program(sim: EpsonSim, tse: EpsonTse) -> None:
    await tse.close()
    sim.core.faults.set(Fault("in_use"))
    with pytest.raises(TseBusy):
        await tse.open()


async def test_two_drivers_the_later_one_has_the_tse(sim: EpsonSim, tse: EpsonTse) -> None:
    second = driver(sim)
    await second.open()
    await sale(second)
    await second.close()
    await sale(tse)


async def test_closed_it_is_gone(tse: EpsonTse) -> None:
    await tse.close()
    with pytest.raises(TseGone):
        await tse.info()
    await tse.close()


@pytest.mark.parametrize("updates", [0, 1])
@pytest.mark.parametrize("data", [b"", b"order"])
async def test_last_result_of_an_open_transaction(tse: EpsonTse, updates: int, data: bytes) -> None:
    signed = await tse.start(CLIENT, TYPE if data else "", data)
    number = signed.transaction_number
    for _ in range(updates):
        signed = await tse.update(number, CLIENT, TYPE, b"more")
    last = await tse.last_result(CLIENT)
    assert last is not None
    assert (last.operation, last.signed) == ("update" if updates else "start", signed)


async def test_the_newest_transaction_is_known_after_a_new_start(sim: EpsonSim, tse: EpsonTse) -> None:
    await tse.register(OTHER)
    await sale(tse)
    newest = await sale(tse, OTHER)
    await tse.close()
    again = driver(sim)
    await again.open()
    assert (await again.info()).transaction_counter == newest
    await again.close()


async def test_data_larger_than_a_message_are_never_sent(sim: EpsonSim, tse: EpsonTse) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    large = bytes(range(256)) * 180
    signed = await tse.finish(number, CLIENT, TYPE, large)
    assert verify_answer(await tse.info(), CLIENT, "finish", TYPE, large, signed)
    number = (await tse.start(CLIENT)).transaction_number
    count = len(sim.functions)
    with pytest.raises(TseRefused) as caught:
        await tse.finish(number, CLIENT, TYPE, bytes(60_000))
    assert caught.value.code == "ErrorParameterMismatch"
    assert len(sim.functions) == count
    await tse.finish(number, CLIENT, TYPE, DATA)


async def test_signatures_used_up(tmp_path: Path) -> None:
    with simulated(tmp_path, model=Model(curve="secp256r1", max_signatures=15)) as sim:
        tse = await ready(sim)
        left = (await tse.info()).signatures_left
        for _ in range((left or 0) // 2):
            await sale(tse)
        with pytest.raises(TseRefused) as caught:
            await sale(tse)
        assert caught.value.code == "ErrorSignaturesExhausted"
        await tse.close()


async def test_keep_alive_logs_out_whom_an_export_left(sim: EpsonSim, tse: EpsonTse) -> None:
    async for _ in tse.export():
        break
    assert sim.host.volatile.admin
    await tse.keep_alive()
    assert not sim.host.volatile.admin
    assert sim.host.volatile.export is None


async def test_secrets_of_another_form_are_refused_by_the_device(sim: EpsonSim) -> None:
    tse = driver(sim)
    await tse.open()
    with pytest.raises(TseRefused) as caught:
        await tse.provision(Secrets("1", "2", "3", "4"), CLIENT, unnoted)
    assert caught.value.code == "ErrorParameterMismatch"
    assert (await tse.info()).life_cycle == "factory"
    await tse.close()


async def test_only_errors_of_the_port_come_out_of_garbage(sim: EpsonSim, tse: EpsonTse) -> None:
    for kind in ("garbage", "cut", "hang_up", "error_timeout"):
        sim.core.faults.set(Fault(kind, calls=("start",), times=1))
        with pytest.raises(TseError):
            await tse.start(CLIENT)
        sim.core.faults.set()
        assert await tse.open_transactions() == await tse.open_transactions(CLIENT)
        await sale(tse)


SHARED = {  # where the vendor has one name for two of ours
    codes.NOT_AUTHENTICATED: codes.NOT_AUTHORIZED,
    codes.PUK_BLOCKED: codes.PIN_BLOCKED,
    codes.USER_UNKNOWN: codes.NOT_INITIALIZED,
    codes.NOT_FOUND: codes.NO_DATA,
    codes.TRANSACTION_NOT_FOUND: codes.NO_DATA,
}


async def test_every_refusal_comes_through(sim: EpsonSim, tse: EpsonTse) -> None:
    for code in VENDOR:
        sim.core.faults.set(Fault("refuse", calls=("open_transactions",), code=code))
        with pytest.raises(TseRefused) as caught:
            await tse.open_transactions()
        assert caught.value.code == SHARED.get(code, code)
