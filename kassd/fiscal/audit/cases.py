"""What goes with a GV_TYP (D13): tax key, means of payment, sign, kind of Vorgang.

The signed process data know sums by rate and Bar or Unbar only; which business case a line is no signature
tells. The norm's words (Anhang B, C and 4.1.3) bind it to what is beside it, and that is this table. What it
leaves open (an Umsatz called Pfand, a Geldtransit called Privatentnahme) nothing in the files can tell.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from kassd.core.verdict import Severity
from kassd.fiscal.audit.findings import Findings, shown
from kassd.fiscal.audit.norm import CASH_MOVEMENTS, GV_TYPES
from kassd.fiscal.audit.rows import Receipt, Row, amount, number, units

UNTAXED = 5  # nicht steuerbar
CASHLESS = frozenset({"Unbar", "ECKarte", "Kreditkarte", "ElZahlungsdienstleister", "Guthabenkarte"})


@dataclass(frozen=True, slots=True)
class Rule:
    """``key``: the only UST_SCHLUESSEL, and how grave another one is; ``sign``: of the Vorgang's sum where it
    reverses nothing, 0 either; ``alone``: nothing but money movements stands beside it; ``source``: where the
    norm says so."""

    key: Severity | None = None
    sign: int = 0
    alone: bool = False
    source: str = ""


RULES: Mapping[str, Rule] = {
    "Anfangsbestand": Rule("error", 1, True, "Anhang C: Bargeldbestand, ändert das Vermögen nicht"),
    "Privatentnahme": Rule("error", -1, True, "Anhang C: Entnahme von Bargeld, ohne USt-Bezug"),
    "Privateinlage": Rule("error", 1, True, "Anhang C: Einlage von Bargeld, ohne USt-Bezug (ID 5)"),
    "Geldtransit": Rule("error", 0, False, "Anhang C: aus umsatzsteuerlicher Sicht keine Relevanz"),
    "Lohnzahlung": Rule("error", -1, True, "Anhang C: Zahlung des Lohnes aus der Kasse"),
    "Einzahlung": Rule("warning", 1, False, "Anhang C: Zufluss; die Steuer ist zu prüfen"),
    "Auszahlung": Rule("warning", -1, False, "Anhang C: Abfluss; die Steuer ist zu prüfen"),
    "DifferenzSollIst": Rule(
        "warning", 0, True, "Anhang C: Abweichung des Bestands; die Steuer ist zu prüfen"
    ),
    "MehrzweckgutscheinKauf": Rule("error", 0, False, "Anhang C: nicht steuerbar, § 3 Abs. 15 UStG"),
    "MehrzweckgutscheinEinloesung": Rule("error", -1, False, "Anhang C: zahlungsmittelähnlich"),
    "EinzweckgutscheinKauf": Rule(None, 0, False, "Anhang C"),
    "EinzweckgutscheinEinloesung": Rule(None, -1, False, "Anhang C"),
    "TrinkgeldAN": Rule("error", 0, False, "Anhang C: ohne umsatzsteuerliche Konsequenz"),
    "Forderungsentstehung": Rule(None, -1, False, "Anhang C, Beispiel 1"),
    "Forderungsaufloesung": Rule(None, 1, False, "Anhang C, Beispiel 1"),
    "Anzahlungseinstellung": Rule(None, 1, False, "Anhang C, Beispiel 4"),
    "Anzahlungsaufloesung": Rule(None, -1, False, "Anhang C, Beispiel 4"),
    "PfandRueckzahlung": Rule(None, -1, False, "Anhang C: Rückgabe"),
}
NUMBERED = frozenset(case for case in GV_TYPES if "gutschein" in case) | {"Umsatz", "Rabatt", "Aufschlag"}
MOVES = frozenset({"Beleg", "AVTraining", "AVBelegabbruch", "AVBelegstorno"})  # which may hold movements


def check_cases(receipt: Receipt, by_line: Mapping[str, list[Row]], reverses: bool, found: Findings) -> None:
    """The lines of one Vorgang. ``by_line``: its rows of lines_vat.csv by POS_ZEILE; ``reverses``: it takes
    back another one."""
    sums: defaultdict[str, int] = defaultdict(int)
    first: dict[str, Row] = {}
    for row in receipt["lines.csv"]:
        first.setdefault(row.GV_TYP, row)
        _check_line(row, by_line.get(row.POS_ZEILE, []), found)
        for part in by_line.get(row.POS_ZEILE, []):
            sums[row.GV_TYP] += units(part.POS_BRUTTO) or units(part.POS_NETTO) + units(part.POS_UST)
    if not first:
        return
    head = receipt.head
    for case, row in first.items():
        rule = RULES.get(case)
        if rule is None:
            continue
        if rule.sign * sums[case] < 0 and not reverses:
            which = "negativ" if rule.sign > 0 else "positiv"
            text = f"{case} in {row.BON_ID} ist {which} ({amount(sums[case])}), und nichts wird aufgehoben"
            found.add("D13", row.FILE, row.ROW, text, "warning")
        if rule.alone and (beside := sorted(first.keys() - CASH_MOVEMENTS)):
            text = f"{case} in {row.BON_ID} steht neben {', '.join(beside)}"
            found.add("D13", row.FILE, row.ROW, text, "warning")
    if head.BON_TYP == "AVBelegabbruch" and not units(head.UMS_BRUTTO):
        for case, row in first.items():
            if sums[case]:
                text = f"{case} im Abbruch {row.BON_ID} hebt sich nicht auf: {amount(sums[case])}"
                found.add("D13", row.FILE, row.ROW, text, "warning")
    moved = CASH_MOVEMENTS & first.keys()
    if moved and head.BON_TYP not in MOVES:
        found.add("D13", head.FILE, head.ROW, f"{min(moved)} in {head.BON_ID}, einem {head.BON_TYP}")
    if moved and not first.keys() - CASH_MOVEMENTS:
        for row in receipt["datapayment.csv"]:
            if row.ZAHLART_TYP in CASHLESS:
                text = (
                    f"{min(moved)} in {row.BON_ID} betrifft nur das Bargeld (4.1.3), nicht {row.ZAHLART_TYP}"
                )
                found.add("D13", row.FILE, row.ROW, text, "warning")


def _check_line(row: Row, parts: list[Row], found: Findings) -> None:
    rule = RULES.get(row.GV_TYP)
    if rule is not None and rule.key is not None:
        for part in parts:
            if number(part.UST_SCHLUESSEL) != UNTAXED:
                text = f"UST_SCHLUESSEL von {row.GV_TYP} in {row.BON_ID}: erwartet {UNTAXED} ({rule.source})"
                found.add("D13", part.FILE, part.ROW, f"{text}, dort steht {part.UST_SCHLUESSEL}", rule.key)
    if row.ART_NR != row.GV_TYP and row.ART_NR in GV_TYPES:
        text = f"GV_TYP der Position {row.POS_ZEILE} von {row.BON_ID} ist {row.GV_TYP}, ART_NR nennt"
        found.add("D13", row.FILE, row.ROW, f"{text} {row.ART_NR}", "warning")
    if row.GUTSCHEIN_NR and row.GV_TYP not in NUMBERED:
        text = f"GUTSCHEIN_NR {shown(row.GUTSCHEIN_NR)} zu {row.GV_TYP} in {row.BON_ID}"
        found.add("D13", row.FILE, row.ROW, text, "warning")
