"""Keys and references inside one closing (B)."""

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise

from kassd.core.verdict import Severity
from kassd.fiscal.audit.book import Book, expected_rate
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.moments import instant
from kassd.fiscal.audit.norm import FIRST_INDIVIDUAL, RECEIPT_FILES, VAT_KEYS
from kassd.fiscal.audit.rows import UNIT, Closing, Receipt, Row, number

ONCE = ("cashpointclosing.csv", "location.csv", "cashregister.csv")
OF_LINE = ("lines_vat.csv", "itemamounts.csv", "subitems.csv")
MAY_LACK_LINES = frozenset({"AVSonstige", "AVBelegabbruch"})
MAY_REPEAT = frozenset({"datapayment.csv", "itemamounts.csv", "subitems.csv"})
UNIQUE: dict[str, Callable[[Row], tuple[str, ...]]] = {
    "slaves.csv": lambda r: (r.TERMINAL_ID,),
    "pa.csv": lambda r: (r.AGENTUR_ID,),
    "tse.csv": lambda r: (r.TSE_ID,),
    "vat.csv": lambda r: (r.UST_SCHLUESSEL,),
    "businesscases.csv": lambda r: (r.GV_TYP, r.GV_NAME, r.AGENTUR_ID or "0", r.UST_SCHLUESSEL),
    "payment.csv": lambda r: (r.ZAHLART_TYP, r.ZAHLART_NAME),
    "cash_per_currency.csv": lambda r: (r.ZAHLART_WAEH,),
}
UNIQUE_IN_RECEIPT: dict[str, Callable[[Row], tuple[str, ...]]] = {
    "transactions_tse.csv": lambda r: (),
    "transactions_vat.csv": lambda r: (r.UST_SCHLUESSEL,),
    "lines_vat.csv": lambda r: (r.POS_ZEILE, r.UST_SCHLUESSEL),
    "allocation_groups.csv": lambda r: (r.ABRECHNUNGSKREIS,),
}
ASCENDING = {"vat.csv": "UST_SCHLUESSEL", "tse.csv": "TSE_ID", "pa.csv": "AGENTUR_ID"}


def check_keys(closing: Closing, book: Book, found: Findings) -> None:
    """Every B check that one closing can answer."""
    _check_once(closing, found)
    for file, key in UNIQUE.items():
        _check_unique(file, closing[file], key, found)
    _check_numbers(closing, found)
    _check_order(closing, found)
    _check_rates(closing, book, found)
    if book.register is not None and set(book.register.KASSE_SERIENNR) & set("/_"):
        row = book.register
        found.differs("B13", row.FILE, row.ROW, "KASSE_SERIENNR", "kein / und kein _", row.KASSE_SERIENNR)
    for row in closing.loose:
        found.add(
            "B9",
            row.FILE,
            row.ROW,
            f"zu BON_ID {shown(row.BON_ID)} gibt es in diesem Abschluss keinen Bonkopf",
        )
    for receipt in closing.receipts:
        _check_receipt(receipt, book, found)


def _check_once(closing: Closing, found: Findings) -> None:
    for file in ONCE:
        rows = closing[file]
        if not rows:
            found.add(
                "B3", file, 0, f"zum Abschluss Z_NR {closing.key[2]} ({closing.key[0]}) fehlt die Zeile"
            )
        for row in rows[1:]:
            found.add("B3", file, row.ROW, f"zweite Zeile zum Abschluss Z_NR {closing.key[2]}")


def _check_unique(
    file: str, rows: Iterable[Row], key: Callable[[Row], tuple[str, ...]], found: Findings
) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        first = seen.setdefault(key(row), row.ROW)
        if first != row.ROW:
            what = ", ".join(key(row)) or getattr(row, "BON_ID", "")
            found.add("B9", file, row.ROW, f"{shown(what)} steht schon in Zeile {first}")


def _check_numbers(closing: Closing, found: Findings) -> None:
    """BON_NR (B6) and the ends of the closing (B7)."""
    heads = closing["transactions.csv"]
    seen: dict[int, int] = {}
    for row in heads:
        bon_number = number(row.BON_NR)
        if (first := seen.setdefault(bon_number, row.ROW)) != row.ROW:
            found.add(
                "B6", row.FILE, row.ROW, f"BON_NR {shown(row.BON_NR)} steht schon in Zeile {first}", "error"
            )
    ordered = sorted(seen)
    for before, after in pairwise(ordered):
        if after != before + 1 and before >= 0:
            found.differs("B6", "transactions.csv", seen[after], "BON_NR", before + 1, after)
    for closing_row in closing["cashpointclosing.csv"][:1]:
        ids = [row.BON_ID for row in heads]
        if ids and all(number(each) >= 0 for each in ids):
            ids.sort(key=number)
        for name, expected in (("Z_START_ID", ids[:1]), ("Z_ENDE_ID", ids[-1:])):
            stands = getattr(closing_row, name)
            if expected and stands != expected[0]:
                found.differs("B7", closing_row.FILE, closing_row.ROW, name, expected[0], stands)


def _check_order(closing: Closing, found: Findings) -> None:
    heads = closing["transactions.csv"]
    place = {row.BON_ID: index for index, row in enumerate(heads)}
    for before, after in pairwise(heads):
        if 0 <= number(after.BON_ID) < number(before.BON_ID):
            text = f"BON_ID {shown(after.BON_ID)} steht nach {shown(before.BON_ID)}"
            found.add("B16", after.FILE, after.ROW, text)
            break
    for file in RECEIPT_FILES[1:]:
        last, last_line = -1, -1
        for row in closing[file]:
            current = place.get(row.BON_ID, last)
            line = number(row.POS_ZEILE) if file in OF_LINE or file == "lines.csv" else 0
            if current < last or (current == last and line < last_line):
                found.add(
                    "B16",
                    file,
                    row.ROW,
                    f"die Zeile (BON_ID {shown(row.BON_ID)}) steht nicht an ihrer Stelle",
                )
                break
            last, last_line = current, line
    for file, name in ASCENDING.items():
        rows = closing[file]
        for one, two in pairwise(rows):
            if number(getattr(two, name)) < number(getattr(one, name)):
                found.add("B16", file, two.ROW, f"{name} steigt nicht")
                break


def _check_rates(closing: Closing, book: Book, found: Findings) -> None:
    for row in closing["vat.csv"]:
        key = number(row.UST_SCHLUESSEL)
        if key not in VAT_KEYS and key < FIRST_INDIVIDUAL:
            found.add(
                "B12", row.FILE, row.ROW, f"UST_SCHLUESSEL {shown(row.UST_SCHLUESSEL)} ist nicht vergeben"
            )
            continue
        expected = expected_rate(key, book.day)
        if expected is not None and Decimal(expected) * UNIT != book.rates.get(key):
            stands = row.UST_SATZ
            wanted = expected.replace(".", ",")
            found.differs(
                "B12", row.FILE, row.ROW, f"Steuersatz zu Schlüssel {key} am {book.day}", wanted, stands
            )


def _check_receipt(receipt: Receipt, book: Book, found: Findings) -> None:
    head, lines = receipt.head, receipt["lines.csv"]
    if not lines and head.BON_TYP not in MAY_LACK_LINES:
        found.add(
            "B11",
            head.FILE,
            head.ROW,
            f"der Vorgang {shown(head.BON_ID)} ({head.BON_TYP}) hat keine Position",
        )
    if not head.BEDIENER_ID:
        found.add("B15", head.FILE, head.ROW, "BEDIENER_ID ist leer")
    _check_lines(receipt, lines, found)
    for file, rows in receipt.rows.items():
        if len(rows) > 1:
            if key := UNIQUE_IN_RECEIPT.get(file):
                _check_unique(file, rows, key, found)
            else:
                _check_twice(file, rows, found)
    _check_references(receipt, book, found)
    start, end = instant(head.BON_START), instant(head.BON_ENDE)
    if start > end >= 0:
        found.differs("B14", head.FILE, head.ROW, "BON_START", f"nicht nach {head.BON_ENDE}", head.BON_START)
    if end > instant(head.Z_ERSTELLUNG) >= 0:
        found.differs(
            "B14", head.FILE, head.ROW, "BON_ENDE", f"nicht nach {head.Z_ERSTELLUNG}", head.BON_ENDE
        )


def _check_twice(file: str, rows: list[Row], found: Findings) -> None:
    for cells, count in Counter(row[:-1] for row in rows).items():
        if count > 1:
            row = [row for row in rows if row[:-1] == cells][1]
            severity: Severity = "warning" if file in MAY_REPEAT else "error"
            found.add("B9", file, row.ROW, "dieselbe Zeile steht schon davor", severity)


def _check_lines(receipt: Receipt, lines: list[Row], found: Findings) -> None:
    """POS_ZEILE (B8), and what refers to it (B9)."""
    known: set[str] = set()
    for row in lines:
        if row.POS_ZEILE in known:
            found.add("B8", row.FILE, row.ROW, f"POS_ZEILE {shown(row.POS_ZEILE)} kommt zweimal vor")
        known.add(row.POS_ZEILE)
    if known and {number(each) for each in known} != set(range(1, len(lines) + 1)):
        places = sorted(number(each) for each in known)
        row = lines[0]
        text = f"POS_ZEILE von {shown(row.BON_ID)}: erwartet 1 bis {len(lines)}, dort steht {places[:12]}"
        found.add("B8", row.FILE, row.ROW, text)
    taxed = {row.POS_ZEILE for row in receipt["lines_vat.csv"]}
    for row in lines:
        if row.POS_ZEILE not in taxed:
            text = f"zu POS_ZEILE {shown(row.POS_ZEILE)} von {shown(row.BON_ID)} fehlt lines_vat.csv"
            found.add("B9", row.FILE, row.ROW, text)
    for file in OF_LINE:
        for row in receipt[file]:
            if row.POS_ZEILE not in known:
                found.add("B9", file, row.ROW, f"zu POS_ZEILE {shown(row.POS_ZEILE)} gibt es keine Position")
    for row in receipt["references.csv"]:
        if row.POS_ZEILE and row.POS_ZEILE not in known:
            found.add("B9", row.FILE, row.ROW, f"zu POS_ZEILE {shown(row.POS_ZEILE)} gibt es keine Position")


def _check_references(receipt: Receipt, book: Book, found: Findings) -> None:
    """What must stand in the closing's master data (B10)."""
    head = receipt.head
    _known("B10", head, "TERMINAL_ID", head.TERMINAL_ID, book.terminals, found)
    for row in receipt["lines.csv"]:
        if row.POS_TERMINAL_ID:
            _known("B10", row, "POS_TERMINAL_ID", row.POS_TERMINAL_ID, book.terminals, found)
        if row.AGENTUR_ID not in ("", "0"):
            _known("B10", row, "AGENTUR_ID", row.AGENTUR_ID, book.agencies, found)
    for file in ("lines_vat.csv", "transactions_vat.csv", "itemamounts.csv"):
        for row in receipt[file]:
            if number(row.UST_SCHLUESSEL) not in book.rates:
                _known("B10", row, "UST_SCHLUESSEL", row.UST_SCHLUESSEL, (), found)
    for row in receipt["subitems.csv"]:
        if number(row.ZI_UST_SCHLUESSEL) not in book.rates:
            _known("B10", row, "ZI_UST_SCHLUESSEL", row.ZI_UST_SCHLUESSEL, (), found)
    for row in receipt["transactions_tse.csv"]:
        if row.TSE_ID or row.TSE_TA_SIG:
            _known("B10", row, "TSE_ID", row.TSE_ID or "nichts", book.modules, found)


def _known(id_: str, row: Row, name: str, value: str, known: Iterable[str], found: Findings) -> None:
    if value and value not in known:
        found.add(
            id_, row.FILE, row.ROW, f"{name} {shown(value)} steht nicht in den Stammdaten des Abschlusses"
        )
