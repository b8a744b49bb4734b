"""A catalogue with combos, deposits and age limits, and the day's end that all scenarios of goods share."""

from collections.abc import Callable, Mapping
from typing import Any

import acts

from kassd.sim.world import CATALOG, World

_PARTS = [{"article": "burger", "cost": 250}, {"article": "cola", "cost": 50}]
GOODS: tuple[Mapping[str, Any], ...] = (
    *CATALOG,
    {"id": "burger", "name": "Burger", "price": 799, "vat": 2},
    {"id": "cola", "name": "Cola 0,5 l", "price": 299, "vat": 1, "content": "0.5", "content_unit": "l"},
    *(
        {"id": f"menue-{n}", "name": f"Menü {n}", "price": 999, "vat": 2, "parts": _PARTS, "split": split}
        for n, split in enumerate(("70/30", "prices", "costs"), 1)
    ),
    {"id": "pfand-25", "name": "Einwegpfand 0,25", "price": 25, "vat": 1, "kind": "deposit"},
    {"id": "pfand-8", "name": "Mehrwegpfand 0,08", "price": 8, "vat": 2, "kind": "deposit"},
    {
        "id": "limo",
        "name": "Limonade 0,5 l",
        "price": 119,
        "vat": 1,
        "codes": ["5449000000996"],
        "deposit": [{"article": "pfand-25"}],
    },
    {
        "id": "bier",
        "name": "Pils 0,33 l",
        "price": 129,
        "vat": 1,
        "age": 16,
        "codes": ["4066600603405"],
        "deposit": [{"article": "pfand-25"}],
    },
    {"id": "kapsel", "name": "Sahnekapsel 8 g", "price": 90, "vat": 1, "nitrous_oxide": 1},
)


async def ended(world: World, kassd: Callable[..., tuple[int, Any]], cash: int) -> str:
    """Close the till and stop; journal and TSE archive must verify. Gives the Z report's text."""
    await acts.close_till(world, cash)
    z_report = "\n".join((await world.slip("Z-Bericht Nr. 1")).text)
    assert await world.stop() == 0
    code, verdict = kassd("verify", world.stage.journal)
    assert (code, verdict["ok"]) == (0, True), verdict
    _, tar_verdict = await world.tse_archive()
    assert tar_verdict.ok, tar_verdict
    return z_report


def receipt(world: World, shown: Mapping[str, Any]) -> dict[str, Any]:
    """The journalled receipt that a display showed as finished."""
    found = [fact for fact in world.facts("sale.finished") if str(fact["number"]) == shown["receipt"]]
    (fact,) = found
    document: dict[str, Any] = fact["document"]
    return document


def by_vat(document: Mapping[str, Any]) -> dict[int, int]:
    """Gross sums by tax key as printed."""
    return {row["vat"]: row["gross"] for row in document["vat"]}
