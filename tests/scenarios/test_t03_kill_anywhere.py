"""T03 (L-048, L-222, L-231): killed anywhere, every paid sale is signed or flagged as outage, once.

One day in which the register dies at every place the catalogue of rules names; ``tests/crash`` has the
whole matrix.
"""

import sys
from pathlib import Path

from kassd.tse.soft import Fault

sys.path.append(str(Path(__file__).parents[1] / "crash"))
from kill_till import Died, Till

DEADLINE = {"KASSD_REGISTER__TSE_DEADLINE_MS": "5000"}  # no outage because the machine is busy


async def die(till: Till, moment: str, *acts: tuple[str, dict[str, object]]) -> None:
    """Act, let the register die of the last act, and come back."""
    *acts_before, (last, arguments) = acts
    for name, args in acts_before:
        await till.do(name, **args)
    till.arm(moment)
    try:
        await till.do(last, **arguments)
        await till.died()
    except Died:
        await till.died()
    await till.back()


async def outage_while_dying(till: Till, fault: Fault) -> None:
    """A sale whose finish the TSE does not answer is issued as outage; then the power goes away."""
    await till.settle()
    till.world.tse_faults(fault)
    await till.do("sale.add", article="brot")
    await till.do("sale.pay", type="cash")
    sale = list(till.checker.read().sales.values())[-1]
    await till.world.wait("state/sale/main", lambda d: d["id"] == sale.id and d["status"] == "done")
    await till.world.kill()
    till.world.tse_faults()
    await till.back()
    await till.settle()
    assert sale.ends[0]["outage"]
    assert "seal" not in sale.ends[0]["document"]
    assert [late["operation"] for late in sale.late] == ["finish"]


async def test_killed_anywhere(tmp_path: Path) -> None:
    bread = ("sale.add", {"article": "brot"})
    coffee = ("sale.add", {"article": "kaffee"})
    cash = ("sale.pay", {"type": "cash", "given": 2000})
    part = ("sale.pay", {"type": "cash", "given": 100})
    card = ("sale.pay", {"type": "card"})
    till = Till(tmp_path, environment=DEADLINE)
    async with till.world:
        await till.open()
        await die(till, "after start sent", bread)
        await die(till, "after tender", coffee, cash)
        await till.settle()
        await die(till, "after first item", bread)
        await die(till, "after payment line", coffee, part)
        await die(till, "before payment line", card)
        await till.settle()
        await die(till, "after finish sent", bread, cash)
        await till.settle()
        await die(till, "after print sent", bread, card)
        await outage_while_dying(till, Fault("lost", ("finish",), times=1))
        await outage_while_dying(till, Fault("gone", ("finish", "open")))
        await till.end()
    paid = [sale for sale in till.checker.book.sales.values() if sale.kind == "sale"]
    assert [bool(sale.ends[0].get("outage")) for sale in paid] == [False] * 4 + [True] * 2
    assert all(sale.paid and not sale.aborting for sale in paid)
