"""Tables of what happened beside the receipts: events, master data, outages, exports, TSEs.

They read the facts themselves: whatever a later version writes is an event, too.
"""

from kassd.fiscal.query.views import View, columns

# What stands in another table, or is only how a device was spoken to.
NO_EVENTS = frozenset(
    (
        *("sale.opened", "sale.line_added", "sale.payment_added", "sale.paid", "sale.numbered"),
        *("sale.finished", "tse.started", "tse.finished", "print.sending", "print.done", "drawer.done"),
        *("till.movements_planned", "config.changed", "journal.sealed"),
    )
)
# German name of each kind of fact that is an event.
LABELS: dict[str, str] = {
    "accounting.handed_over": "Abschlüsse an die Buchhaltung übergeben",
    "card.approved": "Kartenterminal hat genehmigt",
    "card.asked": "Kartenterminal beauftragt",
    "card.day_ended": "Kassenschnitt des Kartenterminals",
    "card.ended": "Ergebnis des Kartenterminals",
    "card.judged": "Kartenterminal nennt eine geklärte Buchung",
    "card.last": "Letzter Vorgang des Kartenterminals",
    "card.reversed": "Kartenzahlung eines Belegs zurückgebucht",
    "card.reversed_used": "Zurückgebuchter Beleg storniert",
    "card.slip_kept": "Beleg des Kartenterminals",
    "card.slip_printed": "Beleg des Kartenterminals gedruckt",
    "card.stray_settled": "Widerspruch um eine Kartenzahlung geklärt",
    "card.unclear": "Kartenzahlung ungewiss, Terminal wird gefragt",
    "card.undone": "Kartenzahlung laut Bediener am Terminal storniert",
    "card.unknown": "Kartenzahlung ungeklärt",
    "cash.counted": "Kasse gezählt",
    "clock.stepped": "Uhr gestellt",
    "config.annex": "Prüfsumme der Stammdaten",
    "config.deferred": "Änderung wartet auf den Abschluss",
    "config.file_taken": "Datei mit Stammdaten übernommen",
    "counters.skipped": "Nummern ausgelassen",
    "customer.identified": "Kunde identifiziert (GwG)",
    "drawer.asked": "Lade ohne Verkauf geöffnet",
    "drawer.jammed": "Lade nicht aufgegangen",
    "drawer.left_open": "Lade zu lange offen",
    "drawer.opened": "Lade offen",
    "drawer.shut": "Lade geschlossen",
    "export.made": "Daten exportiert",
    "item.closed": "Rechnung anderswo beglichen",
    "item.opened": "Offener Posten entstanden",
    "journal.created": "Journal angelegt",
    "journal.gap": "Lücke aus der Kopie ergänzt",
    "journal.key_changed": "Schlüssel des Journals gewechselt",
    "journal.rollback_seen": "Älterer Datenstand bemerkt",
    "journal.tail_repaired": "Abgerissene Zeile beiseitegelegt",
    "mode.training": "Trainingsbetrieb umgeschaltet",
    "notification.sent": "Kasse dem Finanzamt gemeldet (§ 146a Abs. 4 AO)",
    "operator.approved": "Freigabe durch eine zweite Person",
    "operator.changed": "An- oder Abmeldung",
    "operator.refused": "Anmeldung abgewiesen",
    "order.billed": "Bestellung abgerechnet",
    "order.group_opened": "Abrechnungskreis begonnen",
    "order.moved": "Tisch oder Bedienung gewechselt",
    "order.placed": "Bestellung aufgenommen",
    "order.slip_made": "Küchenbon oder Zwischenrechnung",
    "order.walked_out": "Zechprellerei",
    "paper.captured": "Papierbeleg nacherfasst",
    "paper.voided": "Papierbeleg ungültig",
    "place.changed": "Einsatzort gewechselt",
    "power.changed": "Stromversorgung gewechselt",
    "power.ending": "Beendet: Akku leer",
    "power.weak": "Unterspannung begann oder endete",
    "print.moved": "Anderer Drucker",
    "printer.tested": "Druckertest",
    "print.returned": "Druck wiederholt",
    "receipt.copied": "Belegkopie",
    "receipt.corrected": "Beleg storniert oder berichtigt",
    "receipt.handed_out": "Beleg auf Verlangen ausgegeben",
    "receipt.fetched": "Elektronischer Beleg abgerufen",
    "receipt.invoiced": "Empfänger nachgetragen",
    "receipt.offer_asked": "Elektronischer Beleg angefordert",
    "receipt.offer_ended": "Gedruckt statt elektronisch",
    "receipt.offered": "Elektronischer Beleg angeboten",
    "receipt.rewrite_planned": "Zeilen eines Belegs werden wiederholt",
    "receipt.unprinted": "Beleg nicht gedruckt",
    "receipt.withheld": "Beleg nicht gedruckt (Befreiung)",
    "reference.added": "Verweis eingetragen",
    "register.started": "Programm gestartet",
    "report.made": "X-Bericht",
    "sale.abort_asked": "Vorgang abgebrochen",
    "sale.age_approved": "Alter geprüft",
    "sale.tax_postponed": "Steuer entsteht mit der Zahlung",
    "sale.customer_set": "Kunde eingetragen",
    "sale.hand_over_set": "Elektronischer Beleg gewählt",
    "sale.hospitality_set": "Bewirtungsbeleg",
    "sale.in_house_set": "Verzehr an Ort und Stelle",
    "sale.line_voided": "Position storniert",
    "sale.line_weighed": "Position gewogen",
    "sale.parked": "Vorgang geparkt",
    "sale.reduced": "Nachlass oder Aufschlag",
    "sale.reduction_ended": "Nachlass zurückgenommen",
    "sale.reopened": "Zahlung zurückgegeben",
    "sale.typed": "Art des Vorgangs geändert",
    "station.locked": "Arbeitsplatz gesperrt",
    "stock.wasted": "Verderb und Bruch",
    "till.closed": "Kassenabschluss",
    "till.closing_began": "Kassenabschluss begonnen",
    "till.closing_reminded": "An den Abschluss erinnert",
    "till.day_passed": "Geschäftstag vorbei, Kasse offen",
    "till.opened": "Kasse geöffnet",
    "transfer.asked": "GiroCode gezeigt, Geldeingang nicht bestätigt",
    "transfer.ended": "Ergebnis der Überweisung",
    "transfer.printed": "GiroCode gedruckt",
    "tse.archive_failed": "TSE-Archiv nicht geschrieben",
    "tse.archived": "TSE-Archiv geschrieben",
    "tse.bound": "TSE in Betrieb genommen",
    "tse.dropped": "TSE-Auftrag ohne Antwort",
    "tse.late": "TSE-Antwort nach Ausfallbeleg",
    "tse.outage_began": "TSE-Ausfall begann",
    "tse.outage_ended": "TSE-Ausfall beendet",
    "tse.read_back": "TSE-Archiv gegengelesen",
    "tse.replaced": "TSE gewechselt",
    "tse.step_taken": "TSE-Verwaltung",
    "tse.swap_began": "TSE-Wechsel begonnen",
    "tse.warned": "Warnung der TSE",
    "tse.withdrawn": "TSE-Auftrag zurückgezogen",
    "voucher.issued": "Gutschein ausgegeben",
    "voucher.printed": "Gutschein gedruckt",
    "voucher.taken_over": "Fremder Gutschein übernommen",
    "voucher.withdrawn": "Gutschein entwertet",
}

_AT = "coalesce(f.data ->> '$.at', local_time(l.at))"
_FACTS = "FROM facts f JOIN lines l ON l.seq = f.seq"

EREIGNISSE = View(
    "ereignisse",
    "Ereignisse: Stornos, Abbrüche, Ladenöffnungen, Anmeldungen, Ausfälle, Exporte, Korrekturen …",
    columns(
        ("datum", "day", "Tag des Ereignisses"),
        ("zeitpunkt", "text", "Zeit des Ereignisses"),
        ("ereignis", "text", "was geschah"),
        ("art", "text", "Art im Journal"),
        ("bediener_id", "text", "wer"),
        ("freigabe", "text", "zweite Person"),
        ("platz", "text", "Arbeitsplatz"),
        ("vorgang", "text", "Vorgang, zu dem es gehört"),
        ("grund", "text", "Grund oder Meldung"),
        ("daten", "text", "alle Angaben (JSON), ohne Druckbild"),
        ("zeile", "number", "Zeile des Journals"),
        ("anzeige", "text", "Anzeige oder Programm, von dem es ausging, wo das Ereignis es nennt"),
    ),
    f"SELECT substr({_AT}, 1, 10), {_AT}, k.label, f.kind,"
    " coalesce(f.data ->> '$.operator', f.data ->> '$.by', f.data ->> '$.who', ''),"
    " coalesce(f.data ->> '$.approver', ''), coalesce(f.data ->> '$.station', ''),"
    " coalesce(f.data ->> '$.sale', ''), coalesce(nullif(f.data ->> '$.reason', ''), f.data ->> '$.why',"
    " f.data ->> '$.message', f.data ->> '$.problem', ''), json_remove(f.data, '$.document', '$.totals'),"
    f" f.seq, coalesce(f.data ->> '$.client', '') {_FACTS} JOIN kinds k ON k.kind = f.kind",
    "zeile",
    brief=("zeitpunkt", "ereignis", "bediener_id", "vorgang", "grund"),
)
STAMMDATEN = View(
    "stammdaten",
    "Jede Änderung von Stammdaten, Preisen, Rollen und Einstellungen: alt, neu, wer, wie",
    columns(
        ("datum", "day", "Tag der Änderung"),
        ("zeitpunkt", "text", "Zeit der Änderung"),
        ("schluessel", "text", "was geändert wurde"),
        ("alt", "text", "vorher; leer: gab es nicht"),
        ("neu", "text", "nachher; leer: gibt es nicht mehr"),
        ("wer", "text", "wer"),
        ("wie", "text", "auf welchem Weg"),
        ("zeile", "number", "Zeile des Journals"),
    ),
    "SELECT substr(local_time(l.at), 1, 10), local_time(l.at), f.data ->> '$.key', f.data ->> '$.old',"
    f" f.data ->> '$.new', f.data ->> '$.who', f.data ->> '$.how', f.seq {_FACTS}"
    " WHERE f.kind = 'config.changed'",
    "zeile",
    brief=("zeitpunkt", "schluessel", "alt", "neu", "wer", "wie"),
)
AUSFAELLE = View(
    "ausfaelle",
    "Ausfälle der TSE: Beginn, Ende, Grund, was ohne Signatur blieb",
    columns(
        ("datum", "day", "Tag, an dem er begann"),
        ("beginn", "text", "Beginn"),
        ("ende", "text", "Ende; leer: dauert an"),
        ("grund", "text", "Grund (Kürzel)"),
        ("meldung", "text", "Grund in Worten"),
        ("ohne_signatur", "number", "Vorgänge, die ohne Signatur ausgegeben wurden"),
        ("summe", "euro", "deren Summe"),
        ("tse_seriennummer", "text", "Seriennummer der TSE"),
        ("ausfall", "text", "Kennung, wie in der Tabelle belege"),
        ("nachsigniert", "number", "davon nachträglich signiert: die TSE hatte sie schon begonnen"),
    ),
    "SELECT substr(b.data ->> '$.at', 1, 10), b.data ->> '$.at', e.data ->> '$.at', b.data ->> '$.reason',"
    " b.data ->> '$.message', e.data ->> '$.unsigned', e.data ->> '$.unsigned_sum',"
    " b.data ->> '$.serial_number', b.data ->> '$.id',"
    " (SELECT count(DISTINCT r.sale) FROM facts s JOIN receipts r ON r.sale = s.data ->> '$.sale'"
    " WHERE s.kind = 'tse.late' AND s.data ->> '$.operation' = 'finish' AND r.outage = b.data ->> '$.id')"
    " FROM facts b LEFT JOIN facts e"
    " ON e.kind = 'tse.outage_ended' AND e.data ->> '$.id' = b.data ->> '$.id'"
    " WHERE b.kind = 'tse.outage_began'",
    "beginn",
)
EXPORTE = View(
    "exporte",
    "Was wann an wen herausgegeben wurde",
    columns(
        ("datum", "day", "Tag des Exports"),
        ("zeitpunkt", "text", "Zeit des Exports"),
        ("bediener_id", "text", "wer angemeldet war, sonst die Anzeige oder das Programm"),
        ("was", "text", "tar, journal, dsfinvk, audit …"),
        ("von", "text", "erster Tag; leer: von Anfang an"),
        ("bis", "text", "letzter Tag; leer: bis zuletzt"),
        ("sha256", "text", "Prüfsumme der Datei oder der Liste der Dateien"),
        ("empfaenger", "text", "an wen"),
        ("anzeige", "text", "Anzeige oder Programm, von dem es ausging; leer: nicht aufgezeichnet"),
    ),
    "SELECT substr(f.data ->> '$.at', 1, 10), f.data ->> '$.at', f.data ->> '$.operator',"
    " f.data ->> '$.what',"
    " coalesce(f.data ->> '$.first', ''), coalesce(f.data ->> '$.last', ''),"
    " coalesce(f.data ->> '$.sha256', ''), coalesce(f.data ->> '$.recipient', ''),"
    " coalesce(f.data ->> '$.client', '')"
    " FROM facts f WHERE f.kind = 'export.made'",
    "zeitpunkt",
)
TSE = View(
    "tse",
    "Technische Sicherheitseinrichtungen, die hier signiert haben",
    columns(
        ("datum", "day", "Tag der Inbetriebnahme"),
        ("zeitpunkt", "text", "Inbetriebnahme"),
        ("tse_seriennummer", "text", "TSE_SERIAL"),
        ("kasse", "text", "Client-ID = KASSE_SERIENNR"),
        ("zertifizierung", "text", "BSI-Zertifizierungs-ID"),
        ("verfahren", "text", "TSE_SIG_ALGO"),
        ("public_key", "text", "TSE_PUBLIC_KEY"),
        ("beschreibung", "text", "was sie von sich sagt"),
    ),
    "SELECT substr(local_time(l.at), 1, 10), local_time(l.at), f.data ->> '$.serial_number',"
    " f.data ->> '$.client_id', f.data ->> '$.certification_id', f.data ->> '$.algorithm',"
    f" f.data ->> '$.public_key', f.data ->> '$.description' {_FACTS} WHERE f.kind = 'tse.bound'",
    "zeitpunkt",
)
EVENT_VIEWS = (EREIGNISSE, STAMMDATEN, AUSFAELLE, EXPORTE, TSE)
