"""An export beside the sale path: complete in a quiet moment, away at once when anybody is served."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from kassd.errors import DataError, TseError, TseRefused
from kassd.tse.exporting import Export
from kassd.tse.log.tar import TarReader
from kassd.tse.port import ExportFilter
from kassd.tse.soft import Fault, driver
from kassd.tse.worker import Answered, Call, Unavailable
from tests.tse.test_worker import Make, Scene, Watched, finish, make

__all__ = ["make"]  # the fixture


class Taker:
    """Collects pieces; ``first`` is set with the first, then each waits for ``gate``."""

    def __init__(self) -> None:
        self.data = b""
        self.first, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()
        self.enough = False

    async def __call__(self, piece: bytes) -> bool:
        self.data += piece
        self.first.set()
        await self.gate.wait()
        return not self.enough

    def counters(self) -> list[int]:
        members = TarReader().feed(self.data)
        return [int(m.name.split("_Sig-")[1].split("_")[0]) for m in members if m.name.endswith(".log")]


async def sold(scene: Scene, count: int = 1) -> None:
    for n in range(count):
        started = await scene.start(f"{n}.0")
        await scene.ask(finish(started.transaction_number, f"{n}.1"))


async def test_what_is_above_a_counter_is_exported(make: Make) -> None:
    scene, taker = make(), Taker()
    await scene.up()
    await sold(scene, 2)
    assert await scene.worker.export(ExportFilter(after_counter=5), taker)
    info = await scene.tse.info()
    assert taker.counters() == list(range(6, info.signature_counter + 1))


async def test_a_customer_ends_the_export_after_the_running_piece(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "EXPORT_BATCH", 1)
    scene, taker = make(), Taker()
    await scene.up()
    await sold(scene, 3)
    taker.gate.clear()
    ended = scene.worker.export(ExportFilter(), taker)
    await taker.first.wait()
    scene.worker.submit(Call("9.0", "tse.start"))
    taker.gate.set()
    assert await ended is False
    answered = await scene.next(Answered)
    assert answered.signed is not None
    assert len(taker.counters()) < 3
    assert await scene.worker.export(ExportFilter(), Taker()), "and later it goes through"


async def test_enough_is_enough(make: Make) -> None:
    scene, taker = make(), Taker()
    await scene.up()
    taker.enough = True
    assert await scene.worker.export(ExportFilter(), taker)
    assert not taker.counters(), "one piece, the archive's head, was taken"


async def test_a_tse_that_is_away_exports_nothing(make: Make) -> None:
    scene = make()
    scene.run()
    assert await scene.worker.export(ExportFilter(), Taker()) is False, "opened, but not said to be ours"
    await scene.up()
    scene.tse.faults.set(Fault("gone"))
    scene.worker.self_test()
    await scene.next(Unavailable)
    assert await scene.worker.export(ExportFilter(), Taker()) is False


async def test_a_tse_that_goes_away_is_away_for_everybody(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("gone", ("export",)))
    with pytest.raises(TseError):
        await scene.worker.export(ExportFilter(), Taker())
    assert (await scene.next(Unavailable)).error == "gone"


async def test_a_refused_export_is_no_outage(make: Make) -> None:
    scene = make()
    await scene.up()
    scene.tse.faults.set(Fault("refuse", ("export",), code="busy"))
    with pytest.raises(TseRefused):
        await scene.worker.export(ExportFilter(), Taker())
    assert not scene.of(Unavailable)
    await sold(scene)


@pytest.mark.parametrize("error", [OSError(28, "no space"), DataError("kein Archiv")])
async def test_what_the_taker_raises_is_the_takers(make: Make, error: Exception) -> None:
    async def take(_: bytes) -> bool:
        raise error

    scene = make()
    await scene.up()
    with pytest.raises(type(error)):
        await scene.worker.export(ExportFilter(), take)
    await sold(scene)


async def test_a_newer_export_takes_the_place_of_one_not_begun(make: Make) -> None:
    scene = make()
    await scene.up()
    first = scene.worker.export(ExportFilter(), Taker())
    second = scene.worker.export(ExportFilter(), Taker())
    assert (await first, await second) == (False, True)


async def test_nobody_waits_for_ever_when_the_worker_is_stopped(make: Make) -> None:
    scene, taker = make(), Taker()
    await scene.up()
    taker.gate.clear()
    ended = scene.worker.export(ExportFilter(), taker)
    await taker.first.wait()
    await scene.end()
    assert await ended is False


class Closing(Watched):
    """Tells when the device's stream was closed."""

    closed = False

    async def export(self, filter: ExportFilter = ExportFilter()) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"\0"
                await asyncio.sleep(0)  # a device has to be waited for
        finally:
            Closing.closed = True


async def test_the_devices_stream_is_closed_before_the_next_call(make: Make) -> None:
    scene, taker = make(Closing), Taker()
    await scene.up()
    ended = scene.worker.export(ExportFilter(), taker)
    await taker.first.wait()
    scene.worker.self_test()
    assert await ended is False
    assert Closing.closed


async def test_a_cancelled_wait_ends_the_export(make: Make) -> None:
    scene, taker = make(Closing), Taker()
    await scene.up()
    ended = scene.worker.export(ExportFilter(), taker)
    await taker.first.wait()
    ended.cancel()
    await sold(scene)


async def test_the_first_end_counts() -> None:
    take: Callable[[bytes], Awaitable[bool]] = Taker()
    export = Export(ExportFilter(), take)
    export.end(True)
    export.end(False)
    export.fail(OSError())
    assert await export.ended is True
