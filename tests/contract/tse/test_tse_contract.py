"""What every TSE driver must do, whatever device is behind it, over good links and bad ones.

Only port calls are used. What a family's wire has no command for (``Rig.lacks``) must be refused in words.
"""

import io
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse.log import verify_tar
from kassd.tse.log.certificates import load
from kassd.tse.log.messages import Operation
from kassd.tse.log.tar import TarReader
from kassd.tse.port import ExportFilter, Signed, Tse
from kassd.tse.resolve import find_signed, resolve_finish, resolve_start
from kassd.tse.signatures import verify_answer
from kassd.tse.soft import Fault
from tests.contract.tse.rig import Rig
from tests.tse import unnoted

CLIENT, OTHER, NOW = "KASSE-0007", "KASSE-0008", 1_790_000_000
TYPE, DATA = "Kassenbeleg-V1", b"Beleg^2.50_0.00_0.00_0.00_0.00^2.50:Bar"


async def bring_up(tse: Tse, rig: Rig) -> None:
    """What the worker does after each open."""
    if (await tse.open()).life_cycle == "factory":
        await tse.provision(rig.secrets, CLIENT, unnoted)
    info = await tse.info()
    if info.self_test_due:
        await tse.self_test(CLIENT)
    if not info.time_valid:
        await tse.set_time(NOW)


@pytest.fixture
async def tse(rig: Rig) -> AsyncIterator[Tse]:
    device = rig.driver()
    await bring_up(device, rig)
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


def _other(pin: str) -> str:
    return "".join(str(9 - int(digit)) for digit in pin)


async def refused(call: object) -> str:
    with pytest.raises(TseRefused) as caught:
        await call  # type: ignore[misc]
    assert str(caught.value)
    return caught.value.code


async def test_provisioning(rig: Rig) -> None:
    tse = rig.driver()
    fresh = await tse.open()
    assert (fresh.life_cycle, fresh.clients) == ("factory", ())
    info = await tse.provision(rig.secrets, CLIENT, unnoted)
    assert (info.life_cycle, info.clients) == ("no_time", (CLIENT,))
    assert info.serial_number == fresh.serial_number
    leaf = load(b64decode(info.certificates[0]))
    assert leaf.serial.hex() == info.serial_number
    assert b64decode(info.public_key) == leaf.key.point
    assert info.certificate_expiry == leaf.not_after // 1000
    await tse.close()


async def test_self_test_and_time_come_before_transactions(rig: Rig) -> None:
    tse = rig.driver()
    await tse.open()
    await tse.provision(rig.secrets, CLIENT, unnoted)
    if (await tse.info()).self_test_due:  # some families' set-up contains it
        await refused(tse.start(CLIENT))
    assert tse.tests_itself == ("self_test" in rig.lacks)
    if tse.tests_itself:
        await refused(tse.self_test(CLIENT))
    else:
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


async def test_several_clients_and_the_open_list(tse: Tse, rig: Rig) -> None:
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
    assert await tse.open_transactions() == (mine,)
    if "deregister" in rig.lacks:
        await refused(tse.deregister(OTHER))
        return
    await tse.deregister(OTHER)
    assert (await tse.info()).clients == (CLIENT,)
    await refused(tse.start(OTHER))


async def test_last_result(tse: Tse, rig: Rig) -> None:
    await tse.register(OTHER)
    assert await tse.last_result(CLIENT) is None
    if "last_result" in rig.lacks:
        await sale(tse)
        assert await tse.last_result(CLIENT) is None
        return
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


async def test_full_export_verifies_and_allows_deletion(tse: Tse, rig: Rig) -> None:
    numbers = [await sale(tse) for _ in range(3)]
    await refused(tse.delete_exported())
    raw = await archive(tse)
    verdict = verify_tar(io.BytesIO(raw))
    assert verdict.ok, verdict.findings
    assert verdict.checked == (await tse.info()).signature_counter
    assert not [f for f in verdict.findings if f.severity == "warning"]
    before = await tse.info()
    if "delete_exported" in rig.lacks:
        await refused(tse.delete_exported())
        return
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


async def test_export_of_what_is_new(tse: Tse) -> None:
    first = await sale(tse)
    counter = (await tse.info()).signature_counter
    number = await sale(tse)
    raw = await archive(tse, ExportFilter(after_counter=counter))
    new = verify_tar(io.BytesIO(raw))
    assert new.ok, new.findings
    assert new.checked >= 2
    names = [member.name for member in TarReader().feed(raw)]
    assert [name for name in names if f"No-{number}_" in name]
    assert not [name for name in names if f"No-{first}_" in name]
    assert [name for name in names if "_X509" in name]
    again = await archive(tse, ExportFilter(after_counter=(await tse.info()).signature_counter))
    assert verify_tar(io.BytesIO(again)).checked == 0


async def test_certificates(tse: Tse) -> None:
    verdict = verify_tar(io.BytesIO(await tse.certificates()))
    assert (verdict.ok, verdict.checked) == (True, 0)


async def test_disabled_for_ever_but_still_exportable(rig: Rig) -> None:
    tse = rig.driver()
    await bring_up(tse, rig)
    number = (await tse.start(CLIENT)).transaction_number
    await refused(tse.disable())
    await tse.finish(number, CLIENT, TYPE, DATA)
    if "disable" in rig.lacks:
        await refused(tse.disable())
        await tse.close()
        return
    await tse.disable()
    assert (await tse.info()).life_cycle == "disabled"
    await refused(tse.start(CLIENT))
    assert verify_tar(io.BytesIO(await archive(tse))).ok
    await tse.close()
    rig.power_cycle()
    tse = rig.driver()
    assert (await tse.open()).life_cycle == "disabled"
    await tse.close()


async def test_power_cycle_keeps_what_was_signed(rig: Rig) -> None:
    tse = rig.driver()
    await bring_up(tse, rig)
    started = await tse.start(CLIENT)
    await tse.close()
    rig.power_cycle()
    tse = rig.driver()
    info = await tse.open()
    assert not info.time_valid
    assert info.self_test_due == ("self_test" not in rig.lacks)
    await bring_up(tse, rig)
    assert (await tse.info()).open_transactions == 1  # some families list nothing before the self test
    finished = await tse.finish(started.transaction_number, CLIENT, TYPE, DATA)
    await verified(tse, finished, "finish", CLIENT, TYPE, DATA)
    assert finished.signature_counter > started.signature_counter
    verdict = verify_tar(io.BytesIO(await archive(tse)))
    assert verdict.ok, verdict.findings
    await tse.close()


async def test_recovery_of_answers_nobody_read(rig: Rig) -> None:
    tse = rig.driver()
    await bring_up(tse, rig)
    known = {await sale(tse)}
    unread_start = await tse.start(CLIENT)
    await tse.close()

    rig.power_cycle()
    tse = rig.driver()
    await bring_up(tse, rig)
    assert await resolve_start(tse, CLIENT, known) == unread_start
    number = unread_start.transaction_number
    assert await resolve_start(tse, CLIENT, known | {number}) is None
    assert await resolve_finish(tse, CLIENT, number) is None
    unread_finish = await tse.finish(number, CLIENT, TYPE, DATA)
    await sale(tse)
    await tse.close()

    rig.power_cycle()
    tse = rig.driver()
    await bring_up(tse, rig)
    assert await resolve_finish(tse, CLIENT, number) == unread_finish
    assert await find_signed(tse, CLIENT, number, "start") == unread_start
    assert await resolve_start(tse, CLIENT, known) is None
    await tse.close()


async def test_provisioning_goes_on_where_it_was_interrupted(rig: Rig) -> None:
    class PowerCut(Exception):
        pass

    steps: list[str] = []

    async def cut_at(step: str) -> None:
        steps.append(step)
        if len(steps) == limit:
            raise PowerCut

    for limit in range(1, 20):  # noqa: B007 (read by cut_at)
        tse = rig.driver()
        await tse.open()
        steps.clear()
        try:
            info = await tse.provision(rig.secrets, CLIENT, cut_at)
            break
        except PowerCut:
            await tse.close()
            rig.power_cycle()
    assert limit > 1
    assert info.clients == (CLIENT,)
    await bring_up(tse, rig)
    await sale(tse)
    await tse.close()


@pytest.mark.parametrize("call", ["start", "finish"])
async def test_an_answer_that_never_comes_is_found_in_the_log(tse: Tse, rig: Rig, call: str) -> None:
    known = {await sale(tse)}
    number = 0
    if call == "finish":
        number = (await tse.start(CLIENT)).transaction_number
    rig.faults.set(Fault("lost", calls=(call,), times=1))
    with pytest.raises((TseSilent, TseGone)):
        await (tse.start(CLIENT) if call == "start" else tse.finish(number, CLIENT, TYPE, DATA))
    rig.faults.set()
    await bring_up(tse, rig)
    if call == "start":
        found = await resolve_start(tse, CLIENT, known)
        assert found is not None
        await verified(tse, found, "start")
        await tse.finish(found.transaction_number, CLIENT, TYPE, DATA)
    else:
        found = await resolve_finish(tse, CLIENT, number)
        assert found is not None
        await verified(tse, found, "finish", CLIENT, TYPE, DATA)
    assert await tse.open_transactions() == ()


async def test_a_late_answer_is_no_answer_to_the_next_call(tse: Tse, rig: Rig) -> None:
    started = await tse.start(CLIENT)
    rig.faults.set(Fault("late", calls=("finish",), ms=rig.late_ms, times=1))
    number = started.transaction_number
    try:
        late = await tse.finish(number, CLIENT, TYPE, DATA)
    except (TseSilent, TseGone):
        await bring_up(tse, rig)
        found = await resolve_finish(tse, CLIENT, number)
        assert found is not None
        late = found
    await verified(tse, late, "finish", CLIENT, TYPE, DATA)
    for _ in range(3):
        await sale(tse)
    assert await tse.open_transactions() == ()


async def test_unplugged_and_plugged_in_again(tse: Tse, rig: Rig) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    rig.faults.set(Fault("gone"))
    with pytest.raises(TseGone):
        await tse.finish(number, CLIENT, TYPE, DATA)
    with pytest.raises(TseGone):
        await tse.open()
    rig.faults.set()
    await bring_up(tse, rig)
    assert await resolve_finish(tse, CLIENT, number) is None
    await verified(tse, await tse.finish(number, CLIENT, TYPE, DATA), "finish", CLIENT, TYPE, DATA)


async def test_another_stick_shows_another_serial_number(tse: Tse, rig: Rig) -> None:
    mine = (await tse.info()).serial_number
    await tse.close()
    rig.faults.set(Fault("wrong"))
    rig.power_cycle()
    assert (await tse.open()).serial_number != mine
    await tse.close()
    rig.faults.set()
    rig.power_cycle()
    assert (await tse.open()).serial_number == mine


@pytest.mark.parametrize(("kind", "code"), [("expired", "Certificate"), ("full", "Storage")])
async def test_at_its_end_it_refuses(tse: Tse, rig: Rig, kind: str, code: str) -> None:
    rig.faults.set(Fault(kind, calls=("start",)))
    assert code in await refused(tse.start(CLIENT))
    rig.faults.set()
    await sale(tse)


async def test_a_lost_clock_is_refused_and_set_again(tse: Tse, rig: Rig) -> None:
    rig.faults.set(Fault("clock_lost", calls=("start",), times=1))
    assert await refused(tse.start(CLIENT)) == "ErrorTimeNotSet"
    await bring_up(tse, rig)
    await sale(tse)


async def test_a_wrong_pin_is_sent_once(rig: Rig) -> None:
    tse = rig.driver()
    await bring_up(tse, rig)
    await tse.close()
    forgetful = rig.driver_with(replace(rig.secrets, admin_pin=_other(rig.secrets.admin_pin)))
    await bring_up(forgetful, rig)
    codes = [await refused(forgetful.register(OTHER)) for _ in range(5)]
    assert set(codes) == {"ErrorAuthenticationFailed"}  # a second try would end in a blocked PIN
    await forgetful.close()
    right = rig.driver()
    await bring_up(right, rig)
    await right.register(OTHER)
    await right.close()


async def test_every_bad_link_is_survived(tse: Tse, rig: Rig) -> None:
    for name, fault in rig.links.items():
        rig.faults.set(fault)
        try:
            await sale(tse)
            assert verify_tar(io.BytesIO(await archive(tse))).ok
            assert await tse.open_transactions() == ()
        except Exception as error:
            raise AssertionError(f"bad link {name}: {error!r}") from error
        finally:
            rig.faults.set()
