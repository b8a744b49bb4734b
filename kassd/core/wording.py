"""Sentences that are put together for people: whole, never glued to the next one, never without a reason."""

# Reason of an outage (before its colon) → what it says where nobody said more, and the next step.
OUTAGES: dict[str, tuple[str, str]] = {
    "silent": (
        "Die TSE antwortet nicht.",
        "Kurz warten; bleibt es dabei, die TSE vom Strom nehmen und neu anstecken.",
    ),
    "gone": ("Die TSE ist nicht zu erreichen.", "Stecker, Strom und Kabel der TSE prüfen."),
    "wrong_tse": (
        "Es steckt eine andere TSE als die dieser Kasse.",
        "Die richtige TSE einsetzen; soll eine neue an ihre Stelle treten: kassd tse swap.",
    ),
    "certificate_expired": ("Das Zertifikat der TSE ist abgelaufen.", "Die TSE ersetzen: kassd tse swap."),
    "refused": (
        "Die TSE lehnt den Befehl ab.",
        "kassd doctor und kassd tse info ansehen, sonst den Betreuer rufen.",
    ),
    "not_configured": (
        "In der Konfiguration fehlt [tse]; diese Kasse hat aber eine TSE.",
        "[tse] wieder eintragen und kassd neu starten; soll eine neue an ihre Stelle treten: kassd tse swap.",
    ),
    "start_failed": (
        "Die TSE hat den Vorgang nicht begonnen.",
        "Bleibt es dabei, den Anschluss der TSE prüfen und den Betreuer rufen.",
    ),
}
OTHER = (
    "Die TSE arbeitet nicht.",
    "Den Anschluss der TSE prüfen; kassd doctor sagt mehr, sonst den Betreuer rufen.",
)


def day_of(at: str) -> str:
    """``21.11.2026`` of an ISO date or RFC 3339 time."""
    return f"{at[8:10]}.{at[5:7]}.{at[:4]}"


def sentence(text: str, otherwise: str) -> str:
    """``text`` with its full stop; ``otherwise`` where it says nothing. What a library was to explain after a
    colon, and did not, is left out."""
    whole = text.strip().rstrip(":,; ")
    if not whole:
        return otherwise
    return whole if whole.endswith((".", "!", "?", "…")) else f"{whole}."


def outage_sentence(reason: str, message: str) -> str:
    """Why the TSE does not sign, as a sentence."""
    return sentence(message, OUTAGES.get(reason.partition(":")[0], OTHER)[0])


def outage_step(reason: str) -> str:
    """What to do about it."""
    return OUTAGES.get(reason.partition(":")[0], OTHER)[1]
