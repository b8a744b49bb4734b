"""A printer on USB that stops at any byte of a receipt, and is helped: the customer gets one whole receipt,
and a second paper only as KOPIE, exactly where nobody could know of the first.

``SOAK=1``: 200 seeds; else six. ``tests/contract/printer/test_stops.py`` does the same without a kernel.
"""

import os
import random
from dataclasses import dataclass
from typing import Any

import pytest

from kassd.core.printing import SILENT
from kassd.sim.world_config import CATALOG
from tests.lab import receipts, tables
from tests.lab.guest import OPENING, SOCKETS, Guest
from tests.lab.inside import printer
from tests.lab.machine import LabError

SEEDS = range(200) if os.environ.get("SOAK") else range(6)
AT_A_COUNTER = 6 if len(SEEDS) == 6 else 10
BREAD = str(CATALOG[0]["codes"][0])
TITLE = "A printer on USB that stops within a receipt"
HEAD = ("seed", "at byte", "by", "papers", "first one")


@dataclass(frozen=True, slots=True)
class Stop:
    """``change`` happens to it; then the register gives it up (``given_up``), somebody pulls it out
    (``pulled``), and ``help`` makes it well."""

    change: dict[str, Any]
    help: dict[str, Any]
    pulled: bool = False
    given_up: bool = False


STOPS = {
    "paper": Stop({"paper": "out"}, {"paper": "ok"}),
    "cover": Stop({"cover": "open"}, {"cover": "closed"}),
    "power": Stop({"stuck": True}, {"power": "cycle", "stuck": False}, pulled=True),
    "cable": Stop({"stuck": True}, {"stuck": False}, pulled=True),
    "stuck": Stop({"stuck": True}, {"power": "cycle", "stuck": False}, pulled=True, given_up=True),
}


@pytest.mark.parametrize("start", range(0, len(SEEDS), AT_A_COUNTER))
async def test_one_receipt_and_another_as_copy(shop: Guest, start: int) -> None:
    await shop.printed(OPENING)
    await receipts.settled(shop)
    before = await _processed(shop)
    await _sell(shop)
    await receipts.settled(shop)
    size = await _processed(shop) - before
    for seed in SEEDS[start : start + AT_A_COUNTER]:
        draw = random.Random(seed)
        how, at = draw.choice(list(STOPS)), draw.randrange(size)
        stop = STOPS[how]
        await shop.call(printer.control, **stop.change, after_bytes=at)
        await _sell(shop)
        try:
            await shop.call(printer.stopped, **stop.change)
        except LabError as error:
            raise AssertionError(f"seed {seed}: {how} at byte {at} of {size} from {start}: {error}") from None
        if stop.given_up:
            await shop.shown("state/dev/printer", lambda d: d["state"] in ("error", "absent"))
        if stop.pulled:
            await shop.unplug("printer")
            await shop.shown("state/dev/printer", lambda d: d["state"] == "absent")
        await shop.call(printer.control, **stop.help)
        if stop.pulled:
            await shop.replug("printer", SOCKETS["printer"])
        await shop.ready("printer")
        _judge((await receipts.settled(shop))[-1], seed, how, at)


def _judge(receipt: receipts.Receipt, seed: int, how: str, at: int) -> None:
    first = f"{receipt.result} {receipt.reason}".strip()
    tables.row(TITLE, HEAD, str(seed), str(at), how, receipt.papers, first)
    where = f"seed {seed}: {how} at byte {at}: {receipt}"
    unknown = receipt.result == "unknown"
    assert receipt.reason not in SILENT, where
    assert receipt.originals <= 1, where
    assert receipt.copies == (1 if unknown else 0), where
    assert unknown or receipt.originals == 1, where


async def _sell(shop: Guest) -> None:
    await shop.scan(BREAD, 1)
    await shop.command("sale.pay", type="cash")
    await shop.shown("state/sale/main", lambda d: d.get("status") == "done")


async def _processed(shop: Guest) -> int:
    count: int = (await shop.call(printer.control, status=True))["bytes"]
    return count
