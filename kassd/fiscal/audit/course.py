"""From closing to closing: numbers, stocks, references, orders, vouchers (B4 to B7, C10, C13, D3, D8, D9)."""

from dataclasses import dataclass, field

from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.ledger import Ledger
from kassd.fiscal.audit.logic import value_text
from kassd.fiscal.audit.moments import instant
from kassd.fiscal.audit.rows import amount
from kassd.fiscal.audit.rows import number as whole
from kassd.fiscal.audit.sums import Stocks


@dataclass(frozen=True, slots=True)
class Facts:
    """What the course of closings needs to know of one. Ids are numbers, -1 where they are none."""

    register: str
    created: str
    number: int
    row: int
    first_bon: int
    last_bon: int
    earliest_end: tuple[int, int]  # BON_ENDE and its row
    stocks: Stocks
    company: tuple[str, ...] = ()


@dataclass(slots=True)
class Course:
    """Closings of the registers as they follow each other; feed them in ascending order."""

    found: Findings
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
        if first is not None and first.company == now.company != before.company:
            text = f"nur im Abschluss Z_NR {before.number} sind die Angaben zum Unternehmen andere"
            self.found.add("D12", "cashpointclosing.csv", before.row, text, "warning")
        file = "cashpointclosing.csv"
        if now.number == before.number:
            self.found.add("B4", file, now.row, f"Z_NR {now.number} kommt zweimal vor")
        elif now.number != before.number + 1:
            self.found.differs("B4", file, now.row, "Z_NR", before.number + 1, now.number)
        if min(instant(now.created), instant(before.created)) >= 0 and instant(now.created) <= instant(
            before.created
        ):
            self.found.differs("B4", file, now.row, "Z_ERSTELLUNG", f"nach {before.created}", now.created)
        follows = now.number == before.number + 1 and min(now.first_bon, before.last_bon) >= 0
        if follows and now.first_bon != before.last_bon + 1:
            self.found.differs("B7", file, now.row, "erste BON_ID", before.last_bon + 1, now.first_bon)
        end, row = now.earliest_end
        if 0 <= end < instant(before.created) // 1000 * 1000:
            text = f"BON_ENDE liegt vor dem Abschluss davor ({before.created})"
            self.found.add("B14", "transactions.csv", row, text)

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


def check_course(ledger: Ledger, found: Findings) -> None:
    """What only the whole export can answer, from the ledger."""
    _check_ids(ledger, found)
    _check_references(ledger, found)
    _check_vouchers(ledger, found)


def _check_ids(ledger: Ledger, found: Findings) -> None:
    """BON_ID over the whole period (B5)."""
    twice = """SELECT b.row, b.bon_id, min(o.row) FROM bon b JOIN closing c ON c.id = b.closing
      JOIN bon o ON o.bon_id = b.bon_id AND o.row < b.row JOIN closing d ON d.id = o.closing
      WHERE c.register = d.register GROUP BY b.row ORDER BY b.row"""
    for row, bon_id, first in ledger.ask(twice):
        found.add("B5", "transactions.csv", row, f"BON_ID {shown(bon_id)} steht schon in Zeile {first}")
    gaps = """SELECT row, before, number FROM (SELECT b.row, b.number, lag(b.number) OVER
      (PARTITION BY c.register ORDER BY b.number) AS before FROM bon b JOIN closing c ON c.id = b.closing
      WHERE b.number >= 0) WHERE number > before + 1 ORDER BY row"""
    for row, before, number in ledger.ask(gaps):
        text = f"vor BON_ID {number} fehlen {number - before - 1} Nummern ab {before + 1}"
        found.add("B5", "transactions.csv", row, text, "warning")
    for row, bon_id in ledger.ask("SELECT row, bon_id FROM bon WHERE number < 0 ORDER BY row LIMIT 1"):
        text = f"BON_ID {shown(bon_id)} ist keine Zahl: Lücken lassen sich nicht erkennen"
        found.add("B5", "transactions.csv", row, text, "warning")


def _check_references(ledger: Ledger, found: Findings) -> None:
    """References that point into the export (D3, D4)."""
    file = "references.csv"
    query = """SELECT r.row, r.bon_id, r.total, r.reverses, r.to_closing, r.to_date, r.to_bon_id,
        c.id, c.created, b.total, b.row, d.number, d.created
      FROM ref r LEFT JOIN closing c ON c.register = r.to_register AND CAST(c.number AS TEXT) = r.to_closing
      LEFT JOIN bon b ON b.closing = c.id AND b.bon_id = r.to_bon_id
      JOIN closing d ON d.id = r.closing ORDER BY r.row"""
    lowest_of = "SELECT register, min(number) FROM closing GROUP BY register"
    first: dict[str, int] = {str(register): number for register, number in ledger.ask(lowest_of)}
    reversed_by: dict[tuple[int, str], int] = {}
    for (
        row,
        bon_id,
        total,
        reverses,
        to_nr,
        to_date,
        to_bon,
        target,
        created,
        ref_total,
        ref_row,
        own,
        own_created,
    ) in ledger.ask(query):
        if target is None:
            lowest = min(first.values(), default=0)
            if (nr := whole(to_nr)) >= 0 and (nr > own or (len(first) == 1 and nr >= lowest)):
                found.add(
                    "D4",
                    file,
                    row,
                    f"BON_ID {bon_id} verweist auf den Abschluss Z_NR {to_nr}, den es nicht gibt",
                )
            elif to_date and instant(to_date) > instant(own_created):
                found.differs("D4", file, row, "REF_DATUM", f"nicht nach {own_created}", to_date)
            continue
        if instant(to_date) != instant(created) and to_date[:10] != created:
            found.differs("D4", file, row, f"REF_DATUM (Z_ERSTELLUNG von Z_NR {to_nr})", created, to_date)
        if ref_row is None:
            found.add(
                "D4",
                file,
                row,
                f"BON_ID {bon_id} verweist auf {shown(to_bon)} in Z_NR {to_nr}, das es dort nicht gibt",
            )
            continue
        if not reverses:
            continue
        if ref_total != -total:
            found.differs(
                "D3", file, row, f"Summe des Stornos {bon_id} von {to_bon}", amount(-ref_total), amount(total)
            )
        if (other := reversed_by.setdefault((target, to_bon), row)) != row:
            found.add("D3", file, row, f"{to_bon} ist schon durch den Storno in Zeile {other} aufgehoben")


def open_groups(ledger: Ledger) -> list[tuple[str, int]]:
    """Allocation groups with orders that nothing of the export bills, and what was ordered: tables may be
    open and parked sales wait, so that they are told and are no finding."""
    query = """SELECT name, sum(value) FROM groups GROUP BY name HAVING min(ordered) = 1 AND sum(value) != 0
      ORDER BY min(row)"""
    return [(name, value) for name, value in ledger.ask(query)]


def _check_vouchers(ledger: Ledger, found: Findings) -> None:
    """Vouchers that were sold within the export (D9)."""
    query = """SELECT v.number, v.row, v.kind, v.value, v.vat, v.sold FROM voucher v
      WHERE v.number IN (SELECT number FROM voucher WHERE sold) ORDER BY v.number, v.closing, v.row"""
    left: dict[str, tuple[int, str, int]] = {}
    for number, row, kind, value, vat, sold in ledger.ask(query):
        before = left.get(number)
        if before is None:
            if sold:
                left = {number: (value, kind, vat)}
            continue
        rest = before[0] + value
        left[number] = (rest, before[1], before[2])
        if kind != before[1]:
            found.add(
                "D9", "lines.csv", row, f"Gutschein {shown(number)} ist als anderer verkauft als eingelöst"
            )
        elif rest < 0:
            found.add(
                "D9",
                "lines.csv",
                row,
                f"vom Gutschein {shown(number)} ist {value_text(-rest)} zu viel eingelöst",
            )
        elif kind == "E" and vat != before[2]:
            found.differs(
                "D9", "lines.csv", row, f"Schlüssel des Einzweckgutscheins {number}", before[2], vat
            )
