"""The German of the sheet of actions: which there are, in which order, and what their fields are called."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final

from kassd.deferred import dataclass

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """One act of a person: ``command`` with ``fixed`` arguments, and ``fields`` that are filled in.
    ``needs``: what is required here though the command could do without; ``labels`` where the usual one does
    not fit; ``shows``: the reply is what was asked for."""

    command: str
    title: str
    fields: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    labels: Texts = field(default_factory=dict)
    shows: bool = False


def _act(command: str, title: str, *fields: str, needs: str = "", **more: Any) -> Action:
    return Action(command, title, fields, needs=tuple(needs.split()), **more)


ADDRESS: Final = ("name", "street", "postal_code", "city")

SHEET: Final[tuple[tuple[str, tuple[Action, ...]], ...]] = (
    (
        "Verkauf",
        (
            _act("article.price", "Preis prüfen", "code", needs="code"),
            _act(
                "sale.add",
                "Artikel nach Nummer",
                "article",
                "quantity",
                "price",
                "in_house",
                "over_limit",
                "note",
                "reason",
                needs="article",
            ),
            _act("deposit.return", "Pfand zurück", "article", "code", "quantity"),
            _act("empties.redeem", "Leergutbon", "code"),
            _act("sale.discount", "Rabatt", "line", "percent", "amount", "reason"),
            _act("sale.discount", "Coupon", "coupon", needs="coupon"),
            _act("sale.surcharge", "Aufschlag", "line", "percent", "amount", "reason"),
            _act("sale.subsidy", "Zuschuss", "kind", "amount", "payer", "reason"),
            _act("sale.set_in_house", "Im Haus", "line", fixed={"in_house": True}),
            _act("sale.set_in_house", "Außer Haus", "line", fixed={"in_house": False}),
            _act("sale.approve_age", "Alter bestätigen"),
            _act("sale.undo", "Rückgängig"),
            _act("agency.sell", "Für Agentur verkaufen", "agency", "text", "price", "quantity"),
        ),
    ),
    (
        "Bezahlen",
        (
            _act("sale.pay", "Gutschein einlösen", "code", fixed={"type": "voucher"}, needs="code"),
            _act(
                "sale.pay", "Stimmt so", "given", fixed={"type": "cash", "keep_change": True}, needs="given"
            ),
            _act("sale.tip", "Trinkgeld", "to", "amount", "total"),
            _act("sale.pay", "Teilbetrag Karte", "amount", fixed={"type": "card"}, needs="amount"),
            _act("sale.pay", "Karte an anderem Terminal", "amount", fixed={"type": "card", "manual": True}),
            _act("card.abort", "Kartenzahlung abbrechen"),
            _act("card.settle", "Karte: doch bezahlt", "reason", fixed={"paid": True}),
            _act("card.settle", "Karte: nicht bezahlt", "reason", fixed={"paid": False}),
            _act("sale.pay", "GiroCode zeigen", "amount", fixed={"type": "girocode"}),
            _act("transfer.settle", "Überweisung: Geld ist da", fixed={"paid": True, "received": True}),
            _act("transfer.settle", "Überweisung: Auftrag gesehen", fixed={"paid": True}),
            _act("transfer.settle", "Überweisung: anders kassieren", fixed={"paid": False}),
            _act("sale.pay", "Scheck", "reference", fixed={"type": "cheque"}, needs="reference"),
            _act(
                "sale.pay",
                "Fremdwährung bar",
                "currency",
                "given",
                fixed={"type": "cash"},
                needs="currency given",
            ),
            _act("sale.pay", "Auf Kundenkonto", "customer", fixed={"type": "account"}),
            _act(
                "sale.identify", "Kunde identifiziert", "reference", labels={"reference": "Nachweis liegt in"}
            ),
            _act("sale.benefit", "Personal (Sachbezug)", "employee.name", "employee.id", "reason"),
            _act("sale.benefit", "Eigenverbrauch", "owner", "reason", needs="owner"),
        ),
    ),
    (
        "Tische und Parken",
        (
            _act("sale.park", "Parken / auf Tisch", "table", "over_limit"),
            _act("sale.recall", "Holen", "group", needs="group"),
            _act("order.bill", "Rechnung", "group", "lines", "parts", needs="group"),
            _act("order.interim", "Zwischenrechnung", "group", needs="group"),
            _act("order.cancel", "Bestellung stornieren", "group", "lines", "reason", needs="group"),
            _act("order.transfer", "Umsetzen", "group", "to_table", "waiter", "lines", needs="group"),
            _act("order.merge", "Zusammenlegen", "group", "into", "over_limit", needs="group into"),
            _act("order.walkout", "Gast ist weg", "group", "reason", needs="group"),
            _act("order.list", "Was ist offen?", shows=True),
        ),
    ),
    (
        "Gutschein, Konto, Bestellung",
        (
            _act(
                "voucher.sell", "Gutschein verkaufen", "value", "code", fixed={"kind": "multi"}, needs="value"
            ),
            _act(
                "voucher.sell",
                "Einzweckgutschein",
                "article",
                "value",
                "code",
                fixed={"kind": "single"},
                needs="article",
            ),
            _act("voucher.balance", "Guthaben", "code", shows=True),
            _act("voucher.refund", "Gutschein auszahlen", "code", "reason"),
            _act("voucher.withdraw", "Gutschein sperren", "code", "reason"),
            _act("voucher.take_over", "Gutschein übernehmen", "code", "kind", "value", "issuer", "reason"),
            _act("account.list", "Offene Konten", "customer", shows=True),
            _act("account.settle", "Konto bezahlen", "number", "amount"),
            _act(
                "downpayment.take",
                "Anzahlung",
                "customer",
                "what",
                "amount",
                "vat",
                "pickup",
                needs="amount vat",
            ),
            _act("downpayment.list", "Vorbestellungen", "pickup", shows=True),
            _act("downpayment.release", "Anzahlung einlösen", "number"),
            _act("downpayment.refund", "Anzahlung zurück", "number", "reason"),
        ),
    ),
    (
        "Rechnung und Beleg",
        (
            _act("sale.customer", "Kunde auf den Bon", *ADDRESS, "vat_id"),
            _act("receipt.invoice", "Rechnung zum Bon", "receipt", *ADDRESS, "vat_id", "hospitality"),
            _act("receipt.reprint", "Kopie", "receipt", "hospitality"),
            _act("receipt.print", "Bon doch drucken", "receipt"),
            _act("sale.hand_over", "Bon elektronisch", "by"),
            _act("receipt.offer", "Bon nachträglich elektronisch", "receipt", "by"),
            _act("receipt.take", "Kunde hat den Bon"),
            _act("sale.hospitality", "Bewirtungsbeleg", fixed={"on": True}),
            _act("sale.reference", "Verweis", "type", "number", "name"),
            _act("invoice.issue", "Auf Rechnung", "customer", "street", "postal_code", "city", "vat_id"),
            _act("invoice.list", "Offene Rechnungen", "customer", shows=True),
            _act("invoice.pay", "Rechnung bezahlen", "number", "amount", "customer"),
            _act("invoice.close", "Rechnung ausbuchen", "number", "reason"),
            _act("delivery.issue", "Lieferschein", "customer"),
            _act("delivery.list", "Offene Lieferscheine", "customer", shows=True),
            _act("delivery.bill", "Lieferschein abrechnen", "number"),
            _act("offer.issue", "Angebot", "name", "valid_until"),
        ),
    ),
    (
        "Zurück und Storno",
        (
            _act("receipt.return", "Ware zurück mit Bon", "receipt", "lines", "reason"),
            _act("sale.return", "Ware zurück ohne Bon", "article", "code", "quantity", "price", "reason"),
            _act("receipt.cancel", "Bon stornieren", "receipt", "reason", "card_reversed"),
            _act("receipt.correct_payment", "Zahlart berichtigen", "receipt", "type", "reason"),
            _act("paper.void", "Papierbeleg ungültig", "slip", "reason"),
            _act("stock.waste", "Abschreiben", "article", "quantity", "reason"),
        ),
    ),
    (
        "Kasse und Geld",
        (
            _act("drawer.open", "Schublade öffnen", "reason"),
            _act("cash.in", "Einlage", "kind", "amount", "reason", "person", "voucher"),
            _act("cash.out", "Auszahlung", "kind", "amount", "reason", "person", "voucher"),
            _act("cash.transfer", "Umlegen", "amount", "to", "drawer", "reason"),
            _act("cash.expected", "Soll-Bestand", shows=True),
            _act("till.count", "Zählen", "count", "book", "reason"),
            _act("till.report", "Zwischenbericht (X)"),
            _act("card.repeat", "Letzter Beleg vom Kartenterminal", "terminal"),
            _act("card.end_of_day", "Kassenschnitt Kartenterminal", "terminal"),
            _act("till.close", "Kasse abschließen", "counts", "skim", "reason"),
            _act("tip.balance", "Trinkgelder", shows=True),
            _act("tip.payout", "Trinkgeld auszahlen", "operator", "amount", "reason"),
        ),
    ),
    (
        "Person und Gerät",
        (
            _act("operator.login", "Anmelden", "operator", "pin"),
            _act("operator.logout", "Abmelden"),
            _act("operator.lock", "Sperren"),
            _act("mode.training", "Training beginnen", fixed={"on": True}),
            _act("mode.training", "Training beenden", fixed={"on": False}),
            _act("place.set", "Standort", *ADDRESS),
            _act("print.skip", "Wartende Drucke verwerfen", "printer"),
            _act("printer.test", "Drucker testen", "printer"),
            _act("tse.self_test", "TSE prüfen"),
            _act("counters.resume", "Nummern fortsetzen", "reason", "receipt", "closing"),
            _act("export.audit", "Kassennachschau", "first", "last", "recipient"),
        ),
    ),
)

LABELS: Final[Texts] = {
    "agency": "Agentur", "amount": "Betrag", "article": "Artikelnummer", "balance": "Guthaben",
    "book": "Differenz buchen", "brand": "Kartenart", "by": "Wie", "card": "Karte",
    "card_reversed": "Kartenzahlung am Terminal storniert", "cash": "Bar", "change": "Rückgeld",
    "city": "Ort", "closing": "letzte Abschlussnummer", "code": "Code oder Nummer",
    "count": "Stückzahl je Schein und Münze", "counted": "gezählt",
    "counts": "Stückzahl je Schein und Münze", "coupon": "Coupon-Code",
    "currency": "Währung (z. B. CHF)", "customer": "Kunde", "difference": "Differenz",
    "drawer": "Schublade oder Geldbörse", "due": "zu zahlen", "employee": "Person", "expected": "Soll",
    "expiry": "gültig bis", "first": "erster Tag", "given": "gegeben", "group": "Bestellung",
    "groups": "Offen", "hospitality": "mit Bewirtungsangaben", "id": "Nummer", "in_house": "im Haus",
    "into": "zu Bestellung", "issuer": "ausgegeben von", "items": "Offen", "kept": "bewahrt",
    "kind": "Art", "last": "letzter Tag", "left": "offen", "line": "Position (leer: alle)",
    "lines": "Positionen, z. B. 1×2, 3", "message": "Meldung", "name": "Name", "note": "Hinweis",
    "number": "Nummer", "operator": "Bediener", "over_limit": "Höchstmenge freigeben", "owner": "Inhaber",
    "parts": "gleiche Teile", "payer": "Wer zahlt", "percent": "Prozent", "person": "Person",
    "pickup": "Abholung am", "pin": "PIN", "postal_code": "PLZ", "price": "Preis", "printer": "Drucker",
    "problem": "Hinderungsgrund", "quantity": "Menge", "reason": "Grund", "receipt": "Bonnummer",
    "recipient": "Empfänger", "reference": "Nummer der Zahlung", "sale": "Verkauf", "since": "seit",
    "skim": "Abschöpfung in den Tresor", "slip": "Nummer des Papierbelegs", "status": "Stand",
    "street": "Straße", "table": "Tisch", "terminal": "Kartenterminal", "text": "Bezeichnung",
    "tips": "Trinkgelder", "to": "an",
    "to_table": "auf Tisch", "total": "Summe", "type": "Art", "valid_until": "gültig bis",
    "value": "Wert", "vat": "Steuerschlüssel", "vat_id": "USt-IdNr.", "voucher": "Belegnummer",
    "waiter": "Kellner", "what": "Was", "at": "vom", "count_of": "Anzahl", "stocks": "Bestände",
}  # fmt: skip
"""Names of arguments and of what replies say."""

MONEY: Final = frozenset(
    {
        *(
            "amount",
            "price",
            "value",
            "given",
            "skim",
            "balance",
            "total",
            "due",
            "left",
            "expected",
            "counted",
        ),
        *("kept", "difference", "change", "card", "cash"),
    }
)
"""Integers that are cents."""

CHOICES: Final[Texts] = {
    "transit": "Geldtransit (Tresor, Bank)", "change": "Wechselgeld", "private": "Privat",
    "deposit": "Einzahlung", "wages": "Lohn", "expense": "Ausgabe", "single": "für eine Sache",
    "multi": "für alles", "staff": "Personal", "owner": "Inhaber", "echt": "echter Zuschuss",
    "unecht": "Teil des Preises", "link": "Link auf das Telefon", "qr": "ganz im QR-Code", "paper": "Papier",
    "ExterneRechnung": "Rechnung", "ExternerLieferschein": "Lieferschein", "ExterneSonstige": "Sonstiges",
}  # fmt: skip

KINDS: Final[Texts] = {
    **{"group": "group", "into": "group", "pin": "pin", "skim": "money"},
    **dict.fromkeys(("expiry", "pickup", "first", "last", "valid_until"), "date"),
    "sale.tip.total": "money",
    "counters.resume.receipt": "whole",
    "in_house": "check",
}
"""Fields that are typed in otherwise than their type says, by name or command and name."""

REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("Kundenwunsch", "Fehleingabe", "Kulanz"),
    "sale.discount": ("Stammkunde", "kleiner Fehler", "Kulanz"),
    "sale.surcharge": ("Nachtzuschlag", "Lieferung", "Sonderwunsch"),
    "receipt.return": ("defekt", "passt nicht", "gefällt nicht"),
    "sale.return": ("defekt", "passt nicht", "gefällt nicht"),
    "card.settle": ("Händlerbeleg gesehen", "Terminal zeigt Abbruch", "Kunde zeigt Abbuchung"),
    "order.cancel": ("falsch gebucht", "war aus", "Reklamation"),
    "order.walkout": ("Zeche geprellt",),
    "stock.waste": ("verdorben", "zerbrochen", "gestohlen"),
    "drawer.open": ("Wechseln", "Münzrolle", "Prüfung"),
    "cash.in": ("Wechselgeld", "Bank", "privat"),
    "cash.out": ("Tresor", "Bank", "Einkauf"),
    "till.count": ("Übergabe", "Zählfehler"),
    "till.close": ("Zählfehler", "Abschluss vergessen"),
    "sale.benefit": ("Personalessen", "privat"),
    "counters.resume": ("ältere Kopie der Speicherkarte",),
}
