"""A day of trade, played by itself and checked step by step: what ``kassd demo --script day`` does.

The expected figures come from :mod:`kassd.sim.day_sales` and are added up here, beside the register.
"""

import contextlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kassd.receipt.text import money
from kassd.sim.day_sales import (
    AFTERNOON,
    MORNING,
    NO_PAPER,
    OUTAGE,
    SIGNED_AGAIN,
    Action,
    Command,
    Sale,
    Scan,
)
from kassd.sim.printer_paper import Slip
from kassd.sim.world import World, WorldError
from kassd.sim.world_client import Document
from kassd.tse.log import verify_qr
from kassd.tse.soft import Fault

FLOAT, PRIVATE, MISSING, KEEP = 15000, 3000, 20, 15000
COINS = (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
SALE_S, PRINTED_S = 20, 5
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Paper:
    """A slip that must have been printed: its words, and those that must not stand on it."""

    title: str
    words: tuple[str, ...]
    never: tuple[str, ...] = ()


class Day:
    """Plays one day on a fresh register. ``problems``: what was not as expected, in German."""

    def __init__(self, world: World, say: Say) -> None:
        self.world = world
        self.problems: list[str] = []
        self.sales = 0
        self.cash = 0
        self._say = say
        self._papers: list[_Paper] = []

    async def play(self) -> bool:
        """From the opening to the closing. True: everything was as expected."""
        try:
            await self._open()
            await self._sell(MORNING)
            await self._copy_and_reports()
            await self._sell(OUTAGE)
            await self._tse_again()
            await self._sell(SIGNED_AGAIN)
            await self._printer("out", "Papier ist aus", "error")
            await self._sell(NO_PAPER)
            await self._printer("ok", "Papier ist eingelegt", "ready")
            await self._sell(AFTERNOON)
            await self._close()
            await self._look_at_slips()
        except WorldError as error:
            self.check(False, f"Der Tag ging nicht weiter: {error}")
        return not self.problems

    def check(self, good: object, text: str) -> None:
        """Say one result; remember it if it is bad."""
        self._say(f"{'✔' if good else '✘'} {text}")
        if not good:
            self.problems.append(text)

    # -- acts -----------------------------------------------------------------------------------------

    async def _open(self) -> None:
        await self._command("operator.login", {"operator": "Anna"})
        doubt = await self.world.command("till.open", {"counted": FLOAT})
        self.check(doubt.get("code") == "float_differs", "Anfangsbestand ohne Herkunft wird hinterfragt")
        await self._command("till.open", {"counted": FLOAT, "source": "transit"})
        await self.world.wait("state/till/main", lambda d: d["open"] and d["cash_expected"] == FLOAT)
        self.cash = FLOAT
        self._papers.append(_Paper("Anfangsbestand", ("Geldtransit", f"{money(FLOAT)} €", "Eigenbeleg")))
        self.check(True, f"Kasse geöffnet mit {money(FLOAT)} €")

    async def _sell(self, sales: Iterable[Sale]) -> None:
        for sale in sales:
            before = self.world.state("sale")["id"]
            for action in sale.actions:
                await self._act(action)
            shown = await self._ended(before, "aborted" if sale.aborted else "done")
            self._judge(sale, shown)

    async def _ended(self, before: str, status: str) -> Document:
        """What the display shows of the sale after ``before``, once it has ended."""
        return await self.world.wait(
            "state/sale/main", lambda d: d["id"] != before and d["status"] == status, SALE_S
        )

    async def _act(self, action: Action) -> None:
        if isinstance(action, Command):
            await self._command(action.name, action.args)
        elif isinstance(action, Scan):
            before = _seen(self.world.state("sale"))
            self.world.scan(action.code)
            await self.world.wait("state/sale/main", lambda d: _seen(d) != before)
        else:
            self.world.tse_faults(Fault("gone"))

    async def _command(self, name: str, args: Any) -> Document:
        reply = await self.world.command(name, args)
        if reply["status"] not in ("ok", "accepted"):
            raise WorldError(f"{name} {json.dumps(args)}: {reply.get('code')} {reply.get('message')}")
        return reply

    def _judge(self, sale: Sale, shown: Document) -> None:
        """Compare what the display shows with what was reckoned by hand."""
        if sale.aborted:
            self.check(shown["receipt"] == "", f"{sale.title}: abgebrochen")
            return
        self.sales += 1
        self.cash += sale.cash
        number = shown["receipt"]
        found = (shown["total"], shown["change"], shown["due"], shown.get("outage", False))
        good = found == (sale.total, sale.change, 0, sale.outage)
        text = f"{sale.title}: {money(sale.total)} €, Beleg {number}"
        self.check(good, text if good else f"{text}: gefunden {found}")
        words = ("Rechnung", f"Beleg-Nr. {number}", f"{money(sale.total)} €", *sale.words)
        late = ("nachträglich gedruckt",) if sale.late else ()
        sealed = ("TSE-Transaktion", "[QR]")
        self._papers.append(
            _Paper(
                sale.title, (*words, *late, *(() if sale.outage else sealed)), sealed if sale.outage else ()
            )
        )

    async def _copy_and_reports(self) -> None:
        await self._command("receipt.reprint", {})
        self._papers.append(_Paper("Kopie", ("KOPIE", "Kopie", "Rechnung")))
        await self._command("cash.out", {"amount": PRIVATE, "kind": "private", "reason": "Einkauf privat"})
        self.cash -= PRIVATE
        words = ("Privatentnahme", f"-{money(PRIVATE)} €", "Einkauf privat", "Anna", "Unterschrift", "[QR]")
        self._papers.append(_Paper("Privatentnahme", words))
        await self.world.slip("Privatentnahme", "Eigenbeleg")
        self.check(True, f"Privatentnahme {money(PRIVATE)} €")
        await self._command("drawer.open", {"reason": "Wechselgeld"})
        reply = await self._command("till.report", {})
        expected = reply["result"]["expected"]
        self.check(expected == self.cash, f"X-Bericht: Soll-Bestand {money(expected)} €")
        self._papers.append(_Paper("X-Bericht", ("X-Bericht", "Privatentnahme", money(self.cash))))

    async def _tse_again(self) -> None:
        alert = await self.world.wait("alert/tse-outage")
        self.check(alert.get("severity") == "critical", "Der TSE-Ausfall wird angezeigt")
        self.world.tse_faults()
        await self.world.wait("alert/tse-outage", lambda d: not d, 30)
        self.check(True, "Die TSE ist wieder da")

    async def _printer(self, paper: str, text: str, state: str) -> None:
        assert self.world.printer is not None
        self.world.printer.control(paper=paper)
        await self.world.wait("state/dev/printer", lambda d: d["state"] == state)
        self.check(True, text)

    async def _close(self) -> None:
        counted = self.cash - MISSING
        skim = counted - KEEP
        args = {"count": _pieces(counted), "skim": skim, "reason": "Zählfehler beim Wechselgeld"}
        await self._command("till.close", args)
        till = await self.world.wait("state/till/main", lambda d: not d["open"], 30)
        good = till["float_expected"] == KEEP and till["last_closing"] == "1"
        self.check(good, f"Kassenabschluss 1: gezählt {money(counted)} €, {money(skim)} € in den Tresor")
        self._papers += [
            _Paper("Kassendifferenz", ("DifferenzSollIst", f"-{money(MISSING)} €", "Eigenbeleg", "[QR]")),
            _Paper("Abschöpfung", ("Geldtransit", f"-{money(skim)} €", "Eigenbeleg", "[QR]")),
        ]
        words = ("Z-Bericht Nr. 1", "DifferenzSollIst", "Geldtransit", f"Belege ({self.sales})")
        self._papers.append(_Paper("Z-Bericht", words))

    # -- what was left behind -------------------------------------------------------------------------

    async def _look_at_slips(self) -> None:
        with contextlib.suppress(WorldError):  # which one is missing is said below
            await self.world.until(lambda: len(self.world.slips()) >= len(self._papers), PRINTED_S)
        slips, before = self.world.slips(), len(self.problems)
        for paper in self._papers:
            found = [slip for slip in slips if all(word in "\n".join(slip.text) for word in paper.words)]
            if found:
                self._judge_slip(paper, found[-1])
            else:
                self.check(False, f"Bon „{paper.title}“ fehlt: {', '.join(paper.words)}")
        same = len(slips) == len(self._papers) and len(self.problems) == before
        self.check(same, f"{len(slips)} von {len(self._papers)} Bons gedruckt, gelesen, QR-Codes geprüft")

    def _judge_slip(self, paper: _Paper, slip: Slip) -> None:
        wrong = [word for word in paper.never if word in "\n".join(slip.text)]
        for text in slip.qr:
            wrong += [each.message for each in verify_qr(text).findings if each.severity != "info"]
        if wrong or slip.errors:
            self.check(False, f"Bon „{paper.title}“: {', '.join((*wrong, *slip.errors))}")


def _seen(sale: Document) -> tuple[object, ...]:
    """What changes on the display when a scan has been taken."""
    return sale["id"], sale["status"], len(sale["lines"]), sale["paid"], sale["message"]


def _pieces(cents: int) -> dict[str, int]:
    """A count of the drawer: the fewest notes and coins."""
    count: dict[str, int] = {}
    for coin in COINS:
        count[str(coin)], cents = divmod(cents, coin)
    return count
