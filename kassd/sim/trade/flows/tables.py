"""Tables: rounds ordered, bills together and apart, guests who move, stay overnight or just leave."""

from typing import Any

from kassd.sim.trade.acts import Flow, Look, Wait
from kassd.sim.trade.scene import Scene, approve_age, do, issued, pay, result, sell

TABLES = 12


def _order(s: Scene, table: str, rounds: int) -> Flow:
    """Rounds, some minutes apart; once in a while something is taken back."""
    names = [str(good["id"]) for good in s.shop.goods]
    for _ in range(rounds):
        chosen = s.random.sample(names, k=s.random.randint(1, 3))
        lines = [{"article": name, "quantity": str(s.random.randint(1, 3))} for name in chosen]
        yield do("order.send", table=table, lines=lines, age=16)
        yield Wait(60 * s.random.randint(3, 12))


def _free(s: Scene) -> str:
    """A table nobody sits at; tables of this evening are emptied again by each flow."""
    return str(s.random.randint(1, TABLES))


def _bill(s: Scene, table: str, **args: Any) -> Flow:
    yield do("order.bill", table=table, **args)
    yield from approve_age()
    yield from pay(s)


def table(s: Scene) -> Flow:
    """An evening at a table."""
    where = _free(s)
    yield from _order(s, where, s.random.randint(1, 3))
    if s.random.random() < 0.2:
        yield do("order.cancel", table=where, lines={"1": "1"}, reason="war aus")
        yield do("order.send", table=where, lines=[{"article": "cola"}])
    if s.random.random() < 0.3:
        yield do("order.interim", table=where)
    yield from _bill(s, where)


def sent_back(s: Scene) -> Flow:
    """Something is wrong with it; the guests look at the bill before they pay."""
    where = _free(s)
    yield from _order(s, where, 1)
    yield do("order.cancel", table=where, lines={"1": "1"}, reason="zu salzig")
    yield do("order.send", table=where, lines=[{"article": "salat"}])
    yield do("order.interim", table=where)
    yield from _bill(s, where)


def table_split(s: Scene) -> Flow:
    """Apart: by what each had, or in equal parts."""
    where = _free(s)
    yield from _order(s, where, 2)
    if s.random.random() < 0.5:
        for _ in range(3):
            yield from _bill(s, where, parts=3)
    else:
        yield from _bill(s, where, lines={"1": "1"})
        orders = yield Look("orders")
        if orders["groups"]:
            yield from _bill(s, where)


def table_moved(s: Scene) -> Flow:
    """To the terrace, and together with friends."""
    yield from _order(s, "20", 1)
    yield from _order(s, "21", 1)
    yield do("order.transfer", table="20", to_table="22", waiter="Jule")
    yield do("order.merge", table="22", into_table="21")
    together = result((yield do("order.list", table="21")))
    assert sum(line["amount"] for line in together["lines"]) == together["total"]
    yield from _bill(s, "21")


def walkout(s: Scene) -> Flow:
    """Gone."""
    yield from _order(s, "13", 1)
    yield do("order.walkout", table="13", reason="Zeche geprellt")
    yield from issued(s, "")


def tab_overnight(s: Scene) -> Flow:
    """A regular pays tomorrow: what is open goes on over the closing. Yesterday's is paid first."""
    orders = yield Look("orders")
    if any(group["table"] == "99" for group in orders["groups"]):
        yield from _bill(s, "99")
    yield from _order(s, "99", 1)


def parked(s: Scene) -> Flow:
    """Put aside, also overnight; what was put aside before is fetched first."""
    number = s.take("parked")
    if number is not None:
        yield do("sale.recall", group=str(number))
        yield from sell(s)
        yield from pay(s)
    yield from sell(s)
    reply = yield do("sale.park")
    s.keep("parked", result(reply)["number"])


FLOWS = {
    "table": table,
    "sent_back": sent_back,
    "table_split": table_split,
    "table_moved": table_moved,
    "walkout": walkout,
    "tab_overnight": tab_overnight,
    "parked": parked,
}
