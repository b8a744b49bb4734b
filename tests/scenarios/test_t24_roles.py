"""T24 roles: a cashier's void needs a second person, both are stored; the auditor writes nothing."""

from collections.abc import Callable
from typing import Any

import acts

from kassd.app.pins import hash_pin

PINS = {"anna": "4711", "chef": "2580", "prue": "1590"}
ROLES = {"anna": "cashier", "chef": "supervisor", "prue": "auditor"}
PEOPLE = "".join(
    f'[[operator]]\nname = "{name}"\nroles = ["{ROLES[name]}"]\npin = "{hash_pin(pin)}"\n'
    for name, pin in PINS.items()
)


async def login(world: acts.World, name: str) -> None:
    await acts.done(world, "operator.login", {"operator": name, "pin": PINS[name]})
    await world.wait("state/till/main", lambda d: d["operator"] == name)


async def test_t24_roles(make_world: acts.MakeWorld, kassd: Callable[..., tuple[int, Any]]) -> None:
    world = make_world(extra_toml=PEOPLE)
    await world.start()
    assert await acts.refused(world, "till.open", {"counted": 0}) == "operator_required"
    wrong = {"operator": "chef", "pin": "0815"}
    assert await acts.refused(world, "operator.login", wrong) == "unknown_operator"
    await login(world, "chef")
    await acts.open_till(world)

    # The cashier sells, and may not void alone; a wrong PIN of the second person changes nothing.
    await login(world, "anna")
    await acts.done(world, "sale.add", {"code": acts.BREAD})
    sale = await acts.done(world, "sale.add", {"code": acts.COFFEE})
    assert await acts.refused(world, "sale.void_line") == "unauthorized"
    bad = {"approval": {"operator": "chef", "pin": "1111"}}
    assert await acts.refused(world, "sale.void_line", bad) == "unknown_operator"
    await world.restart(kill=True)
    await world.wait("state/till/main", lambda d: d["operator"] == "anna" and d["boot"] == world.boot)
    await acts.done(world, "sale.void_line", {"approval": {"operator": "chef", "pin": PINS["chef"]}})
    await acts.pay(world, sale["result"]["sale"])
    (approved,) = world.facts("operator.approved")
    assert (approved["operator"], approved["approver"]) == ("anna", "chef")
    assert (approved["command"], approved["right"]) == ("sale.void_line", "void")
    assert [fact["operator"] for fact in world.facts("operator.refused")] == ["chef", "chef"]
    finished = world.facts("sale.finished")[-1]
    assert finished["document"]["operator"] == "anna"

    # The auditor reads and reports; nothing that books is done for them.
    await login(world, "prue")
    count = len(world.facts("sale.opened"))
    for name, args in (
        ("sale.add", {"code": acts.BREAD}),
        ("cash.in", {"amount": 100, "kind": "private", "reason": "x"}),
        ("catalog.put", {"id": "x", "name": "X", "price": 1, "vat": 1}),
        ("drawer.open", {"reason": "x"}),
        ("till.close", {"count": {"1": 0}}),
    ):
        assert await acts.refused(world, name, args) == "unauthorized"
    world.scan(acts.BREAD)  # nor does a scanner of theirs
    await world.wait("state/sale/main", lambda d: "Recht" in d["message"])
    lent = {"code": acts.BREAD, "approval": {"operator": "chef", "pin": PINS["chef"]}}
    assert await acts.refused(world, "sale.add", lent) == "unauthorized"
    world.scan(acts.BREAD)
    await world.wait("state/sale/main", lambda d: "Recht" in d["message"])
    await acts.done(world, "till.report")
    await acts.done(world, "export.record", {"what": "tar", "recipient": "Frau Amt"})
    asked = ("query", "ereignisse", "--where", "art=operator.approved", "--journal", world.stage.journal)
    ((read,),) = [kassd(*asked)[1]]
    assert (read["bediener_id"], read["freigabe"], read["ereignis"]) == (
        *("anna", "chef"),
        "Freigabe durch eine zweite Person",
    )
    assert len(world.facts("sale.opened")) == count

    await login(world, "chef")
    await acts.close_till(world, 10_390)
    z_report = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    assert "Freigaben durch eine zweite Person" in z_report
    assert await world.stop() == 0
    journal = "".join(path.read_text(errors="replace") for path in world.stage.journal.rglob("*.jsonl"))
    assert not any(f'"{pin}"' in journal for pin in PINS.values())
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
