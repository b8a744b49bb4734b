"""What a person does at the till, in the words of the commands."""

from collections.abc import Callable
from typing import Any

from kassd.sim.world import World

BREAD, COFFEE = "4006381333931", "4305615418926"
Document = dict[str, Any]
MakeWorld = Callable[..., World]


async def done(world: World, name: str, args: Document | None = None, **options: Any) -> Document:
    """Send a command that must be carried out."""
    reply = await world.command(name, args, **options)
    assert reply["status"] in ("ok", "accepted"), reply
    return reply


async def refused(world: World, name: str, args: Document | None = None, **options: Any) -> str:
    """Send a command that must not be carried out; gives the code."""
    reply = await world.command(name, args, **options)
    assert reply["status"] not in ("ok", "accepted"), reply
    assert reply["message"], reply
    assert reply["next"], reply
    return str(reply["code"])


async def open_till(
    world: World, counted: int = 10_000, source: str | None = "transit", **more: Any
) -> Document:
    """Open the till and wait until its float is booked and signed."""
    args = {"counted": counted} | ({"source": source} if source else {}) | more
    await done(world, "till.open", args)
    await settled(world)
    return await world.wait("state/till/main", lambda d: d["open"] and d["cash_expected"] == counted)


async def settled(world: World) -> None:
    """Wait until every Vorgang that was opened has ended."""

    def idle() -> bool:
        found = kinds(world)  # one reading: the next line may end one and open another
        return found.count("sale.opened") == found.count("sale.finished")

    await world.until(idle)


async def sell(world: World, code: str = BREAD, **payment: Any) -> Document:
    """Sell one article and wait for the end; gives the sale as displayed."""
    added = await done(world, "sale.add", {"code": code})
    return await pay(world, added["result"]["sale"], **payment)


async def pay(world: World, sale: str, **payment: Any) -> Document:
    """Pay the current sale and wait for its receipt."""
    await done(world, "sale.pay", {"type": "cash"} | payment)
    return await world.wait("state/sale/main", lambda d: d["id"] == sale and d["status"] == "done")


async def close_till(world: World, cash: int, **more: Any) -> Document:
    """Close with the expected cash counted in cents."""
    await done(world, "till.close", {"count": {"1": cash}, **more})
    return await world.wait("state/till/main", lambda d: not d["open"])


async def tse_back(world: World) -> None:
    """End the TSE's outage and wait until it is over; before it is shown, its end could not be told."""
    await world.wait("alert/tse-outage", timeout=60.0)
    world.tse_faults()
    await world.wait("alert/tse-outage", lambda d: not d, 60.0)


def kinds(world: World) -> list[str]:
    """Every fact of the journal by kind, in order."""
    return [fact["kind"] for line in world.journal() for fact in line.facts]
