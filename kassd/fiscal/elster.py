"""ELSTER's XML of the form "Mitteilung über elektronische Aufzeichnungssysteme (§ 146a Abs. 4 AO)". **Beta**:
the official schema is not public; element names and order are those that are uploaded in practice.

One file for each place of business, with all of its systems. What the XML has no element for is typed into
the form (:mod:`kassd.fiscal.elster_sheet`). ELSTER takes the declaration with double quotes only.
"""

from collections.abc import Iterator
from datetime import date
from xml.sax.saxutils import escape

from kassd.core.notification.sheet import Sheet
from kassd.core.notification.state import System

NAMESPACE = "http://finkonsens.de/elster/elsternachricht/aufzeichnung146a/v1"
PC_SYSTEM = "1"  # Art: Computergestützte/PC-Kassensysteme, the one to take when in doubt
TSE_FORMS = {"sd": "1", "usb": "2", "cloud": "3"}

# What must be known of a system: key of :class:`System` → what the operator calls it.
NEEDED = {
    "manufacturer": "der Hersteller (manufacturer)",
    "model": "das Modell (model)",
    "software": "die Software",
    "software_version": "die Version der Software",
    "tse_serial": "eine in Betrieb genommene TSE",
    "tse_commissioned": "die Inbetriebnahme der TSE (tse_commissioned)",
    "tse_certification": "die Zertifizierungs-ID der TSE (tse_certification)",
    "tse_form": "die Art der TSE (tse_form)",
    "acquired": "die Anschaffung (acquired)",
    "commissioned": "die Inbetriebnahme (commissioned)",
}


def german_day(iso: str) -> str:
    """``21.11.2026`` of an ISO day."""
    return date.fromisoformat(iso).strftime("%d.%m.%Y")


def missing(sheet: Sheet) -> tuple[str, ...]:
    """What is not known of the systems, a German phrase for each; empty: the notification is complete."""
    return tuple(
        f"{system.serial}: {title}"
        for system in sheet.systems
        for key, title in NEEDED.items()
        if not getattr(system, key)
    )


def _elements(system: System) -> Iterator[tuple[str, str]]:
    """Name and text of each element, in the order of the form."""
    yield "Art", PC_SYSTEM
    yield "Software", system.software
    yield "SoftwareVersion", system.software_version
    yield "SeriennummerAS", system.serial
    yield "Hersteller", system.manufacturer
    yield "Modell", system.model
    yield "SeriennummerTSE", system.tse_serial
    yield "InbetriebnahmeTSE", german_day(system.tse_commissioned)
    yield "BSIID", system.tse_certification
    yield "ArtTSE", TSE_FORMS[system.tse_form]
    yield "AnschaffungAS", german_day(system.acquired)
    yield "InbetriebnahmeAS", german_day(system.commissioned)
    if system.decommissioned:
        yield "AusserbetriebnahmeAS", german_day(system.decommissioned)
        yield "GrundAusserbetriebnahme", system.reason


def xml(sheet: Sheet) -> str:
    """The document of a complete sheet (:func:`missing` is empty)."""
    rows = ['<?xml version="1.0" encoding="UTF-8" standalone="no"?>']
    rows += [f'<Aufzeichnung146a xmlns="{NAMESPACE}" version="1">', "  <Aufzeichnung146a>"]
    for system in sheet.systems:
        rows.append("    <AngabenAufzeichnungssystem>")
        rows += [f"      <{name}>{escape(text)}</{name}>" for name, text in _elements(system)]
        rows.append("    </AngabenAufzeichnungssystem>")
    return "\n".join([*rows, "  </Aufzeichnung146a>", "</Aufzeichnung146a>", ""])
