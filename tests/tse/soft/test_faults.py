import asyncio
import io
import json
from pathlib import Path

import pytest

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.log import verify_tar
from kassd.tse.log.times import from_iso
from kassd.tse.signatures import verify_answer
from kassd.tse.soft import Fault, Faults, write_faults
from tests.tse.soft.helpers import CLIENT, ready


async def test_gone_until_lifted_and_then_a_power_up(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    await tse.start(CLIENT)
    write_faults(tmp_path, Fault("gone"))
    for call in (tse.info, tse.open):
        with pytest.raises(TseGone):
            await call()
    write_faults(tmp_path)
    with pytest.raises(TseGone, match="nicht geöffnet"):
        await tse.info()
    info = await tse.open()
    assert (info.life_cycle, info.self_test_due, info.open_transactions) == ("no_time", True, 1)
    await tse.close()


async def test_silent_hangs_without_acting_and_answers_when_lifted(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    before = (await tse.info()).signature_counter
    tse.faults.set(Fault("silent", ("start",)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(tse.start(CLIENT), 0.1)
    assert (await tse.info()).signature_counter == before
    waiting = asyncio.ensure_future(tse.start(CLIENT))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    tse.faults.set()
    assert (await waiting).signature_counter == before + 1
    await tse.close()


async def test_silence_from_outside_is_lifted_from_outside(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    write_faults(tmp_path, Fault("silent", ("finish",)))
    number = (await tse.start(CLIENT)).transaction_number
    waiting = asyncio.ensure_future(tse.finish(number, CLIENT, "t", b"d"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    write_faults(tmp_path)
    assert (await waiting).transaction_number == number
    await tse.close()


async def test_refuse_late_and_a_plan_that_counts(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    tse.faults.set(Fault("refuse", ("start",), code="ErrorX", skip=1, times=2))
    await tse.start(CLIENT)
    for _ in range(2):
        with pytest.raises(TseRefused) as caught:
            await tse.start(CLIENT)
        assert caught.value.code == "ErrorX"
    await tse.start(CLIENT)
    tse.faults.set(Fault("late", ms=80))
    began = asyncio.get_running_loop().time()
    await tse.info()
    assert asyncio.get_running_loop().time() - began >= 0.08
    await tse.close()


async def test_lost_acts_but_never_answers(tmp_path: Path) -> None:
    tse = await ready(tmp_path, wire_timeout_s=0.01)
    tse.faults.set(Fault("lost", ("start",), times=1))
    with pytest.raises(TseSilent):
        await tse.start(CLIENT)
    assert await tse.open_transactions(CLIENT) == (1,)
    await tse.close()


@pytest.mark.parametrize(("kind", "code"), [("expired", codes.CERTIFICATE_EXPIRED), ("full", codes.STORAGE)])
async def test_expired_and_full_refuse_until_lifted(tmp_path: Path, kind: str, code: str) -> None:
    tse = await ready(tmp_path)
    tse.faults.set(Fault(kind))  # type: ignore[arg-type]
    with pytest.raises(TseRefused) as caught:
        await tse.start(CLIENT)
    assert caught.value.code == code
    tse.faults.set()
    await tse.start(CLIENT)
    await tse.close()


async def test_lost_clock_must_be_set_again(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    tse.faults.set(Fault("clock_lost", ("start",), times=1))
    with pytest.raises(TseRefused) as caught:
        await tse.start(CLIENT)
    assert caught.value.code == codes.TIME_NOT_SET
    assert not (await tse.info()).time_valid
    await tse.set_time(1_790_000_500)
    await tse.start(CLIENT)
    await tse.close()


async def test_another_device_answers(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    own = await tse.info()
    tse.faults.set(Fault("wrong"))
    other = await tse.info()
    assert other.serial_number != own.serial_number
    assert (await tse.open()).serial_number == other.serial_number
    signed = await tse.start(CLIENT)
    assert not verify_answer(own, CLIENT, "start", "", b"", signed)
    assert await tse.open_transactions() == (1,)
    await tse.close()


async def test_a_clock_that_jumps_back_and_a_counter_left_out_are_found(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    first = await tse.start(CLIENT)
    tse.faults.set(Fault("clock_back", ("start",), ms=3_600_000, times=1))
    second = await tse.start(CLIENT)
    assert from_iso(second.log_time) <= from_iso(first.log_time) - 3_590_000
    tse.faults.set(Fault("counter_gap", ("start",), times=1))
    third = await tse.start(CLIENT)
    assert third.signature_counter == second.signature_counter + 2
    assert (await tse.start(CLIENT)).signature_counter == third.signature_counter + 1
    raw = b"".join([chunk async for chunk in tse.export()])
    found = {(each.id, each.severity) for each in verify_tar(io.BytesIO(raw)).findings}
    assert {("time_backwards", "error"), ("counter_gap", "warning")} <= found
    await tse.close()


async def test_unreadable_control_file_is_told(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    for text in ("{", json.dumps({"faults": [{"kind": "fire"}]}), "[]"):
        (tmp_path / "faults.json").write_text(text)
        with pytest.raises(TseRefused, match="nicht lesbar"):
            await tse.info()
    write_faults(tmp_path)
    await tse.info()
    await tse.close()


def test_faults_of_the_file_are_read_again_only_when_it_changes(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    write_faults(tmp_path, Fault("gone", times=1))
    assert len(faults.hitting("info")) == 1
    assert faults.hitting("info") == []
    write_faults(tmp_path, Fault("gone", times=1))
    assert len(faults.hitting("info")) == 1
