"""The closed list of reply codes: what went wrong, in German, and what to do next.

A reply that is not ``ok`` or ``accepted`` carries exactly one of these codes; one that is carries
``reply_too_long`` where its result had to be left out. The list is part of the
public interface (``docs/asyncapi.yaml``, ``docs/mqtt.md``): a code may be added, never renamed.
"""

from typing import Literal, get_args

from kassd.deferred import dataclass

Status = Literal["ok", "accepted", "rejected", "conflict", "expired", "unauthorized", "busy", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Code:
    """One reason a command was not carried out.

    ``status`` is the reply's status; ``message`` a German sentence for the operator; ``next`` the next step,
    also in German.
    """

    status: Status
    message: str
    next: str


def _rejected(message: str, next_step: str) -> Code:
    return Code("rejected", message, next_step)


_ENVELOPE = {
    "bad_json": _rejected(
        "Der Befehl ist nicht lesbar.", "Die Anzeige neu laden; bleibt es dabei, den Betreuer rufen."
    ),
    "bad_args": _rejected(
        "Der Befehl ist unvollständig oder falsch aufgebaut.", "Eingabe prüfen und noch einmal senden."
    ),
    "too_large": _rejected("Der Befehl ist zu groß (über 64 KiB).", "Kleinere Teile senden."),
    "unknown_command": _rejected(
        "Diesen Befehl kennt die Kasse nicht.", "Software von Anzeige und Kasse auf gleichen Stand bringen."
    ),
    "no_expiry": _rejected(
        "Dem Befehl fehlt die Gültigkeitsdauer.", "Den Befehl mit Ablaufzeit (message expiry) senden."
    ),
    "retained": _rejected(
        "Gespeicherte (retained) Befehle führt die Kasse nicht aus.", "Den Befehl ohne retain senden."
    ),
    "expired": Code("expired", "Der Befehl ist abgelaufen.", "Stand der Kasse ansehen und neu eingeben."),
    "unauthorized": Code(
        "unauthorized", "Dafür fehlt dieser Anzeige oder Person das Recht.", "Mit Berechtigung anmelden."
    ),
    "not_allowed_here": Code(
        "unauthorized",
        "Aus der Ferne darf niemand Verkäufe anlegen, ändern oder kassieren.",
        "Den Vorgang an der Kasse ausführen.",
    ),
    "stale_rev": Code(
        "conflict",
        "Der Stand hat sich inzwischen geändert.",
        "Anzeige prüfen und die Eingabe wiederholen, wenn sie noch passt.",
    ),
    "reply_too_long": Code(
        "ok",
        "Der Befehl ist ausgeführt; seine Antwort ist länger, als der Broker annimmt, und fehlt deshalb.",
        "Weniger auf einmal abfragen oder die Konfiguration des Brokers erneuern: kassd config broker.",
    ),
    "busy": Code("busy", "Die Kasse ist gerade ausgelastet.", "Kurz warten und noch einmal versuchen."),
    "too_much_at_once": _rejected(
        "Das ist für einen einzelnen Vorgang zu viel.", "In kleineren Teilen eingeben."
    ),
    "unknown_station": _rejected(
        "Diesen Kassenplatz gibt es nicht.", "Einen eingerichteten Kassenplatz wählen."
    ),
}

_TILL = {
    "export_running": _rejected("Ein Export läuft schon.", "Warten, bis er fertig ist."),
    "till_closed": _rejected("Die Kasse ist geschlossen.", "Kasse mit gezähltem Anfangsbestand öffnen."),
    "till_open": _rejected("Die Kasse ist bereits geöffnet.", "Weiterarbeiten oder erst abschließen."),
    "till_closing": _rejected("Der Kassenabschluss läuft.", "Warten, bis der Abschluss fertig ist."),
    "float_differs": Code(
        "conflict",
        "Der gezählte Anfangsbestand weicht vom Bestand des letzten Abschlusses ab.",
        "Nachzählen oder die Herkunft angeben: Geldtransit, privat oder Differenz.",
    ),
    "rollback_undecided": _rejected(
        "Das Journal ist älter als das, was andere davon wissen; so bekäme ein Beleg eine Nummer zweimal.",
        "Den Betreuer rufen: er lässt die Nummern über der höchsten bekannten weiterzählen.",
    ),
    "counters_unknown": _rejected(
        "Die letzte Nummer weiß niemand außer dem Papier.",
        "Die Nummern vom letzten Z-Bericht abschreiben und mit angeben (receipt, closing).",
    ),
    "no_rollback": _rejected("Die Nummern zählen lückenlos weiter.", "Keine Eingabe nötig."),
    "cash_negative": _rejected(
        "So viel Bargeld ist laut Kasse nicht vorhanden.", "Betrag prüfen oder erst eine Einlage buchen."
    ),
    "unknown_drawer": _rejected(
        "Diese Kassenlade oder Kellnerbörse gibt es nicht.", "Eine eingerichtete wählen."
    ),
    "person_required": _rejected("Dafür ist ein Name nötig.", "Den Namen der Person eingeben."),
    "count_required": _rejected(
        "Für den Abschluss fehlt der gezählte Bargeldbestand.", "Bargeld zählen und den Bestand eingeben."
    ),
    "reason_required": _rejected("Dafür ist eine Begründung nötig.", "Einen Grund eingeben."),
    "operator_required": _rejected("Niemand ist angemeldet.", "An diesem Kassenplatz anmelden."),
    "operator_blocked": _rejected(
        "Zu viele falsche PINs: diese Anmeldung ist für einige Minuten gesperrt.",
        "Warten oder jemand anderen anmelden.",
    ),
    "second_person_required": _rejected(
        "Das muss eine zweite Person freigeben.", "Eine andere berechtigte Person freigeben lassen."
    ),
    "unknown_operator": _rejected("Name oder PIN stimmt nicht.", "Anmeldung prüfen und wiederholen."),
    "mode_locked": _rejected("Die Kasse ist gesperrt.", "Sperre durch eine berechtigte Person aufheben."),
    "training_mode": _rejected(
        "Das ist im Trainingsmodus nicht möglich.", "Trainingsmodus beenden und wiederholen."
    ),
}

_SALE = {
    "unknown_article": _rejected(
        "Dieser Artikel ist nicht bekannt.", "Bitte neu scannen oder mit Preis von Hand eingeben."
    ),
    "bad_check_digit": _rejected(
        "Der Strichcode wurde falsch gelesen (Prüfziffer).", "Bitte neu scannen oder Ziffern prüfen."
    ),
    "price_required": _rejected("Für diesen Artikel ist kein Preis hinterlegt.", "Preis eingeben."),
    "article_incomplete": _rejected(
        "Zu diesem Artikel fehlt ein Bestandteil oder eine Pfandart.", "Den Artikelstamm ergänzen."
    ),
    "weight_required": _rejected("Dieser Artikel wird gewogen.", "Wiegen oder das Gewicht in kg eingeben."),
    "bad_code": _rejected("Dieser Code kann so nicht verkauft werden.", "Ware und Etikett prüfen."),
    "best_before": _rejected(
        "Die Ware ist abgelaufen.", "Die Ware aus dem Verkauf nehmen und eine andere holen."
    ),
    "price_fixed": _rejected(
        "Der Preis dieser Ware ist fest.", "Zum festen Preis verkaufen; Nachlässe sind hier nicht erlaubt."
    ),
    "quantity_limit": _rejected(
        "So viel davon darf in einem Verkauf nicht abgegeben werden.", "Die Menge verringern."
    ),
    "age_check_required": _rejected(
        "Diese Ware hat eine Altersgrenze.",
        "Ausweis prüfen und das Alter bestätigen, sonst Position stornieren.",
    ),
    "age_unattended": _rejected(
        "Diese Ware gibt es hier nur mit Altersprüfung.", "Bitte an eine bediente Kasse gehen."
    ),
    "nothing_to_approve": _rejected(
        "In diesem Verkauf ist nichts zu bestätigen.", "Erst die Ware erfassen oder die Altersklasse nennen."
    ),
    "attended_only": _rejected(
        "Diesen Code gibt es nur an einer bedienten Kasse.", "Bitte das Personal rufen."
    ),
    "line_follows": _rejected(
        "Diese Position gehört zu einer anderen.", "Die Ware selbst stornieren; sie geht mit."
    ),
    "no_deposit": _rejected(
        "Auf diese Ware gibt es kein Pfand.", "Die Pfandart wählen oder den Code prüfen."
    ),
    "not_taken_back": _rejected(
        "Solche Verpackungen werden hier nicht zurückgenommen.",
        "Die Verpackung einer Ware aus dem Sortiment scannen oder sagen, wo sie zurückgenommen wird.",
    ),
    "unknown_vat": _rejected(
        "Diesen Steuerschlüssel gibt es nicht.", "Einen eingerichteten Steuerschlüssel wählen."
    ),
    "quantity_invalid": _rejected(
        "Diese Menge ist nicht möglich.", "Eine Menge über 0 mit höchstens drei Nachkommastellen eingeben."
    ),
    "no_sale": _rejected("Es ist kein Verkauf offen.", "Zuerst einen Artikel erfassen."),
    "sale_open": _rejected("Ein Verkauf ist noch offen.", "Verkauf kassieren, parken oder abbrechen."),
    "sale_part_paid": _rejected(
        "Ein Verkauf ist angezahlt.",
        "Rest kassieren, oder das Geld zurückgeben und den Abbruch mit diesem Betrag bestätigen.",
    ),
    "sale_paying": _rejected(
        "Eine Zahlung läuft.", "Warten, bis das Kartenterminal fertig ist, oder dort abbrechen."
    ),
    "transfer_open": _rejected(
        "Der Verkauf wartet auf eine Überweisung.",
        "Bestätigen, dass sie da ist, oder anders kassieren oder abbrechen.",
    ),
    "no_transfer": _rejected("Hier wird auf keine Überweisung gewartet.", "Keine weitere Eingabe nötig."),
    "sale_signing": _rejected("Der Verkauf wird gerade signiert.", "Einen Moment warten."),
    "sale_too_long": _rejected(
        "Der Verkauf hat die größte Zahl an Positionen erreicht.", "Kassieren und neuen Verkauf beginnen."
    ),
    "unknown_sale": _rejected("Diesen Vorgang gibt es nicht.", "Einen Vorgang aus der Liste wählen."),
    "line_not_found": _rejected("Diese Position gibt es nicht.", "Eine Position des Verkaufs wählen."),
    "already_voided": _rejected("Diese Position ist schon storniert.", "Keine weitere Eingabe nötig."),
    "nothing_due": _rejected("Es ist nichts zu zahlen.", "Weitere Artikel erfassen oder abbrechen."),
    "amount_too_high": _rejected(
        "Der Betrag ist höher als der Restbetrag.", "Höchstens den Restbetrag eingeben."
    ),
    "amount_invalid": _rejected("Dieser Betrag ist nicht möglich.", "Einen Betrag über 0 eingeben."),
    "given_too_low": _rejected(
        "Das gegebene Geld reicht nicht.", "Fehlbetrag nachfordern oder als Teilzahlung buchen."
    ),
    "payment_unknown": _rejected(
        "Ob die Karte belastet wurde, ist noch nicht geklärt.", "Am Kartenterminal prüfen und bestätigen."
    ),
    "payment_type_unknown": _rejected(
        "Diese Zahlungsart ist nicht eingerichtet.", "Eine andere Zahlungsart wählen."
    ),
    "currency_unknown": _rejected(
        "Diese Währung nimmt die Kasse nicht an.", "In Euro oder einer eingerichteten Währung kassieren."
    ),
    "identify_required": _rejected(
        "Ab diesem Barbetrag muss die Identität des Kunden festgestellt werden (Geldwäschegesetz).",
        "Ausweis prüfen, Nachweis getrennt ablegen und mit sale.identify bestätigen, oder unbar kassieren.",
    ),
    "cash_limit": _rejected(
        "So viel Bargeld darf nicht angenommen werden.", "Den Betrag ganz oder teilweise unbar kassieren."
    ),
    "account_only_whole": _rejected(
        "Bei Istversteuerung geht nur ein ganzer Verkauf ohne Teilzahlung und Gutschein auf Rechnung.",
        "Was sofort bezahlt wird, als eigenen Verkauf kassieren.",
    ),
    "settled_first": _rejected(
        "Der Verkauf ist schon mit Gutschein, Anzahlung oder auf Rechnung beglichen.",
        "Erst diese Position stornieren, dann die Ware ändern oder zurücknehmen.",
    ),
    "voucher_unknown": _rejected(
        "Diesen Gutschein kennt die Kasse nicht.",
        "Nummer prüfen; einlösbar ist er nur an der Kasse, die ihn verkauft hat.",
    ),
    "address_required": _rejected(
        "Über 250 € gehört zum Namen die Anschrift (§ 14 Abs. 4 UStG).", "Straße und Ort dazu angeben."
    ),
    "whole_pieces_only": _rejected(
        "Dieser Artikel wird nur in ganzen Stücken verkauft.",
        "Eine ganze Zahl eingeben; für Teilmengen braucht der Artikel eine Einheit, z. B. kg.",
    ),
    "weight_on_pieces": _rejected(
        "Der Strichcode nennt ein Gewicht, dieser Artikel wird aber nach Stück verkauft.",
        "Artikel und Stückzahl von Hand erfassen; wird er gewogen, fehlt das im Artikelstamm (weighed).",
    ),
    "voucher_single_rate": _rejected(
        "Ein Einzweckgutschein braucht genau einen Steuersatz; dieser Artikel kann mehrere haben.",
        "Einen Mehrzweckgutschein über den Betrag verkaufen.",
    ),
    "voucher_agency": _rejected(
        "Ware einer Agentur wird nicht mit einem Einzweckgutschein dieses Betriebs verkauft.",
        "Einen Mehrzweckgutschein über den Betrag verkaufen.",
    ),
    "voucher_exists": _rejected("Diese Gutscheinnummer ist schon vergeben.", "Eine andere Karte nehmen."),
    "voucher_unpaid": _rejected(
        "Dieser Gutschein ist noch nicht bezahlt.", "Erst den Verkauf des Gutscheins kassieren."
    ),
    "voucher_used": _rejected("Dieser Gutschein ist verbraucht.", "Anders bezahlen lassen."),
    "voucher_expired": _rejected("Dieser Gutschein ist abgelaufen.", "Anders bezahlen lassen."),
    "voucher_too_low": _rejected(
        "So viel ist dieser Gutschein nicht mehr wert.", "Höchstens den Restwert einlösen."
    ),
    "voucher_not_for_these": _rejected(
        "Dieser Gutschein gilt nicht für die erfassten Artikel.", "Den passenden Artikel erfassen."
    ),
    "voucher_not_refundable": _rejected(
        "Gutscheine werden nicht ausgezahlt.", "Den Gutschein mit Ware einlösen."
    ),
    "vouchers_full": _rejected(
        "Es sind zu viele Gutscheine im Umlauf.", "Gutscheine an einer anderen Kasse verkaufen."
    ),
    "item_unknown": _rejected(
        "Diese Nummer ist nicht offen.", "Nummer prüfen oder aus der Liste der offenen Posten wählen."
    ),
    "item_settled": _rejected("Das ist schon vollständig abgerechnet.", "Keine weitere Eingabe nötig."),
    "item_not_for_these": _rejected(
        "Die Anzahlung passt zu keinem erfassten Artikel (Steuersatz).",
        "Die bestellte Ware erfassen; mit anderem Steuersatz: Anzahlung zurückzahlen, ganz kassieren.",
    ),
    "items_full": _rejected(
        "Es sind zu viele Posten offen.", "Alte Rechnungen, Anzahlungen und Lieferscheine abrechnen."
    ),
    "rate_changed": _rejected(
        "Seit der Anzahlung gilt § 19 UStG (Kleinunternehmer).",
        "Die Anzahlung zurückzahlen und den ganzen Betrag neu kassieren.",
    ),
    "billed_whole": _rejected(
        "Ein Lieferschein oder eine Rechnung wird nur ganz abgerechnet.",
        "Ganz kassieren und danach zurücknehmen, was fehlt, oder den Verkauf abbrechen.",
    ),
    "invoice_only": _rejected(
        "Hier wird nur eine Rechnung bezahlt, wie sie geschrieben ist.",
        "Weitere Ware in einem neuen Verkauf erfassen; der Empfänger der Rechnung bleibt.",
    ),
    "billed_as_supplied": _rejected(
        "Ware eines Lieferscheins oder einer Rechnung ist schon abgegeben, im Haus oder außer Haus.",
        "Nur neu erfasste Positionen einzeln umstellen, oder die Rechnung ohne Änderung kassieren.",
    ),
    "already_printed": _rejected(
        "Das Original dieses Belegs ist schon gedruckt.", "Eine Kopie drucken (receipt.reprint)."
    ),
    "print_waiting": _rejected(
        "Das Original dieses Belegs wartet noch auf den Drucker.",
        "Papier, Strom und Kabel des Druckers prüfen; dann druckt er es von selbst.",
    ),
    "not_on_delivery": _rejected(
        "Gutscheine, Anzahlungen, Rechnungen, Bestellungen und Rückgaben gehören nicht auf Lieferschein, "
        "Rechnung oder Angebot.",
        "Diese Positionen stornieren und getrennt kassieren.",
    ),
    "agency_unknown": _rejected(
        "Diese Agentur ist nicht eingerichtet.", "Eine eingerichtete Agentur wählen."
    ),
    "slip_unknown": _rejected("Das ist kein Leergutbon.", "Den Leergutbon noch einmal scannen."),
    "slip_taken": _rejected(
        "Dieser Leergutbon ist schon eingelöst.", "Nicht auszahlen; den Bon einbehalten."
    ),
    "not_reducible": _rejected(
        "Darauf darf kein Rabatt gegeben werden (Tabak, Presse, preisgebundene Bücher, Pfand).",
        "Zum vollen Preis kassieren.",
    ),
    "discount_too_high": _rejected(
        "Der Rabatt ist höher als der Preis.", "Höchstens den genannten Betrag nachlassen."
    ),
    "discount_takes_all": _rejected(
        "Durch den Rabatt wäre die übrige Ware umsonst, und er hat keinen Grund.",
        "Erst den Rabatt stornieren; danach neu geben, mit einem Grund.",
    ),
    "coupon_unknown": _rejected("Diesen Coupon kennt die Kasse nicht.", "Den Aufdruck prüfen."),
    "coupon_invalid": _rejected("Dieser Coupon gilt heute nicht.", "Den aufgedruckten Zeitraum prüfen."),
    "coupon_used": _rejected("Dieser Coupon ist schon eingelöst.", "Ohne den Coupon kassieren."),
    "coupon_min_total": _rejected(
        "Für diesen Coupon reicht der Einkauf nicht.", "Weitere Ware erfassen und dann neu scannen."
    ),
    "coupon_not_for_these": _rejected(
        "Dieser Coupon gilt nicht für die erfassten Artikel.", "Die passende Ware erfassen und neu scannen."
    ),
    "tip_without_goods": _rejected(
        "Trinkgeld für den Betrieb wird wie die Ware versteuert; hier ist keine.",
        "Ware erfassen oder als Trinkgeld für das Personal buchen.",
    ),
    "tips_too_low": _rejected(
        "So viel Trinkgeld liegt für diese Person nicht in der Kasse.",
        "Höchstens den genannten Betrag auszahlen.",
    ),
    "not_a_benefit": _rejected(
        "Das kann kein Sachbezug sein: es gibt ihn nur für Ware, ohne Zahlung und ohne Bestellung.",
        "Zahlungen zurückgeben und andere Positionen stornieren, oder kassieren.",
    ),
    "no_receipt": _rejected("Diesen Beleg gibt es nicht.", "Belegnummer prüfen."),
    "already_cancelled": _rejected("Dieser Beleg ist schon storniert.", "Keine weitere Eingabe nötig."),
    "already_returned": _rejected(
        "Von diesem Beleg wurde schon etwas zurückgenommen.", "Den Rest einzeln zurücknehmen."
    ),
    "return_too_much": _rejected(
        "So viel wurde nicht gekauft, oder es ist schon zurückgenommen.", "Höchstens den Rest zurücknehmen."
    ),
    "paid_otherwise": _rejected(
        "Diese Ware wurde nicht mit Geld bezahlt, deshalb gibt es auch keines zurück.",
        "Den ganzen Beleg stornieren, oder den Ausgleich mit dem Betreuer klären.",
    ),
    "takes_back": _rejected(
        "In diesem Verkauf wird Ware eines alten Belegs zurückgenommen.",
        "Erst die Rücknahme abschließen oder stornieren.",
    ),
    "slip_captured": _rejected(
        "Dieser Papierbeleg ist schon erfasst oder als ungültig gemeldet.", "Die Nummer des Belegs prüfen."
    ),
    "already_invoiced": _rejected(
        "Für diesen Beleg gibt es schon eine Rechnung auf einen anderen Empfänger.",
        "Den Beleg stornieren und neu erfassen.",
    ),
    "not_cancellable": _rejected(
        "Dieser Beleg kann nicht storniert werden.", "Das Gegenteil neu erfassen, oder nachzählen."
    ),
    "card_not_reversed": _rejected(
        "Dieser Beleg ist nicht nur bar bezahlt.",
        "Die Zahlung am Kartenterminal stornieren oder zurücküberweisen, und das bestätigen.",
    ),
    "payment_same": _rejected("Der Beleg nennt diese Zahlungsart schon.", "Eine andere Zahlungsart wählen."),
}

_ORDERS = {
    "unknown_group": _rejected(
        "Diese Bestellung ist nicht offen.", "Tisch oder Bestellnummer aus der Liste der offenen wählen."
    ),
    "table_taken": _rejected(
        "An diesem Tisch ist schon eine Bestellung offen.",
        "Einen freien Tisch wählen oder die Bestellungen zusammenlegen.",
    ),
    "table_differs": _rejected(
        "Diese Rechnung gehört zu einer anderen Bestellung.",
        "Ohne Tisch parken und danach umbuchen.",
    ),
    "nothing_to_order": _rejected("Es ist nichts zu bestellen.", "Zuerst Artikel erfassen."),
    "nothing_open": _rejected(
        "Hier ist nichts mehr offen.", "Die laufende Rechnung abschließen oder eine andere Bestellung wählen."
    ),
    "not_orderable": _rejected(
        "Gutscheine, Trinkgeld und Zahlungen können nicht geparkt werden.",
        "Diese Positionen stornieren oder den Verkauf kassieren.",
    ),
    "order_too_long": _rejected(
        "Das sind zu viele Positionen auf einmal.", "In kleineren Teilen bestellen, umbuchen oder kassieren."
    ),
    "group_full": _rejected(
        "Diese Bestellung hat die größte Zahl an Positionen erreicht.",
        "Einen Teil kassieren oder eine neue Bestellung beginnen.",
    ),
    "orders_full": Code(
        "busy",
        "Es sind zu viele Bestellungen offen.",
        "Offene Bestellungen kassieren, dann weiter bestellen.",
    ),
    "orders_open": _rejected(
        "Es sind noch Bestellungen offen.", "Alle Bestellungen kassieren oder stornieren, dann abschließen."
    ),
}

_DEVICES = {
    "tse_not_commissioned": _rejected(
        "Es ist keine TSE in Betrieb genommen.",
        "Eine TSE in der Konfiguration unter [tse] eintragen und kassd neu starten.",
    ),
    "tse_unavailable": Code("failed", "Die TSE ist nicht erreichbar.", "TSE und ihren Anschluss prüfen."),
    "journal_failed": Code(
        "failed",
        "Die Kasse kann nicht speichern; der Verkauf ist gestoppt.",
        "Nicht weiterverkaufen und den Betreuer rufen.",
    ),
    "disk_full": _rejected(
        "Der Datenträger der Kasse ist voll; dafür reicht der Platz nicht. Was bezahlt ist, ist gespeichert.",
        "Den Betreuer rufen: Platz schaffen oder die Karte tauschen, dann wiederholen.",
    ),
    "scale_expired": _rejected(
        "Die Eichfrist der Waage ist vorbei; mit ihr darf nicht mehr verkauft werden.",
        "Auf einer geeichten Waage wiegen; den Betreuer rufen.",
    ),
    "scale_differs": _rejected(
        "Waage und Kasse rechnen verschieden; es wurde nichts verkauft.",
        "Noch einmal wiegen; bleibt es dabei, den Betreuer rufen.",
    ),
    "weighed_in_vain": _rejected(
        "Der Verkauf ist inzwischen ein anderer; es wurde nichts hinzugefügt.", "Noch einmal wiegen."
    ),
    "weighed_on_paper": _rejected(
        "Was die Waage an der Kasse gewogen hat, braucht einen gedruckten Beleg.", "Den Beleg drucken."
    ),
    "battery_low": _rejected(
        "Der Akku der Kasse ist fast leer: es wird kein Verkauf mehr begonnen.",
        "Begonnenes fertig bezahlen; das Netzteil anschließen, dann geht es sofort weiter.",
    ),
    "printer_unknown": _rejected(
        "Diesen Drucker gibt es hier nicht.", "Einen eingerichteten Drucker wählen."
    ),
    "printer_away": _rejected(
        "Dieser Drucker druckt gerade nicht.", "Strom, Kabel, Deckel und Papier prüfen, dann noch einmal."
    ),
    "receipt_link_absent": _rejected(
        "Elektronische Belege sind nicht eingerichtet.",
        "Den Beleg drucken, oder [receipt_link] in der Konfiguration einrichten.",
    ),
    "receipt_link_off": _rejected(
        "Elektronische Belege können gerade nicht abgerufen werden.", "Den Beleg drucken."
    ),
    "already_offered": _rejected(
        "Dieser Beleg wird schon elektronisch angeboten.", "Den QR-Code auf der Anzeige scannen."
    ),
    "printer_absent": _rejected(
        "An diesem Kassenplatz ist kein Drucker eingerichtet.",
        "An einem Kassenplatz mit Drucker drucken oder den Beleg als QR-Code anbieten.",
    ),
    "drawer_absent": _rejected("Es ist keine Kassenschublade vorhanden.", "Schublade mit Schlüssel öffnen."),
    "terminal_absent": _rejected(
        "Das Kartenterminal ist nicht erreichbar.", "Bar kassieren oder das Terminal prüfen."
    ),
    "terminal_busy": _rejected(
        "Das Kartenterminal ist gerade belegt.", "Warten, bis es fertig ist, oder bar kassieren."
    ),
    "terminal_unknown": _rejected(
        "Dieses Kartenterminal gibt es hier nicht.", "Ein eingerichtetes Kartenterminal wählen."
    ),
    "no_charge": _rejected(
        "Am Kartenterminal läuft nichts, was abzubrechen oder zu klären wäre.", "Keine weitere Eingabe nötig."
    ),
    "charge_running": _rejected(
        "Das Kartenterminal arbeitet noch daran.", "Warten, bis es fertig ist, oder dort abbrechen."
    ),
    "sheet_differs": Code(
        "conflict",
        "Die Angaben der Mitteilung haben sich seit dem Export geändert.",
        "Mit kassd export elster neu exportieren, das mitteilen und vermerken.",
    ),
    "catalog_invalid": _rejected(
        "Der Artikelstamm ist fehlerhaft; der alte gilt weiter.", "Die gemeldeten Zeilen berichtigen."
    ),
    "internal_error": Code(
        "failed", "In der Kasse ist ein Fehler aufgetreten.", "Noch einmal versuchen, sonst Betreuer rufen."
    ),
}

CODES: dict[str, Code] = {**_ENVELOPE, **_TILL, **_SALE, **_ORDERS, **_DEVICES}
