"""Each shop's day: every sum agrees with every other, and the slips are the golden ones."""

from functools import cache

import pytest

from tests import readers
from tests.readers.printed import slips_of
from tests.scenarios.shops import sums
from tests.scenarios.shops.day import Day
from tests.scenarios.shops.goldens import FOLDER, SHOPS, pictures, texts


@cache
def played(shop: str) -> Day:
    return SHOPS[shop]()


@pytest.mark.parametrize("shop", SHOPS)
def test_every_sum_of_the_day_agrees_with_every_other(shop: str) -> None:
    sums.check(played(shop))


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("columns", [32, 42, 48])
def test_who_only_reads_the_slips_finds_the_same_sums(shop: str, columns: int) -> None:
    assert readers.check(slips_of(played(shop).book, columns)) == []


@pytest.mark.parametrize("shop", SHOPS)
def test_the_slips_of_the_day_are_the_golden_ones(shop: str) -> None:
    """Differences are written anew by ``python -m tests.scenarios.shops.goldens``."""
    made = dict(texts(played(shop)))
    for name, data in made.items():
        assert data.decode() == (FOLDER / shop / name).read_text(encoding="utf-8"), name
    drawn = dict(pictures(played(shop)))
    assert {path.name for path in (FOLDER / shop).iterdir()} == {*made, *drawn}
    for name, data in drawn.items():
        assert data == (FOLDER / shop / name).read_bytes(), name
