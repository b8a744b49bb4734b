"""The driver on a mounted volume: transactions, export, users, faults of the device."""

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kassd.errors import TseError, TseGone, TseRefused, TseSilent
from kassd.sim.tse.swissbit import SwissbitSim
from kassd.tse import codes
from kassd.tse.log import verify_tar
from kassd.tse.log.tar import TarReader
from kassd.tse.port import ExportFilter
from kassd.tse.resolve import find_signed, resolve_finish, resolve_start
from kassd.tse.signatures import verify_answer
from kassd.tse.soft import Fault, Model
from kassd.tse.swissbit import SwissbitTse
from tests.tse.swissbit.helpers import (
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
    plugged,
    sale,
)


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[SwissbitSim]:
    with plugged(tmp_path) as sim:
        yield sim


@pytest.fixture
async def tse(sim: SwissbitSim) -> SwissbitTse:
    tse = driver(sim)
    await bring_up(tse)
    return tse


async def refused(call: object) -> str:
    with pytest.raises(TseRefused) as caught:
        await call  # type: ignore[misc]
    return caught.value.code


async def test_info_is_complete(tse: SwissbitTse, sim: SwissbitSim) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    info, truth = await tse.info(), sim.core.device.info()
    same = (
        "serial_number public_key signature_algorithm time_format life_cycle time_valid self_test_due "
        "signature_counter transaction_counter open_transactions max_open_transactions clients max_clients "
        "certificate_expiry certificates description time_sync_interval signatures_left"
    )
    for name in same.split():
        assert getattr(info, name) == getattr(truth, name), name
    assert (info.transaction_counter, info.memory_used) == (number, 0)


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1024, 1025, 20_000, 65_536])
async def test_process_data_of_any_size(tse: SwissbitTse, size: int) -> None:
    data = (b"0123456789abcdef" * 4097)[:size]
    info, signed = await tse.info(), await tse.start(CLIENT, TYPE, data)
    assert verify_answer(info, CLIENT, "start", TYPE, data, signed)


async def test_process_data_over_the_end_of_a_store_file(tmp_path: Path) -> None:
    with plugged(tmp_path, sector=2_097_151) as sim:
        tse = driver(sim)
        await bring_up(tse)
        data = bytes(range(33, 126)) * 20
        info, signed = await tse.info(), await tse.start(CLIENT, TYPE, data)
        assert verify_answer(info, CLIENT, "start", TYPE, data, signed)


async def test_lists_are_read_page_by_page(tse: SwissbitTse) -> None:
    for n in range(32):
        await tse.register(f"K{n}")
    assert (await tse.info()).clients == (CLIENT, *(f"K{n}" for n in range(32)))
    numbers = [(await tse.start(CLIENT)).transaction_number for _ in range(62)]
    assert await tse.open_transactions() == tuple(numbers)
    numbers.append((await tse.start("K31")).transaction_number)
    assert await tse.open_transactions() == tuple(numbers)
    assert await tse.open_transactions(CLIENT) == tuple(numbers[:62])
    assert await tse.open_transactions("K0") == ()
    assert (await tse.info()).open_transactions == 63


async def test_a_new_process_knows_clients_and_numbers(tse: SwissbitTse, sim: SwissbitSim) -> None:
    number = await sale(tse)
    await tse.register(OTHER)
    await tse.close()
    again = driver(sim)
    info = await again.open()
    assert (info.clients, info.transaction_counter) == ((CLIENT, OTHER), number)
    await again.close()
    sim.power_cycle()
    after = driver(sim)
    await bring_up(after)
    info = await after.info()
    assert (info.clients, info.transaction_counter) == ((CLIENT, OTHER), number)


async def test_what_the_mailbox_cannot_say_what_it_would(tse: SwissbitTse) -> None:
    for call in (tse.disable(), tse.delete_exported(), tse.unblock("Admin", "1", "2"), tse.log_out("Admin")):
        with pytest.raises(TseRefused, match=r"libWormAPI\.so") as caught:
            await call
        assert caught.value.code == "WORM_LIBRARY_NEEDED"
    assert await tse.last_result(CLIENT) is None


async def test_names_that_do_not_fit(tse: SwissbitTse) -> None:
    before = (await tse.info()).signature_counter
    assert await refused(tse.register("K" * 31)) == codes.PARAMETER
    assert await refused(tse.register("")) == codes.PARAMETER
    assert await refused(tse.register("Käse")) == codes.PARAMETER
    assert await refused(tse.start(CLIENT, "T" * 101)) == codes.PARAMETER
    assert await refused(tse.start(CLIENT, TYPE, bytes(70_000))) == codes.PARAMETER
    assert (await tse.info()).signature_counter <= before + 1  # the Admin's login is logged


# -- export


async def names(tse: SwissbitTse, chosen: ExportFilter) -> list[str]:
    return [member.name for member in TarReader().feed(await archive(tse, chosen))]


async def test_full_export_is_the_store_with_an_end(tse: SwissbitTse) -> None:
    for _ in range(5):
        await sale(tse)
    raw = await archive(tse)
    verdict = verify_tar(io.BytesIO(raw))
    assert verdict.ok, verdict.findings
    assert not [finding for finding in verdict.findings if finding.severity == "warning"]
    assert verdict.checked == (await tse.info()).signature_counter
    assert raw.endswith(bytes(1024))


async def test_filters_keep_certificates_and_read_only_the_end(
    tse: SwissbitTse, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = b"f" * 30_000
    for _ in range(20):
        await sale(tse, filler)
    counter = (await tse.info()).signature_counter
    last = await sale(tse)
    read: list[int] = []
    store = tse._session.store
    plain = store.read

    def counting(offset: int, size: int) -> bytes:
        read.append(size)
        return plain(offset, size)

    monkeypatch.setattr(store, "read", counting)
    for chosen in (ExportFilter(transaction_number=last), ExportFilter(after_counter=counter)):
        read.clear()
        found = await names(tse, chosen)
        assert [name for name in found if "_Log-" in name and f"No-{last}_" not in name] == []
        assert len([name for name in found if f"No-{last}_" in name]) == 2
        assert "info.csv" in found
        assert len([name for name in found if "_X509" in name]) == 3
        assert sum(read) < 1_000_000 < 20 * len(filler) * 2
    read.clear()
    assert (
        await refused(archive(tse, ExportFilter(transaction_number=last + 1))) == codes.TRANSACTION_NOT_FOUND
    )
    assert sum(read) < 1_000_000
    both = await names(tse, ExportFilter(first_transaction=last - 1, last_transaction=last))
    assert len([name for name in both if "_Log-Tra" in name]) == 4


async def test_export_needs_no_login_and_works_before_the_self_test(
    tse: SwissbitTse, sim: SwissbitSim
) -> None:
    await sale(tse)
    await tse.close()
    sim.power_cycle()
    stranger = driver(sim, None)
    info = await stranger.open()
    assert info.self_test_due
    assert len(info.certificates) == 3  # from the store: the TSE does not give them yet
    assert verify_tar(io.BytesIO(await archive(stranger))).ok
    assert verify_tar(io.BytesIO(await stranger.certificates())).ok
    assert await refused(stranger.register(OTHER)) == codes.NOT_AUTHENTICATED


async def test_a_damaged_store_is_no_export(tse: SwissbitTse, sim: SwissbitSim) -> None:
    await sale(tse)
    (file,) = sim.core.folder.glob("store.tar")
    raw = bytearray(file.read_bytes())
    raw[150] ^= 0xFF
    file.write_bytes(raw)
    with pytest.raises(TseError, match="beschädigt"):
        await archive(tse)


# -- users


async def test_a_wrong_pin_costs_one_try_for_each_role(tse: SwissbitTse, sim: SwissbitSim) -> None:
    await tse.close()
    wrong = driver(sim, replace(SECRETS, admin_pin="00000", time_admin_pin="00000"))
    await wrong.open()
    for _ in range(4):
        assert await refused(wrong.register(OTHER)) == codes.WRONG_PIN
        assert await refused(wrong.set_time(NOW)) == codes.WRONG_PIN
        await wrong.open()
    users = sim.core.device.signer.state.users
    assert (users["Admin"].pin_tries, users["TimeAdmin"].pin_tries) == (2, 2)


async def test_a_blocked_pin_is_told(tse: SwissbitTse, sim: SwissbitSim) -> None:
    await tse.close()
    for pin in ("00000", "00001", "00002"):
        stranger = driver(sim, replace(SECRETS, time_admin_pin=pin))
        await stranger.open()
        assert await refused(stranger.set_time(NOW)) == codes.WRONG_PIN
        await stranger.close()
    right = driver(sim)
    await right.open()
    assert await refused(right.set_time(NOW)) == codes.PIN_BLOCKED


async def test_a_login_that_a_power_cut_ended_is_made_again(tse: SwissbitTse, sim: SwissbitSim) -> None:
    await tse.register(OTHER)
    sim.power_cycle()
    assert await refused(tse.start(CLIENT)) == codes.SELF_TEST_DUE
    await tse.self_test(CLIENT)
    await tse.set_time(NOW)
    await tse.deregister(OTHER)
    await sale(tse)


# -- faults of the device


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("expired", ("start",)), codes.CERTIFICATE_EXPIRED),
        (Fault("full", ("start",)), codes.STORAGE),
        (Fault("clock_lost", ("start",), times=1), codes.TIME_NOT_SET),
        (Fault("refuse", ("start",), code=codes.SIGNATURES_EXHAUSTED), codes.SIGNATURES_EXHAUSTED),
    ],
)
async def test_refusals(tse: SwissbitTse, sim: SwissbitSim, fault: Fault, code: str) -> None:
    sim.core.faults.set(fault)
    assert await refused(tse.start(CLIENT)) == code
    sim.core.faults.set()
    assert await tse.open_transactions() == ()


async def test_signatures_run_out(tmp_path: Path) -> None:
    with plugged(tmp_path, model=Model(max_signatures=14)) as sim:
        tse = driver(sim)
        await bring_up(tse)
        while (left := (await tse.info()).signatures_left) != 0:
            assert left is not None
            await tse.start(CLIENT)
        assert await refused(tse.start(CLIENT)) == codes.SIGNATURES_EXHAUSTED


async def test_power_cut_between_start_and_finish(tse: SwissbitTse, sim: SwissbitSim) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    sim.power_cycle()
    assert await refused(tse.finish(number, CLIENT, TYPE, DATA)) == codes.SELF_TEST_DUE
    await bring_up(tse)
    assert await resolve_finish(tse, CLIENT, number) is None
    signed = await tse.finish(number, CLIENT, TYPE, DATA)
    assert verify_answer(await tse.info(), CLIENT, "finish", TYPE, DATA, signed)


async def test_unplugged_and_another_stick_in_its_place(tse: SwissbitTse, sim: SwissbitSim) -> None:
    mine = (await tse.info()).serial_number
    sim.core.faults.set(Fault("gone"))
    with pytest.raises(TseGone, match="TSE steckt"):
        await tse.info()
    with pytest.raises(TseGone):
        await tse.open()
    sim.core.faults.set(Fault("wrong"))
    with pytest.raises(TseGone, match="nicht geöffnet"):
        await tse.info()
    other = await tse.open()
    assert other.serial_number != mine
    assert (other.life_cycle, other.clients, other.transaction_counter) == ("factory", (), 0)
    sim.core.faults.set()
    sim.power_cycle()
    assert (await tse.open()).serial_number == mine


async def test_pulled_in_the_middle_of_a_call(tse: SwissbitTse, sim: SwissbitSim) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    sim.core.faults.set(Fault("gone", ("finish",), times=1))
    with pytest.raises(TseGone):
        await tse.finish(number, CLIENT, TYPE, DATA)
    await asyncio.sleep(0.25)  # the time it is out
    await bring_up(tse)
    assert await resolve_finish(tse, CLIENT, number) is None
    await tse.finish(number, CLIENT, TYPE, DATA)


# -- answers that never come, come late, or are old


CALLS = ("start", "finish", "open_step", "set_time", "register")


@pytest.mark.parametrize("kind", ["lost", "late", "silent", "ignored", "malformed", "stuck", "fetch_forever"])
@pytest.mark.parametrize("call", CALLS)
async def test_after_a_bad_answer_the_next_call_gets_its_own(
    tse: SwissbitTse, sim: SwissbitSim, call: str, kind: str
) -> None:
    known = {await sale(tse)}
    await tse.close()
    tse = driver(sim)  # knows of no login
    await tse.open()
    sim.core.faults.set(Fault(kind, (call,), ms=1000, times=1))
    begun, result = None, None
    try:
        with hurried(tse, 0.7):
            match call:
                case "finish":
                    begun = await tse.start(CLIENT)
                    result = await tse.finish(begun.transaction_number, CLIENT, TYPE, DATA)
                case "start" | "open_step":
                    begun = await tse.start(CLIENT)
                case "set_time":
                    await tse.set_time(NOW + 100)
                case "register":
                    await tse.register(OTHER)
                    assert (await tse.info()).clients == (CLIENT, OTHER)
    except TseSilent:
        assert sim.core.device.life_cycle == "active"
    else:
        pytest.fail("the answer was bad")
    sim.core.faults.set()
    numbers = [await sale(tse) for _ in range(2)]
    assert numbers == sorted(set(numbers) - known)
    if call == "finish" and begun is not None and result is None:
        found = await resolve_finish(tse, CLIENT, begun.transaction_number)
        if found is None:
            found = await tse.finish(begun.transaction_number, CLIENT, TYPE, DATA)
        assert verify_answer(await tse.info(), CLIENT, "finish", TYPE, DATA, found)
    if call == "start" and kind not in ("silent", "ignored"):
        found = await resolve_start(tse, CLIENT, known | set(numbers))
        assert found is not None
        assert verify_answer(await tse.info(), CLIENT, "start", "", b"", found)
        assert await find_signed(tse, CLIENT, found.transaction_number, "start") == found
    assert verify_tar(io.BytesIO(await archive(tse))).ok


@pytest.mark.parametrize(
    "fault",
    [
        Fault("busy", ms=150),
        Fault("stale", ms=150),
        Fault("zero", ms=150),
        Fault("fetch"),
        Fault("not_enough", ("start", "finish"), times=2),
        Fault("late", ms=100),
    ],
    ids=lambda fault: fault.kind,
)
async def test_disturbances_that_are_survived(tse: SwissbitTse, sim: SwissbitSim, fault: Fault) -> None:
    before = (await tse.info()).signature_counter
    sim.core.faults.set(fault)
    await sale(tse)
    sim.core.faults.set()
    assert (await tse.info()).signature_counter == before + 2


async def test_a_wake_up_of_any_length_is_waited_for(tse: SwissbitTse, sim: SwissbitSim) -> None:
    await tse.close()
    patient = driver(sim)
    await patient.open()
    sim.core.faults.set(Fault("busy", ms=1500, times=1))
    await sale(patient)


async def test_a_new_process_waits_for_the_old_ones_command(tse: SwissbitTse, sim: SwissbitSim) -> None:
    sim.core.faults.set(Fault("late", ("start",), ms=1500, times=1))
    with pytest.raises(TseSilent):
        await _hurried(tse)
    other = driver(sim)
    await other.open()
    assert await other.open_transactions(CLIENT) == (1,)


async def _hurried(tse: SwissbitTse) -> None:
    await tse.close()
    impatient = SwissbitTse(tse.config, SECRETS)
    await impatient.open()
    try:
        with hurried(impatient, 0.7):
            await impatient.start(CLIENT)
    finally:
        await impatient.close()
