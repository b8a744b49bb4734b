"""PINs and PUKs: shown once, in the right role, and never again when they were refused."""

from dataclasses import replace

import pytest

from kassd.errors import TseError, TseGone, TseRefused, TseSilent
from kassd.sim.tse.cryptovision import CryptovisionSim
from kassd.tse.soft import Fault
from tests.tse.cryptovision.kit import CLIENT, NOW, OTHER, SECRETS, driver, ready, sent

AUTHENTICATE, UNBLOCK, LOG_OUT = 0x0003, 0x0004, 0x0005


async def refusal(call: object) -> str:
    with pytest.raises(TseRefused) as caught:
        await call  # type: ignore[misc]  # any awaitable
    return caught.value.code


async def test_each_privileged_call_logs_in_and_out(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        sim.mailbox.log.clear()
        await tse.register(OTHER)
        await tse.set_time(NOW + 1)
        users = [command[9:].split(b"\x02")[0] for command in sim.mailbox.log if command[3] in (3, 5)]
        assert users == [b"Admin", b"Admin", b"TimeAdmin", b"TimeAdmin"]
        await tse.start(CLIENT)
        assert (sent(sim, AUTHENTICATE), sent(sim, LOG_OUT)) == (2, 2)


async def test_a_wrong_pin_costs_one_try_for_good(sim: CryptovisionSim) -> None:
    async with ready(sim):
        pass
    tse = driver(sim, replace(SECRETS, time_admin_pin="99999999"))
    await tse.open()
    sim.mailbox.log.clear()
    for _ in range(4):
        assert await refusal(tse.set_time(NOW)) == "ErrorAuthenticationFailed"
        await tse.open()  # also after opening again
    assert sent(sim, AUTHENTICATE) == 1
    assert sim.core.device.signer.state.users["TimeAdmin"].pin_tries == 2
    await tse.register(OTHER)  # the other PIN is right
    assert sent(sim, AUTHENTICATE) == 2
    await tse.close()


async def test_a_blocked_pin_is_unblocked_by_the_puk(sim: CryptovisionSim) -> None:
    async with ready(sim):
        pass
    for guess in ("91111111", "92222222", "93333333"):
        tse = driver(sim, replace(SECRETS, admin_pin=guess))
        await tse.open()
        assert await refusal(tse.register(OTHER)) == "ErrorAuthenticationFailed"
        await tse.close()
    tse = driver(sim)
    await tse.open()
    for _ in range(2):
        assert await refusal(tse.register(OTHER)) == "ErrorPinBlocked"
    await tse.unblock("Admin", SECRETS.admin_puk, SECRETS.admin_pin)
    await tse.register(OTHER)
    await tse.close()


async def test_a_wrong_puk_is_sent_once(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        sim.mailbox.log.clear()
        for _ in range(3):
            assert (
                await refusal(tse.unblock("Admin", "9999999999", "12345678")) == "ErrorAuthenticationFailed"
            )
        assert sent(sim, UNBLOCK) == 1
        assert await refusal(tse.unblock("Admin", "1", "12345678")) == "ErrorParameterMismatch"
        assert await refusal(tse.unblock("Nobody", SECRETS.admin_puk, "12345678")) == "ErrorUserIdNotManaged"


async def test_without_secrets_nothing_is_sent(sim: CryptovisionSim) -> None:
    async with ready(sim):
        pass
    tse = driver(sim)
    tse._session.secrets = None
    await tse.open()
    sim.mailbox.log.clear()
    assert await refusal(tse.set_time(NOW)) == "ErrorUserNotAuthenticated"
    assert sent(sim, AUTHENTICATE) == 0
    await tse.close()


@pytest.mark.parametrize("kind", ["lost", "hang_up", "controller_timeout"])
async def test_a_login_left_behind_is_ended_at_the_next_opening(sim: CryptovisionSim, kind: str) -> None:
    async with ready(sim) as tse:
        sim.core.faults.set(Fault(kind, calls=("set_time",), times=1))
        tse._session.link.timeout_s, patient = 1.5, tse._session.link.timeout_s
        with pytest.raises((TseSilent, TseGone)):
            await tse.set_time(NOW)
        tse._session.link.timeout_s = patient
        sim.core.faults.set()
        assert sim.core.device._authenticated == {"TimeAdmin"}
        await tse.open()
        assert sim.core.device._authenticated == set()


async def test_closing_never_raises(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        sim.core.faults.set(Fault("gone"))
        await tse.close()
        await tse.close()
        with pytest.raises(TseGone):
            await tse.info()
        sim.core.faults.set(Fault("refuse", calls=("close",), code="ErrorSecureElementDisabled"))
        await tse.open()
        await tse.close()
        sim.core.faults.set()


async def test_an_error_word_at_login_is_no_wrong_pin(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        sim.core.faults.set(Fault("refuse", calls=("authenticate",), code="8000", times=1))
        with pytest.raises(TseError, match="Sicherheitschip"):
            await tse.set_time(NOW)
        await tse.set_time(NOW)
