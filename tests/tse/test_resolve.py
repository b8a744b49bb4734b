"""What :mod:`kassd.tse.resolve` does with devices that tell less, or lie; recovery itself is in the
contract suite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kassd.errors import TseError, TseRefused
from kassd.tse.port import ExportFilter, LastResult, Signed
from kassd.tse.resolve import find_signed, resolve_finish, resolve_start
from kassd.tse.soft import Fault, SoftTse
from tests.tse.soft.helpers import CLIENT, FAST, SECRETS, ready


class Forgetful(SoftTse):
    """Tells no last result, like devices without such a command."""

    async def last_result(self, client_id: str) -> LastResult | None:
        return None


async def forgetful(folder: Path) -> Forgetful:
    await (await ready(folder)).close()
    tse = Forgetful(folder, latency_s=0, secrets=SECRETS, model=FAST)
    await tse.open()
    await tse.self_test(CLIENT)
    await tse.set_time(1_790_000_100)
    return tse


async def test_answers_come_from_the_export(tmp_path: Path) -> None:
    tse = await forgetful(tmp_path)
    started = await tse.start(CLIENT)
    assert await resolve_start(tse, CLIENT, set()) == started
    assert await resolve_start(tse, CLIENT, {started.transaction_number}) is None
    assert await resolve_finish(tse, CLIENT, started.transaction_number) is None
    finished = await tse.finish(started.transaction_number, CLIENT, "t", b"d")
    assert await resolve_finish(tse, CLIENT, started.transaction_number) == finished
    await tse.close()


async def test_newest_update_is_found(tmp_path: Path) -> None:
    tse = await ready(tmp_path)
    number = (await tse.start(CLIENT)).transaction_number
    await tse.update(number, CLIENT, "t", b"1")
    newest: Signed = await tse.update(number, CLIENT, "t", b"2")
    assert await find_signed(tse, CLIENT, number, "update") == newest
    assert await find_signed(tse, CLIENT, number, "finish") is None
    assert await find_signed(tse, "OTHER", number, "update") is None
    assert await find_signed(tse, CLIENT, 99, "start") is None
    await tse.close()


async def test_what_cannot_be_told_is_an_error(tmp_path: Path) -> None:
    tse = await forgetful(tmp_path)
    with pytest.raises(TseError, match="weder offen noch beendet"):
        await resolve_finish(tse, CLIENT, 77)
    number = (await tse.start(CLIENT)).transaction_number
    tse.faults.set(Fault("wrong"))
    with pytest.raises(TseError, match="keine gültige Signatur"):
        await resolve_start(tse, CLIENT, set())
    tse.faults.set(Fault("refuse", ("export",), "ErrorStorageFailure"))
    with pytest.raises(TseRefused):
        await find_signed(tse, CLIENT, number, "start")
    tse.faults.set()
    await tse.close()


class Garbled(Forgetful):
    """Its export is cut off, damaged or empty."""

    kind = "cut"

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        whole = b"".join([chunk async for chunk in super().export(filter)])
        if self.kind == "cut":
            yield whole[:-1500]
        elif self.kind == "damaged":
            yield whole.replace(b"StartTrans", b"SmartTrans")
        else:
            yield bytes(1024)


@pytest.mark.parametrize(
    ("kind", "why"), [("cut", "nicht lesbar"), ("damaged", "nicht lesbar"), ("empty", "nicht auffindbar")]
)
async def test_bad_exports_are_errors(tmp_path: Path, kind: str, why: str) -> None:
    first = await ready(tmp_path)
    await first.start(CLIENT)
    await first.close()
    tse = Garbled(tmp_path, latency_s=0)
    tse.kind = kind
    await tse.open()
    with pytest.raises(TseError, match=why):
        await resolve_start(tse, CLIENT, set())
    await tse.close()
