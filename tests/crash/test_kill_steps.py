"""Killed before and after every named step of a sale, side by side: one paid in cash, one in two parts."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from kill_runner import MOMENTS
from kill_till import PATIENT, Died, Till

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITH_FIRST_ITEM = ("first item", "start sent", "start answered")
PAYMENTS = {
    "cash": ({"type": "cash", "given": 2000},),
    "split": ({"type": "cash", "given": 300}, {"type": "card"}),
}
# Moments after which the drawer has not been opened and will not be.
UNKICKED = ("before tender", "after tender", "before payment line", "after payment line", "before drawer")
# Slips of the sale in the end, (originals, copies), where it is not one original.
SLIPS = {
    "after answer journalled": (0, 1),  # nothing printed; but who knows?
    "before print sent": (0, 1),
    "after print sent": (1, 1),  # torn off below its heading
    "before printed": (1, 1),
}
DRAWER_RESTS_S = 0.5  # after a pulse; one that is wished sooner is refused
RACING = ("after reply",)  # the broker is as fast as the printer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tills(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Till]]:
    made = {way: Till(tmp_path_factory.mktemp(way), environment=PATIENT) for way in PAYMENTS}
    try:
        for till in made.values():
            await till.world.start()
            await till.open()
        yield made
    finally:
        for till in made.values():
            await till.world.close()


async def sell(till: Till, moment: str, way: str) -> None:
    """One sale, in whose middle the register dies."""
    early = moment.partition(" ")[2] in WITH_FIRST_ITEM
    if early:
        till.arm(moment)
    await till.do("sale.add", article="brot")
    await till.do("sale.add", article="kaffee", quantity="2")
    if not early:
        till.arm(moment)
    for payment in PAYMENTS[way]:
        await till.do("sale.pay", **payment)
    await till.died()


async def killed(till: Till, moment: str, way: str) -> None:
    """Die, come back, sell to the end, look at the drawer and at the paper."""
    await till.settle()
    if moment == "after drawer":
        await asyncio.sleep(DRAWER_RESTS_S)
    known, kicks = len(till.checker.book.sales), till.kicks
    try:
        await sell(till, moment, way)
    except Died:
        await till.died()
    await till.back()
    if moment in UNKICKED:
        assert till.kicks_at_death == kicks
    if moment == "after drawer":
        assert till.kicks_at_death == kicks + 1
    if len(till.checker.read().sales) == known:
        await till.do("sale.add", article="brot")
    await till.sell_out()
    await till.settle()
    new = list(till.checker.book.sales.values())[known:]
    assert [(len(sale.ends), bool(sale.finishes), sale.paid) for sale in new] == [(1, True, True)]
    found = till.checker.printed()
    slips = tuple(found.count((new[0].ends[0]["number"], copy)) for copy in (False, True))
    assert moment in RACING or slips == SLIPS.get(moment, (1, 0))


@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed(tills: dict[str, Till], moment: str) -> None:
    results = await asyncio.gather(
        *(killed(till, moment, way) for way, till in tills.items()), return_exceptions=True
    )
    for way, result in zip(tills, results, strict=True):
        if isinstance(result, BaseException):
            result.add_note(f"paid: {way}")
            raise result


async def test_in_the_end_everything_agrees(tills: dict[str, Till]) -> None:
    assert [till.deaths for till in tills.values()] == [len(MOMENTS)] * len(tills)
    await asyncio.gather(*(till.end() for till in tills.values()))
