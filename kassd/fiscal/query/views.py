"""The tables that can be asked: names and columns in the words of the DSFinV-K, as views over the index.

Every view has a column ``datum``, the day that ``--from`` and ``--to`` compare.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "day", "number", "euro", "quantity", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """``kind``: how values are shown and compared. ``euro``: integer cents; ``quantity``: thousandths;
    ``flag``: 0 or 1. ``means`` is German."""

    name: str
    kind: Kind
    means: str


@dataclass(frozen=True, slots=True)
class View:
    """``sql`` selects the columns in their order; ``order``: how rows come when nobody says otherwise;
    ``brief``: the columns that a screen has room for, () = all."""

    name: str
    means: str
    columns: tuple[Column, ...]
    sql: str
    order: str
    brief: tuple[str, ...] = ()


def columns(*rows: tuple[str, Kind, str]) -> tuple[Column, ...]:
    """A view's columns: name, kind, meaning."""
    return tuple(Column(*row) for row in rows)


_DAY: tuple[str, Kind, str] = ("datum", "day", "Tag, an dem der Vorgang endete")
_RECEIPT: tuple[tuple[str, Kind, str], ...] = (
    ("bon_id", "number", "BON_ID = BON_NR, lückenlos je Kasse"),
    ("bon_typ", "text", "BON_TYP: Beleg, AVTraining, AVBelegabbruch …"),
    ("z_nr", "number", "Kassenabschluss; leer: noch nicht abgeschlossen"),
)
# The closing that a Vorgang belongs to is the first one after it. One line may hold both sides of a closing:
# the numbers say on which side a Vorgang stands.
_Z = (
    "(SELECT c.number FROM closings c WHERE c.seq >= r.seq AND c.last_receipt >= r.number"
    " ORDER BY c.seq LIMIT 1)"
)

BELEGE = View(
    "belege",
    "Vorgänge (Bonkopf), auch Abbrüche, Training, Bestellungen und Geldbewegungen",
    columns(
        _DAY,
        *_RECEIPT,
        ("art", "text", "sale: Verkauf, cash: Geldbewegung, order: Bestellung"),
        ("titel", "text", "Überschrift des Belegs"),
        ("beginn", "text", "BON_START"),
        ("ende", "text", "BON_ENDE"),
        ("platz", "text", "Arbeitsplatz"),
        ("bediener_id", "text", "BEDIENER_ID"),
        ("summe", "euro", "UMS_BRUTTO, Summe aller Positionen"),
        ("rueckgeld", "euro", "Rückgeld"),
        ("abrechnungskreis", "text", "ABRECHNUNGSKREIS"),
        ("kunde", "text", "KUNDE_NAME"),
        ("grund", "text", "Grund einer Geldbewegung"),
        ("person", "text", "wer Geld brachte oder bekam"),
        ("ausfall", "text", "Kennung des TSE-Ausfalls; leer: signiert"),
        ("tse_transaktion", "number", "TSE_TANR"),
        ("tse_zaehler", "number", "TSE_TA_SIGZ"),
        ("tse_beginn", "text", "TSE_TA_START"),
        ("tse_ende", "text", "TSE_TA_ENDE"),
        ("tse_seriennummer", "text", "Seriennummer der TSE"),
        ("test", "flag", "1: Testbetrieb, kein Beleg"),
        ("vorgang", "text", "Kennung im Journal"),
        ("zeile", "number", "Zeile des Journals"),
    ),
    f"SELECT r.day, r.number, r.bon_type, {_Z}, r.kind, r.title, r.started_at, r.at, r.station, r.operator,"
    " r.total, r.change, r.grp, r.customer, r.reason, r.person, r.outage, r.transaction_number,"
    " r.signature_counter, r.tse_start, r.tse_finish, r.serial_number, r.test, r.sale, r.seq"
    " FROM receipts r",
    "bon_id",
    brief=("bon_id", "bon_typ", "z_nr", "titel", "ende", "bediener_id", "summe", "ausfall"),
)
POSITIONEN = View(
    "positionen",
    "Zeilen der Vorgänge (Bonpos), Stornos als Gegenzeilen",
    columns(
        _DAY,
        *_RECEIPT,
        ("pos_zeile", "number", "POS_ZEILE"),
        ("artikel", "text", "ARTIKEL_NR"),
        ("gtin", "text", "GTIN"),
        ("artikeltext", "text", "ARTIKELTEXT"),
        ("warengruppe", "text", "WARENGR"),
        ("menge", "quantity", "MENGE"),
        ("einheit", "text", "EINHEIT; leer: Stück"),
        ("einzelpreis", "euro", "STK_BR"),
        ("betrag", "euro", "Betrag brutto"),
        ("ust_schluessel", "number", "UST_SCHLUESSEL; von mehreren der erste (genau: Tabelle steuern)"),
        ("gv_typ", "text", "GV_TYP"),
        ("gv_name", "text", "GV_NAME"),
        ("storno_von", "number", "Zeile, die diese zurücknimmt; 0: keine"),
        ("inhaus", "flag", "INHAUS"),
        ("listenpreis", "euro", "Preis der Artikelliste, wenn ein anderer galt"),
        ("preisgrund", "text", "warum ein anderer galt"),
        ("agentur_id", "number", "AGENTUR_ID; 0: eigenes Geschäft"),
        ("gutschein_nr", "text", "GUTSCHEIN_NR"),
        ("erfasst", "text", "Zeit der Eingabe"),
        ("bediener_id", "text", "wer die Zeile eingab"),
    ),
    f"SELECT r.day, r.number, r.bon_type, {_Z}, i.n, e.article, e.gtin, i.text, e.group_name,"
    " CASE WHEN i.unit_price < 0 THEN -i.quantity ELSE i.quantity END,"
    " i.unit, abs(i.unit_price), i.amount, i.vat, i.gv_type, e.gv_name, i.voids, e.in_house, e.list_price,"
    " e.price_why, e.agency, e.voucher, e.at, coalesce(nullif(e.operator, ''), r.operator)"
    " FROM receipts r JOIN items i ON i.number = r.number LEFT JOIN entered e ON e.sale = i.sale"
    " AND e.n = CASE WHEN i.voids > 0 THEN i.voids ELSE i.n END",
    "bon_id, pos_zeile",
    brief=("bon_id", "bon_typ", "pos_zeile", "artikeltext", "menge", "betrag", "ust_schluessel", "gv_typ"),
)
ZAHLUNGEN = View(
    "zahlungen",
    "Zahlungen der Vorgänge (Bonkopf_Zahlarten)",
    columns(
        _DAY,
        *_RECEIPT,
        ("art", "text", "sale: Verkauf, cash: Geldbewegung"),
        ("zahlart_typ", "text", "ZAHLART_TYP"),
        ("zahlart_name", "text", "ZAHLART_NAME"),
        ("betrag", "euro", "BASISWAEH_BETRAG"),
        ("gegeben", "euro", "was der Kunde gab"),
        ("waehrung", "text", "ZAHLWAEH_CODE"),
        ("betrag_waehrung", "euro", "ZAHLWAEH_BETRAG"),
        ("kurs", "text", "Euro je Einheit"),
        ("referenz", "text", "was Terminal, Scheck oder Bank angeben"),
        ("bediener_id", "text", "BEDIENER_ID"),
    ),
    f"SELECT r.day, r.number, r.bon_type, {_Z}, r.kind, p.type, p.name, p.amount, p.given, p.currency,"
    " p.hundredths, p.rate, p.reference, r.operator"
    " FROM receipts r JOIN payments p ON p.number = r.number",
    "bon_id",
    brief=("datum", "bon_id", "bon_typ", "zahlart_typ", "zahlart_name", "betrag", "waehrung"),
)
STEUERN = View(
    "steuern",
    "Beträge der Vorgänge je Steuerschlüssel (Bonkopf_USt)",
    columns(
        _DAY,
        *_RECEIPT,
        ("art", "text", "sale: Verkauf, cash: Geldbewegung"),
        ("ust_schluessel", "number", "UST_SCHLUESSEL"),
        ("satz", "text", "Steuersatz in Prozent"),
        ("brutto", "euro", "BON_BRUTTO"),
        ("netto", "euro", "BON_NETTO"),
        ("ust", "euro", "BON_UST"),
    ),
    f"SELECT r.day, r.number, r.bon_type, {_Z}, r.kind, t.vat, t.rate, t.gross, t.net, t.tax"
    " FROM receipts r JOIN taxes t ON t.number = r.number",
    "bon_id, ust_schluessel",
)
VERWEISE = View(
    "verweise",
    "Verweise auf andere Belege (Bon_Referenzen): Stornos, Rücknahmen, Rechnungen",
    columns(
        _DAY,
        *_RECEIPT,
        ("ref_typ", "text", "REF_TYP"),
        ("ref_bon_id", "text", "REF_BON_ID, oder die fremde Nummer"),
        ("ref_z_nr", "number", "REF_Z_NR; 0: war noch offen"),
        ("ref_kasse", "text", "REF_Z_KASSE_ID"),
        ("ref_name", "text", "REF_NAME"),
        ("pos_zeile", "number", "Zeile, die verweist; 0: der ganze Beleg"),
    ),
    f"SELECT r.day, r.number, r.bon_type, {_Z}, f.type, f.receipt, f.closing, f.register, f.name, f.line"
    " FROM receipts r JOIN refs f ON f.number = r.number",
    "bon_id",
)
ABSCHLUESSE = View(
    "abschluesse",
    "Kassenabschlüsse (Z)",
    columns(
        ("datum", "day", "Z_BUCHUNGSTAG"),
        ("z_nr", "number", "Z_NR"),
        ("z_erstellung", "text", "Z_ERSTELLUNG"),
        ("bediener_id", "text", "wer abschloss"),
        ("erste_bon_id", "number", "Z_START_ID"),
        ("letzte_bon_id", "number", "Z_ENDE_ID"),
        ("summe_zahlungen", "euro", "Z_SE_ZAHLUNGEN"),
        ("bargeld", "euro", "Bestand in Euro nach dem Abschluss, alle Laden"),
        ("automatisch", "flag", "1: von selbst, wegen neuer Steuersätze"),
        ("verspaetet", "flag", "1: nach dem Geschäftstag"),
        ("grund", "text", "Grund einer Differenz oder der Verspätung"),
        ("programm", "text", "KASSE_SW_VERSION"),
    ),
    "SELECT day, number, at, operator, first_receipt, last_receipt, total, cash, automatic, late,"
    " reason, software FROM closings",
    "z_nr",
)
Z_GESCHAEFTSVORFAELLE = View(
    "z_gv_typ",
    "Summen der Abschlüsse je Geschäftsvorfall und Steuerschlüssel (Z_GV_TYP)",
    columns(
        ("datum", "day", "Z_BUCHUNGSTAG"),
        ("z_nr", "number", "Z_NR"),
        ("gv_typ", "text", "GV_TYP"),
        ("gv_name", "text", "GV_NAME"),
        ("agentur_id", "number", "AGENTUR_ID"),
        ("ust_schluessel", "number", "UST_SCHLUESSEL"),
        ("brutto", "euro", "Z_UMS_BRUTTO"),
        ("netto", "euro", "Z_UMS_NETTO"),
        ("ust", "euro", "Z_UST"),
    ),
    "SELECT c.day, c.number, s.gv_type, s.gv_name, s.agency, s.vat, s.gross, s.net, s.tax"
    " FROM closings c JOIN closing_cases s ON s.number = c.number",
    "z_nr, gv_typ, ust_schluessel",
)
Z_ZAHLARTEN = View(
    "z_zahlart",
    "Summen der Abschlüsse je Zahlart (Z_Zahlart)",
    columns(
        ("datum", "day", "Z_BUCHUNGSTAG"),
        ("z_nr", "number", "Z_NR"),
        ("zahlart_typ", "text", "ZAHLART_TYP"),
        ("zahlart_name", "text", "ZAHLART_NAME"),
        ("geldbewegung", "flag", "1: Einlagen, Entnahmen, Geldtransit; 0: Verkäufe"),
        ("betrag", "euro", "Z_ZAHLART_BETRAG"),
    ),
    "SELECT c.day, c.number, s.type, s.name, s.movement, s.amount"
    " FROM closings c JOIN closing_payments s ON s.number = c.number",
    "z_nr, zahlart_typ",
)
Z_WAEHRUNGEN = View(
    "z_waehrungen",
    "Bargeldbestand nach jedem Abschluss, je Lade und Währung (Z_Waehrungen)",
    columns(
        ("datum", "day", "Z_BUCHUNGSTAG"),
        ("z_nr", "number", "Z_NR"),
        ("lade", "text", "Lade oder Geldbörse; leer: die der Kasse"),
        ("waehrung", "text", "ZAHLART_WAEH"),
        ("bestand", "euro", "ZAHLART_BETRAG_WAEH"),
    ),
    "SELECT c.day, c.number, s.account, s.currency, s.amount"
    " FROM closings c JOIN closing_cash s ON s.number = c.number",
    "z_nr, lade",
)
ZAEHLUNGEN = View(
    "zaehlungen",
    "Kassenzählungen: Soll und Ist",
    columns(
        ("datum", "day", "Tag der Zählung"),
        ("zeitpunkt", "text", "Zeit der Zählung"),
        ("bediener_id", "text", "wer zählte"),
        ("lade", "text", "Lade oder Geldbörse; leer: die der Kasse"),
        ("waehrung", "text", "Währung"),
        ("soll", "euro", "was da sein sollte"),
        ("ist", "euro", "was gezählt wurde"),
        ("differenz", "euro", "Ist − Soll"),
        ("abschluss", "flag", "1: beim Abschluss, 0: zwischendurch"),
        ("grund", "text", "Grund der Differenz"),
    ),
    "SELECT substr(at, 1, 10), at, operator, account, currency, expected, counted, counted - expected,"
    " closing, reason FROM counts",
    "zeitpunkt",
)
SALES_VIEWS = (BELEGE, POSITIONEN, ZAHLUNGEN, STEUERN, VERWEISE)
CLOSING_VIEWS = (ABSCHLUESSE, Z_GESCHAEFTSVORFAELLE, Z_ZAHLARTEN, Z_WAEHRUNGEN, ZAEHLUNGEN)
