"""The DFKA taxonomy of cash register data: one JSON document per closing, from the rows of DSFinV-K.

Names and nesting are those of Anhang G of DSFinV-K ("Schema DSFinV-K/DFKA-Taxonomie"). What is not set is
left out. Numbers are exact decimals, never floats. The document is written piece by piece: one receipt at a
time is in memory.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
Json = dict[str, Any]


class Receipt(Protocol):
    """A Vorgang: its row of transactions, and its rows in the other nine files."""

    @property
    def transaction(self) -> Row:
        """Bonkopf."""

    @property
    def tables(self) -> Tables:
        """File stem → rows."""


def document(
    register: str, created: str, number: int, tables: Tables, receipts: Iterable[Receipt]
) -> Iterator[str]:
    """The text of a closing's document, in pieces. ``register``, ``created``, ``number``: its key."""
    closing = tables["cashpointclosing"][0]
    head = {
        "number": number,
        "taxonomy_version": closing["TAXONOMIE_VERSION"],
        "head": _head(register, created, tables),
        "security": {"tse": _modules(tables)},
        "cash_statement": _cash_statement(tables),
    }
    yield '{"cash_point_closing":' + text_of(_set(head))[:-1] + ',"transactions":['
    for n, receipt in enumerate(receipts):
        yield (",\n" if n else "\n") + text_of(_transaction(register, receipt))
    yield "\n]}}\n"


# A decimal passes the JSON encoder as a text that no printable text can be, and leaves it as a number.
MARK = "\0"
_MARKED = re.compile(r'"\\u0000(-?[0-9]+(?:\.[0-9]+)?)"')


def _marked(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in the document")
    return f"{MARK}{value:f}"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_marked, check_circular=False)


def text_of(value: Any) -> str:
    """JSON text; a Decimal is a number with the digits it has."""
    return _MARKED.sub(r"\1", _ENCODER.encode(value))


def _set(values: Mapping[str, Any]) -> Json:
    """Only what is set."""
    return {key: value for key, value in values.items() if value not in (None, "", {}, [])}


def _cents(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-2)


def _flag(value: Any) -> bool | None:
    return None if value in (None, "") else value == "1"


def _named(row: Row, names: Mapping[str, str]) -> Json:
    """Texts and whole numbers: key of the taxonomy → column."""
    return _set({key: row.get(column) for key, column in names.items()})


def _address(row: Row, prefix: str = "") -> Json:
    columns = {"street": "STRASSE", "postal_code": "PLZ", "city": "ORT", "country_code": "LAND"}
    return _named(row, {key: prefix + column for key, column in columns.items()})


def _gross(row: Row, prefix: str, key: str = "UST_SCHLUESSEL") -> Json:
    """One entry of amounts_per_vat_id."""
    amounts = {"incl_vat": "BRUTTO", "excl_vat": "NETTO", "vat": "UST"}
    values = {name: _cents(row.get(prefix + column)) for name, column in amounts.items()}
    return {"id": row[key], **_set(values)}


def _head(register: str, created: str, tables: Tables) -> Json:
    closing, place = tables["cashpointclosing"][0], tables["location"][0]
    location = {
        "name": place.get("LOC_NAME"),
        "address": _address(place, "LOC_"),
        "vat_id_number": place.get("LOC_USTID"),
        "cash_register": _cash_register(register, tables),
    }
    company = {
        "name": closing.get("NAME"),
        "address": _address(closing),
        **_named(closing, {"tax_number": "STNR", "vat_id_number": "USTID"}),
        "location": _set(location),
    }
    ids = {"business_date": "Z_BUCHUNGSTAG", "first_id": "Z_START_ID", "last_id": "Z_ENDE_ID"}
    return {"creation_date": created, **_named(closing, ids), "company": _set(company)}


def _cash_register(register: str, tables: Tables) -> Json:
    row = tables["cashregister"][0]
    names = {
        "brand": "KASSE_BRAND",
        "model": "KASSE_MODELL",
        "serial_number": "KASSE_SERIENNR",
        "base_currency_code": "KASSE_BASISWAEH_CODE",
    }
    unknown_vat = _flag(row.get("KEINE_UST_ZUORDNUNG"))
    return _set(
        {
            "id": register,
            **_named(row, names),
            "processing_flags": _set({"UmsatzsteuerNichtErmittelbar": unknown_vat}),
            "software": _named(row, {"brand": "KASSE_SW_BRAND", "version": "KASSE_SW_VERSION"}),
            "slaves": [_slave(slave) for slave in tables["slaves"]],
            "purchaser_agencies": [_agency(agency) for agency in tables["pa"]],
            "vat_definitions": [
                {"id": vat["UST_SCHLUESSEL"], "percentage": vat["UST_SATZ"]}
                | _named(vat, {"description": "UST_BESCHR"})
                for vat in tables["vat"]
            ],
        }
    )


def _slave(row: Row) -> Json:
    names = {"slave_id": "ID", "brand": "BRAND", "model": "MODELL", "serial_number": "SERIENNR"}
    found = _named(row, {key: f"TERMINAL_{column}" for key, column in names.items()})
    software = _named(row, {"brand": "TERMINAL_SW_BRAND", "version": "TERMINAL_SW_VERSION"})
    return _set({**found, "software": software})


def _agency(row: Row) -> Json:
    names = {"tax_number": "AGENTUR_STNR", "vat_id_number": "AGENTUR_USTID"}
    name = row.get("AGENTUR_NAME")
    return _set(
        {"id": row["AGENTUR_ID"], "name": name, "address": _address(row, "AGENTUR_"), **_named(row, names)}
    )


def _modules(tables: Tables) -> Json:
    modules = []
    for row in tables["tse"]:
        names = {
            "id": "TSE_ID",
            "serial_number": "TSE_SERIAL",
            "signature_algorithm": "TSE_SIG_ALGO",
            "log_time_format": "TSE_ZEITFORMAT",
        }
        parts = [column for column in row if column.startswith("TSE_ZERTIFIKAT_")]  # in the order of the row
        certificate = "".join(row[column] or "" for column in parts)
        modules.append(_set({**_named(row, names), "certificate": certificate}))
    encodings = [row["TSE_PD_ENCODING"] for row in tables["tse"]]
    return _set({"modules": modules, "process_data_encoding": encodings[-1] if encodings else None})


def _cash_statement(tables: Tables) -> Json:
    closing = tables["cashpointclosing"][0]
    cases: dict[tuple[Any, ...], Json] = {}
    for row in tables["businesscases"]:
        key = (row["GV_TYP"], row.get("GV_NAME"), row["AGENTUR_ID"])
        names = {"type": "GV_TYP", "name": "GV_NAME", "purchaser_agency_id": "AGENTUR_ID"}
        case = cases.setdefault(key, {**_named(row, names), "amounts_per_vat_id": []})
        amounts = {"incl_vat": "Z_UMS_BRUTTO", "excl_vat": "Z_UMS_NETTO", "vat": "Z_UST"}
        values = {name: _cents(row[column]) for name, column in amounts.items()}
        case["amounts_per_vat_id"].append({"id": row["UST_SCHLUESSEL"], **values})
    return {
        "business_cases": list(cases.values()),
        "payment": {
            "full_amount": _cents(closing["Z_SE_ZAHLUNGEN"]),
            "cash_amount": _cents(closing["Z_SE_BARZAHLUNGEN"]),
            "cash_amounts_by_currency": [
                {"currency_code": row["ZAHLART_WAEH"], "amount": _cents(row["ZAHLART_BETRAG_WAEH"])}
                for row in tables["cash_per_currency"]
            ],
            "payment_types": [
                _named(row, {"type": "ZAHLART_TYP", "name": "ZAHLART_NAME"})
                | {"amount": _cents(row["Z_ZAHLART_BETRAG"])}
                for row in tables["payment"]
            ],
        },
    }


def _transaction(register: str, receipt: Receipt) -> Json:
    tables = receipt.tables
    tse = tables.get("transactions_tse", ())
    return _set(
        {
            "head": _transaction_head(register, receipt),
            "security": {"tse": _tse(tse[0])} if tse else None,
            "data": _data(register, receipt),
        }
    )


def _transaction_head(register: str, receipt: Receipt) -> Json:
    row = receipt.transaction
    groups = [group["ABRECHNUNGSKREIS"] for group in receipt.tables.get("allocation_groups", ())]
    buyer = {
        **_named(row, {"name": "KUNDE_NAME", "id": "KUNDE_ID", "type": "KUNDE_TYP"}),
        "address": _address(row, "KUNDE_"),
        **_named(row, {"vat_id_number": "KUNDE_USTID"}),
    }
    return _set(
        {
            **_named(row, {"number": "BON_NR", "type": "BON_TYP", "name": "BON_NAME"}),
            "closing_cash_register": {"id": register, **_named(row, {"slave_id": "TERMINAL_ID"})},
            "storno": _flag(row.get("BON_STORNO")),
            **_named(row, {"id": "BON_ID", "timestamp_start": "BON_START", "timestamp_end": "BON_ENDE"}),
            "user": _named(row, {"id": "BEDIENER_ID", "name": "BEDIENER_NAME"}),
            "buyer": _set(buyer),
            "allocation_groups": groups,
        }
    )


def _tse(row: Row) -> Json:
    finish = {
        "log_time": "ENDE",
        "process_type": "VORGANGSART",
        "signature_counter": "SIGZ",
        "signature": "SIG",
    }
    names = {
        "module_id": "TSE_ID",
        "transaction_number": "TSE_TANR",
        "start_transaction_log_time": "TSE_TA_START",
        **{f"finish_transaction_{key}": f"TSE_TA_{column}" for key, column in finish.items()},
        "error_description": "TSE_TA_FEHLER",
        "process_data": "TSE_VORGANGSDATEN",
    }
    return _named(row, names)


def _data(register: str, receipt: Receipt) -> Json:
    row, tables = receipt.transaction, receipt.tables
    references = tables.get("references", ())
    return _set(
        {
            "references": [_reference(one) for one in references if not one.get("POS_ZEILE")],
            "full_amount_incl_vat": _cents(row["UMS_BRUTTO"]),
            "amounts_per_vat_id": [_gross(vat, "BON_") for vat in tables.get("transactions_vat", ())],
            "notes": row.get("BON_NOTIZ"),
            "payment_types": [_payment(one) for one in tables.get("datapayment", ())],
            "lines": [_line(register, line, tables) for line in tables.get("lines", ())],
        }
    )


def _reference(row: Row) -> Json:
    names = {
        "type": "REF_TYP",
        "name": "REF_NAME",
        "date": "REF_DATUM",
        "cash_register_id": "REF_Z_KASSE_ID",
        "cash_point_closing_id": "REF_Z_NR",
        "id": "REF_BON_ID",
    }
    return _named(row, names)


def _payment(row: Row) -> Json:
    named = _named(row, {"type": "ZAHLART_TYP", "name": "ZAHLART_NAME", "currency_code": "ZAHLWAEH_CODE"})
    foreign = _cents(row.get("ZAHLWAEH_BETRAG"))
    return _set({**named, "foreign_amount": foreign, "amount": _cents(row["BASISWAEH_BETRAG"])})


def _line(register: str, row: Row, tables: Tables) -> Json:
    def of(stem: str) -> list[Row]:
        return [one for one in tables.get(stem, ()) if one.get("POS_ZEILE") == row["POS_ZEILE"]]

    case = _named(row, {"type": "GV_TYP", "name": "GV_NAME", "purchaser_agency_id": "AGENTUR_ID"})
    references = of("references")
    return _set(
        {
            **_named(row, {"line_id": "POS_ZEILE", "voucher_id": "GUTSCHEIN_NR", "text": "ARTIKELTEXT"}),
            "source_cash_register": {"id": register, **_named(row, {"slave_id": "POS_TERMINAL_ID"})},
            "business_case": {
                **case,
                "amounts_per_vat_id": [_gross(one, "POS_") for one in of("lines_vat")],
            },
            "in_house": _flag(row.get("INHAUS")),
            "storno": _flag(row.get("P_STORNO")),
            "item": _item(row, of("itemamounts"), of("subitems")),
            "reference": _reference(references[0]) if references else None,
        }
    )


def _item(row: Row, amounts: Sequence[Row], parts: Sequence[Row]) -> Json:
    names = {"number": "ART_NR", "gtin": "GTIN", "group_id": "WARENGR_ID", "group_name": "WARENGR"}
    lists = {
        "base_amounts_per_vat_id": "base_amount",
        "discounts_per_vat_id": "discount",
        "extra_amounts_per_vat_id": "extra_amount",
    }
    found = {
        **_named(row, names),
        "quantity": row.get("MENGE"),
        "quantity_factor": row.get("FAKTOR"),
        "quantity_measure": row.get("EINHEIT"),
        "price_per_unit": _cents(row.get("STK_BR")),
    }
    for key, kind in lists.items():
        found[key] = [_gross(one, "PF_") for one in amounts if one["TYP"] == kind]
    return _set({**found, "sub_items": [_sub_item(part) for part in parts]})


def _sub_item(row: Row) -> Json:
    names = {
        "number": "ART_NR",
        "gtin": "GTIN",
        "name": "NAME",
        "group_id": "WARENGR_ID",
        "group_name": "WARENGR",
    }
    return _set(
        {
            **_named(row, {key: f"ZI_{column}" for key, column in names.items()}),
            "quantity": row.get("ZI_MENGE"),
            "quantity_factor": row.get("ZI_FAKTOR"),
            "quantity_measure": row.get("ZI_EINHEIT"),
            "amount_per_vat_id": _gross(row, "ZI_BASISPREIS_", "ZI_UST_SCHLUESSEL"),
        }
    )
