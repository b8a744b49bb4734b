"""What codes mean, in German: results, intermediate states, states of the terminal (PA00P015 10, 3.7, 11).

The intermediate texts are those of table 17: the register of an unattended terminal shows them to the letter.
"""

from kassd.deferred import dataclass

REMOVE_CARD = "Bitte Karte entnehmen!"
AGAIN, OTHER = "Nochmals versuchen oder anders bezahlen.", "Andere Karte oder bar bezahlen."
SERVICE, WAIT = "Terminal-Hotline anrufen.", "Kurz warten und wiederholen."


@dataclass(frozen=True, slots=True)
class Meaning:
    """``what`` happened, and the ``next`` step of the cashier; German."""

    what: str
    next: str


_HOST: dict[int, tuple[str, str]] = {
    1: ("Händler muss den Kartenherausgeber anrufen", "Anrufen oder anders bezahlen."),
    2: ("Händler muss den Kartenherausgeber anrufen", "Anrufen oder anders bezahlen."),
    3: ("Händlernummer ungültig", SERVICE),
    4: ("Karte soll eingezogen werden", "Karte einbehalten, wenn das gefahrlos geht."),
    5: ("Zahlung abgelehnt", OTHER),
    6: ("Karte ungültig", OTHER),
    12: ("Vorgang ungültig", AGAIN),
    13: ("Betrag ungültig", "Betrag prüfen."),
    14: ("Kartennummer ungültig", OTHER),
    30: ("Formatfehler beim Netzbetreiber", SERVICE),
    33: ("Karte abgelaufen", OTHER),
    34: ("Verdacht auf Manipulation", OTHER),
    41: ("Karte als verloren gemeldet", "Karte einbehalten, wenn das gefahrlos geht."),
    43: ("Karte als gestohlen gemeldet", "Karte einbehalten, wenn das gefahrlos geht."),
    50: ("Zahlung abgelehnt", OTHER),
    51: ("Verfügungsrahmen überschritten", OTHER),
    54: ("Karte abgelaufen", OTHER),
    55: ("Geheimzahl falsch", "Nochmals mit der richtigen Geheimzahl versuchen."),
    56: ("Karte nicht zugelassen", OTHER),
    57: ("Karte für diesen Vorgang nicht zugelassen", OTHER),
    58: ("Terminal beim Netzbetreiber nicht zugelassen", SERVICE),
    61: ("Verfügungsrahmen überschritten", OTHER),
    62: ("Karte eingeschränkt", OTHER),
    65: ("Kontaktlos nicht möglich", "Karte einstecken und Geheimzahl eingeben."),
    75: ("Geheimzahl zu oft falsch", OTHER),
    80: ("Karte abgelaufen", OTHER),
    85: ("Zahlung vom Kartenherausgeber abgelehnt", OTHER),
    91: ("Kartenherausgeber nicht erreichbar", AGAIN),
    92: ("Netzbetreiber findet den Kartenherausgeber nicht", OTHER),
    95: ("Netzbetreiber bittet um Wiederholung", WAIT),
    96: ("Störung beim Netzbetreiber", AGAIN),
    97: ("Sicherheitsprüfung gescheitert", "Am Terminal eine Diagnose auslösen."),
    98: ("Datum oder Uhrzeit des Terminals falsch", "Am Terminal eine erweiterte Diagnose auslösen."),
    99: ("Geheimzahl konnte nicht geprüft werden", AGAIN),
}
_RESULTS: dict[int, tuple[str, str]] = {
    0x00: ("in Ordnung", ""),
    0x64: ("Karte nicht lesbar", AGAIN),
    0x65: ("keine Kartendaten", AGAIN),
    0x66: ("Verarbeitungsfehler", AGAIN),
    0x67: ("für girocard und Maestro nicht erlaubt", OTHER),
    0x68: ("für Kredit- und Tankkarten nicht erlaubt", OTHER),
    0x6A: ("Umsatzspeicher des Terminals voll", "Kassenschnitt am Terminal machen."),
    0x6B: ("Terminal nicht angemeldet", "Die Kasse meldet es neu an; dann wiederholen."),
    0x6C: ("Abbruch: Taste am Terminal oder Zeit abgelaufen", AGAIN),
    0x6E: ("Karte gesperrt", OTHER),
    0x6F: ("Währung falsch", SERVICE),
    0x71: ("Guthaben nicht ausreichend", OTHER),
    0x72: ("Chip fehlerhaft", OTHER),
    0x73: ("Kartendaten falsch", OTHER),
    0x74: ("Schlüsselvorrat des Terminals erschöpft", SERVICE),
    0x75: ("Text nicht echt", SERVICE),
    0x76: ("Karte nicht freigegeben", OTHER),
    0x77: ("Kassenschnitt nicht möglich", WAIT),
    0x78: ("Karte abgelaufen", OTHER),
    0x79: ("Karte noch nicht gültig", OTHER),
    0x7A: ("Karte unbekannt", OTHER),
    0x7B: ("Magnetstreifen statt Chip bei girocard nicht möglich", OTHER),
    0x7C: ("Magnetstreifen statt Chip nicht möglich", OTHER),
    0x7D: ("Verbindungsfehler im Terminal", "Netz des Terminals prüfen."),
    0x7E: ("Magnetstreifen statt Chip nicht möglich, Lastschrift möglich", OTHER),
    0x83: ("Funktion nicht möglich", "Terminal ansehen; es kann diesen Vorgang jetzt nicht."),
    0x85: ("Schlüssel fehlt", SERVICE),
    0x89: ("PIN-Pad defekt", SERVICE),
    0x9A: ("Protokollfehler", SERVICE),
    0x9B: ("Einwahl- oder Leitungsfehler", "Netz des Terminals prüfen."),
    0x9C: ("bitte warten", WAIT),
    0x9D: ("teilweise Warenausgabe", ""),
    0xA0: ("Empfänger nicht bereit", WAIT),
    0xA1: ("Gegenstelle antwortet nicht", "Netz des Terminals prüfen."),
    0xA3: ("keine Verbindung", "Netz des Terminals prüfen."),
    0xA4: ("Geldkarte: Einreichung nicht möglich", SERVICE),
    0xA5: ("wegen PCI-DSS/P2PE nicht erlaubt", SERVICE),
    0xB1: ("Speicher des Terminals voll", "Kassenschnitt am Terminal machen."),
    0xB2: ("Händlerjournal voll", SERVICE),
    0xB4: ("bereits storniert", "Belege vergleichen; nichts weiter tun."),
    0xB5: ("Storno nicht möglich", "Stattdessen eine Gutschrift auf die Karte geben."),
    0xB7: ("Vorautorisierung: Betrag falsch oder zu hoch", "Betrag prüfen."),
    0xB8: ("Vorautorisierung fehlerhaft", AGAIN),
    0xBF: ("Spannung zu niedrig", "Netzteil des Terminals prüfen."),
    0xC0: ("Kartenverriegelung defekt", SERVICE),
    0xC1: ("Händlerkarte gesperrt", SERVICE),
    0xC2: ("Diagnose nötig", "Am Terminal eine Diagnose auslösen."),
    0xC3: ("Höchstbetrag überschritten", "Betrag teilen oder anders bezahlen."),
    0xC4: ("Kartenprofil ungültig", SERVICE),
    0xC5: ("Zahlungsart nicht unterstützt", OTHER),
    0xC6: ("Währung nicht anwendbar", SERVICE),
    0xC8: ("Betrag zu klein", "Anders bezahlen."),
    0xC9: ("größter Betrag des Terminals zu klein", SERVICE),
    0xCB: ("nur in Euro möglich", SERVICE),
    0xCC: ("Drucker nicht bereit", "Papier und Deckel prüfen."),
    0xCD: ("Bargeldauszahlung nicht möglich", "Ohne Bargeldauszahlung wiederholen."),
    0xD2: ("für Service- und Kundenkarten nicht erlaubt", OTHER),
    0xDC: ("Karte steckt", REMOVE_CARD),
    0xDD: ("Fehler beim Auswerfen der Karte", SERVICE),
    0xDE: ("Fehler beim Einziehen der Karte", SERVICE),
    0xE0: ("Fernwartung läuft", WAIT),
    0xE2: ("Kartenleser antwortet nicht", SERVICE),
    0xE3: ("Verschluss des Kartenlesers zu", SERVICE),
    0xE4: ("Terminal muss aktiviert werden", SERVICE),
    0xE7: ("Warengruppe nicht gefunden", SERVICE),
    0xE8: ("keine Warengruppen geladen", SERVICE),
    0xE9: ("Beschränkung der Karte nicht erlaubt", OTHER),
    0xEA: ("Karte nicht freigeschaltet", OTHER),
    0xEB: ("Funktion nicht ausführbar", SERVICE),
    0xEC: ("Geheimzahl kann nicht geprüft werden", AGAIN),
    0xED: ("PIN-Pad defekt", SERVICE),
    0xF0: ("Kassenschnitt offen", "Kassenschnitt am Terminal machen."),
    0xF1: ("Offline-Fehler bei girocard oder Maestro", AGAIN),
    0xF5: ("OPT-Fehler", SERVICE),
    0xF6: ("OPT-Daten fehlen", SERVICE),
    0xFA: ("Offline-Umsätze konnten nicht übertragen werden", WAIT),
    0xFB: ("Umsatzdatensatz fehlerhaft", SERVICE),
    0xFC: ("nötiges Gerät fehlt oder ist defekt", SERVICE),
    0xFD: ("Baudrate nicht unterstützt", SERVICE),
    0xFE: ("Kasse unbekannt", SERVICE),
    0xFF: ("Systemfehler des Terminals", SERVICE),
}


def result(code: int) -> Meaning:
    """Meaning of a result code (BMP 27, 06 1E, 84 xx). 01 to 63 are the network operator's, in decimal."""
    if code in _RESULTS:
        return Meaning(*_RESULTS[code])
    if code <= 99:
        what, then = _HOST.get(code, ("Zahlung vom Netzbetreiber abgelehnt", OTHER))
        return Meaning(f"{what} (Netzbetreiber {code:02d})", then)
    return Meaning("unbekannter Fehler des Terminals", SERVICE)


_INTERMEDIATE: dict[int, str] = {
    0x00: "Terminal wartet auf Betragbestätigung",
    0x01: "Bitte Anzeigen auf dem PIN-Pad beachten",
    0x02: "Bitte Anzeigen auf dem PIN-Pad beachten",
    0x03: "Vorgang nicht möglich",
    0x04: "Terminal wartet auf Antwort des Netzbetreibers",
    0x05: "Terminal sendet Autostorno",
    0x06: "Terminal sendet Nachbuchungen",
    0x07: "Karte nicht zugelassen",
    0x08: "Karte unbekannt / undefiniert",
    0x09: "Karte verfallen",
    0x0A: "Karte einstecken",
    0x0B: REMOVE_CARD,
    0x0C: "Karte nicht lesbar",
    0x0D: "Vorgang abgebrochen",
    0x0E: "Vorgang wird bearbeitet bitte warten...",
    0x0F: "Terminal leitet einen automatischen Kassenabschluss ein",
    0x10: "Karte ungültig",
    0x11: "Guthabenanzeige",
    0x12: "Systemfehler",
    0x13: "Zahlung nicht möglich",
    0x14: "Guthaben nicht ausreichend",
    0x15: "Geheimzahl falsch",
    0x16: "Limit nicht ausreichend",
    0x17: "Bitte warten...",
    0x18: "Geheimzahl zu oft falsch",
    0x19: "Kartendaten falsch",
    0x1A: "Servicemodus",
    0x1B: "Autorisierung erfolgt. Bitte tanken",
    0x1C: "Zahlung erfolgt. Bitte Ware entnehmen",
    0x1D: "Autorisierung nicht möglich",
    0x26: "Terminal wartet auf Eingabe der Mobilfunknummer",
    0x27: "Terminal wartet auf Wiederholung der Mobilfunknummer",
    0x28: "Währungsauswahl, bitte warten...",
    0x29: "Sprachauswahl, bitte warten...",
    0x2A: "Zum Laden Karte einstecken",
    0x2B: "Offline-Notbetrieb, bitte warten",
    0x2C: "Auswahl Debit/Kredit, bitte warten",
    0x68: "Terminal hat Einstecken der Kundenkarte erkannt",
    0x69: "Bitte Währungsumrechnung (DCC) auswählen",
    0xC7: "Terminal wartet auf Eingabe des Kilometerstands",
    0xC8: "Terminal wartet auf Kassierer",
    0xC9: "Terminal leitet eine automatische Diagnose ein",
    0xCA: "Terminal leitet eine automatische Initialisierung ein",
    0xCB: "Händlerjournal voll",
    0xCC: "Lastschrift nicht möglich, PIN notwendig",
    0xD2: "DFÜ-Verbindung wird hergestellt",
    0xD3: "DFÜ-Verbindung besteht",
    0xE0: "Terminal wartet auf Anwendungsauswahl",
    0xE1: "Terminal wartet auf Sprachauswahl",
    0xE2: "Terminal fordert auf, die Reinigungskarte zu benutzen",
    0xF1: "Offline",
    0xF2: "Online",
    0xF3: "Offline-Transaktion",
}
_CARD_INSIDE = 0x40
_DOUBLED = (*range(0x41, 0x4A), *range(0x4C, 0x5E), 0x66, 0x67)


def intermediate(code: int) -> str:
    """Text of an intermediate state (04 FF); from 41 on most repeat another with the card still inside."""
    if code in _DOUBLED:
        return f"{_INTERMEDIATE[code & ~_CARD_INSIDE]} {REMOVE_CARD}"
    if code == _CARD_INSIDE | 0x0B:
        return REMOVE_CARD
    return _INTERMEDIATE.get(code, "Bitte Anzeige des Terminals beachten")


TERMINAL_STATUS: dict[int, str] = {
    0x00: "bereit",
    0x51: "Initialisierung nötig",
    0x62: "Datum oder Uhrzeit falsch",
    0x9C: "bitte warten",
    0x9D: "teilweise Warenausgabe",
    0xDF: "außer Betrieb",
    0xE1: "Karte nicht ganz entnommen",
    0xF0: "Kassenschnitt nötig",
}
TERMINAL_STATUS |= {
    code: _RESULTS[code][0]
    for code in (
        *(0x64, 0x65, 0xB1, 0xB2, 0xBF, 0xC0, 0xC1, 0xC2, 0xC4, 0xCC),
        *(0xDC, 0xE0, 0xE2, 0xE3, 0xE4, 0xF6),
    )
}
_STATE_NEXT: dict[int, str] = {
    0x51: "Am Terminal die Initialisierung starten; gelingt sie nicht, den Netzbetreiber anrufen.",
    0x62: "Datum und Uhrzeit am Terminal stellen.",
    0x64: "Karte am Terminal entnehmen und noch einmal vorhalten.",
    0x65: "Karte am Terminal entnehmen und noch einmal vorhalten.",
    0x9C: "Das Terminal ist beschäftigt: kurz warten.",
    0x9D: "Am Terminal nachsehen.",
    0xDF: "Netzbetreiber anrufen; bis dahin bar kassieren.",
    0xE1: "Karte aus dem Terminal nehmen.",
    0xF0: "Kassenschnitt machen.",
}


def terminal_state(code: int) -> Meaning:
    """What a state of the terminal (05 01) is, and what the operator does about it."""
    known = result(code)
    return Meaning(TERMINAL_STATUS.get(code, known.what), _STATE_NEXT.get(code, known.next))


CARDHOLDER: dict[int, str] = {
    0x00: "keine Prüfung",
    0x01: "Unterschrift",
    0x02: "Online-PIN",
    0x03: "Offline-PIN, verschlüsselt",
    0x04: "Offline-PIN, Klartext",
    0x05: "Offline-PIN, verschlüsselt, und Unterschrift",
    0x06: "Offline-PIN, Klartext, und Unterschrift",
    0x07: "Online-PIN und Unterschrift",
    0xFF: "unbekannt",
}
CURRENCIES = {"0978": "EUR", "0756": "CHF", "0826": "GBP", "0840": "USD"}
CARD_TYPES: dict[int, str] = {
    2: "ec-Karte",
    5: "girocard",
    6: "Mastercard",
    7: "EAPS",
    8: "American Express",
    9: "Lastschrift (ELV)",
    10: "Visa",
    11: "Visa Electron",
    12: "Diners",
    13: "V PAY",
    14: "JCB",
    30: "GeldKarte",
    46: "Maestro",
    87: "Bancontact",
    97: "Alipay",
    111: "Instant Payment",
    198: "China UnionPay",
    200: "Payback Pay",
    232: "Discover",
    255: "siehe Tag 41",
    260: "Bluecode",
}
_PAYMENT_OF_ECR = {
    0x00: "Lastschrift",
    0x10: "GeldKarte",
    0x20: "online ohne PIN",
    0x30: "mit PIN",
    0x40: "nach Wahl des Terminals (im Ergebnis: offline)",
    0x50: "nach Wahl des Terminals mit GeldKarte (im Ergebnis: Karte geprüft)",
    0x60: "online",
    0x70: "mit PIN",
}


def payment(value: int) -> str:
    """BMP 19 with a payment: what the register asks for, or the terminal did."""
    extra = {0x02: "Daten der gelesenen Karte", 0x04: "Drucker bereit", 0x08: "mit Trinkgeld"}
    words = [_PAYMENT_OF_ECR.get(value & 0xF0, "unbekannt")]
    return ", ".join(words + [word for bit, word in extra.items() if value & bit])


def attribute(value: int) -> str:
    """How a line is printed (06 D1, tag 09)."""
    if value == 0xFF:
        return "Zeilenvorschub"
    if value & 0x80 and value != 0x80:
        return "Ende des Belegs"
    names = {0x40: "zentriert", 0x20: "doppelt breit", 0x10: "doppelt hoch"}
    words = [word for bit, word in names.items() if value & bit]
    words += [f"um {value & 0x0F} eingerückt"] if value & 0x0F else []
    return ", ".join(words) or "üblich"
