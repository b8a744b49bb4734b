"""Killed before and after every named step of a sale, once paid in cash and once in two parts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from kill_runner import MOMENTS
from kill_till import Died, Till

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITH_FIRST_ITEM = ("first item", "start sent", "start answered")
WAYS = {
    "cash": ({"type": "cash", "given": 2000},),
    "split": ({"type": "cash", "given": 300}, {"type": "card"}),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def till(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Till]:
    made = Till(Path(tmp_path_factory.mktemp("till")))
    async with made.world:
        await made.open()
        yield made


async def sell(till: Till, moment: str, way: str) -> None:
    """One sale, in whose middle the register dies."""
    early = moment.partition(" ")[2] in WITH_FIRST_ITEM
    if early:
        till.arm(moment)
    await till.do("sale.add", article="brot")
    await till.do("sale.add", article="kaffee", quantity="2")
    if not early:
        till.arm(moment)
    for payment in WAYS[way]:
        await till.do("sale.pay", **payment)
    await till.died()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed(till: Till, moment: str, way: str) -> None:
    await till.settle()
    numbers = len(till.checker.book.sales)
    try:
        await sell(till, moment, way)
    except Died:
        await till.died()
    await till.back()
    if len(till.checker.read().sales) == numbers:
        await till.do("sale.add", article="brot")
    await till.sell_out()
    await till.settle()
    new = list(till.checker.book.sales.values())[numbers:]
    assert [(len(sale.ends), bool(sale.finishes), sale.paid) for sale in new] == [(1, True, True)]


async def test_in_the_end_everything_agrees(till: Till) -> None:
    assert till.deaths >= len(MOMENTS) * len(WAYS) or till.deaths > 0
    await till.end()
