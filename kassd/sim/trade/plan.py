"""Which flows a day has and when: pure, from seed, shop and day alone.

Customers come by density and rush. Everything else comes by density, too, but at least :data:`LEAST` times
a year if the shop has it as often, spread evenly with a shift of its own: any density gives a year all of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from kassd.sim.trade.acts import Command, Flow, Look, Wait
from kassd.sim.trade.flows import FLOWS
from kassd.sim.trade.scene import Scene, do, pieces
from kassd.sim.trade.shop import Shop

YEAR, LEAST = 365, 15
DIFFERENCE, FORGOTTEN = 0.15, 0.04  # of closings
CHANGE = 5000  # cents that a waiter begins with


@dataclass(frozen=True, slots=True)
class Planned:
    """A flow and when it begins. ``seed`` makes its own chances."""

    at: datetime
    name: str
    seed: str

    def flow(self, shop: Shop, wallet: dict[str, list[Any]]) -> Flow:
        """The flow, ready to be played."""
        scene = Scene(shop, Random(self.seed), self.at.date(), wallet)
        return STEPS[self.name](scene)


def plan(shop: Shop, day: date, seed: int, density: float, first: date) -> list[Planned]:
    """The day from its opening to its closing, in order; empty while the shop is closed. ``first``: the day
    on which the trade begins."""
    if not shop.open_on(day):
        return []
    random = Random(f"{seed} {shop.name} {day}")
    opens, closes = shop.opens(day)
    since = next((d for d in _back(day) if shop.open_on(d) or d < first), first)
    names = ["customer"] * _some(shop.customers * density * random.uniform(0.7, 1.3), random)
    for name, most in shop.flows.items():
        times = min(most, max(LEAST, round(most * density)))
        names += [name] * _due(name, times, since, day, seed)
    moments = sorted((_moment(shop, opens, closes, random), n) for n in range(len(names)))
    planned = [Planned(opens, "opening", f"{seed} {shop.name} {day} opening")]
    planned += [Planned(at, names[n], f"{seed} {shop.name} {day} {n}") for at, n in moments]
    last = "forgotten" if random.random() < FORGOTTEN else "closing"
    return [*planned, Planned(closes, last, f"{seed} {shop.name} {day} closing")]


def _back(day: date) -> Iterator[date]:
    for n in range(1, 30):
        yield day - timedelta(days=n)


def _some(mean: float, random: Random) -> int:
    """``mean`` on average, whole."""
    return int(mean) + (random.random() < mean % 1)


def _due(name: str, times: int, since: date, day: date, seed: int) -> int:
    """How often a flow is due after the day ``since``, up to and with ``day``."""
    shift = Random(f"{seed} {name}").random()
    before, now = (int(d.toordinal() * times / YEAR + shift) for d in (since, day))
    return now - before


def _moment(shop: Shop, opens: datetime, closes: datetime, random: Random) -> datetime:
    """When somebody comes: more in the rush."""
    most = max(shop.rush.values(), default=1)
    while True:
        moment = opens + (closes - opens) * random.random() * 0.97
        if random.random() * most <= shop.rush.get(moment.hour, 1):
            return moment


def opening(s: Scene) -> Flow:
    """Somebody comes in and counts the float; a closing that was forgotten is made first."""
    if (yield Look("till"))["open"]:
        yield from _close(s, "Abschluss vergessen")
    carried = int((yield Look("till"))["float_expected"])
    args: dict[str, Any] = {"counted": carried}
    if carried < s.shop.float_:
        args = {"counted": s.shop.float_, "source": "transit"}
    yield from login(s)
    yield do("till.open", **args)
    yield Wait(5)
    yield from change(s)


def change(s: Scene) -> Flow:
    """Who has a purse of their own begins with change in it."""
    till = yield Look("till")
    purse = str(till["operator"]).lower()
    held = sum(
        int(one["expected"]) for one in till["cash"] if (one["drawer"], one["currency"]) == (purse, "EUR")
    )
    if f'[[purse]]\nname = "{purse}"' in s.shop.toml and held < CHANGE:
        yield do("cash.transfer", amount=CHANGE, to=purse, reason="Wechselgeld")


def login(s: Scene) -> Flow:
    """Who serves today."""
    if "[[operator]]" in s.shop.toml:
        yield Command("operator.login", {"operator": "anna"}, pin_of=("anna",))
    elif s.shop.staff:
        yield do("operator.login", operator=s.random.choice(s.shop.staff))


def closing(s: Scene) -> Flow:
    """Count, bring to the safe what is more than the float, close."""
    wrong = s.random.random() < DIFFERENCE
    yield from _close(s, "Zählfehler" if wrong else "", s.random.choice((-50, -20, 10, 100)) if wrong else 0)


def _close(s: Scene, reason: str, difference: int = 0) -> Flow:
    yield Wait(30)  # whatever was begun at the last moment comes to its end
    yield from login(s)
    till = yield Look("till")
    stocks = [stock for stock in till["cash"] if stock["expected"] > 0 or stock["drawer"] == "drawer"]
    counts = {_name(stock): pieces(_counted(stock, difference)) for stock in stocks}
    left = next((_counted(stock, difference) for stock in stocks if _name(stock) == "drawer"), 0)
    args: dict[str, Any] = {"count": counts.pop("drawer", {}), "counts": counts}
    if left > s.shop.float_:
        args["skim"] = left - s.shop.float_
    if reason:
        args["reason"] = reason
    yield do("till.close", **args)
    for _ in range(100):
        if not (yield Look("till"))["open"]:
            break
        yield Wait(5)


def _name(stock: Mapping[str, Any]) -> str:
    foreign = "" if stock["currency"] == "EUR" else f"/{stock['currency']}"
    return f"{stock['drawer']}{foreign}"


def _counted(stock: Mapping[str, Any], difference: int) -> int:
    wrong = difference if _name(stock) == "drawer" else 0
    return max(0, int(stock["expected"]) + wrong)


def forgotten(s: Scene) -> Flow:
    """Everybody goes home and nobody closes."""
    yield Wait(1)


STEPS = {**FLOWS, "opening": opening, "closing": closing, "forgotten": forgotten}
