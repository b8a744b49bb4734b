"""Each device is pulled out in each phase of a sale, and plugged in again: nothing is lost, nothing is there
twice, and the sale goes on. What became of each stands in a table behind the run.

``SOAK=1``: all sixteen; else each device and each phase once.
"""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kassd.sim.world_config import CATALOG
from tests.lab import receipts, tables
from tests.lab.guest import OPENING, SOCKETS, Guest
from tests.lab.inside import box, drawer, printer, stick

BREAD = str(CATALOG[0]["codes"][0])
PRICE = 390
STOPS_AFTER = 300  # bytes: within the first receipt
TITLE = "Devices that are pulled out, and plugged in again"
HEAD = ("device", "while", "papers", "receipt is signed", "drawer")


class Counter:
    """A guest at whose counter ``device`` is pulled out once."""

    def __init__(self, guest: Guest, device: str) -> None:
        self.guest, self.device = guest, device
        self.there = True

    async def add(self) -> None:
        """One bread more, by hand where there is no scanner."""
        assert self.guest.display is not None
        lines = len(self.guest.display.seen.get("state/sale/main", {}).get("lines", ())) + 1
        if self.there or self.device != "scanner":
            await self.guest.scan(BREAD, lines)
            return
        await self.guest.command("sale.add", code=BREAD)
        await self.guest.shown("state/sale/main", lambda d: len(d.get("lines", ())) == lines)

    async def pay(self) -> None:
        """In cash, to the end."""
        await self.guest.command("sale.pay", type="cash")
        await self.paid()

    async def paid(self) -> None:
        """The sale is over."""
        await self.guest.shown("state/sale/main", lambda d: d.get("status") == "done")

    async def pull(self) -> None:
        """Pull the device out."""
        self.there = False
        if self.device == "stick":
            await self.guest.call(stick.pull)
        else:
            await self.guest.unplug(self.device)
        await self.gone()

    async def gone(self) -> None:
        """Wait until the register knows; of a TSE it knows when it needs it, or gives it a sign of life."""
        if self.device != "stick":
            await self.guest.shown(f"state/dev/{self.device}", lambda d: d["state"] == "absent")

    async def missed(self) -> None:
        """Wait until the register knows, also if it needs nothing just now."""
        await self.gone()
        if self.device == "stick":
            await self.guest.shown("state/dev/tse", lambda d: d["state"] != "ready")

    async def put(self, **help: object) -> None:
        """Plug it in again, a printer after ``help``; the register works with it by itself."""
        self.there = True
        if self.device == "stick":
            await self.guest.call(stick.put, socket=SOCKETS[self.device])
            await self.guest.ready("tse")
            return
        if self.device in ("printer", "till-printer"):
            await self.guest.call(printer.control, name=self.device, power="cycle", **help)
        await self.guest.replug(self.device, SOCKETS[self.device])
        await self.guest.ready(self.device)


async def before_the_first_item(at: Counter) -> None:
    await at.pull()
    await at.add()
    await at.add()
    await at.pay()
    await at.put()


async def with_items(at: Counter) -> None:
    await at.add()
    await at.pull()
    await at.add()
    await at.put()
    await at.pay()


async def signing(at: Counter) -> None:
    """The stick has carried out what it was asked for, and its answer has not come."""
    await at.add()
    await at.add()
    await at.guest.call(stick.hold)
    await at.guest.begin(stick.signing, device=at.device)
    await at.guest.command("sale.pay", type="cash")
    await at.paid()
    await at.gone()
    await at.put()


async def printing(at: Counter) -> None:
    """The paper ends in the middle of the receipt."""
    await at.add()
    await at.add()
    await at.guest.call(printer.control, paper="out", after_bytes=STOPS_AFTER)
    await at.pay()
    await at.guest.shown("state/dev/printer", lambda d: d.get("reason") == "paper_end")
    await at.pull()
    await at.missed()
    await at.put(**({"paper": "ok"} if at.device == "printer" else {}))
    await at.guest.call(printer.control, paper="ok")


PHASES: tuple[Callable[[Counter], Awaitable[None]], ...] = (
    before_the_first_item,
    with_items,
    signing,
    printing,
)


KICKS = {  # of the first sale, where a kick may have another end than to be given
    ("till-printer", before_the_first_item): ("failed",),
    ("till-printer", signing): ("kicked", "unknown"),  # pulled out with the kick in its memory, or not
    ("till-printer", printing): ("kicked", "unknown"),
}
SAMPLE = [
    ("scanner", with_items),
    ("printer", printing),
    ("till-printer", before_the_first_item),
    ("stick", signing),
]
CELLS = list(itertools.product(SOCKETS, PHASES)) if os.environ.get("SOAK") else SAMPLE


@pytest.mark.parametrize(("device", "phase"), CELLS, ids=lambda what: getattr(what, "__name__", what))
async def test_it_is_pulled_out_and_comes_back(
    counter: Guest, device: str, phase: Callable[[Counter], Awaitable[None]]
) -> None:
    await counter.printed(OPENING)
    at = Counter(counter, device)
    await phase(at)
    await asyncio.wait_for(_next_sale(at), 300)
    first, second = (await receipts.settled(counter))[-2:]
    ends = await _told(counter, "sale.finished", "drawer.done")
    finished = ends["sale.finished"][-2:]
    kicks = [done["result"] for done in ends["drawer.done"]][-2:]
    sure = kicks.count("kicked")
    seen = await counter.call(printer.kicked, name="till-printer", least=sure)
    signed = ["no" if sale["outage"] else "yes" for sale in finished]
    tables.row(TITLE, HEAD, device, phase.__name__.replace("_", " "), first.papers, signed[0], kicks[0])

    told = await _told(counter, "sale.line_added", "tse.started", "tse.finished", "tse.late")
    assert sum(line["unit_price"] == PRICE for line in told["sale.line_added"]) == 3
    assert [sale["document"]["total"] for sale in finished] == [2 * PRICE, PRICE]
    unknown = first.result == "unknown"
    assert unknown == (device == "printer" and phase is printing)
    assert first.originals == (0 if unknown else 1)
    assert first.copies == (1 if unknown else 0)
    assert (second.originals, second.copies) == (1, 0)
    assert first.late == (device == "printer" and phase in (before_the_first_item, signing))
    assert kicks[1] == "kicked"
    assert kicks[0] in KICKS.get((device, phase), ("kicked",))
    assert seen in (sure, sure + kicks.count("unknown")), "not as often as the journal says"
    assert signed[1] == "yes"
    assert signed[0] == "yes" or device == "stick"
    started = [fact["transaction_number"] for fact in told["tse.started"]]
    ended = [fact["transaction_number"] for fact in (*told["tse.finished"], *told["tse.late"])]
    assert sorted(ended) == sorted(started), "signed twice, or left open"
    # Whatever was sent twice would leave a gap.
    assert device == "stick" or sorted(started) == list(range(1, len(started) + 1))


async def _told(counter: Guest, *kinds: str) -> dict[str, list[dict[str, Any]]]:
    """The data of the journal's facts by kind: it is read once for all."""
    lines = await counter.call(box.lines, facts=[*kinds], wishes=[])
    return {kind: [fact["data"] for fact in lines["facts"] if fact["kind"] == kind] for kind in kinds}


async def _next_sale(at: Counter) -> None:
    """With everything there again, a sale is like any other."""
    await at.guest.shown("state/dev/tse", lambda d: d.get("state") == "ready")
    await at.guest.call(drawer.rested)
    await at.guest.scan(BREAD, 1)
    await at.pay()
