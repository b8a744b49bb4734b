"""T31 place-log: the register moves; place, time and person form a chain that the auditor gets."""

from collections.abc import Callable
from typing import Any

import acts


async def test_t31_place_log(world: acts.World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.done(world, "operator.login", {"operator": "Anna"})
    await acts.done(world, "place.set", {"name": "Wochenmarkt Altmarkt", "city": "Dresden"})
    shown = await world.wait("state/dev/place", lambda d: "Wochenmarkt" in d.get("message", ""))
    assert shown["state"] == "ready"
    await acts.open_till(world)
    await acts.sell(world)

    await world.restart(kill=True)
    await world.wait("state/dev/place", lambda d: d["boot"] == world.boot and "Wochenmarkt" in d["message"])
    moved = {"name": "Stadtfest", "street": "Elbufer 3", "postal_code": "01097", "city": "Dresden"}
    await acts.done(world, "place.set", moved)  # in the middle of the day, without a closing
    sold = await acts.sell(world)
    text = "\n".join((await world.slip(f"Beleg-Nr. {sold['receipt']}")).text)
    assert "Stadtfest" not in text, "the slip keeps the address of the business"

    first, second = world.facts("place.changed")
    assert (first["name"], second["name"]) == ("Wochenmarkt Altmarkt", "Stadtfest")
    assert second["operator"] == "Anna"
    assert first["at"] <= second["at"]  # seconds: a quick machine does all this in one
    await acts.close_till(world, 10_780)
    assert "Stadtfest" in "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
