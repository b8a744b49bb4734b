"""The checks, by id: what each looks at, and how grave it is when it fails.

The letters are those of an auditor's order: A the package, B keys, C sums, D the logic of Vorgänge, E the
TSE, F the receipt, G our own journal. ``docs/audit.md`` is written from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kassd.core.verdict import Severity

GROUPS: Mapping[str, str] = {
    "A": "Form der Dateien",
    "B": "Schlüssel und Verweise",
    "C": "Summen",
    "D": "Logik der Vorgänge",
    "E": "Technische Sicherheitseinrichtung (TSE)",
    "F": "Beleg und QR-Code",
    "G": "Journal der Kasse",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``title``: what must hold (German); ``severity``: of a finding that is not said to be less;
    ``needs``: what must be given besides the folder: "tar", "journal" or "log"."""

    id: str
    title: str
    severity: Severity = "error"
    needs: str = ""

    @property
    def group(self) -> str:
        """Its letter."""
        return self.id[0]


_ALL = (
    Check("A1", "index.xml ist wohlgeformt, nennt die DTD und Version 1.0; die DTD liegt unverändert bei"),
    Check("A2", "jede genannte Datei ist da, keine ist ungenannt, keine fremd"),
    Check("A3", "UTF-8 ohne BOM, keine Steuerzeichen"),
    Check("A4", 'jeder Satz endet mit CR LF, Felder sind mit ; getrennt und richtig in " gefasst'),
    Check("A5", "Kopfzeile und index.xml haben die Spalten der DSFinV-K in ihrer Reihenfolge"),
    Check("A6", "jede Zeile hat so viele Felder wie die Kopfzeile"),
    Check("A7", "Längen und Zahlen: Dezimalkomma, höchstens die genannten Stellen, kein Tausenderpunkt"),
    Check("A8", "Wahrheitswerte sind 0, 1 oder leer"),
    Check("A9", "Werte aus geschlossenen Listen stehen in der Liste"),
    Check("A10", "Mussfelder sind gefüllt"),
    Check("A11", "Zeitpunkte sind nach RFC 3339 geschrieben, die der TSE mit Millisekunden und Z"),
    Check("A12", "die Dateien haben die Prüfsummen des Exportprotokolls", needs="log"),
    Check("B1", "jede Zeile nennt ihren Kassenabschluss vollständig"),
    Check("B2", "jeder genannte Kassenabschluss steht in cashpointclosing.csv"),
    Check("B3", "je Abschluss genau eine Zeile in cashpointclosing, location und cashregister"),
    Check("B4", "Z_NR ist je Kasse lückenlos, Z_ERSTELLUNG folgt ihr"),
    Check("B5", "BON_ID ist je Kasse eindeutig, steigt und ist lückenlos"),
    Check("B6", "BON_NR ist je Abschluss eindeutig und lückenlos", "warning"),
    Check("B7", "Z_START_ID und Z_ENDE_ID sind erste und letzte BON_ID und schließen aneinander an"),
    Check("B8", "POS_ZEILE ist je Vorgang eindeutig und fortlaufend ab 1"),
    Check("B9", "jede Zeile gehört zu einem Bonkopf (und zu einer Position), keine kommt zweimal vor"),
    Check("B10", "Terminal, Agentur, Steuerschlüssel und TSE stehen in den Stammdaten des Abschlusses"),
    Check("B11", "jeder Vorgang mit Umsatz hat Positionen", "warning"),
    Check("B12", "die Steuersätze sind die ihres Schlüssels am Tag des Abschlusses"),
    Check("B13", "KASSE_SERIENNR hat weder / noch _ und ist die Kennung, mit der die TSE unterschrieb"),
    Check("B14", "BON_START ≤ BON_ENDE ≤ Z_ERSTELLUNG, und nach dem Abschluss davor", "warning"),
    Check("B15", "jeder Vorgang nennt seinen Bediener"),
    Check("B16", "die Zeilen stehen in der Reihenfolge von Abschluss, Vorgang und Position", "warning"),
    Check("C1", "UMS_BRUTTO ist die Summe der Steuersätze des Vorgangs"),
    Check("C2", "je Steuerschlüssel ist der Vorgang die Summe seiner Positionen"),
    Check("C3", "beim Beleg sind die Zahlungen gleich dem Umsatz"),
    Check("C4", "Brutto = Netto + Steuer, und die Steuer folgt aus dem Steuersatz"),
    Check("C5", "Betrag der Position = Menge / Faktor × Stückpreis, die Preisfindung ergibt ihn", "warning"),
    Check("C6", "Geschäftsvorfälle des Abschlusses sind die Summen der Positionen seiner Belege"),
    Check("C7", "Zahlarten des Abschlusses sind die Summen der Zahlungen seiner Belege"),
    Check("C8", "Z_SE_ZAHLUNGEN = Zahlarten = Umsätze der Belege = Geschäftsvorfälle"),
    Check("C9", "Z_SE_BARZAHLUNGEN ist die Zahlart Bar"),
    Check("C10", "der Bargeldbestand je Währung folgt aus Anfangsbestand und Barzahlungen"),
    Check("C11", "Training, Sachbezug und Abbruch haben keine Zahlung"),
    Check("C12", "der Bargeldbestand ist nie kleiner als null", "warning"),
    Check("C13", "der Anfangsbestand ist der Endbestand des Abschlusses davor", "warning"),
    Check("C14", "die drei Dateien des Abschlusses sind alle gefüllt"),
    Check("C15", "Kurse fremder Währungen sind stimmig"),
    Check("C16", "ein Abschluss umfasst einen Geschäftstag; Z_BUCHUNGSTAG passt dazu", "warning"),
    Check("C17", "Pfand hat den Steuersatz des Getränks", "warning"),
    Check("D1", "AVSonstige hat einen BON_NAME"),
    Check("D2", "BON_STORNO ist 0 oder 1"),
    Check("D3", "ein Storno verweist auf seinen Beleg, kehrt ihn genau um und kommt nur einmal vor"),
    Check("D4", "Verweise sind richtig gefüllt und treffen einen Vorgang"),
    Check("D5", "AVBelegstorno gibt es nicht, wo eine TSE unterschreibt"),
    Check("D6", "P_STORNO = 1 gibt es nicht in unterschriebenen Vorgängen"),
    Check("D7", "Training ist als AVTraining gekennzeichnet"),
    Check("D8", "jede Bestellung gehört zu einem Abrechnungskreis", "warning"),
    Check("D9", "von einem Gutschein wird nicht mehr eingelöst, als er wert war", "warning"),
    Check("D10", "KEINE_UST_ZUORDNUNG steht genau, wo der Schlüssel 7 benutzt wird"),
    Check("D11", "die Auflösung von Forderung und Anzahlung verweist auf ihre Entstehung"),
    Check(
        "D12", "Stammdaten ändern sich nur zwischen Abschlüssen und sind im Journal vermerkt", needs="journal"
    ),
    Check("D13", "der Geschäftsvorfall passt zu Steuerschlüssel, Zahlart, Vorzeichen und Vorgang"),
    Check("E1", "jeder Vorgang hat Transaktionsnummer, Zähler und Signatur oder nennt den Ausfall"),
    Check("E2", "Transaktionsnummern je TSE sind eindeutig und ohne unerklärte Lücke"),
    Check("E3", "Signaturzähler je TSE sind eindeutig und steigen mit der Zeit"),
    Check("E4", "der processType passt zum BON_TYP", "warning"),
    Check("E5", "die aus den Zeilen wieder gebildeten Vorgangsdaten sind TSE_VORGANGSDATEN"),
    Check("E6", "die Signatur passt zu den wieder gebildeten Vorgangsdaten"),
    Check("E7", "SHA-256 des Schlüssels ist TSE_SERIAL und der Schlüssel der des Zertifikats"),
    Check("E8", "das Zertifikat galt zur Zeit der Signatur, seine Kette ist in Ordnung"),
    Check("E9", "die Zeiten der TSE passen zu denen der Kasse", "warning"),
    Check("E10", "Verfahren und Zeitformat sind die der TSE", needs="tar"),
    Check("E11", "jede Transaktion des TSE-Archivs ist genau eine Zeile der CSV und umgekehrt", needs="tar"),
    Check("E12", "im TSE-Archiv schreiben nur bekannte Kassen", "warning", needs="tar"),
    Check("E13", "das Zertifikat läuft nicht binnen 90 Tagen nach dem letzten Abschluss ab", "warning"),
    Check("E14", "das TSE-Archiv selbst ist unversehrt", needs="tar"),
    Check("F1", "der gedruckte QR-Code ist der aus den CSV gebildete", needs="journal"),
    Check("F2", "aus den Dateien lassen sich die Pflichtangaben jedes Belegs bilden"),
    Check("F3", "der gedruckte Z-Bericht ist der Abschluss", needs="journal"),
    Check("G1", "das Journal ist unversehrt", needs="journal"),
    Check("G2", "Journal und DSFinV-K nennen dieselben Vorgänge und Abschlüsse", needs="journal"),
    Check("G3", "derselbe Zeitraum gibt noch einmal dieselben Bytes", needs="journal"),
    Check("G4", "Ausfälle der TSE stehen im Journal und in der DSFinV-K", needs="journal"),
    Check("G5", "vor jeder Änderung von Stammdaten steht ein Abschluss", needs="journal"),
)
CHECKS: Mapping[str, Check] = {check.id: check for check in _ALL}
