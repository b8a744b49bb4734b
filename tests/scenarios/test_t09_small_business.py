"""T09 small-business: § 19 shows no tax anywhere, and is switched only by a closing."""

from collections.abc import Callable
from typing import Any

import acts

HINT = "Kleinunternehmer"


def rewrite(world: acts.World) -> None:
    """The owner switches § 19 on in the file."""
    text = world.config.read_text(encoding="utf-8")
    switched = text.replace("[business]\n", "[business]\nsmall_business = true\n")
    world.config.write_text(switched, encoding="utf-8")


async def test_t09_small_business(world: acts.World, kassd: Callable[..., tuple[int, Any]]) -> None:
    await acts.open_till(world)
    taxed = await acts.sell(world)
    text = "\n".join((await world.slip(f"Beleg-Nr. {taxed['receipt']}")).text)
    assert "7 %" in text

    # In the middle of the day it waits; the closing brings it into force.
    await world.stop()
    rewrite(world)
    await world.start(ready=False)
    await world.wait(
        "state/till/main", lambda d: d.get("boot") == world.boot and "Stammdaten" in d["message"]
    )
    still = await acts.sell(world)
    assert "7 %" in "\n".join((await world.slip(f"Beleg-Nr. {still['receipt']}")).text)
    await acts.close_till(world, 10_780)
    changed = [fact for fact in world.facts("config.changed") if fact["key"] == "business.small_business"]
    assert [(fact["new"], fact["how"]) for fact in changed if fact["how"] == "closing"] == [(True, "closing")]

    await acts.open_till(world, 10_780, None)
    free = await acts.sell(world, acts.COFFEE)
    slip = await world.slip(f"Beleg-Nr. {free['receipt']}")
    text = "\n".join(slip.text)
    assert HINT in text
    assert "§ 19 UStG" in text
    assert "%" not in text
    assert "MwSt" not in text
    assert "_2.80^2.80:Bar;" in slip.qr[0]
    await acts.done(world, "till.report")
    x_report = "\n".join((await world.slip("X-Bericht (Zwischenbericht)")).text)
    sales = x_report.split("Geschäftsvorfälle")[1].split("Zahlungsarten")[0]
    assert "%" not in sales
    assert "USt" not in sales
    assert "Kleinunternehmer (§ 19 UStG)" in x_report
    await acts.close_till(world, 11_060)
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
