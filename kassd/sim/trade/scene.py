"""What a flow knows, and the small acts that all flows are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from kassd.sim.trade.acts import Answer, Command, Flow, Look, Wait
from kassd.sim.trade.shop import Shop

NOTES = (500, 1000, 2000, 5000, 10_000, 20_000)
COINS = (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)


@dataclass(slots=True)
class Scene:
    """One person's or event's share of a day. ``wallet``: what people carry home and come back with, by kind;
    it outlives the day."""

    shop: Shop
    random: Random
    day: date
    wallet: dict[str, list[Any]] = field(default_factory=dict)

    def keep(self, kind: str, thing: Any) -> None:
        """Put something into the wallet; the oldest of many is lost."""
        things = self.wallet.setdefault(kind, [])
        things.append(thing)
        del things[:-40]

    def take(self, kind: str) -> Any:
        """Take the oldest one out, None if there is none."""
        things = self.wallet.get(kind)
        return things.pop(0) if things else None

    def basket(self) -> list[str]:
        """Articles somebody wants."""
        names, weights = list(self.shop.liked), list(self.shop.liked.values())
        return self.random.choices(names, weights, k=self.random.randint(1, self.shop.basket))


def do(name: str, /, *, station: str = "main", refused: str = "", **args: Any) -> Command:
    """A command; ``refused``: the code it is expected to be answered with."""
    return Command(name, args, station, refused)


def add(article: str, quantity: int | str = 1, **more: Any) -> Command:
    """Sell an article."""
    return do("sale.add", article=article, quantity=str(quantity), **more)


def sell(s: Scene, articles: Sequence[str] = ()) -> Flow:
    """Enter a basket, at the pace of a person; whoever looks young is asked."""
    for article in articles or s.basket():
        yield Wait(1 + 5 * s.random.random())
        yield add(article, s.random.choice((1, 1, 1, 1, 2)))
    yield from approve_age()


def approve_age() -> Flow:
    """Look at the identity card where the display asks for it."""
    shown = yield Look()
    if shown.get("age_check"):
        yield do("sale.approve_age")


def pay(s: Scene, how: str = "", **args: Any) -> Flow:
    """Pay what is due, in cash with notes that suffice or by card; wait until the receipt is there."""
    shown = yield Look()
    due = int(shown["due"])
    if not how:
        how = "card" if due > 20_000 or s.random.random() < s.shop.card else "cash"
    yield Wait(3 + 12 * s.random.random())
    if how == "cash" and due > 0 and s.random.random() < 0.8:
        args["given"] = handed(s, due)
    yield do("sale.pay", type=how, **args)
    yield from issued(s)


def handed(s: Scene, due: int) -> int:
    """Notes and perhaps coins that somebody puts down for ``due`` cents."""
    if s.random.random() < 0.3:
        return due
    small = -(-due // 100) * 100
    return small if s.random.random() < 0.2 else next((note for note in NOTES if note >= due), small)


def issued(s: Scene, keep: str = "receipt") -> Flow:
    """Wait for the receipt and keep its number."""
    for _ in range(60):
        shown = yield Look()
        if shown["status"] in ("done", "aborted"):
            break
        yield Wait(0.5)
    if keep and shown["receipt"]:
        s.keep(keep, shown["receipt"])


def result(answer: Answer) -> Any:
    """The result of a reply."""
    return answer["result"]


def pieces(cents: int) -> dict[str, int]:
    """A count of the drawer: the fewest notes and coins."""
    count: dict[str, int] = {}
    for coin in COINS:
        count[str(coin)], cents = divmod(cents, coin)
    return {coin: n for coin, n in count.items() if n}


def grams(s: Scene) -> str:
    """What somebody has weighed out, kg."""
    return str(Decimal(s.random.randint(80, 900)) / 1000)
