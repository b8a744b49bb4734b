"""What people read of a card payment on its way."""

from kassd.core.cards.data import CardData
from kassd.core.cards.state import Charge, Stray
from kassd.core.money import euros

OPERATIONS = {
    "payment": "Kartenzahlung",
    "reversal": "Storno der Kartenzahlung",
    "refund": "Gutschrift auf die Karte",
    "end_of_day": "Kassenschnitt",
    "repeat": "Letzter Beleg des Kartenterminals",
}
WAITING = {
    "payment": "Bitte die Karte am Terminal vorhalten oder einstecken.",
    "reversal": "Das Terminal bucht die Kartenzahlung zurück.",
    "refund": "Bitte die Karte am Terminal vorhalten oder einstecken.",
    "end_of_day": "Das Terminal macht den Kassenschnitt.",
    "repeat": "Das Terminal schickt seinen letzten Beleg noch einmal.",
}
AGAIN = {  # of what moves money
    "payment": "noch einmal kassieren",
    "reversal": "noch einmal stornieren",
    "refund": "noch einmal auszahlen",
}
ASKING = "ungewiss; das Terminal wird gefragt, ob gebucht wurde."
LOOK = "ungeklärt: am Terminal nachsehen und bestätigen („Karte: doch bezahlt“ oder „nicht bezahlt“)."
SILENT = "Das Terminal sagt noch nichts dazu und wird weiter gefragt."


def told(charge: Charge) -> str:
    """For the operator: what the terminal does, or what to do."""
    what = f"{OPERATIONS[charge.operation]} {euros(charge.amount)} €"
    if charge.status == "unclear":
        return f"{what} {ASKING} Nicht {AGAIN[charge.operation]}."
    if charge.status == "unknown":
        return f"{what} {LOOK} {_last(charge.last)}"
    return charge.shown or WAITING[charge.operation]


def of_stray(stray: Stray) -> str:
    """A person and the terminal do not agree."""
    what = f"{OPERATIONS[stray.charge.operation]} {euros(stray.charge.amount)} €"
    if stray.paid:
        return (
            f"{what} wurde als bezahlt bestätigt, das Terminal kennt sie nicht. Den Beleg berichtigen oder "
            "das Geld nachfordern und das hier bestätigen (Karte: nicht bezahlt, mit Grund)."
        )
    if stray.data is None and stray.charge.data is not None:
        return _overtaken(what, stray.charge.data)
    if stray.data is not None and not stray.is_own and not stray.tried:
        return _alike(what, stray, stray.data)
    if stray.data is not None and not stray.tried:
        return f"{what} wurde doch gebucht, ohne Verkauf; das Terminal bucht sie zurück."
    reference = stray.data.reference if stray.data is not None else ""
    return (
        f"{what} wurde doch gebucht, ohne Verkauf ({reference}). Am Terminal von Hand stornieren und das "
        "hier bestätigen (Karte: nicht bezahlt, mit Grund)."
    )


def _alike(what: str, stray: Stray, data: CardData) -> str:
    by_terminal = "war nach Auskunft des Terminals nicht gebucht"
    said = by_terminal if stray.denied else "wurde als nicht bezahlt bestätigt"
    return (
        f"{what} {said}; das Terminal nennt jetzt {_named(data)}. Das kann sie sein oder eine andere "
        "gleicher Höhe. Am Terminal nachsehen: gehört sie zu keinem Verkauf, dort von Hand stornieren; dann "
        "das hier bestätigen (Karte: nicht bezahlt, mit Grund)."
    )


def _overtaken(what: str, approved: CardData) -> str:
    return (
        f"{what} wurde als nicht bezahlt bestätigt; das Terminal hatte {_named(approved)} genehmigt und sagt "
        "nicht mehr, ob es dabei blieb. Am Terminal nachsehen: ist sie gebucht und gehört zu keinem Verkauf, "
        "dort von Hand stornieren; dann das hier bestätigen (Karte: nicht bezahlt, mit Grund)."
    )


def by_person(reference: str) -> str:
    """What slips call a payment that a person says was made."""
    return f"{reference}, von Hand bestätigt" if reference else "von Hand bestätigt"


def reversal_of(paid: str, back: CardData | None) -> str:
    """What slips call a reversal of what was ``paid``: the terminal's own numbers of it, if they are known,
    else those of the payment, and that they are that."""
    if back is not None and back.reference:
        return f"Storno {back.reference}"
    return f"am Terminal storniert, ursprünglich {paid}" if paid else "am Terminal storniert"


def for_customer(charge: Charge) -> str:
    """For the customer."""
    return "Einen Moment bitte." if charge.in_doubt else charge.shown or WAITING[charge.operation]


def _last(last: CardData | None) -> str:
    """What the terminal has done last, so that somebody finds it."""
    return f"Zuletzt am Terminal: {_named(last)}." if last is not None else SILENT


def _named(data: CardData) -> str:
    """Amount, numbers and time, as far as the terminal tells them."""
    amount = f"{euros(data.amount)} €" if data.amount or data.result == "approved" else "Betrag unbekannt"
    result = {"approved": "", "declined": "abgelehnt", "unread": "Ergebnis nicht lesbar"}[data.result]
    when = f"am {data.when}" if data.when else ""
    return ", ".join(part for part in (amount, result, data.reference, when) if part)
