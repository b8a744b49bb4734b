"""Killed at every moment of the TSE's wire in the start and the finish of a sale, for each family of TSEs.

After each restart the sale ends in exactly one receipt, and the TSE's own log agrees with the journal.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from kill_till import PATIENT, Died, Till

from kassd.sim.tse.stand import KINDS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tills(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Till]]:
    made = {
        kind: Till(tmp_path_factory.mktemp(kind), 5, PATIENT, runner="wire_runner", tse_kind=kind)
        for kind in KINDS
    }
    try:
        for till in made.values():
            await till.world.start()
            await till.open()
            await sell(till)
        yield made
    finally:
        for till in made.values():
            await till.world.close()


async def sell(till: Till) -> None:
    await till.do("sale.add", article="brot")
    await till.world.until(lambda: "start" not in till_calls(till), what="start of the transaction")
    await till.do("sale.pay", type="cash")
    await till.settle()


def till_calls(till: Till) -> set[str]:
    """Calls of the TSE that have no answer yet."""
    return {wish["kind"].removeprefix("tse.") for wish in till.checker.read().wishes.values()}


def moments(till: Till, call: str) -> list[str]:
    """What an undisturbed call looked like on the wire."""
    return Path(f"{till.order}.{call}").read_text(encoding="ascii").splitlines()


def orders(till: Till, call: str) -> list[str]:
    """Before the first thing is sent, after each, after each answer, and in the middle of each thing sent.

    What was received is the same moment as just before the next is sent; of a device that is polled the
    first look, which may find nothing, and that moment count.
    """
    seen = [moment.partition(" ") for moment in moments(till, call)]
    polled = any(where for _, _, where in seen)
    ways = [way for way, _, _ in seen]
    chosen = [
        n for n, way in enumerate(ways) if n == 0 or way in ("sent", "in") or (polled and ways[n - 1] == "in")
    ]
    halves = [f"{call} half {n}" for n in range(ways.count("out"))]
    return [f"{call} {n}" for n in chosen] + halves


async def killed(till: Till, order: str) -> bool:
    """Die there, come back, sell to the end; False: that moment never came."""
    await till.settle()
    known = len(till.checker.book.sales)
    if order.startswith("start"):
        till.arm(order)
    try:
        await till.do("sale.add", article="brot")
        await till.do("sale.add", article="kaffee")
        if order.startswith("finish"):
            await till.world.until(lambda: "start" not in till_calls(till), what="start of the transaction")
            till.arm(order)
        await till.do("sale.pay", type="cash")
    except Died:
        pass
    process = till.world.process
    assert process is not None
    try:
        async with asyncio.timeout(60.0):
            await process.wait()
    except TimeoutError:
        till.order.unlink()
        return False
    await till.died()
    await till.back()
    if len(till.checker.read().sales) == known:
        await till.do("sale.add", article="brot")
    await till.sell_out()
    await till.settle()
    new = list(till.checker.book.sales.values())[known:]
    assert [(len(sale.ends), bool(sale.finishes), sale.paid) for sale in new] == [(1, True, True)]
    assert not new[0].ends[0].get("outage")
    return True


async def every_moment(till: Till, kind: str, call: str) -> None:
    wanted, died = orders(till, call), 0
    for order in wanted:
        try:
            died += await killed(till, order)
        except BaseException as error:
            error.add_note(f"{kind}: {order} of {moments(till, call)}")
            raise
    print(f"{kind} {call}: killed {died} of {len(wanted)} times")
    assert died == len(wanted)


@pytest.mark.parametrize("call", ["start", "finish"])
async def test_killed_on_the_wire(tills: dict[str, Till], call: str) -> None:
    results = await asyncio.gather(
        *(every_moment(till, kind, call) for kind, till in tills.items()), return_exceptions=True
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def test_in_the_end_journal_and_archive_agree(tills: dict[str, Till]) -> None:
    await asyncio.gather(*(till.end() for till in tills.values()))
