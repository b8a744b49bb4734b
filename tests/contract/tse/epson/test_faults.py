"""Answers that are lost, late, stale or broken, at every call."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kassd.errors import TseBusy, TseError, TseGone, TseRefused, TseSilent
from kassd.sim.tse.epson import EpsonSim
from kassd.tse.epson import EpsonTse
from kassd.tse.port import ExportFilter
from kassd.tse.resolve import resolve_start
from kassd.tse.signatures import verify_answer
from kassd.tse.soft import Fault
from tests.tse.epson.kit import CLIENT, DATA, NOW, OTHER, TYPE, archive, bring_up, hurried, sale

Call = Callable[[EpsonTse], Awaitable[object]]
CALLS: dict[str, Call] = {
    "info": lambda tse: tse.info(),
    "self_test": lambda tse: tse.self_test(CLIENT),
    "set_time": lambda tse: tse.set_time(NOW + 60),
    "register": lambda tse: tse.register(OTHER),
    "start": lambda tse: tse.start(CLIENT),
    "open_transactions": lambda tse: tse.open_transactions(),
    "last_result": lambda tse: tse.last_result(CLIENT),
    "export": lambda tse: archive(tse),
}


@pytest.mark.parametrize("kind", ["lost", "silent"])
@pytest.mark.parametrize("name", CALLS)
async def test_an_answer_that_never_comes(sim: EpsonSim, tse: EpsonTse, name: str, kind: str) -> None:
    sim.core.faults.set(Fault(kind, calls=(name,), times=1))
    with hurried(tse), pytest.raises(TseSilent):
        await CALLS[name](tse)
    sim.core.faults.set()
    await CALLS[name](tse)
    await sale(tse)


@pytest.mark.parametrize("name", CALLS)
async def test_a_late_answer_is_nobody_s(sim: EpsonSim, tse: EpsonTse, name: str) -> None:
    sim.core.faults.set(Fault("late", calls=(name,), ms=1000, times=1))
    with hurried(tse), pytest.raises(TseSilent):
        await CALLS[name](tse)
    sim.core.faults.set()
    info = await tse.info()
    await asyncio.sleep(0.25)
    signed = await tse.start(CLIENT)
    assert verify_answer(info, CLIENT, "start", "", b"", signed)
    await sale(tse)


async def test_a_cancelled_call_leaves_nothing_behind(sim: EpsonSim, tse: EpsonTse) -> None:
    known = {await sale(tse)}
    sim.core.faults.set(Fault("late", calls=("start",), ms=60, times=1))
    task = asyncio.create_task(tse.start(CLIENT))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    sim.core.faults.set()
    found = await resolve_start(tse, CLIENT, known)
    assert found is not None
    assert verify_answer(await tse.info(), CLIENT, "start", "", b"", found)


async def test_a_stale_signature_is_not_taken(sim: EpsonSim, tse: EpsonTse) -> None:
    sim.core.faults.set(Fault("stale"))
    signed = [await tse.start(CLIENT) for _ in range(4)]
    numbers = [each.transaction_number for each in signed]
    assert numbers == sorted(set(numbers))
    info = await tse.info()
    assert all(verify_answer(info, CLIENT, "start", "", b"", each) for each in signed)


async def test_stale_pieces_do_not_get_into_an_export(sim: EpsonSim, tse: EpsonTse) -> None:
    for _ in range(40):
        await sale(tse)
    plain = await archive(tse)
    sim.core.faults.set(Fault("stale", calls=("export",)))
    assert (await archive(tse)).startswith(plain[:-1024])


async def test_busy_for_a_while_and_for_ever(sim: EpsonSim, tse: EpsonTse) -> None:
    sim.core.faults.set(Fault("busy", calls=("start",), times=5))
    await tse.start(CLIENT)
    sim.core.faults.set(Fault("busy", calls=("start",)))
    with hurried(tse, 1.0), pytest.raises(TseBusy):
        await tse.start(CLIENT)
    sim.core.faults.set()
    await sale(tse)


@pytest.mark.parametrize(
    ("kind", "error"),
    [("cut", TseGone), ("hang_up", TseGone), ("garbage", TseError), ("error_timeout", TseSilent)],
)
@pytest.mark.parametrize("name", CALLS)
async def test_broken_answers_at_every_call(
    sim: EpsonSim, tse: EpsonTse, name: str, kind: str, error: type[TseError]
) -> None:
    sim.core.faults.set(Fault(kind, calls=(name,), times=1))
    with pytest.raises(error):
        await CALLS[name](tse)
    sim.core.faults.set()
    await CALLS[name](tse)
    await sale(tse)


@pytest.mark.parametrize("kind", ["not_open", "split", "nul_apart", "logged_out"])
@pytest.mark.parametrize("name", CALLS)
async def test_survived_without_help(sim: EpsonSim, tse: EpsonTse, name: str, kind: str) -> None:
    sim.core.faults.set(Fault(kind, calls=(name,), times=1))
    if kind == "logged_out" and name == "register":  # who is logged in for one action only is not so again
        with pytest.raises(TseRefused):
            await CALLS[name](tse)
    await CALLS[name](tse)
    await sale(tse)


@pytest.mark.parametrize(
    ("kind", "code"), [("expired", "ErrorCertificateExpired"), ("full", "ErrorStorageFailure")]
)
async def test_at_its_end_the_log_can_still_be_exported(
    sim: EpsonSim, tse: EpsonTse, kind: str, code: str
) -> None:
    number = (await tse.start(CLIENT)).transaction_number
    sim.core.faults.set(Fault(kind, calls=("finish", "authenticate", "export")))
    with pytest.raises(TseRefused) as caught:
        await tse.finish(number, CLIENT, TYPE, DATA)
    assert caught.value.code == code
    if kind == "expired":
        assert await archive(tse, ExportFilter(transaction_number=number))


async def test_a_day_of_silence_ends_with_the_fault(sim: EpsonSim, tse: EpsonTse) -> None:
    sim.core.faults.set(Fault("silent"))
    for _ in range(2):
        with hurried(tse), pytest.raises((TseSilent, TseGone)):
            await tse.info()
    sim.core.faults.set()
    await bring_up(tse)
    await sale(tse)
