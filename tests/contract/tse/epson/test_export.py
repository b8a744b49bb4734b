"""Exports: every filter, pieces of any kind, sessions left open, deletion of exactly what was read."""

import io
from pathlib import Path

import pytest

from kassd.errors import TseError, TseRefused
from kassd.sim.tse.epson import EpsonSim
from kassd.sim.tse.epson_host import EpsonHost
from kassd.tse.epson import EpsonTse
from kassd.tse.epson.export import plan
from kassd.tse.log import verify_tar
from kassd.tse.log.messages import TransactionData, parse
from kassd.tse.log.tar import TarReader
from kassd.tse.port import ExportFilter
from tests.tse.epson.kit import CLIENT, NOW, OTHER, archive, collect, driver, ready, sale, simulated


def numbers(raw: bytes) -> list[int]:
    """Transaction numbers of the finishes in an archive that verifies."""
    verdict = verify_tar(io.BytesIO(raw))
    assert verdict.ok, verdict.findings
    messages = [parse(m.data) for m in TarReader().feed(raw) if m.name.endswith(".log")]
    data = [m.data for m in messages if isinstance(m.data, TransactionData)]
    return [each.transaction_number for each in data if each.operation == "finish"]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("tar_end", [False, True])
async def test_pieces_and_ends_of_any_kind(tmp_path: Path, whole: bool, tar_end: bool) -> None:
    host = EpsonHost(tmp_path, whole_base64=whole, tar_end=tar_end)
    with simulated(tmp_path, host=host) as sim:
        tse = await ready(sim)
        for _ in range(20):
            await sale(tse)
        pieces = [piece async for piece in tse.export()]
        raw = b"".join(pieces)
        assert len(pieces) > 1
        assert raw.endswith(bytes(1024))
        assert not verify_tar(io.BytesIO(raw)).findings or numbers(raw) == list(range(1, 21))
        await tse.close()


FILTERS = [
    (ExportFilter(), [1, 2, 3, 4]),
    (ExportFilter(transaction_number=2), [2]),
    (ExportFilter(transaction_number=2, first_transaction=1, last_transaction=3), [2]),
    (ExportFilter(transaction_number=2, client_id=CLIENT), [2]),
    (ExportFilter(first_transaction=2, last_transaction=3), [2, 3]),
    (ExportFilter(first_transaction=3), [3, 4]),
    (ExportFilter(last_transaction=2), [1, 2]),
    (ExportFilter(client_id=CLIENT), [1, 2, 3]),
    (ExportFilter(client_id=OTHER), [4]),
    (ExportFilter(start_time=NOW), [1, 2, 3, 4]),
    (ExportFilter(end_time=NOW + 3600), [1, 2, 3, 4]),
    (ExportFilter(start_time=NOW, end_time=NOW + 3600, client_id=CLIENT), [1, 2, 3]),
    (ExportFilter(first_transaction=2, start_time=NOW, end_time=NOW + 3600), [2, 3, 4]),
]


@pytest.mark.parametrize(("chosen", "expected"), FILTERS)
async def test_filters(tse: EpsonTse, chosen: ExportFilter, expected: list[int]) -> None:
    await tse.register(OTHER)
    for client in (CLIENT, CLIENT, CLIENT, OTHER):
        await sale(tse, client)
    assert numbers(await archive(tse, chosen)) == expected


NOTHING = [
    (ExportFilter(transaction_number=99), "ErrorTransactionNumberNotFound"),
    (ExportFilter(transaction_number=1, first_transaction=2), "ErrorTransactionNumberNotFound"),
    (ExportFilter(first_transaction=98, last_transaction=99), "ErrorTransactionNumberNotFound"),
    (ExportFilter(first_transaction=99), "ErrorTransactionNumberNotFound"),
    (ExportFilter(client_id="NOBODY"), "ErrorIdNotFound"),
    (ExportFilter(start_time=2_100_000_000), "ErrorNoDataAvailable"),
    (ExportFilter(transaction_number=1, start_time=2_100_000_000), "ErrorNoDataAvailable"),
]


@pytest.mark.parametrize(("chosen", "code"), NOTHING)
async def test_nothing_found(sim: EpsonSim, tse: EpsonTse, chosen: ExportFilter, code: str) -> None:
    await sale(tse)
    with pytest.raises(TseRefused) as caught:
        await archive(tse, chosen)
    assert caught.value.code == code
    await sale(tse)
    assert sim.host.volatile.export is None


async def test_after_counter_with_another_filter(tse: EpsonTse) -> None:
    await sale(tse)
    counter = (await tse.info()).signature_counter
    await sale(tse)
    both = ExportFilter(after_counter=counter, first_transaction=1, last_transaction=2)
    assert numbers(await archive(tse, both)) == [2]


def test_plans() -> None:
    assert plan(ExportFilter(), 9).full
    assert not plan(ExportFilter(after_counter=3), 9).full
    period = plan(ExportFilter(start_time=NOW + 8 * 3600), 9)
    assert period.inputs["startDate"] == "2026-09-21T22:13:20Z"
    assert plan(ExportFilter(first_transaction=4), 9).inputs["endTransactionNumber"] == 9


async def test_deletion_of_exactly_what_was_read(sim: EpsonSim, tse: EpsonTse) -> None:
    await sale(tse)
    raw = await archive(tse)
    await tse.info()
    await tse.certificates()
    await tse.delete_exported()
    assert not sim.host.volatile.admin
    kept = [parse(m.data) for m in TarReader().feed(raw) if m.name.endswith(".log")]
    rest = await archive(tse)
    left = [parse(m.data) for m in TarReader().feed(rest) if m.name.endswith(".log")]
    counters = [m.signature_counter for m in kept + left]
    assert counters == list(range(1, len(counters) + 1))


@pytest.mark.parametrize("how", ["none", "filtered", "half", "sale_after", "incremental", "twice"])
async def test_nothing_is_deleted_without_a_complete_read(sim: EpsonSim, tse: EpsonTse, how: str) -> None:
    for _ in range(30):
        await sale(tse)
    if how == "filtered":
        await archive(tse, ExportFilter(transaction_number=1))
    elif how == "incremental":
        await archive(tse, ExportFilter(after_counter=0))
    elif how == "half":
        async for _ in tse.export():
            break
    elif how != "none":
        await archive(tse)
    if how == "sale_after":
        await sale(tse)
    if how == "twice":
        await tse.delete_exported()
    with pytest.raises(TseRefused) as caught:
        await tse.delete_exported()
    assert caught.value.code == "ErrorUnexportedStoredData"
    if how != "twice":
        assert sim.core.device.signer.state.exported == 0
    assert sim.host.volatile.export is None
    await sale(tse)


async def test_a_sale_ends_an_export(tse: EpsonTse) -> None:
    for _ in range(40):
        await sale(tse)
    stream = tse.export()
    await anext(stream)
    await sale(tse)
    with pytest.raises(TseRefused) as caught:
        await anext(stream)
    assert caught.value.code == "ExportInterrupted"


async def test_information_does_not_end_an_export(tse: EpsonTse) -> None:
    for _ in range(40):
        await sale(tse)
    pieces = []
    async for piece in tse.export():
        pieces.append(piece)
        await tse.info()
    assert len(numbers(b"".join(pieces))) == 40


async def test_an_export_a_dead_process_left_open_is_cancelled(sim: EpsonSim, tse: EpsonTse) -> None:
    await sale(tse)
    stream = tse.export()
    await anext(stream)
    tse._host._link.abort()  # type: ignore[union-attr] # it is connected
    assert sim.host.volatile.export is not None
    again = driver(sim)
    await again.open()
    await sale(again)
    assert sim.host.volatile.export is None
    await stream.aclose()  # type: ignore[attr-defined] # an async generator
    await again.close()


async def test_an_archive_that_breaks_off_is_an_error(sim: EpsonSim, tse: EpsonTse) -> None:
    for _ in range(3):
        await sale(tse)
    stream = tse.export()
    await anext(stream)
    session = tse._exporter._session
    assert session is not None
    session.size += 1
    with pytest.raises(TseError, match="Byte"):
        await collect(stream)
    with pytest.raises(TseRefused):
        await tse.delete_exported()


async def _unplugged_and_back(sim: EpsonSim, tse: EpsonTse) -> EpsonTse:
    """A power cycle; then only an export is asked for, by another program."""
    await tse.close()
    sim.power_cycle()
    sim.functions.clear()
    again = driver(sim)
    await again.open()
    return again


async def test_after_a_power_cycle_the_log_is_read_without_self_test_and_clock(
    sim: EpsonSim, tse: EpsonTse
) -> None:
    for _ in range(3):
        await sale(tse)
    again = await _unplugged_and_back(sim, tse)
    assert numbers(await archive(again)) == [1, 2, 3]
    assert "RunTSESelfTest" not in sim.functions
    with pytest.raises(TseRefused):
        await again.delete_exported()  # nobody is logged in
    await again.close()


async def test_a_strict_host_gets_its_self_test_and_names_what_is_still_missing(
    sim: EpsonSim, tse: EpsonTse
) -> None:
    sim.host.strict = True
    await sale(tse)
    again = await _unplugged_and_back(sim, tse)
    with pytest.raises(TseRefused, match="kassd einmal starten") as caught:
        await archive(again)
    assert caught.value.code == "ErrorTimeNotSet"
    assert sim.functions.count("RunTSESelfTest") == 1
    await again.set_time(NOW)
    assert numbers(await archive(again)) == [1]
    assert sim.functions.count("RunTSESelfTest") == 1
    await again.close()


@pytest.mark.parametrize("strict", [False, True])
async def test_hosts_of_both_kinds_delete_what_was_read(sim: EpsonSim, tse: EpsonTse, strict: bool) -> None:
    sim.host.strict = strict
    await sale(tse)
    before = len(await archive(tse))
    await tse.delete_exported()
    assert len(await archive(tse)) < before
