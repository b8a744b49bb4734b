"""The card terminal of made-up trade: what it answers, when, and what it remembers."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from kassd.core.cards.data import CardData
from kassd.core.cards.facts import CopyKind
from kassd.core.cards.inputs import (
    CardAnswered,
    CardHeard,
    CardInput,
    CardLastTold,
    CardOutcome,
    CardSlipCame,
)
from kassd.core.facts import Wish
from kassd.core.money import euros
from kassd.sim.trade.acts import Fate

NS = 1_000_000_000
TERMINAL_ID, CARD, GIROCARD = "54000001", "4711", 5
TIP, DECLINED, BY_KEY = 200, "33", "6c"
LATE_S = 300
COPIES: tuple[tuple[CopyKind, str], ...] = (("merchant", "HÄNDLERBELEG"), ("customer", "KUNDENBELEG"))
Later = Iterator[tuple[int, CardInput]]
"""What it reports, each with nanoseconds from now."""


class VirtualTerminal:
    """``fate``: of what it is asked for next, once. ``now``: local time."""

    def __init__(self, name: str, now: Callable[[], datetime]) -> None:
        self.name, self._now = name, now
        self.fate: Fate = "pays"
        self._number = 0
        self._last: CardData | None = None
        self._asked: Fate = "pays"
        self._paid: dict[str, CardData] = {}  # by receipt, since the end of day
        self._sums: list[int] = []
        self._waiting = ""

    def undo(self) -> None:
        """Somebody reverses at it what it took last; the register hears nothing of it."""
        if self._last is not None:
            undone = self._paid.pop(self._last.receipt)
            self._book(-undone.amount, undone.trace)

    def told(self) -> CardLastTold:
        """It registers."""
        return CardLastTold(self.name, self._last)

    def perform(self, wish: Wish) -> Later:
        """From the command to its end."""
        fate, self.fate = self.fate, "pays"
        self._asked = fate
        charge, amount = wish.id, int(wish.args["amount"])
        match wish.args["operation"]:
            case "end_of_day":
                return self._end_of_day(charge)
            case "repeat":
                return self._repeat(charge)
            case "reversal":
                undone = self._paid.pop(str(wish.args["receipt"]))
                return self._done(charge, -undone.amount, undone.trace)
            case "refund":
                return self._done(charge, -amount)
            case _:
                return self._pay(charge, amount, fate)

    def asked(self, charge: str) -> Later:
        """What became of it? One that is mute is asked again, and finds its words."""
        mute, late = self._asked == "mute", self._asked in ("mute", "silent")
        if mute:
            yield 2 * NS, CardAnswered(charge, "mute")
        found: Any = "none" if self._last is None else "last"
        yield (LATE_S if late else 2) * NS, CardAnswered(charge, found, self._last)

    def abort(self, charge: str) -> Later:
        """The cashier does not wait any longer."""
        if self._waiting == charge:
            self._waiting = ""
            yield NS, CardOutcome(charge, "failed", BY_KEY, "Kartenterminal: abgebrochen. Neu kassieren.")

    def _pay(self, charge: str, amount: int, fate: Fate) -> Later:
        match fate:
            case "waits":
                self._waiting = charge
                return iter(())
            case "declines":
                told = "Kartenterminal: Verfügungsrahmen überschritten. Anders kassieren."
                return iter([(4 * NS, CardOutcome(charge, "failed", DECLINED, told))])
            case "mute":
                self._book(amount)
                return iter([(6 * NS, CardOutcome(charge, "unclear", "timeout"))])
            case "breaks" | "silent":
                heard = CardHeard(charge, self._book(amount))
                return iter([(4 * NS, heard), (6 * NS, CardOutcome(charge, "unclear", "unplugged"))])
            case "part":
                return self._done(charge, amount - amount // 3)
            case "tip":
                return self._done(charge, amount + TIP)
            case _:
                return self._done(charge, amount)

    def _done(self, charge: str, amount: int, undoes: str = "") -> Later:
        data = self._book(amount, undoes)
        yield 4 * NS, CardHeard(charge, data)
        yield from self._slips(charge, data)
        yield 7 * NS, CardOutcome(charge, "done", data=data)

    def _book(self, amount: int, undoes: str = "") -> CardData:
        """It is final here. ``amount`` below 0 goes back to the card; ``undoes``: the trace of what."""
        self._number += 1
        receipt, trace = f"{self._number % 10_000:04d}", f"{self._number % 1_000_000:06d}"
        told = (receipt, trace, TERMINAL_ID, GIROCARD, "girocard", CARD)
        at = f"{self._now():%m%d %H%M%S}"
        self._last = CardData(self.name, abs(amount), *told, at=at, original_trace=undoes)
        if amount > 0:
            self._paid[receipt] = self._last
        self._sums.append(amount)
        return self._last

    def _slips(self, charge: str, data: CardData) -> Later:
        for n, (copy, title) in enumerate(COPIES):
            rows = (f"** {title} **", f"Beleg-Nr. {data.receipt}", f"BETRAG EUR {euros(data.amount)}")
            yield (5 + n) * NS, CardSlipCame(self.name, charge, copy, rows)

    def _end_of_day(self, charge: str) -> Later:
        count, amount = len(self._sums), sum(self._sums)
        self._sums, self._paid = [], {}
        rows = ("** KASSENSCHNITT **", f"girocard {count}", f"SUMME EUR {euros(amount)}")
        yield 8 * NS, CardSlipCame(self.name, charge, "admin", rows)
        yield 9 * NS, CardOutcome(charge, "done", count=count, amount=amount)

    def _repeat(self, charge: str) -> Later:
        if self._last is None:
            yield 2 * NS, CardOutcome(charge, "failed", "8483", "Kartenterminal: nicht möglich.")
            return
        yield from self._slips(charge, self._last)
        yield 7 * NS, CardOutcome(charge, "done")
