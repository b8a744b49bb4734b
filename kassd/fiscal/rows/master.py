"""Master data of one closing as rows (Stamm_*): what was in force when it was made."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kassd.core.master import Config, is_small_business, issuer, items, sales_keys
from kassd.core.notification.sheet import place_of
from kassd.core.vat import HISTORIC, SMALL_BUSINESS
from kassd.fiscal.rows.bon import Json

Row = dict[str, Any]
BRAND = "kassd"  # KASSE_SW_BRAND
BASE_CURRENCY = "EUR"
UNKNOWN_VAT = 7  # UmsatzsteuerNichtErmittelbar
CERTIFICATE_PART = 1000
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
# UST_BESCHR has 55 characters
DESCRIPTIONS = {
    1: "Allgemeiner Steuersatz (§ 12 Abs. 1 UStG)",
    2: "Ermäßigter Steuersatz (§ 12 Abs. 2 UStG)",
    3: "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG)",
    4: "Durchschnittsatz (§ 24 Abs. 1 Nr. 1 UStG)",
    5: "Nicht steuerbar",
    6: "Umsatzsteuerfrei",
    7: "UmsatzsteuerNichtErmittelbar",
    8: "Steuersatz 0 % (§ 12 Abs. 3 UStG)",
    11: "Historischer allgemeiner Steuersatz (§ 12 Abs. 1 UStG)",
    12: "Historischer ermäßigter Steuersatz (§ 12 Abs. 2 UStG)",
    13: "Historischer Durchschnittsatz (§ 24(1)Nr.3), bis 2021",
    21: "Historischer allgemeiner Steuersatz (§ 12 Abs. 1 UStG)",
    22: "Historischer ermäßigter Steuersatz (§ 12 Abs. 2 UStG)",
    23: "Historischer Durchschnittsatz (§ 24(1)Nr.3), 2022",
    33: "Historischer Durchschnittsatz (§ 24(1)Nr.3), bis 12/24",
    43: "Historischer Durchschnittsatz (§ 24(1)Nr.3), 12/2024",
}


def company(config: Config) -> Row:
    """NAME … USTID of Stamm_Abschluss: the supplier as every slip names it."""
    own = issuer(config)
    found = {
        "NAME": own.name,
        "STRASSE": own.street,
        "PLZ": own.postal_code,
        "ORT": own.city,
        "LAND": own.country,
        "STNR": own.tax_number,
        "USTID": own.vat_id,
    }
    return {column: value for column, value in found.items() if value}


def company_problems(row: Row) -> Iterator[str]:
    """What of the company's data is missing, and what to do."""
    missing = [column for column in ("NAME", "STRASSE", "PLZ", "ORT", "LAND") if column not in row]
    if missing:
        yield (
            f"In den Stammdaten des Unternehmens fehlt {', '.join(missing)}. Bitte in der Konfiguration "
            "unter [business] nachtragen; was schon abgeschlossen ist, bitte mit dem Hersteller klären."
        )
    if "STNR" not in row and "USTID" not in row:
        yield (
            "Steuernummer und USt-IdNr. fehlen. Bitte eine davon in der Konfiguration unter [business] als "
            "tax_number oder vat_id eintragen; was schon abgeschlossen ist, bitte mit dem Hersteller klären."
        )


def location(config: Config, place: Json | None) -> Row:
    """Stamm_Orte: the place of use at the closing. Of a mobile register the place that was named, with its
    own address where that is complete; else the place of business it belongs to (``[place]``, where that
    says nothing the business' own)."""
    own, home = place or {}, place_of(config)
    street, postal_code, city = (str(own.get(key) or "") for key in ("street", "postal_code", "city"))
    if not (street and postal_code and city):
        street, postal_code, city = home.street, home.postal_code, home.city
    row = {
        "LOC_NAME": own.get("name") or home.name,
        "LOC_STRASSE": street,
        "LOC_PLZ": postal_code,
        "LOC_ORT": city,
        "LOC_LAND": home.country,
        "LOC_USTID": config.get("place.vat_id") or issuer(config).vat_id,
    }
    return {column: str(value) for column, value in row.items() if value}


def cash_register(config: Config, software: str, unknown_vat: bool) -> Row:
    """Stamm_Kassen. ``unknown_vat``: something was booked whose tax cannot be told yet."""
    row = {
        "KASSE_BRAND": config.get("register.brand"),
        "KASSE_MODELL": config.get("register.model"),
        "KASSE_SERIENNR": config["register.id"],
        "KASSE_SW_BRAND": BRAND,
        "KASSE_SW_VERSION": software,
        "KASSE_BASISWAEH_CODE": BASE_CURRENCY,
        "KEINE_UST_ZUORDNUNG": "1" if unknown_vat else "0",
    }
    return {column: str(value) for column, value in row.items() if value}


def terminals(config: Config, stations: Iterable[str], software: str) -> list[Row]:
    """Stamm_Terminals: the stations. They are parts of the register without a serial number of their own."""
    return [
        {
            "TERMINAL_ID": name,
            "TERMINAL_SERIENNR": f"{config['register.id']}-{name}",
            "TERMINAL_SW_BRAND": BRAND,
            "TERMINAL_SW_VERSION": software,
        }
        for name in sorted(stations)
    ]


def agencies(config: Config) -> list[Row]:
    """Stamm_Agenturen, by AGENTUR_ID."""
    columns = {
        "AGENTUR_NAME": "text", "AGENTUR_STRASSE": "street", "AGENTUR_PLZ": "postal_code",
        "AGENTUR_ORT": "city", "AGENTUR_LAND": "country", "AGENTUR_STNR": "tax_number",
        "AGENTUR_USTID": "vat_id",
    }  # fmt: skip
    rows = []
    for item in sorted(items(config, "agency").values(), key=lambda item: int(item["id"])):
        row: Row = {"AGENTUR_ID": int(item["id"])}
        row.update({column: str(item[key]) for column, key in columns.items() if item.get(key)})
        rows.append(row)
    return rows


def tses(bound: Iterable[Json]) -> list[Row]:
    """Stamm_TSE: every TSE that was this register's in the period, TSE_ID in their order."""
    rows = []
    for number, tse in enumerate(bound, 1):
        row: Row = {
            "TSE_ID": number,
            "TSE_SERIAL": tse["serial_number"],
            "TSE_SIG_ALGO": tse["algorithm"],
            "TSE_ZEITFORMAT": tse["time_format"],
            "TSE_PD_ENCODING": "UTF-8",
            "TSE_PUBLIC_KEY": tse["public_key"],
        }
        certificate = (tse.get("certificates") or [""])[0]
        parts = range(0, len(certificate), CERTIFICATE_PART)
        for part, start in zip(ROMAN, parts, strict=False):
            row[f"TSE_ZERTIFIKAT_{part}"] = certificate[start : start + CERTIFICATE_PART]
        rows.append(row)
    return rows


def vat_rows(config: Config, rates: Mapping[int, Any], used: Iterable[int]) -> list[Row]:
    """Stamm_USt: keys 1 to 8 at the rates in force, the shop's own, and former ones that were used."""
    own = {key: vat for key, vat in sales_keys(config).items() if key not in DESCRIPTIONS}
    rows = []
    for key in sorted({*rates, *own, *used}):
        if key in HISTORIC:
            rate, text = HISTORIC[key].rates[0][1], DESCRIPTIONS[key]
        elif key in own:
            rate, text = own[key].rates[0][1], own[key].name
        else:
            rate, text = rates[key], DESCRIPTIONS[key]
        if key == SMALL_BUSINESS and is_small_business(config):
            text = "Umsatzsteuerfrei (§ 19 UStG)"
        rows.append({"UST_SCHLUESSEL": key, "UST_SATZ": rate, "UST_BESCHR": text})
    return rows
