"""What every TSE driver must do, whatever device is behind it. Only port calls are used."""

import io
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kassd.errors import TseRefused
from kassd.tse.log import verify_tar
from kassd.tse.log.certificates import load
from kassd.tse.log.messages import Operation
from kassd.tse.port import ExportFilter, Secrets, Signed, Tse
from kassd.tse.resolve import find_signed, resolve_finish, resolve_start
from kassd.tse.signatures import verify_answer
from tests.tse import unnoted

Factory = Callable[[Path], Tse]
SECRETS = Secrets("11111", "22222", "3333333333", "4444444444")
CLIENT, OTHER, NOW = "KASSE-0007", "KASSE-0008", 1_790_000_000
TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


async def bring_up(tse: Tse) -> None:
    """What the worker does after each open."""
    if (await tse.open()).life_cycle == "factory":
        await tse.provision(SECRETS, CLIENT, unnoted)
    info = await tse.info()
    if info.self_test_due:
        await tse.self_test(CLIENT)
    if not info.time_valid:
        await tse.set_time(NOW)


@pytest.fixture
async def tse(make: Factory, tmp_path: Path) -> AsyncIterator[Tse]:
    device = make(tmp_path)
    await bring_up(device)
    yield device
    await device.close()


async def archive(tse: Tse, chosen: ExportFilter = ExportFilter()) -> bytes:
    return b"".join([chunk async for chunk in tse.export(chosen)])


async def verified(
    tse: Tse, signed: Signed, operation: Operation, client: str = CLIENT, type_: str = "", data: bytes = b""
) -> Signed:
    assert verify_answer(await tse.info(), client, operation, type_, data, signed)
    return signed


async def sale(tse: Tse, client: str = CLIENT) -> int:
    started = await verified(tse, await tse.start(client), "start", client)
    number = started.transaction_number
    await verified(tse, await tse.finish(number, client, TYPE, DATA), "finish", client, TYPE, DATA)
    return number


async def refused(call: object) -> str:
    with pytest.raises(TseRefused) as caught:
        await call  # type: ignore[misc]
    assert str(caught.value)
    return caught.value.code


async def test_provisioning(make: Factory, tmp_path: Path) -> None:
    tse = make(tmp_path)
    fresh = await tse.open()
    assert (fresh.life_cycle, fresh.clients) == ("factory", ())
    info = await tse.provision(SECRETS, CLIENT, unnoted)
    assert (info.life_cycle, info.clients) == ("no_time", (CLIENT,))
    assert info.serial_number == fresh.serial_number
    leaf = load(b64decode(info.certificates[0]))
    assert leaf.serial.hex() == info.serial_number
    assert b64decode(info.public_key) == leaf.key.point
    assert info.certificate_expiry == leaf.not_after // 1000
    await tse.close()


async def test_self_test_and_time_come_before_transactions(make: Factory, tmp_path: Path) -> None:
    tse = make(tmp_path)
    await tse.open()
    await tse.provision(SECRETS, CLIENT, unnoted)
    assert (await tse.info()).self_test_due
    await refused(tse.start(CLIENT))
    await tse.self_test(CLIENT)
    assert not (await tse.info()).self_test_due
    await refused(tse.start(CLIENT))
    await tse.set_time(NOW)
    info = await tse.info()
    assert (info.life_cycle, info.time_valid) == ("active", True)
    assert (await tse.start(CLIENT)).log_time >= "2026-09-21T14:13:20.000Z"
    await tse.close()


async def test_start_update_finish(tse: Tse) -> None:
    before = await tse.info()
    started = await verified(tse, await tse.start(CLIENT), "start")
    number = started.transaction_number
    assert number == before.transaction_counter + 1
    assert started.signature_counter == before.signature_counter + 1
    assert started.serial_number == before.serial_number
    updated = await tse.update(number, CLIENT, TYPE, b"a")
    await verified(tse, updated, "update", CLIENT, TYPE, b"a")
    finished = await tse.finish(number, CLIENT, TYPE, DATA)
    await verified(tse, finished, "finish", CLIENT, TYPE, DATA)
    assert [started.signature_counter + n for n in (1, 2)] == [
        updated.signature_counter,
        finished.signature_counter,
    ]
    assert started.log_time <= updated.log_time <= finished.log_time
    after = await tse.info()
    assert after.signature_counter == finished.signature_counter
    assert (after.transaction_counter, after.open_transactions) == (number, 0)


async def test_start_with_data_and_awkward_bytes(tse: Tse) -> None:
    data = '2;"Eisbecher ""Himbeere""";3.99\r1;"Käse";2.99'.encode()
    signed = await tse.start(CLIENT, "Bestellung-V1", data)
    await verified(tse, signed, "start", CLIENT, "Bestellung-V1", data)
    finished = await tse.finish(signed.transaction_number, CLIENT, "Bestellung-V1", data * 100)
    await verified(tse, finished, "finish", CLIENT, "Bestellung-V1", data * 100)


async def test_an_answer_fits_only_its_own_question(tse: Tse) -> None:
    info, signed = await tse.info(), await tse.start(CLIENT)
    for client, operation, type_, data in (
        (OTHER, "start", "", b""),
        (CLIENT, "finish", "", b""),
        (CLIENT, "start", TYPE, b""),
        (CLIENT, "start", "", b"x"),
    ):
        assert not verify_answer(info, client, operation, type_, data, signed)  # type: ignore[arg-type]


async def test_several_clients_and_the_open_list(tse: Tse) -> None:
    await tse.register(OTHER)
    await tse.register(OTHER)
    assert set((await tse.info()).clients) == {CLIENT, OTHER}
    mine, his = (await tse.start(CLIENT)).transaction_number, (await tse.start(OTHER)).transaction_number
    assert await tse.open_transactions() == (mine, his)
    assert await tse.open_transactions(OTHER) == (his,)
    assert (await tse.info()).open_transactions == 2
    await refused(tse.finish(his, CLIENT, TYPE, DATA))
    await refused(tse.deregister(OTHER))
    await tse.finish(his, OTHER, TYPE, DATA)
    await tse.deregister(OTHER)
    assert (await tse.info()).clients == (CLIENT,)
    await refused(tse.start(OTHER))
    assert await tse.open_transactions() == (mine,)


async def test_last_result(tse: Tse) -> None:
    await tse.register(OTHER)
    assert await tse.last_result(CLIENT) is None
    started = await tse.start(CLIENT)
    await sale(tse, OTHER)
    last = await tse.last_result(CLIENT)
    assert last is not None
    assert (last.operation, last.client_id, last.signed) == ("start", CLIENT, started)
    finished = await tse.finish(started.transaction_number, CLIENT, TYPE, DATA)
    last = await tse.last_result(CLIENT)
    assert last is not None
    assert (last.operation, last.signed) == ("finish", finished)


async def test_refusals_use_no_signature(tse: Tse) -> None:
    await sale(tse)
    before = (await tse.info()).signature_counter
    await refused(tse.update(99, CLIENT, TYPE, DATA))
    await refused(tse.finish(99, CLIENT, TYPE, DATA))
    await refused(tse.finish(1, CLIENT, TYPE, DATA))
    await refused(tse.start("UNKNOWN"))
    assert (await tse.info()).signature_counter == before


async def test_full_export_verifies_and_allows_deletion(tse: Tse) -> None:
    numbers = [await sale(tse) for _ in range(3)]
    await refused(tse.delete_exported())
    raw = await archive(tse)
    verdict = verify_tar(io.BytesIO(raw))
    assert verdict.ok, verdict.findings
    assert verdict.checked == (await tse.info()).signature_counter
    assert not [f for f in verdict.findings if f.severity == "warning"]
    before = await tse.info()
    await tse.delete_exported()
    assert await find_signed(tse, CLIENT, numbers[0], "finish") is None
    rest = verify_tar(io.BytesIO(await archive(tse)))
    assert rest.ok, rest.findings
    assert rest.checked < verdict.checked
    after = await tse.info()
    assert after.signature_counter >= before.signature_counter
    assert after.transaction_counter == before.transaction_counter
    assert await sale(tse) == numbers[-1] + 1


async def test_filtered_exports_verify(tse: Tse) -> None:
    numbers = [await sale(tse) for _ in range(4)]
    one = verify_tar(io.BytesIO(await archive(tse, ExportFilter(transaction_number=numbers[1]))))
    assert (one.ok, one.checked) == (True, 2)
    some = ExportFilter(first_transaction=numbers[1], last_transaction=numbers[2])
    assert verify_tar(io.BytesIO(await archive(tse, some))).checked >= 4
    period = verify_tar(io.BytesIO(await archive(tse, ExportFilter(start_time=NOW))))
    assert period.ok, period.findings
    assert period.checked >= 8
    mine = verify_tar(io.BytesIO(await archive(tse, ExportFilter(client_id=CLIENT))))
    assert mine.ok, mine.findings
    await refused(archive(tse, ExportFilter(transaction_number=999)))


async def test_certificates(tse: Tse) -> None:
    verdict = verify_tar(io.BytesIO(await tse.certificates()))
    assert (verdict.ok, verdict.checked) == (True, 0)


async def test_disabled_for_ever_but_still_exportable(make: Factory, tmp_path: Path) -> None:
    tse = make(tmp_path)
    await bring_up(tse)
    number = (await tse.start(CLIENT)).transaction_number
    await refused(tse.disable())
    await tse.finish(number, CLIENT, TYPE, DATA)
    await tse.disable()
    assert (await tse.info()).life_cycle == "disabled"
    await refused(tse.start(CLIENT))
    assert verify_tar(io.BytesIO(await archive(tse))).ok
    await tse.close()
    tse = make(tmp_path)
    assert (await tse.open()).life_cycle == "disabled"
    await tse.close()


async def test_power_cycle_keeps_what_was_signed(make: Factory, tmp_path: Path) -> None:
    tse = make(tmp_path)
    await bring_up(tse)
    started = await tse.start(CLIENT)
    await tse.close()
    tse = make(tmp_path)
    info = await tse.open()
    assert (info.time_valid, info.self_test_due, info.open_transactions) == (False, True, 1)
    await bring_up(tse)
    finished = await tse.finish(started.transaction_number, CLIENT, TYPE, DATA)
    await verified(tse, finished, "finish", CLIENT, TYPE, DATA)
    assert finished.signature_counter > started.signature_counter
    verdict = verify_tar(io.BytesIO(await archive(tse)))
    assert verdict.ok, verdict.findings
    await tse.close()


async def test_recovery_of_answers_nobody_read(make: Factory, tmp_path: Path) -> None:
    tse = make(tmp_path)
    await bring_up(tse)
    known = {await sale(tse)}
    unread_start = await tse.start(CLIENT)
    await tse.close()

    tse = make(tmp_path)
    await bring_up(tse)
    assert await resolve_start(tse, CLIENT, known) == unread_start
    number = unread_start.transaction_number
    assert await resolve_start(tse, CLIENT, known | {number}) is None
    assert await resolve_finish(tse, CLIENT, number) is None
    unread_finish = await tse.finish(number, CLIENT, TYPE, DATA)
    await sale(tse)
    await tse.close()

    tse = make(tmp_path)
    await bring_up(tse)
    assert await resolve_finish(tse, CLIENT, number) == unread_finish
    assert await find_signed(tse, CLIENT, number, "start") == unread_start
    assert await resolve_start(tse, CLIENT, known) is None
    await tse.close()
