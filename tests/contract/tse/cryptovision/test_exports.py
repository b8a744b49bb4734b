"""Exports: whole, filtered, in slices; and deletion of what was read, no more."""

import io
from collections.abc import AsyncIterator

import pytest

from kassd.errors import TseError, TseRefused, TseSilent
from kassd.sim.tse import cryptovision_commands
from kassd.sim.tse.cryptovision import CryptovisionSim
from kassd.tse.cryptovision import exports
from kassd.tse.log import verify_tar
from kassd.tse.log.tar import END, TarReader
from kassd.tse.port import ExportFilter
from kassd.tse.soft import Fault
from tests.tse.cryptovision.kit import CLIENT, NOW, OTHER, archive, driver, ready, sale, sent

EXPORT, MORE, DELETE, ERASE = 0x000D, 0x0016, 0x001B, 0x0010


def names(raw: bytes) -> list[str]:
    return [member.name for member in TarReader().feed(raw)]


async def rest_of(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])


def counters(raw: bytes) -> list[int]:
    return [int(name.split("_Sig-")[1].split("_")[0]) for name in names(raw) if name.endswith(".log")]


async def test_a_full_export_in_pieces_ends_as_an_archive(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        for _ in range(12):
            await sale(tse)
        pieces = [chunk async for chunk in tse.export()]
        assert max(map(len, pieces)) <= 8158
        assert pieces[-1] == END
        raw = b"".join(pieces)
        verdict = verify_tar(io.BytesIO(raw))
        assert verdict.ok, verdict.findings
        assert counters(raw) == list(range(1, verdict.checked + 1))


async def test_an_export_in_pieces_from_another_stick(sim: CryptovisionSim) -> None:
    sim.core.faults.set(Fault("wrong"))
    async with ready(sim) as tse:
        for _ in range(12):
            await sale(tse)
        raw = await archive(tse)
        assert len(raw) > 2 * 8158
        verdict = verify_tar(io.BytesIO(raw))
        assert verdict.ok, verdict.findings
        assert verdict.checked >= 24


async def test_every_filter_alone_and_with_a_counter(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        await tse.register(OTHER)
        first, second, third = await sale(tse), await sale(tse, OTHER), await sale(tse)
        await tse.set_time(NOW + 1000)
        last = await sale(tse)
        after = (await tse.info()).signature_counter - 1
        for chosen, inside, outside in (
            (ExportFilter(client_id=CLIENT), {first, third, last}, {second}),
            (ExportFilter(transaction_number=second), {second}, {first, third, last}),
            (ExportFilter(transaction_number=second, client_id=OTHER), {second}, {first, third, last}),
            (ExportFilter(first_transaction=second), {second, third, last}, {first}),
            (ExportFilter(last_transaction=second), {first, second}, {third, last}),
            (ExportFilter(first_transaction=second, last_transaction=third), {second, third}, {first, last}),
            (ExportFilter(start_time=NOW + 999), {last}, {first, second, third}),
            (ExportFilter(end_time=NOW + 999), {first, second, third}, {last}),
            (ExportFilter(client_id=CLIENT, after_counter=after), {last}, {first, second, third}),
        ):
            raw = await archive(tse, chosen)
            assert verify_tar(io.BytesIO(raw)).ok, chosen
            found = {
                n for n in (first, second, third, last) if any(f"_No-{n}_" in name for name in names(raw))
            }
            assert (found, found & outside) == (inside, set()), chosen
            assert "info.csv" in names(raw)
            if chosen.after_counter is not None:
                assert counters(raw) == [after + 1]


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (ExportFilter(transaction_number=999), "ErrorTransactionNumberNotFound"),
        (ExportFilter(client_id="NOBODY"), "ErrorIdNotFound"),
        (ExportFilter(start_time=4_000_000_000), "ErrorNoDataAvailable"),
        (ExportFilter(start_time=-1), "ErrorParameterMismatch"),
    ],
)
async def test_nothing_found(sim: CryptovisionSim, chosen: ExportFilter, code: str) -> None:
    async with ready(sim) as tse:
        await sale(tse)
        with pytest.raises(TseRefused) as caught:
            await archive(tse, chosen)
        assert caught.value.code == code


async def test_what_is_new_comes_in_slices(sim: CryptovisionSim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SLICE", 4)
    async with ready(sim) as tse:
        for _ in range(6):
            await sale(tse)
        newest = (await tse.info()).signature_counter
        raw = await archive(tse, ExportFilter(after_counter=newest - 10))
        assert counters(raw) == list(range(newest - 9, newest + 1))
        assert sent(sim, MORE) == 3
        assert len(set(names(raw))) == len(names(raw))
        assert verify_tar(io.BytesIO(raw)).ok
        nothing = await archive(tse, ExportFilter(after_counter=newest))
        assert (counters(nothing), "info.csv" in names(nothing)) == ([], True)
        assert [name for name in names(nothing) if "_X509" in name]


async def test_a_factory_new_device_has_certificates_only(sim: CryptovisionSim) -> None:
    tse = driver(sim)
    await tse.open()
    raw = await archive(tse, ExportFilter(after_counter=0))
    assert names(raw)
    assert all("_X509" in name for name in names(raw))
    await tse.close()


async def test_a_store_too_large_is_read_in_slices(
    sim: CryptovisionSim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "SLICE", 5)
    async with ready(sim) as tse:
        for _ in range(4):
            await sale(tse)
        newest = (await tse.info()).signature_counter
        sim.core.faults.set(Fault("silent", calls=("export",), times=1))
        tse._session.link.timeout_s = 1.5
        raw = await archive(tse)
        assert counters(raw) == list(range(1, newest + 1))
        verdict = verify_tar(io.BytesIO(raw))
        assert verdict.ok, verdict.findings
        assert sent(sim, MORE) == -(-newest // 5)
        await tse.delete_exported()
        assert min(counters(await archive(tse))) == newest + 1


async def test_a_filtered_export_not_begun_is_silence(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        number = await sale(tse)
        sim.core.faults.set(Fault("silent", calls=("export",), times=1))
        tse._session.link.timeout_s, patient = 1.5, tse._session.link.timeout_s
        with pytest.raises(TseSilent):
            await archive(tse, ExportFilter(transaction_number=number))
        tse._session.link.timeout_s = patient
        assert counters(await archive(tse, ExportFilter(transaction_number=number)))


async def test_only_what_was_read_to_its_end_is_deleted(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:

        async def refusal() -> str:
            with pytest.raises(TseRefused) as caught:
                await tse.delete_exported()
            return caught.value.code

        for _ in range(30):
            await sale(tse)
        assert await refusal() == "ErrorUnexportedStoredData"
        await archive(tse, ExportFilter(client_id=CLIENT))
        await archive(tse, ExportFilter(after_counter=0))
        assert await refusal() == "ErrorUnexportedStoredData"
        stream = tse.export()
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator behind the port
        assert await refusal() == "ErrorUnexportedStoredData"
        sim.core.faults.set(Fault("fragment_lost", calls=("fragment",), skip=1, times=1))
        with pytest.raises(TseSilent):
            await archive(tse)
        sim.core.faults.set()
        assert await refusal() == "ErrorUnexportedStoredData"
        assert sent(sim, DELETE) == 0

        newest = counters(await archive(tse))[-1]
        later = await sale(tse)
        await tse.delete_exported()
        rest = await archive(tse)
        assert min(counters(rest)) == newest + 1
        assert [name for name in names(rest) if f"_No-{later}_" in name]


async def test_an_export_pulled_in_the_middle(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        for _ in range(30):
            await sale(tse)
        stream = tse.export()
        await anext(stream)
        sim.core.faults.set(Fault("gone"))
        with pytest.raises(TseError):
            await rest_of(stream)
        sim.core.faults.set()
        await tse.open()
        assert verify_tar(io.BytesIO(await archive(tse))).ok


async def test_a_sale_during_an_export_ends_the_export_only(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        for _ in range(30):
            await sale(tse)
        stream = tse.export()
        await anext(stream)
        await sale(tse)
        with pytest.raises(TseError, match="unterbrochen"):
            await rest_of(stream)
        await sale(tse)


async def test_a_damaged_stream_is_no_archive(sim: CryptovisionSim, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ready(sim) as tse:
        await sale(tse)
        head = cryptovision_commands.archive.head
        monkeypatch.setattr(cryptovision_commands.archive, "head", lambda signer: b"x" + head(signer)[1:])
        with pytest.raises(TseError, match="nicht lesbar"):
            await archive(tse)
        monkeypatch.undo()
        with pytest.raises(TseRefused):
            await tse.delete_exported()


async def test_a_device_that_deletes_no_part_erases_what_was_exported(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        await sale(tse)
        before = max(counters(await archive(tse)))
        sim.core.faults.set(Fault("refuse", calls=("delete_exported",), code="8001", times=1))
        await tse.delete_exported()
        assert (sent(sim, DELETE), sent(sim, ERASE)) == (1, 1)
        assert min(counters(await archive(tse))) > before


async def test_what_was_signed_since_the_export_is_not_erased(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        await sale(tse)
        raw = await archive(tse)
        await tse.set_time(NOW + 60)
        sim.core.faults.set(Fault("refuse", calls=("delete_exported",), code="8001"))
        with pytest.raises(TseRefused, match="seit dem Export") as caught:
            await tse.delete_exported()
        assert caught.value.code == "ErrorUnexportedStoredData"
        assert sent(sim, ERASE) == 0
        sim.core.faults.set()
        assert set(counters(raw)) < set(counters(await archive(tse)))


async def test_another_refusal_to_delete_erases_nothing(sim: CryptovisionSim) -> None:
    async with ready(sim) as tse:
        await sale(tse)
        await archive(tse)
        sim.core.faults.set(Fault("refuse", calls=("delete_exported",), code="8005"))
        with pytest.raises(TseRefused):
            await tse.delete_exported()
        assert sent(sim, ERASE) == 0
