import asyncio
import io
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.log import verify_tar
from kassd.tse.port import Secrets, Tse
from kassd.tse.soft import SoftTse, default_secrets
from tests.tse import unnoted
from tests.tse.soft.helpers import CLIENT, FAST, NOW, SECRETS, FixedClock, collect, ready


def test_it_is_a_tse(tmp_path: Path) -> None:
    tse: Tse = SoftTse(tmp_path)
    assert tse is not None


def test_import_is_light() -> None:
    program = "import sys, kassd.tse.soft; print([m for m in sys.modules if m.startswith('cryptography')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_latency_is_kept_and_the_loop_stays_free(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    tse.latency_s = 0.3
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    beside = asyncio.ensure_future(tick())
    began = time.monotonic()
    await tse.start(CLIENT)
    assert time.monotonic() - began >= 0.3
    beside.cancel()
    assert ticks >= 4
    await tse.close()


async def test_a_caller_that_gives_up_does_not_undo_the_work(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    tse.latency_s = 5
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(tse.start(CLIENT), 1.0)
    tse.latency_s = 0
    assert await tse.open_transactions(CLIENT) == (1,)
    await tse.close()


async def test_opening_again_is_no_power_cycle_but_closing_is(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    assert (await tse.open()).life_cycle == "active"
    await tse.close()
    await tse.close()
    with pytest.raises(TseGone):
        await tse.info()
    assert (await tse.open()).life_cycle == "no_time"
    await tse.close()


async def test_two_on_one_folder(tmp_path: Path) -> None:
    first = await ready(tmp_path)
    second = SoftTse(tmp_path, latency_s=0)
    with pytest.raises(TseGone, match="anderen Prozess"):
        await second.open()
    await first.close()
    await second.open()
    await second.close()


async def test_test_mode_sets_itself_up(tmp_path: Path) -> None:
    tse = SoftTse(tmp_path, model=FAST, latency_s=0, clock=FixedClock())
    info = await tse.open()
    assert info.life_cycle == "factory"
    assert info.certificate_expiry == NOW + 1826 * 86_400
    await tse.provision(default_secrets(tmp_path), CLIENT, unnoted)
    await tse.close()
    again = SoftTse(tmp_path, latency_s=0)
    await again.open()
    await again.self_test(CLIENT)
    await again.set_time(NOW)
    assert (await again.start(CLIENT)).transaction_number == 1
    await again.close()


async def test_interrupted_provisioning_goes_on(tmp_path: Path) -> None:
    tse = SoftTse(tmp_path, model=FAST, latency_s=0)
    await tse.open()
    tse._powered().set_secrets(SECRETS)
    await tse.close()
    await tse.open()
    assert (await tse.provision(SECRETS, CLIENT, unnoted)).clients == (CLIENT,)
    assert (await tse.provision(SECRETS, CLIENT, unnoted)).clients == (CLIENT,)
    await tse.close()


async def test_a_refused_pin_is_not_tried_again(tmp_path: Path) -> None:
    await (await ready(tmp_path)).close()
    wrong = Secrets("99999", "99999", "3333333333", "4444444444")
    tse = SoftTse(tmp_path, secrets=wrong, latency_s=0)
    await tse.open()
    for _ in range(5):
        with pytest.raises(TseRefused) as caught:
            await tse.set_time(NOW)
        assert caught.value.code == codes.WRONG_PIN
    assert tse._powered().signer.state.users["TimeAdmin"].pin_tries == 2
    await tse.unblock("TimeAdmin", SECRETS.time_admin_puk, "99999")
    await tse.close()
    tse = SoftTse(tmp_path, secrets=wrong, latency_s=0)
    await tse.open()
    await tse.set_time(NOW)
    await tse.close()


async def test_a_failing_disk_is_an_unknown_outcome_and_open_recovers(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    store = tse._powered().signer.store
    os.close(store._file)
    store._file = os.open("/dev/full", os.O_RDWR)
    with pytest.raises(TseSilent):
        await tse.start(CLIENT)
    with pytest.raises(TseGone):
        await tse.info()
    info = await tse.open()
    assert (info.life_cycle, info.open_transactions) == ("no_time", 0)
    await tse.close()


async def test_an_export_that_is_not_read_to_its_end_allows_no_deletion(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    await tse.start(CLIENT)
    export = tse.export()
    await anext(export)
    await export.aclose()  # type: ignore[attr-defined]
    with pytest.raises(TseRefused) as caught:
        await tse.delete_exported()
    assert caught.value.code == codes.UNEXPORTED
    await collect(tse.export())
    await tse.delete_exported()
    await tse.close()


async def test_an_export_ends_when_the_tse_is_closed(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    export = tse.export()
    await anext(export)
    await tse.close()
    with pytest.raises(TseGone):
        await anext(export)


@pytest.mark.parametrize("restart", [False, True])
async def test_a_full_one_is_emptied_after_its_export(tmp_path: Path, restart: bool) -> None:
    """Nothing else is signed while it is full; what its emptying signs always has room."""
    tse = await ready(tmp_path, model=replace(FAST, max_bytes=6000))
    while (await tse.info()).memory_used < 100:
        await tse.start(CLIENT)
    with pytest.raises(TseRefused) as caught:
        await tse.delete_exported()
    assert caught.value.code == codes.UNEXPORTED
    archive = await collect(tse.export())
    if restart:
        await tse.close()
        await tse.open()
    with pytest.raises(TseRefused) as caught:
        await tse.start(CLIENT)
    assert caught.value.code == (codes.SELF_TEST_DUE if restart else codes.STORAGE)
    before = (await tse.info()).signature_counter
    await tse.delete_exported()
    left = await tse.info()
    assert (left.memory_used < 50, left.signature_counter) == (True, before + 3)
    await tse.self_test(CLIENT)
    await tse.set_time(NOW + 100)
    await tse.finish((await tse.start(CLIENT)).transaction_number, CLIENT, "", b"")
    verdict = verify_tar(io.BytesIO(await collect(tse.export())))
    assert verdict.ok
    assert verify_tar(io.BytesIO(archive)).ok
    assert not [f for f in verdict.findings if f.id == "counter_gap"]
    await tse.close()
