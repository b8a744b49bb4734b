"""What people read of the power supply, with the next step."""

from kassd.core.power.state import PowerState

SENTENCES = {
    "battery": "Kein Netz, die Kasse läuft aus dem Akku{charge}. Netzteil und Steckdose prüfen.",
    "low": "Der Akku ist fast leer{charge}: es wird kein Verkauf mehr begonnen. Begonnenes fertig bezahlen, "
    "das Netzteil anschließen.",
    "critical": "Der Akku ist leer{charge}: die Kasse fährt herunter. Was bezahlt ist, ist gespeichert; "
    "Begonnenes geht nach dem nächsten Start weiter. Das Netzteil anschließen.",
}
WEAK = (
    "Die Versorgungsspannung ist zu niedrig; Speicherkarte und TSE können ausfallen. Das passende Netzteil "
    "und ein kürzeres, dickeres Kabel nehmen."
)


def power_sentence(power: PowerState) -> str:
    """The worst of it; '' where all is well."""
    sentence = SENTENCES.get(power.level)
    if sentence is None:
        return WEAK if power.weak else ""
    charge = "" if power.percent is None else f" ({power.percent} %{_lasting(power.minutes)})"
    return sentence.format(charge=charge)


def _lasting(minutes: int | None) -> str:
    return "" if minutes is None else f", etwa {minutes} min"
