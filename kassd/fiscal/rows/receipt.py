"""One finished Vorgang as rows: Bonkopf and what belongs to it, and the process data they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kassd.core.process_data import ORDER, order_process_data, receipt_process_data
from kassd.core.vat import VatKey
from kassd.fiscal.rows.bon import Bon, Json
from kassd.fiscal.rows.lines import Rows, line_rows
from kassd.fiscal.rows.problem import CONTRADICTION, ExportBlocked, Problem

Row = dict[str, Any]
DETAILS = (
    *("datapayment", "lines", "itemamounts", "subitems", "transactions_tse"),
    *("transactions_vat", "lines_vat", "allocation_groups", "references"),
)
FOREIGN = "ZAHLWAEH_BETRAG"
SYSTEM = "kassd"  # BEDIENER_ID of what the register ends by itself
WHY = {
    "operator": "abgebrochen",
    "timeout": "abgebrochen nach Zeitablauf",
    "closing": "abgebrochen beim Kassenabschluss",
    "parked": "zurück in den Abrechnungskreis",
    "unread_start": "Transaktion ohne Vorgang (Antwort der TSE ging verloren)",
    "tse_replaced": "Probe der neuen TSE",
}


@dataclass(slots=True)
class ReceiptRows:
    """A Vorgang. ``transaction`` is its row of transactions, ``tables`` has the rows of the other nine files
    by file stem; rows map column → value and leave out Z key, BON_ID and what is not set.

    Values: cents (int) in columns of 2 or 5 decimals, whole numbers (int) without, ``Decimal`` for
    quantities, ``str``. ``process_type`` and ``process_data``: what the TSE was to sign. ``seq``: the journal
    line it ended in; ``sale``: its id; ``outage``: id of the outage it was issued in, '' if it is signed.
    ``started``: number and log time of the TSE's start where one is known. ``kind``: sale, cash, order, …
    (SaleKind).
    """

    bon_id: str
    transaction: Row
    tables: dict[str, Rows]
    process_type: str
    process_data: str
    seq: int
    sale: str
    kind: str
    outage: str = ""
    started: tuple[int, str] | None = None
    waits: bool = False
    seal: Json | None = None
    tse_serial: str = ""
    cases: dict[tuple[str, str, int, int], int] = field(default_factory=dict)

    @property
    def is_beleg(self) -> bool:
        """Whether it enters the closing's sums."""
        return bool(self.transaction["BON_TYP"] == "Beleg")


def receipt_rows(
    bon: Bon, done: Json, seq: int, keys: Mapping[int, VatKey], storno: bool, where: str
) -> ReceiptRows:
    """Rows of a Vorgang from its facts; ``done`` is the data of ``sale.finished``. ``storno``: whether a
    cancellation has BON_STORNO 1.

    Raises :class:`ExportBlocked` where the process data do not follow from the rows.
    """
    bon_type, document = done["bon_type"], done["document"]
    tables: dict[str, Rows] = {}
    station = bon.opened["station"]
    lines = bon.final_lines()
    sums, cases = line_rows(lines, station, tables)
    vat = _vat(document.get("vat", ()), sums, where)
    tables["transactions_vat"] = vat
    payments = _payments(bon, bon_type)
    if payments:
        tables["datapayment"] = payments
    if bon.group:
        tables["allocation_groups"] = [{"ABRECHNUNGSKREIS": bon.group}]
    if bon.references:
        tables["references"] = [_reference(reference) for reference in bon.references]
    if unknown := sums.keys() - keys.keys():
        told = f"Zu Steuerschlüssel {min(unknown)} gibt es keinen Steuersatz. {CONTRADICTION}"
        raise ExportBlocked([Problem(where, told)])
    process_type, process_data = bon.numbered["process_type"], bon.numbered["process_data"]
    rebuilt = rebuild(bon_type, process_type, tables, keys)
    seal = document.get("seal")
    if rebuilt != process_data or (seal is not None and seal["process_data"] != process_data):
        message = (
            f"Aus den Zeilen folgt {rebuilt!r}, der TSE übergeben wurde {process_data!r}. {CONTRADICTION}"
        )
        raise ExportBlocked([Problem(where, message)])
    return ReceiptRows(
        bon_id=str(done["number"]),
        transaction=_head(bon, done, lines, storno),
        tables=tables,
        process_type=process_type,
        process_data=process_data,
        seq=seq,
        sale=done["sale"],
        kind=bon.opened["kind_of"],
        outage=done["outage"],
        started=bon.transaction,
        waits=seal is None and (bon.asked or bon.transaction is not None),
        seal=seal,
        cases=cases,
    )


def rebuild(bon_type: str, process_type: str, tables: Mapping[str, Rows], keys: Mapping[int, VatKey]) -> str:
    """The process data of Anhang I from rows as they are exported."""
    if process_type == ORDER:
        lines = tables.get("lines", ())
        return order_process_data((row["MENGE"], row["ARTIKELTEXT"], row["STK_BR"]) for row in lines)
    vat = ((row["UST_SCHLUESSEL"], row["BON_BRUTTO"]) for row in tables.get("transactions_vat", ()))
    payments = (
        (
            row["ZAHLART_TYP"],
            row[FOREIGN] if FOREIGN in row else row["BASISWAEH_BETRAG"],
            row["ZAHLWAEH_CODE"],
        )
        for row in tables.get("datapayment", ())
    )
    return receipt_process_data(bon_type, vat, payments, keys)


def _head(bon: Bon, done: Json, lines: list[Json], storno: bool) -> Row:
    opened, number = bon.opened, done["number"]
    row: Row = {
        "BON_ID": str(number),
        "BON_NR": number,
        "BON_TYP": done["bon_type"],
        "TERMINAL_ID": opened["station"],
        "BON_STORNO": "1" if storno and bon.name == "Storno" and not bon.aborted else "0",
        "BON_START": opened["at"],
        "BON_ENDE": done["at"],
        "BEDIENER_ID": opened["operator"] or SYSTEM,
        "UMS_BRUTTO": sum([line["amount"] for line in lines]),
    }
    if bon.name:
        row["BON_NAME"] = bon.name
    if bon.operator_name:
        row["BEDIENER_NAME"] = bon.operator_name
    if bon.customer:
        row.update(customer_columns(bon.customer))
    if note := _note(bon):
        row["BON_NOTIZ"] = note
    return row


def customer_columns(customer: Json) -> Row:
    """KUNDE_*. Who has no number in the shop's books is known there by name; without a kind it is a
    customer."""
    name = customer["name"]
    row = {
        "KUNDE_NAME": name,
        "KUNDE_ID": customer.get("id") or name,
        "KUNDE_TYP": customer.get("type") or "Kunde",
    }
    if customer.get("street") or customer.get("city"):
        row["KUNDE_LAND"] = customer.get("country", "DEU")
    for column, key in (
        ("KUNDE_STRASSE", "street"),
        ("KUNDE_PLZ", "postal_code"),
        ("KUNDE_ORT", "city"),
        ("KUNDE_USTID", "vat_id"),
    ):
        if value := customer.get(key):
            row[column] = value
    return row


def _note(bon: Bon) -> str:
    """BON_NOTIZ: what the other columns have no room for, of payments what terminal, cheque or bank call them
    (GoBD Rz 55)."""
    opened, parts = bon.opened, []
    if note := opened.get("note"):
        parts.append(note)
    if bon.reason and bon.reason not in WHY:
        parts.append(bon.reason)
    person = opened.get("person")
    if person and person != opened["operator"]:
        parts.append(f"Person: {person}")
    if first := opened.get("first_order_at"):
        parts.append(f"erste Bestellung {first}")
    told = (payment for payment in bon.payments if payment.get("reference"))
    parts += [f"{payment['name']}: {payment['reference']}" for payment in told]
    if bon.aborted:
        parts.append(WHY.get(bon.aborted, bon.aborted))
    return "; ".join(parts)


def _vat(printed: list[Json], sums: Mapping[int, int], where: str) -> Rows:
    """transactions_vat: as printed (the invoice's double), by tax key; keys whose lines add up to 0.00
    too."""
    rows = [
        {"UST_SCHLUESSEL": v["vat"], "BON_BRUTTO": v["gross"], "BON_NETTO": v["net"], "BON_UST": v["tax"]}
        for v in printed
    ]
    shown = {v["vat"]: v["gross"] for v in printed}
    if shown != sums:
        for vat in sums.keys() | shown.keys():
            if shown.get(vat, 0) != sums.get(vat, 0):
                told = f"gedruckt {shown.get(vat, 0)}, Summe der Positionen {sums.get(vat, 0)} (Cent)"
                raise ExportBlocked([Problem(where, f"Steuerschlüssel {vat}: {told}. {CONTRADICTION}")])
        zero = [vat for vat in sums if vat not in shown]
        rows += [{"UST_SCHLUESSEL": vat, "BON_BRUTTO": 0, "BON_NETTO": 0, "BON_UST": 0} for vat in zero]
        rows.sort(key=lambda row: row["UST_SCHLUESSEL"])
    return rows


def _payments(bon: Bon, bon_type: str) -> Rows:
    """datapayment: a row for each kind, name and currency; only a Beleg has money, and one without, or an
    order, has a row of ``Keine`` (Anhang B, C)."""
    if bon_type not in ("Beleg", "AVBestellung"):
        return []
    rows: dict[tuple[str, str, str], Row] = {}
    if bon_type == "Beleg":
        for payment in bon.payments:
            currency = payment.get("currency", "EUR")
            key = (payment["type"], payment["name"], currency)
            row = rows.get(key)
            if row is None:
                row = rows[key] = {"ZAHLART_TYP": key[0], "ZAHLWAEH_CODE": currency, "BASISWAEH_BETRAG": 0}
                if key[1]:
                    row["ZAHLART_NAME"] = key[1]
            row["BASISWAEH_BETRAG"] += payment["amount"]
            if currency != "EUR":
                row["ZAHLWAEH_BETRAG"] = row.get("ZAHLWAEH_BETRAG", 0) + payment.get("foreign", 0)
    found = [row for row in rows.values() if row["BASISWAEH_BETRAG"] or row.get("ZAHLWAEH_BETRAG")]
    return found or [{"ZAHLART_TYP": "Keine", "ZAHLWAEH_CODE": "EUR", "BASISWAEH_BETRAG": 0}]


def _reference(reference: Json) -> Row:
    """A row of Bon_Referenzen. What refers into the period that is still open has REF_Z_NR 0 until its
    closing is known."""
    row: Row = {"REF_TYP": reference["type"], "REF_BON_ID": reference["number"]}
    if reference.get("line"):
        row["POS_ZEILE"] = str(reference["line"])
    if reference["type"] == "Transaktion":
        row["REF_DATUM"] = reference.get("closed_at", "")
        row["REF_Z_KASSE_ID"] = reference.get("register", "")
        row["REF_Z_NR"] = reference.get("closing", 0)
    elif reference.get("name"):
        row["REF_NAME"] = reference["name"]
    return row
