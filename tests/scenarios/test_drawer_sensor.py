"""A drawer that tells whether it is open, behind the printer of a whole register."""

import json

import acts

from kassd.sim.world import World

DRAWER = {"name": "drawer", "driver": "printer", "printer": "printer", "sensor": True, "left_open_s": 1}

SLOW_S = 60.0


def told(world: World) -> list[str]:
    """What the sensor has led to; of openings why."""
    names = ("drawer.opened", "drawer.shut", "drawer.jammed", "drawer.left_open")
    facts = [fact for line in world.journal() for fact in line.facts if fact["kind"] in names]
    return [fact["data"]["why"] if "opened" in fact["kind"] else fact["kind"][7:] for fact in facts]


async def test_confirmed_jammed_left_open_and_opened_by_hand(make_world: acts.MakeWorld) -> None:
    world = make_world(environment={"KASSD_DRAWER": json.dumps([DRAWER])})
    await world.start()
    printer = world.printer
    assert printer is not None
    await acts.open_till(world)
    await world.wait("state/dev/drawer", lambda d: d["conditions"] == {"open": "no"}, SLOW_S)

    # Paid in cash: kicked, seen open, left open, shut.
    await acts.sell(world)
    await world.wait("state/dev/drawer", lambda d: d["conditions"] == {"open": "yes"}, SLOW_S)
    alert = await world.wait("alert/drawer-drawer", timeout=SLOW_S)
    assert "steht offen" in alert["text_de"]
    printer.control(drawer="closed")
    await world.wait("alert/drawer-drawer", lambda d: not d, SLOW_S)
    assert told(world) == ["sale", "left_open", "shut"]

    # It sticks: the message says what to do, and nobody kicks again.
    printer.control(drawer="stuck")
    await acts.done(world, "drawer.open", {"reason": "Wechseln"})
    alert = await world.wait("alert/drawer-drawer", timeout=SLOW_S)
    assert "Mit dem Schlüssel öffnen" in alert["text_de"]
    assert printer.kicks == 2
    printer.control(drawer="open")
    await world.until(lambda: told(world)[3:5] == ["jammed", "command"], SLOW_S)
    printer.control(drawer="closed")
    await world.until(lambda: told(world)[-1] == "shut", SLOW_S)

    # Somebody has the key.
    printer.control(drawer="open")
    alert = await world.wait("alert/drawer-drawer-by-hand", timeout=SLOW_S)
    assert "ohne die Kasse geöffnet" in alert["text_de"]
    printer.control(drawer="closed")
    await world.until(lambda: told(world)[-1] == "shut", SLOW_S)
    assert "hand" in told(world)
    assert printer.kicks == 2

    # What is open when the power goes is still open for the register that comes back.
    printer.control(drawer="open")
    await world.until(lambda: told(world)[-1] != "shut", SLOW_S)
    before = told(world).count("hand")
    await world.restart(kill=True)
    await world.wait("state/dev/drawer", lambda d: d["conditions"] == {"open": "yes"}, SLOW_S)
    printer.control(drawer="closed")
    await world.until(lambda: told(world)[-1] == "shut", SLOW_S)
    assert told(world).count("hand") == before
    assert "unseen" not in told(world)
