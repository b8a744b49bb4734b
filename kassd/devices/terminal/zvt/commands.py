"""The commands of PA00P015 chapter 14: control field, German name, and what stands before the bitmaps."""

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt import forms
from kassd.devices.terminal.zvt.bmps import BMPS, LLL, Bmp
from kassd.devices.terminal.zvt.forms import AnyForm

TO_TERMINAL, TO_REGISTER, BOTH = "ECR → PT", "PT → ECR", "beide"


@dataclass(frozen=True, slots=True)
class Part:
    """A field at the begin of the data that has no bitmap number; ``size`` 0: all that is left; LLL: three
    length digits."""

    key: str
    label: str
    size: int
    form: AnyForm
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """``head``: the parts before the bitmaps, in order; ``others``: what may stand there instead.

    The bytes do not say which it is: that reading is right after which only bitmaps follow, and if ``only``
    names some, no others.
    """

    label: str
    way: str
    head: tuple[Part, ...] = ()
    others: tuple[tuple[Part, ...], ...] = ()
    only: frozenset[int] = frozenset()


PASSWORD = Part("password", "Passwort", 3, forms.DIGITS)
NEW_PASSWORD = Part("new_password", "neues Passwort", 3, forms.DIGITS)
ANY_PASSWORD = Part("password", "Passwort", 3, forms.DIGITS, optional=True)
CONFIG = Part("config", "Config-Byte", 1, forms.FLAGS)
CURRENCY = Part("currency", "Währung", 2, forms.CURRENCY, optional=True)
CONTAINER = frozenset({0x06})
RESULT = Part("result_code", "Ergebnis", 1, forms.RESULT)
STATE = Part("intermediate", "Zwischenstatus", 1, forms.INTERMEDIATE)
MINUTES = Part("minutes", "Wartezeit T4 in Minuten", 1, forms.DIGITS)
VERSION = Part("version", "Softwareversion", LLL, forms.SEVEN_BIT)
TERMINAL_STATUS = Part("terminal_status", "Zustand des Terminals", 1, forms.STATUS)
ATTRIBUTE = Part("attribute", "Druckattribut", 1, forms.ATTRIBUTE)
LINE = Part("text", "Text", 0, forms.TEXT, optional=True)
WAIT = Part("seconds", "Wartezeit in Sekunden", 1, forms.NUMBER, optional=True)
FROM = Part("from_receipt", "ab Belegnummer", 2, forms.DIGITS)
TO = Part("to_receipt", "bis Belegnummer", 2, forms.DIGITS, optional=True)
LANGUAGE = Part("language", "Sprache", 1, forms.NUMBER)
BAUD = Part("baud", "Baudrate", 1, forms.NUMBER)
READER = Part("reader", "Kartenleser", 1, forms.FLAGS)

COMMANDS: dict[int, Command] = {
    0x0401: Command("Datum und Uhrzeit der Kasse setzen", TO_REGISTER),
    0x040D: Command("Eingabe anfordern", TO_REGISTER),
    0x040E: Command("Menü anfordern", TO_REGISTER),
    0x040F: Command("Statusinformation", TO_REGISTER),
    0x04FF: Command("Zwischenstatus", TO_REGISTER, (STATE,), ((STATE, MINUTES),), CONTAINER),
    0x0501: Command("Statusabfrage", TO_TERMINAL, (ANY_PASSWORD,)),
    0x0600: Command(
        "Anmeldung", TO_TERMINAL, (PASSWORD, CONFIG, CURRENCY), ((PASSWORD, CONFIG),), frozenset({0x03, 0x06})
    ),
    0x0601: Command("Autorisierung (Zahlung)", TO_TERMINAL),
    0x0602: Command("Abmeldung", TO_TERMINAL),
    0x0603: Command("Guthabenabfrage", TO_TERMINAL),
    0x0604: Command("Karte aktivieren", TO_TERMINAL),
    0x0605: Command("Geld beschaffen", TO_TERMINAL),
    0x0609: Command("Prepaid-Karte aufladen", TO_TERMINAL),
    0x060A: Command("Tax Free", TO_TERMINAL),
    0x060C: Command("Trinkgeld buchen", TO_TERMINAL),
    0x060F: Command("Abschluss", TO_REGISTER, (VERSION, TERMINAL_STATUS), ((), (TERMINAL_STATUS,))),
    0x0610: Command("Umsätze abfragen", TO_TERMINAL, (PASSWORD,)),
    0x0612: Command("Belege nachdrucken", TO_TERMINAL, (PASSWORD, FROM, TO)),
    0x0618: Command("Terminal neu starten", TO_TERMINAL),
    0x061A: Command("Systemkonfiguration drucken", TO_TERMINAL),
    0x061B: Command("Terminal-ID setzen", TO_TERMINAL, (PASSWORD,)),
    0x061E: Command("Abbruch durch das Terminal", TO_REGISTER, (RESULT,), ((RESULT, CURRENCY),)),
    0x0620: Command("Beleg wiederholen", TO_TERMINAL, (PASSWORD,)),
    0x0621: Command("Telefonische Autorisierung", TO_TERMINAL, (PASSWORD,), ((),)),
    0x0622: Command("Vorautorisierung", TO_TERMINAL),
    0x0623: Command("Teilstorno einer Vorautorisierung", TO_TERMINAL),
    0x0624: Command("Vorautorisierung buchen", TO_TERMINAL),
    0x0625: Command("Vorautorisierung stornieren", TO_TERMINAL),
    0x0626: Command("Storno eines fremden Vorgangs", TO_TERMINAL),
    0x0630: Command("Storno", TO_TERMINAL, (PASSWORD,)),
    0x0631: Command("Gutschrift", TO_TERMINAL, (PASSWORD,)),
    0x0650: Command("Kassenschnitt", TO_TERMINAL, (PASSWORD,)),
    0x0651: Command("Offline-Umsätze senden", TO_TERMINAL, (PASSWORD,)),
    0x0670: Command("Diagnose", TO_TERMINAL),
    0x0679: Command("Selbsttest", TO_TERMINAL),
    0x0685: Command("Text anzeigen (alt)", TO_TERMINAL),
    0x0686: Command("Zahl eingeben (alt)", TO_TERMINAL),
    0x0687: Command("PIN prüfen (alt)", TO_TERMINAL),
    0x0688: Command("Taste abfragen (alt)", TO_TERMINAL),
    0x0691: Command("Datum und Uhrzeit des Terminals setzen", TO_TERMINAL, (PASSWORD,)),
    0x0693: Command("Initialisierung", TO_TERMINAL, (PASSWORD,)),
    0x0695: Command("Passwort ändern", TO_TERMINAL, (PASSWORD, NEW_PASSWORD)),
    0x06B0: Command("Abbruch durch die Kasse", TO_TERMINAL),
    0x06C0: Command("Karte lesen", TO_TERMINAL, (WAIT,)),
    0x06C5: Command("Kartensitzung schließen", TO_TERMINAL),
    0x06C6: Command("APDUs an die Karte senden", TO_TERMINAL),
    0x06D0: Command("Menü mit Bild", TO_REGISTER),
    0x06D1: Command("Zeile drucken", BOTH, (ATTRIBUTE, LINE)),
    0x06D3: Command("Textblock drucken", BOTH),
    0x06D8: Command("Einwahl", TO_REGISTER),
    0x06D9: Command("Daten über die Einwahl senden", TO_REGISTER),
    0x06DA: Command("Daten über die Einwahl empfangen", TO_REGISTER),
    0x06DB: Command("Auflegen", TO_REGISTER),
    0x06DD: Command("Transparentmodus", BOTH),
    0x06E0: Command("Text anzeigen", TO_TERMINAL),
    0x06E1: Command("Taste abfragen", TO_TERMINAL),
    0x06E2: Command("Zahl eingeben", TO_TERMINAL),
    0x06E3: Command("PIN prüfen", TO_TERMINAL),
    0x06E4: Command("Sperrliste der Kasse abfragen", TO_REGISTER),
    0x06E5: Command("MAC berechnen", TO_TERMINAL),
    0x06E6: Command("Auf Karte warten und zahlen", TO_TERMINAL),
    0x06E7: Command("Zahl verschlüsselt eingeben", TO_TERMINAL),
    0x06F0: Command("Bild anzeigen", TO_TERMINAL),
    0x0801: Command("Servicemodus", TO_TERMINAL),
    0x0802: Command("Protokoll wechseln", TO_TERMINAL),
    0x0810: Command("Software-Update", TO_TERMINAL, (ANY_PASSWORD,)),
    0x0811: Command("Datei lesen", TO_TERMINAL),
    0x0812: Command("Datei löschen", TO_TERMINAL),
    0x0813: Command("Konfiguration ändern", TO_TERMINAL),
    0x0814: Command("Datei schreiben", TO_TERMINAL, (ANY_PASSWORD,)),
    0x0820: Command("OPT-Aktion", TO_TERMINAL),
    0x0821: Command("OPT-Zeitpunkt setzen", TO_TERMINAL),
    0x0822: Command("OPT-Vorinitialisierung", TO_TERMINAL),
    0x0823: Command("OPT-Daten ausgeben", TO_TERMINAL),
    0x0824: Command("OPT außer Betrieb", TO_TERMINAL),
    0x0830: Command("Sprache wählen", TO_TERMINAL, (LANGUAGE,)),
    0x0840: Command("Baudrate ändern", TO_TERMINAL, (BAUD,)),
    0x0850: Command("Kartenleser einschalten", TO_TERMINAL, (READER,)),
    0x8000: Command("Quittung", BOTH),
    0x8400: Command("Quittung (84 00)", BOTH),
    0x849C: Command("Antwort: bitte warten, Statusinformation wiederholen", BOTH),
    0x849D: Command("Antwort: teilweise Warenausgabe", BOTH),
}

REFUSAL = Command("Ablehnung", BOTH, (), ((RESULT,), (RESULT, CURRENCY)))
UNKNOWN = Command("unbekanntes Kommando", BOTH)
# The same number means something else in these commands.
_ELSEWHERE: dict[tuple[int, int], Bmp] = {
    (0x060F, 0x19): Bmp("status_byte", "Status-Byte", 1, forms.FLAGS),
    (0x06C0, 0x19): Bmp("card_kind", "zu lesende Karte", 1, forms.FLAGS),
}


def command(control: int) -> Command:
    """What is known of a control field."""
    found = COMMANDS.get(control)
    return found or (REFUSAL if control >> 8 == 0x84 else UNKNOWN)


def command_name(control: int) -> str:
    """German name of a control field; also of any refusal and of what is unknown."""
    known = command(control)
    if known is REFUSAL:
        return f"Ablehnung {control & 0xFF:02X}"
    return "herstellereigenes Kommando" if known is UNKNOWN and control >> 8 == 0x0F else known.label


def bitmap(control: int, number: int) -> Bmp:
    """The bitmap as this command means it."""
    return _ELSEWHERE.get((control, number)) or BMPS[number]
