"""From closing to closing: numbers, stocks, master data (B4 to B7, B14, C10, C13, D12)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kassd.fiscal.audit.findings import Findings
from kassd.fiscal.audit.logic import value_text
from kassd.fiscal.audit.moments import instant
from kassd.fiscal.audit.rows import amount
from kassd.fiscal.audit.sums import Stocks

Master = tuple[bytes, int]  # a digest of a row of master data, and its number


class Skip(NamedTuple):
    """Numbers that a ``register`` left out when an old image had been put back, as its journal says
    (``counters.skipped``); 0: none."""

    register: str
    first_receipt: int = 0
    last_receipt: int = 0
    first_closing: int = 0
    last_closing: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the course of closings needs to know of one. Ids are numbers, -1 where they are none; ``masters``:
    by file and what the row is about."""

    register: str
    created: str
    number: int
    row: int
    first_bon: int
    last_bon: int
    earliest_end: tuple[int, int]  # BON_ENDE and its row
    stocks: Stocks
    masters: dict[tuple[str, str], Master] = field(default_factory=dict)


@dataclass(slots=True)
class Course:
    """Closings of the registers as they follow each other; feed them in ascending order. ``skipped``: what
    the journals say of numbers that were left out after an old image was put back."""

    found: Findings
    skipped: Iterable[Skip] = ()
    last: dict[str, Facts] = field(default_factory=dict)
    earlier: dict[str, Facts] = field(default_factory=dict)

    def take(self, now: Facts) -> None:
        """One more closing."""
        before = self.last.get(now.register)
        self.last[now.register] = now
        self._check_cash(before, now)
        if before is None:
            return
        first = self.earlier.get(now.register)
        self.earlier[now.register] = before
        if first is not None:
            self._check_masters(first, before, now)
        file = "cashpointclosing.csv"
        if now.number == before.number:
            self.found.add("B4", file, now.row, f"Z_NR {now.number} kommt zweimal vor")
        elif any(
            (now.register, before.number + 1, now.number - 1)
            == (skip.register, skip.first_closing, skip.last_closing)
            for skip in self.skipped
        ):
            text = f"Z_NR {before.number + 1} bis {now.number - 1} sind ausgelassen, wie das Journal sagt"
            self.found.add("B4", file, now.row, text, "info")
        elif now.number != before.number + 1:
            self.found.differs("B4", file, now.row, "Z_NR", before.number + 1, now.number)
        then, created = instant(before.created), instant(now.created)
        if 0 <= created < then:  # two within a second there may be
            self.found.differs(
                "B4", file, now.row, "Z_ERSTELLUNG", f"nicht vor {before.created}", now.created
            )
        follows = now.number == before.number + 1 and min(now.first_bon, before.last_bon) >= 0
        if follows and now.first_bon != before.last_bon + 1:
            self.found.differs("B7", file, now.row, "erste BON_ID", before.last_bon + 1, now.first_bon)
        end, row = now.earliest_end
        if 0 <= end < instant(before.created) // 1000 * 1000:
            text = f"BON_ENDE liegt vor dem Abschluss davor ({before.created})"
            self.found.add("B14", "transactions.csv", row, text)

    def _check_masters(self, first: Facts, before: Facts, now: Facts) -> None:
        """Master data that one closing alone has otherwise (D12)."""
        for key, (digest, row) in before.masters.items():
            around = {facts.masters.get(key, (b"", 0))[0] for facts in (first, now)}
            if len(around) == 1 and around != {b""} and digest not in around:
                file, which = key
                text = f"nur im Abschluss Z_NR {before.number} sind die Angaben andere"
                self.found.add("D12", file, row, f"{text} ({which})" if which else text, "warning")

    def _check_cash(self, before: Facts | None, now: Facts) -> None:
        stocks, file = now.stocks, "cash_per_currency.csv"
        earlier = {} if before is None or now.number != before.number + 1 else before.stocks.stock
        added = {cur: earlier.get(cur, (0, 0))[0] + value for cur, value in stocks.bar.items()}
        for currency in sorted(set(stocks.bar) | set(stocks.stock)):
            stock, row = stocks.stock.get(currency, (0, 0))
            bar = stocks.bar.get(currency, 0)
            if stock not in (bar, added.get(currency, earlier.get(currency, (0, 0))[0])):
                what = f"Bestand {currency} (Z_NR {now.number})"
                self.found.differs("C10", file, row, what, amount(bar), amount(stock))
        if "EUR" not in earlier:
            return
        left = earlier["EUR"][0]
        if stocks.opening is not None and stocks.opening != left:
            what = f"Anfangsbestand (Z_NR {now.number})"
            self.found.differs(
                "C13", "transactions.csv", stocks.opening_row, what, amount(left), amount(stocks.opening)
            )
        elif (
            stocks.opening is None and left and stocks.stock.get("EUR", (0, 0))[0] == stocks.bar.get("EUR", 0)
        ):
            text = (
                f"Z_NR {now.number} beginnt ohne Anfangsbestand, der Abschluss davor ließ {value_text(left)}"
            )
            self.found.add("C13", "transactions.csv", 0, text)
