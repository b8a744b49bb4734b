"""Days are planned from seed, shop and date alone, and look like days."""

from collections import Counter
from datetime import date, timedelta

import pytest

from kassd.cli.main import TRADE_SHOPS
from kassd.sim.trade.flows import FLOWS
from kassd.sim.trade.plan import LEAST, plan
from kassd.sim.trade.shop import easter_of, is_holiday
from kassd.sim.trade.shops import SHOPS

MONDAY = date(2026, 3, 2)
FIRST = date(2026, 1, 1)


def names(day: date, shop: str = "bakery", density: float = 1.0) -> list[str]:
    return [step.name for step in plan(SHOPS[shop], day, 7, density, FIRST)]


@pytest.mark.parametrize("shop", SHOPS.values(), ids=lambda shop: shop.name)
def test_a_shop_names_flows_that_exist_and_goods_it_has(shop: object) -> None:
    assert set(shop.flows) <= set(FLOWS)  # type: ignore[attr-defined]  # a Shop
    assert set(shop.liked) <= {good["id"] for good in shop.goods}  # type: ignore[attr-defined]  # a Shop


def test_the_command_line_knows_every_shop() -> None:
    assert tuple(SHOPS) == TRADE_SHOPS


def test_every_flow_has_its_shop() -> None:
    assert set(FLOWS) - {"customer"} == {flow for shop in SHOPS.values() for flow in shop.flows}


def test_the_same_day_again_is_the_same() -> None:
    again = plan(SHOPS["bakery"], MONDAY, 7, 1.0, FIRST)
    assert plan(SHOPS["bakery"], MONDAY, 7, 1.0, FIRST) == again
    assert plan(SHOPS["bakery"], MONDAY, 8, 1.0, FIRST) != again


def test_a_day_begins_with_the_opening_and_ends_with_the_closing() -> None:
    steps = plan(SHOPS["bakery"], MONDAY, 7, 1.0, FIRST)
    assert steps[0].name == "opening"
    assert steps[-1].name in ("closing", "forgotten")
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps[0].at.hour == 6
    assert steps[-1].at.hour == 18


def test_more_come_in_the_rush() -> None:
    days = (MONDAY + timedelta(weeks=n) for n in range(8))
    hours = Counter(step.at.hour for day in days for step in plan(SHOPS["bakery"], day, 7, 1.0, FIRST))
    assert hours[7] > 2 * hours[14]


def test_nobody_comes_on_holidays_but_to_the_kiosk() -> None:
    assert names(date(2026, 12, 25)) == []
    assert names(date(2026, 12, 25), "kiosk")
    assert names(MONDAY, "flea") == []


def test_density_thins_customers_but_not_what_a_year_must_have() -> None:
    days = [FIRST + timedelta(days=n) for n in range(365)]
    thin = Counter(name for day in days for name in names(day, density=0.01))
    full = Counter(name for day in days for name in names(day))
    assert thin["customer"] < full["customer"] / 50
    assert abs(thin["training"] - LEAST) <= 1
    assert abs(full["empties"] - 60) <= 1


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2038, "04-25")]
)
def test_easter(year: int, day: str) -> None:
    assert easter_of(year).isoformat() == f"{year}-{day}"
    assert is_holiday(easter_of(year) + timedelta(days=1))
