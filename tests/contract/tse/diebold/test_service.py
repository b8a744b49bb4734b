"""The web service: its frames, and the driver against the simulated service."""

import io
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kassd.errors import ConfigError, TseError, TseGone, TseRefused, TseSilent, TseWrong
from kassd.sim.tse.diebold_service import KINDS, DieboldServiceSim
from kassd.tse.diebold import DieboldConfig, DieboldServiceTse
from kassd.tse.diebold.codec import CodecError
from kassd.tse.diebold.service_codec import (
    NAMES,
    frame,
    log_time,
    refusal,
    secret,
    split_certificates,
    unframe,
)
from kassd.tse.log import verify_tar
from kassd.tse.port import ExportFilter
from kassd.tse.resolve import resolve_start
from kassd.tse.soft import Fault
from kassd.tse.soft.model import PIN_TRIES
from tests.tse import unnoted
from tests.tse.diebold.helpers import CLIENT, FAST, NOW, SECRETS, bring_up, collect, once

SOAK = os.environ.get("SOAK") == "1"
TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


def test_frames() -> None:
    golden = '\x02{"Command": "PingPong", "PingPong": 7}\x03\n'
    assert frame({"Command": "PingPong", "PingPong": 7}) == golden
    assert unframe(golden) == unframe(golden.rstrip("\n")) == {"Command": "PingPong", "PingPong": 7}
    for bad in ("", "{}", "\x02{\x03\n", "\x02[]\x03\n", "\x02{}"):
        with pytest.raises(CodecError):
            unframe(bad)
    assert secret("12345") == "MTIzNDU="


@pytest.mark.parametrize("number", NAMES)
def test_every_code_is_told(number: int) -> None:
    name, code = NAMES[number]
    error = refusal({"Status": "error", "Code": number, "Desc": name})
    assert error.code == (code or name)
    assert str(error)


def test_the_tses_own_errors_are_known_by_name() -> None:
    assert refusal({"Code": 5001, "Desc": "ERROR_TIME_NOT_SET"}).code == "ErrorTimeNotSet"
    assert refusal({"Code": 5001, "Description": "E_SELF_TEST_REQUIRED"}).code == "ErrorSelfTestRequired"
    assert refusal({"Code": 4711, "Desc": ""}).code == "CODE_4711"
    assert refusal({}).code == "CODE_None"


def test_times_and_certificates() -> None:
    assert log_time("2026-09-21T16:13:20+02:00") == "2026-09-21T14:13:20.000Z"
    for bad in ("2026-09-21T16:13:20", "gestern"):
        with pytest.raises(CodecError):
            log_time(bad)
    der = b"\x30\x82\x00\x02ab"
    assert split_certificates(der + der) == [der, der]
    pem = b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"
    assert len(split_certificates(pem + pem)) == 2
    with pytest.raises(CodecError):
        split_certificates(der[:-1])


@asynccontextmanager
async def working(folder: Path) -> AsyncIterator[tuple[DieboldServiceSim, DieboldServiceTse]]:
    with DieboldServiceSim(folder, FAST, latency_s=0.0) as sim:
        tse = driver(sim)
        await bring_up(tse)
        try:
            yield sim, tse
        finally:
            await tse.close()


def driver(sim: DieboldServiceSim) -> DieboldServiceTse:
    quick = DieboldConfig(service=sim.address, answer_s=0.8, buffer_s=8.0, self_test_s=0.8)
    return DieboldServiceTse(quick, SECRETS)


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_wire_fault_at_a_start(tmp_path: Path, kind: str) -> None:
    async with working(tmp_path) as (sim, tse):
        sim.core.faults.set(once(kind, "StartTransaction"))
        try:
            signed = await tse.start(CLIENT)
        except (TseSilent, TseGone):
            await bring_up(tse)
            found = await resolve_start(tse, CLIENT, set())
            assert (found is not None) == (kind != "deaf")
            signed = found or await tse.start(CLIENT)
        assert signed.transaction_number == 1
        await tse.keep_alive()
        await tse.finish(1, CLIENT, TYPE, DATA)


@pytest.mark.parametrize("kind", ["mute", "deaf", "hangup"])
@pytest.mark.parametrize(
    "command", ["ChangePuk", "ChangePassword", "Initialize", "RegisterClientID", "PerformSelfTest"]
)
@pytest.mark.parametrize("skip", range(2) if SOAK else (1,))
async def test_set_up_interrupted_at_a_command(tmp_path: Path, kind: str, command: str, skip: int) -> None:
    with DieboldServiceSim(tmp_path, FAST, latency_s=0.0) as sim:
        sim.core.faults.set(once(kind, command, skip=skip))
        tse = driver(sim)
        await tse.open()
        try:
            await tse.provision(SECRETS, CLIENT, unnoted)
        except (TseSilent, TseGone):
            await tse.close()
            sim.power_cycle()
            tse = driver(sim)
            await tse.open()
            await tse.provision(SECRETS, CLIENT, unnoted)
        sim.core.faults.set()
        await bring_up(tse)
        users = sim.core.device.signer.state.users.values()
        assert {user.pin_tries for user in users} == {PIN_TRIES}
        assert (await tse.start(CLIENT)).transaction_number == 1
        await tse.close()


async def test_an_export_that_breaks_off_can_be_asked_for_again(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        for _ in range(3):
            number = (await tse.start(CLIENT)).transaction_number
            await tse.finish(number, CLIENT, TYPE, DATA * 900)
        sim.core.faults.set(once("mute", "Export", skip=1))
        tse.config = replace(tse.config, buffer_s=0.8)
        with pytest.raises(TseSilent):
            await collect(tse)
        sim.core.faults.set()
        with pytest.raises(TseRefused):
            await tse.delete_exported()
        assert verify_tar(io.BytesIO(await collect(tse))).ok
        await tse.delete_exported()


async def test_a_password_that_was_refused_is_not_sent_again(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        await tse.close()
        wrong = DieboldServiceTse(tse.config, replace(SECRETS, time_admin_pin="99999"))
        await wrong.open()
        for _ in range(4):
            with pytest.raises(TseRefused) as caught:
                await wrong.start(CLIENT)
            assert caught.value.code == "ErrorAuthenticationFailed"
        assert sim.core.device.signer.state.users["TimeAdmin"].pin_tries == PIN_TRIES - 1
        await wrong.close()


async def test_what_the_service_cannot_do_is_said(tmp_path: Path) -> None:
    async with working(tmp_path) as (_, tse):
        for call in (
            tse.disable(),
            tse.start(CLIENT, "", b"\xff"),
            tse.start("ä"),
            tse.start(CLIENT, "\x1b"),
        ):
            with pytest.raises(TseRefused):
                await call
        with pytest.raises(TseRefused) as caught:
            await collect(tse, ExportFilter(client_id="NOBODY"))
        assert caught.value.code == "ErrorIdNotFound"
        assert await tse.open_transactions() == ()


async def test_a_service_that_does_not_tell_what_we_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(tmp_path) as (sim, tse):
        answer = sim.service.answer

        def without_counter(message: dict[str, object]) -> dict[str, object] | None:
            got = answer(message)
            if got is not None and "Parameters" in got:
                del got["Parameters"]["SignatureCounter"]
            return got

        monkeypatch.setattr(sim.service, "answer", without_counter)
        with pytest.raises(TseError, match="SignatureCounter"):
            await tse.info()


async def test_nobody_there() -> None:
    tse = DieboldServiceTse(DieboldConfig(service="ws://127.0.0.1:1/"), SECRETS)
    with pytest.raises(TseGone):
        await tse.open()
    with pytest.raises(TseGone):
        await tse.info()
    await tse.close()
    wrong = DieboldServiceTse(DieboldConfig(service="http://127.0.0.1/"), SECRETS)
    with pytest.raises(ConfigError):
        await wrong.open()


def test_passwords_are_text_in_base64() -> None:
    assert secret("ä") == b64encode("ä".encode()).decode()


async def test_another_tse_that_info_finds_is_told_and_gets_no_more_calls(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        mine = (await tse.info()).serial_number
        sim.core.faults.set(Fault("wrong"))
        with pytest.raises(TseWrong, match="andere TSE"):
            await tse.info()
        with pytest.raises(TseGone):
            await tse.set_time(NOW)
        assert (await tse.open()).serial_number != mine
        sim.core.faults.set()
        assert (await tse.open()).serial_number == mine
