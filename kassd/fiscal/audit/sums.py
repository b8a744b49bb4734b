"""Sums, exact to the cent (C): from the line to the Vorgang, from the Vorgänge to the closing."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from kassd.core.verdict import Severity
from kassd.fiscal.audit.book import Book
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.moments import DAY_MS, instant, span
from kassd.fiscal.audit.rows import CENT, UNIT, Closing, Receipt, Row, amount, number, units
from kassd.fiscal.audit.taxes import Case, Taxes, check_beside, check_tax, rounded, tax_of

UNPAID = frozenset({"AVTraining", "AVSachbezug", "AVBelegabbruch"})
LONGEST_DAY = 36 * 3_600_000
THOUSANDTH = UNIT // 1000
RATE_SPREAD = 4  # a foreign currency's rate may differ by a quarter within one closing


@dataclass(slots=True)
class Stocks:
    """Cash by currency that goes beyond one closing. ``opening``: booked as Anfangsbestand (euro) in
    ``opening_row``, None if none was; ``bar``: all cash payments; ``stock``: what cash_per_currency.csv
    says, with its row."""

    opening: int | None = None
    opening_row: int = 0
    bar: dict[str, int] = field(default_factory=dict)
    stock: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Sums:
    """What the Belege of a closing add up to."""

    turnover: int = 0
    cases: defaultdict[Case, int] = field(default_factory=lambda: defaultdict(int))
    taxes: Taxes = field(default_factory=Taxes)
    payments: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    stocks: Stocks = field(default_factory=Stocks)
    rates: defaultdict[str, list[tuple[int, Row]]] = field(default_factory=lambda: defaultdict(list))


def gross(row: Row, name: str) -> int:
    """Gross of a row: as it stands, or in the net method net and tax together."""
    text = getattr(row, f"{name}_BRUTTO")
    if text:
        return units(text)
    return units(getattr(row, f"{name}_NETTO")) + units(getattr(row, f"{name}_UST"))


def line_tax(row: Row, book: Book) -> int:
    """Tax of a row of lines_vat.csv: as it stands, or in the gross method by the rate, to the cent."""
    if row.POS_UST and not row.POS_BRUTTO:
        return units(row.POS_UST)
    return rounded(tax_of(gross(row, "POS"), book.rates.get(number(row.UST_SCHLUESSEL), 0)))


def check_sums(closing: Closing, book: Book, found: Findings) -> Sums:
    """Every C check that one closing can answer; returns what its Belege add up to."""
    sums = Sums()
    cash = 0
    for receipt in closing.receipts:
        _check_receipt(receipt, book, found)
        if receipt.head.BON_TYP == "Beleg":
            cash = _add(receipt, book, sums, cash, found)
    _check_closing(closing, sums, book, found)
    _check_day(closing, found)
    _check_foreign(sums, found)
    return sums


def _check_receipt(receipt: Receipt, book: Book, found: Findings) -> None:
    head, lines = receipt.head, receipt["lines.csv"]
    by_key: defaultdict[int, int] = defaultdict(int)
    by_line: defaultdict[str, int] = defaultdict(int)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    taxes: defaultdict[int, list[int]] = defaultdict(list)
    for row in receipt["lines_vat.csv"]:
        value, key = gross(row, "POS"), number(row.UST_SCHLUESSEL)
        by_key[key] += value
        by_line[row.POS_ZEILE] += value
        taxes[key].append(line_tax(row, book))
        keys[row.POS_ZEILE].add(row.UST_SCHLUESSEL)
        check_beside(row, "POS", book, found)
    for row in receipt["itemamounts.csv"]:
        check_beside(row, "PF", book, found)
        if row.POS_ZEILE in keys and row.UST_SCHLUESSEL not in keys[row.POS_ZEILE]:
            what = f"UST_SCHLUESSEL der Preisfindung (BON_ID {row.BON_ID})"
            expected = ", ".join(sorted(keys[row.POS_ZEILE]))
            found.differs("C5", row.FILE, row.ROW, what, expected, row.UST_SCHLUESSEL)
    _check_vat(receipt, book, by_key, taxes, found)
    for row in lines:
        _check_line(row, receipt, by_line.get(row.POS_ZEILE, 0), found)
    if head.BON_TYP == "Beleg":
        paid = sum(units(row.BASISWAEH_BETRAG) for row in receipt["datapayment.csv"])
        if paid != units(head.UMS_BRUTTO):
            _differs(found, "C3", head, "Zahlungen des Belegs", units(head.UMS_BRUTTO), paid)
        if not receipt["datapayment.csv"]:
            found.add(
                "C3", head.FILE, head.ROW, f"zum Beleg {head.BON_ID} steht keine Zahlung (auch nicht Keine)"
            )
    elif head.BON_TYP in UNPAID:
        for row in receipt["datapayment.csv"]:
            if row.ZAHLART_TYP != "Keine" or units(row.BASISWAEH_BETRAG):
                found.differs(
                    "C11", row.FILE, row.ROW, f"Zahlung zu {head.BON_TYP}", "keine", row.BASISWAEH_BETRAG
                )
    for row in receipt["datapayment.csv"]:
        if row.ZAHLART_TYP == "Keine" and units(row.BASISWAEH_BETRAG):
            _differs(found, "C3", row, "Betrag der Zahlart Keine", 0, units(row.BASISWAEH_BETRAG))
        abroad = units(row.ZAHLWAEH_BETRAG) if row.ZAHLWAEH_BETRAG else units(row.BASISWAEH_BETRAG)
        if row.ZAHLWAEH_CODE in ("", book.currency) and abroad != units(row.BASISWAEH_BETRAG):
            _differs(found, "C15", row, "ZAHLWAEH_BETRAG", units(row.BASISWAEH_BETRAG), abroad)


def _check_vat(
    receipt: Receipt,
    book: Book,
    by_key: dict[int, int],
    taxes: dict[int, list[int]],
    found: Findings,
) -> None:
    """transactions_vat against the head (C1), the lines (C2) and itself (C4)."""
    head, total, keys = receipt.head, 0, set[int]()
    for row in receipt["transactions_vat.csv"]:
        key = number(row.UST_SCHLUESSEL)
        keys.add(key)
        brutto, netto, tax = units(row.BON_BRUTTO), units(row.BON_NETTO), units(row.BON_UST)
        total += brutto
        if brutto != netto + tax:
            _differs(found, "C4", row, "BON_NETTO + BON_UST", brutto, netto + tax)
        else:
            lines = taxes.get(key, [])
            check_tax(row, "BON_UST", brutto, sum(lines), len(lines), book.rates.get(key, 0), found)
        if receipt["lines.csv"] and by_key.get(key, 0) != brutto:
            _differs(found, "C2", row, f"BON_BRUTTO zu Schlüssel {key}", by_key.get(key, 0), brutto)
    lacking = sorted(set(by_key) - keys)
    for row in receipt["transactions_vat.csv"] if lacking else ():
        if by_key and number(row.UST_SCHLUESSEL) not in by_key:
            text = f"erwartet wird die Zeile zu Schlüssel {lacking[0]}, diese nennt {row.UST_SCHLUESSEL}"
            found.add("C2", row.FILE, row.ROW, f"Vorgang {head.BON_ID}: {text}")
    for key in lacking:
        if by_key[key] or (not keys and head.BON_TYP == "Beleg"):
            text = f"zu Schlüssel {key} steht keine Zeile, die Positionen haben {amount(by_key[key])}"
            found.add("C2", "transactions_vat.csv", head.ROW, f"Vorgang {head.BON_ID}: {text}")
    if total != units(head.UMS_BRUTTO):
        _differs(found, "C1", head, "UMS_BRUTTO", total, units(head.UMS_BRUTTO))


def _check_line(row: Row, receipt: Receipt, value: int, found: Findings) -> None:
    """The amount of a line (C5), to the cent; a part of a piece (a third) is told to a thousandth only."""
    price, factor = units(row.STK_BR), units(row.FAKTOR) or UNIT
    unsharp = abs(price) * THOUSANDTH if units(row.MENGE) % UNIT else 0
    if abs(value * factor - units(row.MENGE) * price) >= CENT * factor + unsharp:
        exact = units(row.MENGE) * price // factor
        _differs(found, "C5", row, "MENGE / FAKTOR × STK_BR", value, exact)
    if price < 0:
        text = f"STK_BR der Position {row.POS_ZEILE} von {row.BON_ID} ist negativ ({row.STK_BR})"
        found.add("C5", row.FILE, row.ROW, f"{text}; ein Vorzeichen steht nur an MENGE (Anhang E)")
    found_amounts = [each for each in receipt["itemamounts.csv"] if each.POS_ZEILE == row.POS_ZEILE]
    if not found_amounts:
        return
    total, bases = 0, set[str]()
    for each in found_amounts:
        if not each.TYP or (each.TYP == "base_amount" and each.UST_SCHLUESSEL in bases):
            text = f"TYP {shown(each.TYP)} zu Position {row.POS_ZEILE} von {row.BON_ID}"
            found.add(
                "C5",
                each.FILE,
                each.ROW,
                f"{text}: erwartet wird ein Grundbetrag, oder ein Zu- oder Abschlag",
            )
        elif each.TYP == "base_amount":
            bases.add(each.UST_SCHLUESSEL)
        part = gross(each, "PF")
        total += -abs(part) if each.TYP == "discount" else abs(part) if each.TYP == "extra_amount" else part
    if not bases:
        text = f"die Preisfindung zu Position {row.POS_ZEILE} von {row.BON_ID} hat keinen base_amount"
        found.add("C5", found_amounts[0].FILE, found_amounts[0].ROW, text)
    if min(abs(total - price), abs(total - value)) >= CENT:
        _differs(found, "C5", found_amounts[0], "Preisfindung", price, total)


def _add(receipt: Receipt, book: Book, sums: Sums, cash: int, found: Findings) -> int:
    """Add a Beleg; returns the cash in euro after it."""
    head = receipt.head
    sums.turnover += units(head.UMS_BRUTTO)
    cases = {row.POS_ZEILE: (row.GV_TYP, row.GV_NAME, row.AGENTUR_ID or "0") for row in receipt["lines.csv"]}
    amounts = [
        (
            (*cases.get(row.POS_ZEILE, ("", "", "0")), number(row.UST_SCHLUESSEL)),
            gross(row, "POS"),
            line_tax(row, book),
        )
        for row in receipt["lines_vat.csv"]
    ]
    for case, value, _ in amounts:
        sums.cases[case] += value
    sums.taxes.take(receipt, amounts, book)
    opens = any(case[0] == "Anfangsbestand" for case in cases.values())
    for row in receipt["datapayment.csv"]:
        value = units(row.BASISWAEH_BETRAG)
        sums.payments[(row.ZAHLART_TYP, row.ZAHLART_NAME)] += value
        foreign = row.ZAHLWAEH_CODE not in ("", book.currency)
        if row.ZAHLART_TYP == "Bar":
            currency = row.ZAHLWAEH_CODE if foreign else book.currency
            units_of = units(row.ZAHLWAEH_BETRAG) if foreign else value
            sums.stocks.bar[currency] = sums.stocks.bar.get(currency, 0) + units_of
            if not foreign:
                cash += value
                if opens:
                    sums.stocks.opening = (sums.stocks.opening or 0) + value
                    sums.stocks.opening_row = head.ROW
        if foreign and (abroad := units(row.ZAHLWAEH_BETRAG)):
            sums.rates[row.ZAHLWAEH_CODE].append((value * UNIT // abroad, row))
        elif foreign and value:
            found.differs("C15", row.FILE, row.ROW, "ZAHLWAEH_BETRAG", "ein Betrag", row.ZAHLWAEH_BETRAG)
    if cash < 0 and sums.stocks.opening is not None:
        _differs(found, "C12", head, "Bargeldbestand nach dem Vorgang", 0, cash)
    return cash


def _check_closing(closing: Closing, sums: Sums, book: Book, found: Findings) -> None:
    """The closing's three files and its own two sums (C4, C6 to C9, C14)."""
    cases = 0
    stated: dict[Case, Row] = {}
    for row in closing["businesscases.csv"]:
        case = (row.GV_TYP, row.GV_NAME, row.AGENTUR_ID or "0", number(row.UST_SCHLUESSEL))
        stated[case] = row
        value = units(row.Z_UMS_BRUTTO)
        cases += value
        if value != sums.cases.get(case, 0):
            _differs(found, "C6", row, f"Z_UMS_BRUTTO von {row.GV_TYP}", sums.cases.get(case, 0), value)
        if value != units(row.Z_UMS_NETTO) + units(row.Z_UST):
            _differs(
                found, "C4", row, "Z_UMS_NETTO + Z_UST", value, units(row.Z_UMS_NETTO) + units(row.Z_UST)
            )
    sums.taxes.check(stated, book, found)
    _check_moved("C6", stated, sums.cases, found)
    for case in sorted(set(sums.cases) - set(stated)):
        if sums.cases[case]:
            text = f"{case[0]} {case[1]} (Agentur {case[2]}, Schlüssel {case[3]}): {amount(sums.cases[case])}"
            found.add("C6", "businesscases.csv", 0, f"es fehlt die Zeile {text} (Z_NR {closing.key[2]})")
    payments = _check_payments(closing, sums, found)
    for head in closing["cashpointclosing.csv"][:1]:
        stands = units(head.Z_SE_ZAHLUNGEN)
        compared = {"Zahlarten": payments, "Umsätze der Belege": sums.turnover, "Geschäftsvorfälle": cases}
        for what, value in compared.items():
            if value != stands:
                _differs(found, "C8", head, f"Z_SE_ZAHLUNGEN gegen {what}", value, stands)
        bar = sum(value for (kind, _), value in sums.payments.items() if kind == "Bar")
        if bar != units(head.Z_SE_BARZAHLUNGEN):
            _differs(found, "C9", head, "Z_SE_BARZAHLUNGEN", bar, units(head.Z_SE_BARZAHLUNGEN))
    for row in closing["cash_per_currency.csv"]:
        sums.stocks.stock[row.ZAHLART_WAEH] = (units(row.ZAHLART_BETRAG_WAEH), row.ROW)
    filled = {file: bool(closing[file]) for file in ("businesscases.csv", "payment.csv")}
    if any(filled.values()) != all(filled.values()):
        missing = next(file for file, has in filled.items() if not has)
        found.add("C14", missing, 0, f"zum Abschluss Z_NR {closing.key[2]} steht keine Zeile")
    if sums.stocks.bar and not closing["cash_per_currency.csv"] and any(sums.stocks.bar.values()):
        found.add("C14", "cash_per_currency.csv", 0, f"zum Abschluss Z_NR {closing.key[2]} steht keine Zeile")


def _check_payments(closing: Closing, sums: Sums, found: Findings) -> int:
    total, stated = 0, dict[tuple[Any, ...], Row]()
    for row in closing["payment.csv"]:
        kind = (row.ZAHLART_TYP, row.ZAHLART_NAME)
        stated[kind] = row
        total += units(row.Z_ZAHLART_BETRAG)
        if (expected := sums.payments.get(kind, 0)) != units(row.Z_ZAHLART_BETRAG):
            _differs(found, "C7", row, f"Zahlart {row.ZAHLART_TYP}", expected, units(row.Z_ZAHLART_BETRAG))
    _check_moved("C7", stated, sums.payments, found)
    for kind in sorted(set(sums.payments) - set(stated)):
        if sums.payments[kind]:
            text = f"{kind[0]} {kind[1]}: {amount(sums.payments[kind])}"
            found.add("C7", "payment.csv", 0, f"es fehlt die Zeile {text} (Z_NR {closing.key[2]})")
    return total


def _check_moved(
    id_: str, rows: Mapping[Any, Row], used: Collection[tuple[Any, ...]], found: Findings
) -> None:
    """A row of nothing for what was not used, where something that was used has none."""
    lacking = sorted(set(used) - set(rows))
    for key, row in rows.items():
        if key not in used and lacking:
            same = next((each for each in lacking if each[0] == key[0]), lacking[0])
            what = " ".join(str(each) for each in same if each != "")
            severity: Severity = "error" if same[0] == key[0] else "warning"
            text = f"erwartet wird die Zeile zu {what}, diese nennt anderes"
            found.add(id_, row.FILE, row.ROW, text, severity)


def _check_day(closing: Closing, found: Findings) -> None:
    """One closing, one business day (C16)."""
    for head in closing["cashpointclosing.csv"][:1]:
        closed = instant(head.Z_ERSTELLUNG)
        belege = (row for row in closing["transactions.csv"] if row.BON_TYP == "Beleg")
        ends = [end for row in belege if (end := instant(row.BON_ENDE)) >= 0]
        if ends and closed >= 0 and closed - min(ends) > LONGEST_DAY and not head.Z_BUCHUNGSTAG:
            text = f"der Abschluss umfasst {span(closed - min(ends))} ohne Z_BUCHUNGSTAG"
            found.add("C16", head.FILE, head.ROW, text)
        if head.Z_BUCHUNGSTAG:
            booked = instant(f"{head.Z_BUCHUNGSTAG}T12:00:00Z")
            if booked >= 0 and closed >= 0 and not -DAY_MS <= closed - booked <= 2 * LONGEST_DAY + DAY_MS:
                text = f"Z_BUCHUNGSTAG {head.Z_BUCHUNGSTAG} liegt weit von Z_ERSTELLUNG {head.Z_ERSTELLUNG}"
                found.add("C16", head.FILE, head.ROW, text)


def _check_foreign(sums: Sums, found: Findings) -> None:
    for currency, rates in sums.rates.items():
        ordered = sorted(rate for rate, _ in rates)
        middle = ordered[len(ordered) // 2]
        for rate, row in rates:
            if rate <= 0 or abs(rate - middle) * RATE_SPREAD > middle:
                text = f"Kurs {amount(rate)} für {currency}, sonst {amount(middle)}"
                found.add("C15", row.FILE, row.ROW, text, "error" if rate <= 0 else "warning")


def _differs(found: Findings, id_: str, row: Row, what: str, expected: int, stands: int) -> None:
    where = f"{what} (BON_ID {row.BON_ID})" if "BON_ID" in row._fields else what
    found.differs(id_, row.FILE, row.ROW, where, amount(expected), amount(stands))
