"""What the register knows of itself, for its documents: company, devices, people, rights, codes, messages."""

from collections.abc import Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from kassd.core.arguments import RIGHTS, Right
from kassd.core.barcodes.control import CONTROL
from kassd.core.codes import CODES
from kassd.core.master import control_prefix, is_small_business, is_test, issuer, items, stations
from kassd.core.money import euros
from kassd.core.people.rights import ROLES, display_name, has_operators, is_operator, role_rights
from kassd.core.receipts.handover import PRINT_AFTER_S
from kassd.core.state import State
from kassd.fiscal.documents.markup import code, moment, plain, table
from kassd.fiscal.documents.record import Record

RIGHT_TEXTS: dict[Right, str] = {
    "sell": "verkaufen und kassieren, Belege noch einmal drucken, Bestellungen, Parken",
    "void": "Positionen zurücknehmen, Vorgänge abbrechen, Bestellungen stornieren, Schwund melden",
    "refund": "Waren zurücknehmen, Belege stornieren, Zahlungsart berichtigen, Papierbelege nacherfassen",
    "price": "anderen Preis als den des Artikelstamms nehmen, Aufschläge",
    "discount": "Rabatte über die freie Grenze hinaus, Zuschüsse, Sachbezug und Sachentnahme",
    "approve": "Alter und Höchstmengen freigeben, Kunden identifizieren, fremde Gutscheine übernehmen",
    "drawer": "Schublade ohne Verkauf öffnen",
    "cash": "Einlagen, Entnahmen und andere Bargeldbewegungen, zählen, Trinkgeld auszahlen",
    "till": "Kasse öffnen und abschließen",
    "report": "X-Bericht, Soll-Bestand und verwahrte Trinkgelder ansehen",
    "export": "Daten ausgeben und das vermerken: DSFinV-K, TSE-Archiv, Journal, Paket für eine Nachschau",
    "catalog": "Artikel und Preise ändern",
    "training": "Trainingsmodus schalten",
    "place": "Einsatzort ändern",
    "people": "Schichten anderer sehen und beenden",
    "tse": "Selbsttest der TSE, Mitteilung an das Finanzamt und Übergabe an die Buchhaltung vermerken",
}
ROLE_TEXTS = {"cashier": "Kassieren", "supervisor": "Aufsicht", "owner": "Inhaber", "auditor": "Prüfer"}
DEVICES = {
    "scanner": "Scanner",
    "printer": "Bondrucker",
    "drawer": "Kassenschublade",
    "purse": "Kellnerbörse",
}
AGENCY = {
    "id": "AGENTUR_ID",
    "text": "Name",
    "street": "Straße",
    "postal_code": "PLZ",
    "city": "Ort",
    "tax_number": "Steuernummer",
}
TENDER = {"name": "Befehl", "type": "ZAHLART_TYP", "text": "auf dem Beleg"}
CURRENCY = {"code": "Währung", "rate": "Euro für eine Einheit"}


def values(state: State, record: Record, zone: tzinfo) -> dict[str, str]:
    """Marks of the texts → Markdown."""
    config = state.config
    shop = issuer(config)
    numbers = [f"Steuernummer {shop.tax_number}" if shop.tax_number else ""]
    numbers.append(f"USt-IdNr. {shop.vat_id}" if shop.vat_id else "")
    exemption = {
        key.partition(".")[2]: v for key, v in config.items() if key.startswith("receipt_exemption.")
    }
    return {
        "business": plain(shop.name),
        "address": plain(f"{shop.street}, {shop.postal_code} {shop.city}, {shop.country}"),
        "tax_numbers": plain(", ".join(number for number in numbers if number)),
        "register_id": code(config.get("register.id", "")),
        "brand": plain(config.get("register.brand", "kassd")),
        "model": plain(config.get("register.model", "")),
        "timezone": plain(zone),
        "test": "ja" if is_test(config) else "",
        "small_business": "ja" if is_small_business(config) else "",
        "place": _place(state, zone),
        "operators": _operators(config),
        "roles": _roles(config),
        "rights": table(("Recht", "erlaubt"), ((code(r), plain(RIGHT_TEXTS[r])) for r in RIGHTS)),
        "clients": _clients(config),
        "devices": _devices(config),
        "stations": ", ".join(code(name) for name in stations(config)),
        "agencies": _listed(config, "agency", AGENCY),
        "tenders": _listed(config, "tender", TENDER),
        "currencies": _listed(config, "currency", CURRENCY),
        "exemption": _exemption(exemption),
        "e_receipts": str(config.get("receipt_link.valid_hours") or ""),
        "unfetched": _unfetched(config),
        "articles": str(len(state.catalog.articles)),
        "lock_after": str(config.get("register.lock_after_s") or ""),
        "sale_timeout": str(int(config.get("register.sale_timeout_s", 1800)) // 60),
        "deadline": f"{int(config.get('register.tse_deadline_ms', 3000)) / 1000:g}".replace(".", ","),
        "difference_alarm": euros(int(config.get("cash.difference_alarm", 1000))),
        "blind": "ja" if config.get("cash.blind") else "",
        "day_ends": plain(config.get("cash.day_ends", "00:00")),
        "remind_at": plain(config.get("cash.remind_at", "")),
        "discounts": _discounts(config),
        "mirror": code(config.get("journal.mirror") or "") if config.get("journal.mirror") else "",
        "journal_dir": code(config.get("journal.dir", "")),
        "control_codes": _control_codes(config),
        "messages": table(
            ("Meldung", "was zu tun ist"), ((plain(c.message), plain(c.next)) for c in _codes())
        ),
    }


def _unfetched(config: Mapping[str, Any]) -> str:
    """What becomes of a receipt that nobody fetches."""
    seconds = int(config.get("receipt_link.print_after_s", PRINT_AFTER_S))
    if not seconds:
        return "was nicht abgeholt wird, wird nicht von selbst gedruckt, auf Verlangen aber jederzeit"
    return f"was nach {seconds} Sekunden nicht abgeholt ist, wird gedruckt"


def _place(state: State, zone: tzinfo) -> str:
    place = state.people.place
    if place is None:
        return ""
    where = ", ".join(
        part for part in (place.name, place.street, f"{place.postal_code} {place.city}".strip()) if part
    )
    return plain(f"{where}, seit {moment(place.since, zone)}")


def _operators(config: Mapping[str, Any]) -> str:
    if not has_operators(config):
        return ""
    rows = (
        (
            code(name),
            plain(display_name(config, name)),
            ", ".join(code(role) for role in config.get(f"operator.{name}.roles") or ()),
            ", ".join(code(right) for right in RIGHTS if right in role_rights(config, name)),
            "ja" if config.get(f"operator.{name}.card") else "nein",
            "ja" if is_operator(config, name) else "nein",
        )
        for name in items(config, "operator")
    )
    return table(("BEDIENER_ID", "Name", "Rollen", "Rechte", "Karte", "darf arbeiten"), rows)


def _roles(config: Mapping[str, Any]) -> str:
    own = items(config, "role")
    rows = []
    for name in [*ROLES, *(role for role in own if role not in ROLES)]:
        rights = own[name].get("rights") or () if name in own else ROLES[name]
        source = "eigene" if name in own else "vorgegeben"
        rows.append((code(name), ROLE_TEXTS.get(name, NONE), ", ".join(map(code, rights)) or "keine", source))
    return table(("Rolle", "wofür", "Rechte", "Herkunft"), rows)


NONE = "–"


def _clients(config: Mapping[str, Any]) -> str:
    rows = (
        (
            code(name),
            code(item.get("station", "main")),
            ", ".join(map(code, item.get("rights") or ())) or "keine",
        )
        for name, item in items(config, "client").items()
    )
    return table(("Anzeige oder Programm", "Station", "Rechte"), rows, "Keine eingerichtet.")


def _devices(config: Mapping[str, Any]) -> str:
    rows = [
        (
            title,
            code(name),
            code(item.get("station", "main")),
            plain(item.get("driver", "–")),
            plain(_way(item)),
        )
        for section, title in DEVICES.items()
        for name, item in items(config, section).items()
    ]
    return table(("Gerät", "Name", "Station", "Treiber", "Anschluss"), rows, "Keine eingerichtet.")


def _way(item: Mapping[str, Any]) -> str:
    keys = ("host", "port", "path", "device", "printer", "pin", "profile", "columns")
    return ", ".join(f"{key} = {item[key]}" for key in keys if item.get(key) not in (None, "", -1)) or NONE


def _listed(config: Mapping[str, Any], section: str, columns: Mapping[str, str]) -> str:
    found = items(config, section)
    rows = [[plain(item.get(key, "") or NONE) for key in columns] for item in found.values()]
    return table(tuple(columns.values()), rows) if rows else ""


def _exemption(item: Mapping[str, Any]) -> str:
    if not item.get("file_number"):
        return ""
    return plain(
        f"Aktenzeichen {item['file_number']}, Umfang: {item['scope']}, "
        f"gültig {item['valid_from']} bis {item['valid_until']}"
    )


def _discounts(config: Mapping[str, Any]) -> str:
    percent, amount = str(config.get("discount.free_percent", 0)), int(config.get("discount.free_amount", 0))
    if not Decimal(percent) and not amount:
        return "Jeder Rabatt von Hand verlangt das Recht `discount`."
    limits = [f"{percent.replace('.', ',')} %"] if Decimal(percent) else []
    limits += [f"{euros(amount)} €"] if amount else []
    free = " oder bis ".join(limits)
    return f"Frei sind Rabatte bis {free}; was darüber liegt, verlangt das Recht `discount`."


def _control_codes(config: Mapping[str, Any]) -> str:
    prefix = control_prefix(config)
    rows = ((code(prefix + name), plain(text)) for name, (_, _, text) in CONTROL.items())
    return table(("Code", "Wirkung"), rows)


def _codes() -> list[Any]:
    """Every message once."""
    return list({entry.message: entry for entry in CODES.values()}.values())
