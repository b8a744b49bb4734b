"""What the journal says of every receipt beside the papers that came out of the printer."""

import asyncio
from dataclasses import dataclass
from typing import Any

from kassd.core.codec import decode
from kassd.core.document import Document
from kassd.receipt.layout import layout
from kassd.receipt.page import to_text
from tests.lab.guest import PATIENCE_S, Guest
from tests.lab.inside import box, printer

COLUMNS = 42
POLL_S = 0.5
ISSUED = ("sale.finished", "receipt.copied")


@dataclass
class Receipt:
    """How its first job ended, whether that was ``late``; how many whole papers there are."""

    result: str
    reason: str
    late: bool
    originals: int
    copies: int = 0

    @property
    def papers(self) -> str:
        """For tables."""
        return f"{self.originals} whole" + (f", {self.copies} KOPIE" if self.copies else "")


async def settled(guest: Guest) -> list[Receipt]:
    """Every receipt, oldest first, once nothing waits to be printed."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            lines = await guest.call(box.lines, facts=[*ISSUED, "print.done"], wishes=["print"])
            ends = {f["data"]["job"]: f["data"] for f in lines["facts"] if f["kind"] == "print.done"}
            if all(wish["id"] in ends for wish in lines["wishes"]):
                return _judged(lines, ends, await guest.call(printer.papers))
            await asyncio.sleep(POLL_S)


def _judged(lines: dict[str, Any], ends: dict[str, Any], papers: list[list[str]]) -> list[Receipt]:
    shown = [[row.strip() for row in paper if row.strip()] for paper in papers]
    issued = [fact["data"]["document"] for fact in lines["facts"] if fact["kind"] in ISSUED]
    documents = {one["id"]: decode(Document, one, lenient=True) for one in issued}
    found: dict[str, Receipt] = {}
    for wish in lines["wishes"]:
        document, end, late = documents.get(wish["document"]), ends[wish["id"]], bool(wish.get("late"))
        if document is None:
            continue  # a report
        count = _count(document, late, shown)
        if document.copy_at:
            found[document.number].copies += count
        else:
            found[document.number] = Receipt(end["result"], end.get("reason", ""), late, count)
    return list(found.values())


def _count(document: Document, late: bool, papers: list[list[str]]) -> int:
    text = to_text(layout(document, COLUMNS, late=late), COLUMNS).splitlines()
    rows = [row.strip() for row in text if row.strip()]
    return sum(paper[at : at + len(rows)] == rows for paper in papers for at in range(len(paper)))
