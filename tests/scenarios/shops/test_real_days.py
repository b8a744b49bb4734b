"""Days of shops on a real register: what it hands out is to the cent what the playbook said."""

from collections.abc import Callable
from typing import Any

import pytest
from acts import MakeWorld

from tests.scenarios.shops import food_truck, kiosk
from tests.scenarios.shops.day import Day
from tests.scenarios.shops.real import Again, environment, toml

PLAYED: dict[str, Callable[[], Day]] = {
    "food_truck": lambda: food_truck.play(by_the_clock=False),
    "kiosk": kiosk.play,
}


def slip(document: dict[str, Any]) -> dict[str, Any]:
    """What of a slip does not depend on the clock or the numbers of lines."""
    positions = [(p["text"], p["quantity"], p["unit_price"], p["amount"]) for p in document["positions"]]
    vat = [(row["vat"], row["gross"], row["net"], row["tax"]) for row in document.get("vat", ())]
    paid = [(p["type"], p["name"], p["amount"]) for p in document.get("payments", ())]
    return {"title": document["title"], "lines": positions, "vat": vat, "payments": paid}


@pytest.mark.parametrize("shop", PLAYED)
async def test_a_real_register_hands_out_the_same_slips(
    shop: str, make_world: MakeWorld, kassd: Callable[..., tuple[int, Any]]
) -> None:
    day = PLAYED[shop]()
    world = make_world(catalog=day.goods, extra_toml=toml(day), environment=environment(day))
    await world.start()
    await Again(world).play(day)

    expected = [fact for line in day.book.lines for fact in line["facts"] if fact["kind"] == "sale.finished"]
    made = world.facts("sale.finished")
    assert [fact["number"] for fact in made] == [fact["data"]["number"] for fact in expected]
    for real, fact in zip(made, expected, strict=True):
        assert slip(real["document"]) == slip(fact["data"]["document"]), real["number"]
    (closing,) = world.facts("till.closed")
    z = day.z_data()["data"]
    assert closing["totals"]["cases"] == z["totals"]["cases"]
    assert closing["totals"]["payments"] == z["totals"]["payments"]
    assert (closing["total"], closing["cash"]) == (z["total"], z["cash"])
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    _, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
