"""One closing as rows: the ten files of closing and master data, and its receipts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kassd.core.cash.state import EUR, read_holding_key
from kassd.core.totals import read_key
from kassd.core.vat import KEYS
from kassd.fiscal.layout import layout_of
from kassd.fiscal.rows import master
from kassd.fiscal.rows.bon import Json
from kassd.fiscal.rows.fitting import Cut, fit, shortened
from kassd.fiscal.rows.fold import Fold
from kassd.fiscal.rows.problem import CONTRADICTION, ExportBlocked, Problem
from kassd.fiscal.rows.receipt import ReceiptRows, Row, customer_columns
from kassd.fiscal.rows.seal import Late, tse_row
from kassd.fiscal.rows.spool import Spool

Case = tuple[str, str, int, int]  # GV_TYP, GV_NAME, AGENTUR_ID, UST_SCHLUESSEL


class Key(NamedTuple):
    """What every row begins with."""

    Z_KASSE_ID: str
    Z_ERSTELLUNG: str
    Z_NR: int


@dataclass
class Sums:
    """What the receipts of an open period add up to."""

    cases: dict[Case, int] = field(default_factory=dict)
    payments: dict[tuple[str, str], int] = field(default_factory=dict)
    vat: set[int] = field(default_factory=set)
    stations: set[str] = field(default_factory=set)
    receipts: Spool[ReceiptRows] = field(default_factory=Spool)
    problems: list[Problem] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def add(self, receipt: ReceiptRows) -> None:
        """Take in a receipt; its texts are brought to their lengths."""
        where = f"Beleg {receipt.bon_id}"
        head, tables = receipt.transaction, receipt.tables
        fit(head, where, self.cuts)
        for rows in tables.values():
            for row in rows:
                fit(row, where, self.cuts)
        self.stations.add(head["TERMINAL_ID"])
        self.vat.update([row["UST_SCHLUESSEL"] for row in tables["transactions_vat"]])
        if receipt.is_beleg:
            for (case, name, agency, vat), amount in receipt.cases.items():
                key = (case, shortened("GV_NAME", name), agency, vat)
                self.cases[key] = self.cases.get(key, 0) + amount
            for row in tables["datapayment"]:
                tender = (row["ZAHLART_TYP"], row.get("ZAHLART_NAME", ""))
                self.payments[tender] = self.payments.get(tender, 0) + row["BASISWAEH_BETRAG"]
            if head["UMS_BRUTTO"] != sum([row["BASISWAEH_BETRAG"] for row in tables["datapayment"]]):
                raise ExportBlocked(
                    [Problem(where, f"Summe und Zahlungen sind verschieden. {CONTRADICTION}")]
                )
        self.receipts.append(receipt)


@dataclass(frozen=True)
class ClosingRows:
    """``tables``: rows by file stem of the ten files of the closing, without the key. ``receipts`` may be
    gone through as often as wanted, one after the other. ``seq``: the closing's journal line; ``fact``: its
    data; ``cuts``: texts that were shortened."""

    key: Key
    business_day: str
    version: str
    tables: Mapping[str, list[Row]]
    seq: int
    fact: Json
    cuts: tuple[Cut, ...]
    _receipts: Spool[ReceiptRows]
    _fold: "Closed"

    @property
    def receipts(self) -> Iterator[ReceiptRows]:
        """Every Vorgang, by BON_ID as they ended, with the rows that only the closing completes."""
        for receipt in self._receipts:
            yield self._fold.completed(receipt, self.key)

    def __len__(self) -> int:
        return len(self._receipts)

    def close(self) -> None:
        """Let go of the receipts."""
        self._receipts.close()


@dataclass(frozen=True)
class Closed:
    """What a closing knows that its receipts did not know when they ended."""

    first: int
    tse_ids: Mapping[str, int]
    outages: Mapping[str, str]
    invoiced: Mapping[str, Json]
    late: Late

    def completed(self, receipt: ReceiptRows, key: Key) -> ReceiptRows:
        """The receipt with its row of the TSE, references into its own period, a recipient named later."""
        where = f"Z {key.Z_NR}, Beleg {receipt.bon_id}"
        for row in receipt.tables.get("references", ()):
            if row["REF_TYP"] == "Transaktion" and not row["REF_Z_NR"]:
                if not self.first <= int(row["REF_BON_ID"]) <= int(receipt.bon_id):
                    told = (
                        f"Der Verweis auf Beleg {row['REF_BON_ID']} nennt keinen Abschluss. {CONTRADICTION}"
                    )
                    raise ExportBlocked([Problem(where, told)])
                row["REF_DATUM"], row["REF_Z_KASSE_ID"], row["REF_Z_NR"] = (
                    key.Z_ERSTELLUNG,
                    key.Z_KASSE_ID,
                    key.Z_NR,
                )
        customer = self.invoiced.get(receipt.bon_id)
        if customer is not None and "KUNDE_NAME" not in receipt.transaction:
            receipt.transaction.update(customer_columns(customer))
        late = self.late.of(receipt) if receipt.waits else None
        text = self.outages.get(receipt.outage, "TSE-Ausfall")
        row = tse_row(receipt, self.tse_ids, late, text)
        fit(row, where, [])
        receipt.tables["transactions_tse"] = [row]
        return receipt


def closing_rows(fold: Fold, sums: Sums, data: Json, seq: int, late: Late) -> ClosingRows:
    """The closing ``data`` (``till.closed``, in line ``seq``) of the period that ``fold`` and ``sums`` have
    seen.

    Raises :class:`ExportBlocked` where master data are missing or the sums are not those of the journal.
    """
    key = Key(str(fold.config["register.id"]), data["at"], data["number"])
    where = f"Z {key.Z_NR}"
    company = master.company(fold.config)
    problems = [Problem(f"{where}, {one.where}", one.message) for one in sums.problems]
    problems += [Problem(where, told) for told in master.company_problems(company)]
    problems += [Problem(where, told) for told in _differences(sums, data)] if not sums.problems else []
    for vat in sorted(sums.vat & KEYS.keys() - fold.rates.keys()):
        told = f"Der Satz von Steuerschlüssel {vat} steht nicht im Journal. {CONTRADICTION}"
        problems.append(Problem(where, told))
    if not fold.bound:
        problems.append(
            Problem(where, "Es war keine TSE in Betrieb genommen; ohne TSE gibt es keine Belege.")
        )
    if problems:
        raise ExportBlocked(problems)
    software = data["software"]
    tables: dict[str, list[Row]] = {
        "cashpointclosing": [_closing(key, data, company, sums)],
        "location": [master.location(fold.config, fold.place)],
        "cashregister": [master.cash_register(fold.config, software, master.UNKNOWN_VAT in sums.vat)],
        "slaves": master.terminals(fold.config, sums.stations, software),
        "pa": master.agencies(fold.config),
        "tse": master.tses(fold.bound),
        "vat": master.vat_rows(fold.config, fold.rates, sums.vat),
        "businesscases": _cases(data["totals"].get("cases", {})),
        "payment": _payments(sums),
        "cash_per_currency": _holdings(data.get("holdings", {})),
    }
    cuts = [Cut(f"{where}, {cut.where}", cut.column, cut.text) for cut in sums.cuts]
    for rows in tables.values():
        for row in rows:
            fit(row, where, cuts)
    closed = Closed(
        first=data["first_receipt"],
        tse_ids={tse["serial_number"]: number for number, tse in enumerate(fold.bound, 1)},
        outages=dict(fold.outages),
        invoiced=fold.invoiced,
        late=late,
    )
    version = layout_of(data["at"]).version
    return ClosingRows(
        key, data["business_day"], version, tables, seq, data, tuple(cuts), sums.receipts, closed
    )  # fmt: skip


def _closing(key: Key, data: Json, company: Row, sums: Sums) -> Row:
    cash = sum(amount for (kind, _), amount in sums.payments.items() if kind == "Bar")
    row: Row = {
        "TAXONOMIE_VERSION": layout_of(data["at"]).version,
        **company,
        "Z_SE_ZAHLUNGEN": sum(sums.payments.values()),
        "Z_SE_BARZAHLUNGEN": cash,
    }
    if data["business_day"] != key.Z_ERSTELLUNG[:10]:
        row["Z_BUCHUNGSTAG"] = data["business_day"]
    if data["first_receipt"]:
        row["Z_START_ID"], row["Z_ENDE_ID"] = str(data["first_receipt"]), str(data["last_receipt"])
    return row


def _recorded(cases: Mapping[str, Any]) -> dict[Case, list[int]]:
    """Gross, net and tax of each business case as the closing printed them."""
    found: dict[Case, list[int]] = {}
    for text, values in cases.items():
        case, vat, name, agency = read_key(text)
        row = found.setdefault((case, shortened("GV_NAME", name), agency, vat), [0, 0, 0])
        for i, value in enumerate(values):
            row[i] += value
    return found


def _cases(cases: Mapping[str, Any]) -> list[Row]:
    rows = []
    for (case, name, agency, vat), (gross, net, tax) in sorted(_recorded(cases).items()):
        row: Row = {"GV_TYP": case, "AGENTUR_ID": agency, "UST_SCHLUESSEL": vat}
        if name:
            row["GV_NAME"] = name
        rows.append(row | {"Z_UMS_BRUTTO": gross, "Z_UMS_NETTO": net, "Z_UST": tax})
    return rows


def _payments(sums: Sums) -> list[Row]:
    rows = []
    for (kind, name), amount in sorted(sums.payments.items()):
        row: Row = {"ZAHLART_TYP": kind, "Z_ZAHLART_BETRAG": amount}
        if name:
            row["ZAHLART_NAME"] = name
        rows.append(row)
    return rows


def _holdings(holdings: Mapping[str, Any]) -> list[Row]:
    """The cash stock by currency over all drawers and purses, euro always."""
    stock = {EUR: 0}
    for name, holding in holdings.items():
        currency = read_holding_key(name)[1]
        stock[currency] = stock.get(currency, 0) + holding.get("amount", 0)
    return [
        {"ZAHLART_WAEH": currency, "ZAHLART_BETRAG_WAEH": amount}
        for currency, amount in sorted(stock.items())
        if amount or currency == EUR
    ]


def _differences(sums: Sums, data: Json) -> Iterator[str]:
    """Where the receipts do not add up to what the closing says."""
    recorded = {case: values[0] for case, values in _recorded(data["totals"].get("cases", {})).items()}
    for case in sorted(recorded.keys() | sums.cases.keys()):
        if recorded.get(case, 0) != sums.cases.get(case, 0) or case not in recorded:
            told = f"{case[0]} {case[1]}, Steuerschlüssel {case[3]}".replace(" ,", ",")
            here, there = recorded.get(case, 0), sums.cases.get(case, 0)
            yield f"{told}: im Abschluss {here}, aus den Belegen {there} (Cent). {CONTRADICTION}"
    total = sum(sums.payments.values())
    if total != data["total"]:
        yield f"Zahlungen: im Abschluss {data['total']}, aus den Belegen {total} (Cent). {CONTRADICTION}"
