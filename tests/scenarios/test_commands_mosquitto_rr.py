"""The commands of a strange program: mosquitto's own request-response client, MQTT 5."""

import asyncio
import json
import shutil
from typing import Any

import acts

from kassd.core.codes import STATUSES
from kassd.core.commands import COMMANDS
from kassd.mqtt.ulid import ulid
from kassd.sim.world import World
from kassd.sim.world_config import NODE

BASE = f"kassd/v1/{NODE}"
CLIENT = "kiosk-3"

DAY: tuple[tuple[str, acts.Document, str], ...] = (
    ("operator.login", {"operator": "Anna"}, "ok"),
    ("till.open", {"counted": 10000, "source": "transit"}, "ok"),
    ("catalog.put", {"id": "neu", "name": "Neue Semmel", "price": 45, "vat": 2, "codes": ["40123455"]}, "ok"),
    ("sale.add", {"code": "4006381333931", "quantity": "1"}, "ok"),
    ("sale.add", {"article": "neu", "quantity": "3"}, "ok"),
    ("sale.add", {"text": "Geschenkpapier", "price": 199, "vat": 1}, "ok"),
    ("sale.void_line", {"line": 2}, "ok"),
    ("sale.pay", {"type": "cash", "given": 2000}, "accepted"),
    ("receipt.reprint", {}, "ok"),
    ("sale.add", {"code": "40123455"}, "ok"),
    ("sale.abort", {}, "accepted"),
    ("sale.add", {"code": "4006381333931"}, "ok"),
    ("sale.pay", {"type": "card"}, "accepted"),
    ("cash.in", {"amount": 500, "kind": "private", "reason": "Wechselgeld"}, "accepted"),
    ("cash.out", {"amount": 700, "kind": "transit", "reason": "Bank"}, "accepted"),
    ("drawer.open", {"reason": "Rolle Münzen"}, "ok"),
    ("till.report", {}, "ok"),
    ("tse.self_test", {}, "accepted"),
    ("print.skip", {"printer": "printer"}, "ok"),
    ("operator.logout", {}, "ok"),
)


async def rr(world: World, name: str, args: Any, **more: Any) -> acts.Document:
    """``mosquitto_rr``: one request, its one reply."""
    assert world.broker is not None
    program = shutil.which("mosquitto_rr")
    assert program is not None, "package mosquitto-clients"
    message = json.dumps({"v": 1, "id": ulid(), "args": args} | more)
    process = await asyncio.create_subprocess_exec(
        *(program, "-V", "5", "-h", "127.0.0.1", "-p", str(world.broker.port), "-q", "1", "-W", "10"),
        *("-t", f"{BASE}/cmd/{CLIENT}/{name}", "-e", f"{BASE}/res/{CLIENT}", "-m", message),
        *("-D", "PUBLISH", "message-expiry-interval", "10"),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, name
    reply: acts.Document = json.loads(out)
    return reply


async def test_every_command_from_a_strange_program(world: World) -> None:
    early = await rr(world, "sale.add", {"code": "4006381333931"})
    assert (early["status"], early["code"]) == ("rejected", "till_closed")
    assert early["message"]
    assert early["next"]
    assert (await rr(world, "sale.fly", {}))["code"] == "unknown_command"
    for name, args, status in DAY:
        reply = await rr(world, name, args)
        assert (reply["status"], reply["v"]) == (status, 1), (name, reply)
        if name not in ("sale.add", "sale.void_line"):
            await acts.settled(world)
    cash = 10000 + 390 + 199 + 500 - 700
    till = await world.wait("state/till/main", lambda d: d["cash_expected"] == cash)
    reply = await rr(world, "till.close", {"count": {"100": cash // 100, "1": cash % 100}, "skim": 389})
    assert reply["status"] == "accepted", reply
    till = await world.wait("state/till/main", lambda d: not d["open"])
    assert till["float_expected"] == cash - 389
    for name in set(COMMANDS) - {name for name, _, _ in DAY}:  # each other one gets its one answer, too
        reply = await rr(world, name, {})
        assert reply["status"] in STATUSES, (name, reply)
        assert reply.get("code") not in ("unknown_command", "internal_error"), (name, reply)
    kinds = [kind for kind, _ in world.observer.events] if world.observer else []
    assert kinds.count("receipt.finished") == 2
    assert {"stock.moved", "drawer.opened", "till.closed"} <= set(kinds)
    assert await world.stop() == 0
    assert world.verify().ok


async def test_the_same_command_acts_once(world: World) -> None:
    """Also across SIGTERM, SIGKILL and a closing."""
    await acts.open_till(world)
    add, pay, bad = ulid(), ulid(), ulid()
    first = await acts.done(world, "sale.add", {"code": acts.BREAD}, id=add)
    assert "duplicate" not in first
    assert await world.command("sale.add", {"code": acts.BREAD}, id=add) == first | {"duplicate": True}
    # The same id with other contents is still the same command; from another client it is another one.
    assert await world.command("sale.add", {"code": acts.COFFEE}, id=add) == first | {"duplicate": True}
    other = await acts.done(world, "sale.add", {"code": acts.COFFEE}, id=add, client="kiosk-9")
    assert other["result"]["line"] == 2
    refused = await world.command("sale.add", {"code": "nichts"}, id=bad)
    assert await world.command("sale.add", {"code": "nichts"}, id=bad) == refused | {"duplicate": True}

    await world.restart()
    assert await world.command("sale.add", {"code": acts.BREAD}, id=add) == first | {"duplicate": True}
    assert len(world.state("sale")["lines"]) == 2
    paid = await acts.done(world, "sale.pay", {"type": "cash"}, id=pay)
    assert await world.command("sale.pay", {"type": "cash"}, id=pay) == paid | {"duplicate": True}
    await world.wait("state/sale/main", lambda d: d["status"] == "done")

    await world.restart(kill=True)
    assert await world.command("sale.pay", {"type": "cash"}, id=pay) == paid | {"duplicate": True}
    kinds = acts.kinds(world)
    assert kinds.count("sale.line_added") - kinds.count("till.opened") * 2 == 2
    sales = [fact for fact in world.facts("sale.finished") if fact["document"]["kind"] == "sale"]
    assert len(sales) == 1

    await acts.close_till(world, 10_670)
    await world.restart()
    assert await world.command("sale.pay", {"type": "cash"}, id=pay) == paid | {"duplicate": True}
