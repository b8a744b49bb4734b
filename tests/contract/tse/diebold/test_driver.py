"""The driver against the simulated stick and box: what the contract does not ask."""

import io
import itertools
from pathlib import Path

import pytest

from kassd.errors import TseGone, TseRefused, TseSilent, TseWrong
from kassd.sim.tse.diebold_wire import KINDS, DieboldSerialSim, DieboldTcpSim
from kassd.tse.diebold import DieboldConfig, DieboldTse
from kassd.tse.log import verify_tar
from kassd.tse.port import ExportFilter
from kassd.tse.resolve import resolve_finish, resolve_start
from kassd.tse.soft import Fault
from kassd.tse.soft.device import Device
from tests.tse import unnoted
from tests.tse.diebold.helpers import CLIENT, FAST, NOW, SECRETS, bring_up, collect, config, once, working

TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"
SIGNING = ["509", "200", "206", "201"]


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("command", SIGNING)
async def test_every_wire_fault_at_every_command_of_a_start(tmp_path: Path, kind: str, command: str) -> None:
    async with working(tmp_path) as (sim, tse):
        sim.core.faults.set(once(kind, command))
        try:
            signed = await tse.start(CLIENT, TYPE, DATA)
        except (TseSilent, TseGone):
            sim.core.faults.set()
            await bring_up(tse)
            found = await resolve_start(tse, CLIENT, set())
            assert (found is not None) == (command == "201" and kind != "deaf")
            signed = found or await tse.start(CLIENT, TYPE, DATA)
        assert (signed.transaction_number, (await tse.info()).transaction_counter) == (1, 1)
        await tse.finish(1, CLIENT, TYPE, DATA)
        assert verify_tar(io.BytesIO(await collect(tse))).ok


@pytest.mark.parametrize("kind", ["fragment", "hangup", "mute", "deaf", "old_id"])
async def test_an_export_that_breaks_off_can_be_asked_for_again(tmp_path: Path, kind: str) -> None:
    async with working(tmp_path) as (sim, tse):
        for _ in range(3):
            number = (await tse.start(CLIENT)).transaction_number
            await tse.finish(number, CLIENT, TYPE, DATA * 100)
        sim.core.faults.set(once(kind, "004", skip=2))
        with pytest.raises((TseSilent, TseGone)):
            await collect(tse)
        sim.core.faults.set()
        with pytest.raises(TseRefused) as caught:
            await tse.delete_exported() if kind != "hangup" else await _delete_after_reopening(tse)
        assert caught.value.code == "ErrorUnexportedStoredData"
        assert verify_tar(io.BytesIO(await collect(tse))).ok
        await tse.delete_exported()


async def _delete_after_reopening(tse: DieboldTse) -> None:
    await tse.open()
    await tse.delete_exported()


async def test_an_export_that_is_given_up_does_not_disturb_the_next_call(tmp_path: Path) -> None:
    async with working(tmp_path) as (_, tse):
        for _ in range(6):
            number = (await tse.start(CLIENT)).transaction_number
            await tse.finish(number, CLIENT, TYPE, DATA * 300)
        stream = tse.export()
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
        assert (await tse.start(CLIENT)).transaction_number == 7
        with pytest.raises(TseRefused):
            await tse.delete_exported()
        assert verify_tar(io.BytesIO(await collect(tse))).ok


async def test_sequence_numbers_wrap(tmp_path: Path) -> None:
    async with working(tmp_path) as (_, tse):
        number = (await tse.start(CLIENT)).transaction_number
        for _ in range(13):
            await tse.update(number, CLIENT, TYPE, b"x" * 60_000)
        await tse.finish(number, CLIENT, TYPE, DATA)
        raw = await collect(tse)
        assert len(raw) > 257 * 4096 * 3 // 4
        assert verify_tar(io.BytesIO(raw)).ok


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1024, 65_536])
async def test_process_data_in_packets(tmp_path: Path, size: int) -> None:
    async with working(tmp_path) as (_, tse):
        data = bytes(itertools.islice(itertools.cycle(range(256)), size))
        number = (await tse.start(CLIENT, TYPE, data)).transaction_number
        await tse.finish(number, CLIENT, TYPE, data)
        verdict = verify_tar(io.BytesIO(await collect(tse, ExportFilter(transaction_number=number))))
        assert (verdict.ok, verdict.checked) == (True, 2)


async def test_a_late_answer_is_nobodys_answer(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        one = await tse.start(CLIENT)
        two = await tse.start(CLIENT)
        sim.core.faults.set(Fault("late", calls=("finish",), ms=4000, times=1))
        with pytest.raises(TseSilent):
            await tse.finish(one.transaction_number, CLIENT, TYPE, DATA)
        finished = await tse.finish(two.transaction_number, CLIENT, TYPE, DATA)
        first = await resolve_finish(tse, CLIENT, one.transaction_number)
        assert first is not None
        assert finished.signature_counter == first.signature_counter + 1


@pytest.mark.parametrize("kind", ["late", "lost"])
@pytest.mark.parametrize("name", ["open", "info", "set_time", "register", "deregister", "start"])
async def test_every_call_may_be_late_or_lost(tmp_path: Path, name: str, kind: str) -> None:
    async with working(tmp_path, DieboldSerialSim) as (sim, tse):
        calls = {
            "open": tse.open,
            "info": tse.info,
            "set_time": lambda: tse.set_time(NOW + 9),
            "register": lambda: tse.register("OTHER"),
            "deregister": lambda: tse.deregister(CLIENT),
            "start": lambda: tse.start(CLIENT),
        }
        sim.core.faults.set(Fault(kind, calls=(name,), ms=100, times=1))
        if kind == "lost":
            with pytest.raises(TseSilent):
                await calls[name]()
        else:
            await calls[name]()
        sim.core.faults.set()
        info = await tse.info()
        assert info.clients == {"register": (CLIENT, "OTHER"), "deregister": ()}.get(name, (CLIENT,))
        assert info.open_transactions == (name == "start")
        assert sim.front.now.logged_in == set()


async def test_what_the_device_refuses_is_said_in_its_own_words(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        for code, told in (
            ("ErrorSignaturesExhausted", "ErrorSignaturesExhausted"),
            ("ErrorTooManyTransactions", "ErrorTooManyTransactions"),
            ("ErrorSelfTestRequired", "ErrorSelfTestRequired"),
            ("SomethingElse", "E_COMMAND_FAILED"),
        ):
            sim.core.faults.set(Fault("refuse", calls=("start",), code=code))
            with pytest.raises(TseRefused) as caught:
                await tse.start(CLIENT)
            assert caught.value.code == told
        sim.core.faults.set()
        assert (await tse.start(CLIENT)).transaction_number == 1


async def test_bad_arguments_never_reach_the_device(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        heard = sim.core.faults
        heard.set(Fault("gone", calls=("start", "register", "set_time", "self_test", "200")))
        for call in (
            tse.start("Käse"),
            tse.start(CLIENT, "Beleg\x1b"),
            tse.start(CLIENT, "x" * 101),
            tse.register("a/b"),
            tse.self_test(""),
            tse.set_time(-1),
        ):
            with pytest.raises(TseRefused) as caught:
                await call
            assert caught.value.code == "ErrorParameterMismatch"


async def test_firmware_that_hides_its_clients_and_knows_no_reset(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        sim.front.closed_list = sim.front.old = True
        assert (await tse.info()).clients == (CLIENT,)
        await tse.close()
        assert (await tse.open()).clients == (), "nobody is logged in before it is known whose TSE it is"
        assert (await tse.info()).clients == (CLIENT,)
        stranger = DieboldTse(tse.config)
        await tse.close()
        await stranger.open()
        with pytest.raises(TseRefused) as caught:
            await stranger.info()
        assert caught.value.code == "ErrorUserNotAuthenticated"
        await stranger.close()


async def test_a_device_that_tells_nothing_before_its_self_test(tmp_path: Path) -> None:
    with DieboldTcpSim(tmp_path, FAST, latency_s=0.0) as sim:
        sim.front.shy = True
        tse = DieboldTse(config(sim), SECRETS)
        info = await tse.open()
        assert (info.life_cycle, info.self_test_due) == ("factory", False)
        assert (await tse.provision(SECRETS, CLIENT, unnoted)).clients == (CLIENT,)
        await tse.close()


async def test_without_secrets_nothing_privileged_is_done(tmp_path: Path) -> None:
    async with working(tmp_path) as (_, tse):
        await tse.close()
        reader = DieboldTse(tse.config)
        assert (await reader.open()).clients == (CLIENT,)
        for call in (reader.register("B"), reader.set_time(NOW), reader.disable(), reader.deregister(CLIENT)):
            with pytest.raises(TseRefused) as caught:
                await call
            assert caught.value.code == "ErrorUserNotAuthenticated"
        await reader.close()


async def test_the_newest_transaction_is_found_in_the_store(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        for _ in range(5):
            await tse.start(CLIENT)
        for number in (5, 1, 2, 3, 4):
            await tse.finish(number, CLIENT, TYPE, DATA)
        await tse.close()
        sim.power_cycle()
        again = DieboldTse(config(sim), SECRETS)
        assert (await again.open()).transaction_counter == 5
        await again.close()


async def test_nobody_there(tmp_path: Path) -> None:
    for nowhere in (DieboldConfig(port=str(tmp_path / "none")), DieboldConfig(host="127.0.0.1", tcp_port=1)):
        tse = DieboldTse(nowhere, SECRETS)
        with pytest.raises(TseGone):
            await tse.open()
        with pytest.raises(TseGone):
            await tse.start(CLIENT)
        await tse.close()


async def test_unplugged_for_good_and_plugged_in_again(tmp_path: Path) -> None:
    async with working(tmp_path, DieboldSerialSim) as (sim, tse):
        started = await tse.start(CLIENT)
        sim.stop()
        with pytest.raises(TseGone):
            await tse.info()
        with pytest.raises(TseGone):
            await tse.open()
        sim.start()
        await bring_up(tse)
        assert await tse.open_transactions(CLIENT) == (started.transaction_number,)
        await tse.finish(started.transaction_number, CLIENT, TYPE, DATA)


async def test_a_blocked_pin_is_told_and_not_tried(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):

        def block(device: Device) -> None:
            for _ in range(3):
                with pytest.raises(TseRefused):
                    device.change_pin("Admin", "99999", "88888")

        block(sim.core.device)
        codes = []
        for _ in range(2):
            with pytest.raises(TseRefused) as caught:
                await tse.register("B")
            codes.append(caught.value.code)
        assert codes == ["ErrorPinBlocked"] * 2


async def test_an_expired_certificate_is_named_whatever_the_login_said(tmp_path: Path) -> None:
    async with working(tmp_path) as (sim, tse):
        sim.core.faults.set(Fault("expired"))
        for call in (tse.set_time(NOW + 10), tse.disable(), tse.start(CLIENT)):
            with pytest.raises(TseRefused) as caught:
                await call
            assert caught.value.code == "ErrorCertificateExpired"
        assert verify_tar(io.BytesIO(await collect(tse))).ok


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
