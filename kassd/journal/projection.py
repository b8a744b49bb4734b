"""Rows for those who search the journal: receipts, their lines, tax and payments, closings, cash, counts.

Each table is made from single facts alone, so that lines can be added in any number at any time, and dropped
again. Amounts are integer cents (of other currencies hundredths), quantities thousandths; ``day`` is the
register's local day. A key that a fact leaves out stands here as its default, None where there is none.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from kassd.core.cash.state import read_holding_key
from kassd.core.totals import MOVEMENTS, read_key
from kassd.journal.line import Line

Row = tuple[str, tuple[Any, ...]]  # table and values
Data = dict[str, Any]

# Table → columns with their types, and the columns it is looked up by.
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "receipts": (
        "seq INTEGER, number INTEGER, sale TEXT, day TEXT, started_at TEXT, at TEXT, bon_type TEXT,"
        " kind TEXT, title TEXT, station TEXT, operator TEXT, total INTEGER, change INTEGER,"
        " grp TEXT, customer TEXT, reason TEXT, person TEXT, outage TEXT, serial_number TEXT,"
        " transaction_number INTEGER, signature_counter INTEGER, tse_start TEXT, tse_finish TEXT,"
        " test INTEGER",
        ("number", "day"),
    ),
    "items": (
        "number INTEGER, n INTEGER, sale TEXT, text TEXT, quantity INTEGER, unit TEXT, unit_price INTEGER,"
        " amount INTEGER, vat INTEGER, gv_type TEXT, voids INTEGER",
        ("number",),
    ),
    "entered": (  # what a slip does not show of a line, as it was entered
        "sale TEXT, n INTEGER, at TEXT, operator TEXT, article TEXT, gtin TEXT, gv_name TEXT, grp TEXT,"
        " group_name TEXT, agency INTEGER, in_house INTEGER, list_price INTEGER, price_why TEXT,"
        " voucher TEXT",
        ("sale, n",),
    ),
    "payments": (
        "number INTEGER, n INTEGER, type TEXT, name TEXT, amount INTEGER, given INTEGER, currency TEXT,"
        " hundredths INTEGER, rate TEXT, reference TEXT",
        ("number",),
    ),
    "taxes": (
        "number INTEGER, vat INTEGER, rate TEXT, net INTEGER, tax INTEGER, gross INTEGER",
        ("number",),
    ),
    "refs": (
        "number INTEGER, type TEXT, receipt TEXT, closing INTEGER, register TEXT, name TEXT, line INTEGER",
        ("number",),
    ),
    "closings": (
        "seq INTEGER, number INTEGER, at TEXT, day TEXT, operator TEXT, first_receipt INTEGER,"
        " last_receipt INTEGER, total INTEGER, cash INTEGER, automatic INTEGER, late INTEGER,"
        " reason TEXT, software TEXT",
        ("seq", "number"),
    ),
    "closing_cases": (
        "number INTEGER, gv_type TEXT, gv_name TEXT, vat INTEGER, agency INTEGER, gross INTEGER, net INTEGER,"
        " tax INTEGER",
        ("number",),
    ),
    "closing_payments": (
        "number INTEGER, type TEXT, name TEXT, movement INTEGER, amount INTEGER",
        ("number",),
    ),
    "closing_cash": ("number INTEGER, account TEXT, currency TEXT, amount INTEGER", ("number",)),
    "counts": (
        "seq INTEGER, at TEXT, operator TEXT, account TEXT, currency TEXT, counted INTEGER, expected INTEGER,"
        " closing INTEGER, reason TEXT",
        ("seq",),
    ),
}
THOUSAND = Decimal(1000)


def schema(database: str) -> str:
    """SQL that makes these tables, empty."""
    made = []
    for table, (columns, keys) in TABLES.items():
        made.append(f"CREATE TABLE {database}.{table} ({columns}) STRICT;")
        for key in keys:
            name = key.replace(", ", "_")
            made.append(f"CREATE INDEX {database}.{table}_{name} ON {table} ({key});")
    return "\n".join(made)


def insert(table: str, database: str) -> str:
    """SQL that adds a row."""
    marks = ",".join("?" * (TABLES[table][0].count(",") + 1))
    return f"INSERT INTO {database}.{table} VALUES ({marks})"


def project(line: Line) -> Iterator[Row]:
    """The rows of one line."""
    for fact in line.facts:
        make = _MAKERS.get(str(fact["kind"]))
        if make is not None:
            yield from make(line, fact["data"])


def _finished(line: Line, data: Data) -> Iterator[Row]:
    document, number, sale = data.get("document", {}), data.get("number"), data.get("sale")
    seal, at = document.get("seal") or {}, str(data.get("at", ""))
    yield (
        "receipts",
        (
            *(line.seq, number, sale, at[:10], document.get("started_at", ""), at, data.get("bon_type")),
            *(document.get("kind"), document.get("title"), document.get("station", "")),
            *(document.get("operator", ""), document.get("total", 0), document.get("change", 0)),
            *(document.get("group", ""), (document.get("customer") or {}).get("name", "")),
            *(document.get("reason", ""), document.get("person", ""), data.get("outage", "")),
            *(seal.get("serial_number"), seal.get("transaction_number"), seal.get("signature_counter")),
            *(seal.get("start"), seal.get("finish"), int(document.get("test", False))),
        ),
    )
    for p in document.get("positions", ()):
        quantity = int(Decimal(p["quantity"]) * THOUSAND)
        price = (quantity, p.get("unit", ""), p["unit_price"], p["amount"], p["vat"])
        case = (p.get("case", "Umsatz"), p.get("voids", 0))
        yield "items", (number, p["n"], sale, p["text"], *price, *case)
    for n, p in enumerate(document.get("payments", ()), 1):
        currency = p.get("currency", "EUR")
        hundredths = p["amount"] if currency == "EUR" else p.get("foreign", 0)
        money = (p["amount"], p.get("given"), currency, hundredths, p.get("rate"))
        yield "payments", (number, n, p["type"], p["name"], *money, p.get("reference", ""))
    for v in document.get("vat", ()):
        yield "taxes", (number, v["vat"], v["rate"], v["net"], v["tax"], v["gross"])
    for r in document.get("references", ()):
        where = (r["type"], r["number"], r.get("closing", 0), r.get("register", ""))
        yield "refs", (number, *where, r.get("name", ""), r.get("line", 0))


def _entered(line: Line, data: Data) -> Iterator[Row]:
    yield (
        "entered",
        (
            *(data.get("sale"), data.get("n"), data.get("at"), data.get("operator", "")),
            *(data.get("article", ""), data.get("gtin", ""), data.get("name", ""), data.get("group", "")),
            *(data.get("group_name", ""), data.get("agency", 0), int(data.get("in_house", False))),
            *(data.get("list_price"), data.get("price_why", ""), data.get("voucher", "")),
        ),
    )


def _closed(line: Line, data: Data) -> Iterator[Row]:
    number, totals = data.get("number"), data.get("totals") or {}
    yield (
        "closings",
        (
            *(line.seq, number, data.get("at"), data.get("business_day"), data.get("operator", "")),
            *(data.get("first_receipt"), data.get("last_receipt"), data.get("total"), data.get("cash")),
            *(int(data.get("automatic", False)), int(data.get("late", False))),
            *(data.get("reason", ""), data.get("software", "")),
        ),
    )
    for key, sums in sorted(totals.get("cases", {}).items()):
        case, vat, name, agency = read_key(key)
        yield "closing_cases", (number, case, name, vat, agency, *sums)
    for key, amount in sorted(totals.get("payments", {}).items()):
        type_, _, name = key.partition("|")
        movement = name.endswith(f"|{MOVEMENTS}")
        yield "closing_payments", (number, type_, name.removesuffix(f"|{MOVEMENTS}"), int(movement), amount)
    for key, stock in sorted(data.get("holdings", {}).items()):
        yield "closing_cash", (number, *read_holding_key(key), stock.get("amount", 0))


def _counted(line: Line, data: Data) -> Iterator[Row]:
    for count in (data["count"],) if "count" in data else data.get("counts", ()):
        about = (count["account"], count["currency"], count["counted"], count["expected"])
        closing = int("counts" in data)
        who = (data.get("at"), data.get("operator", ""))
        yield "counts", (line.seq, *who, *about, closing, data.get("reason", ""))


_MAKERS: dict[str, Callable[[Line, Data], Iterator[Row]]] = {
    "sale.finished": _finished,
    "sale.line_added": _entered,
    "till.closed": _closed,
    "cash.counted": _counted,
    "till.closing_began": _counted,
}
