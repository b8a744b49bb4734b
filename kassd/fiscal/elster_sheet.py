"""The sheet beside ELSTER's XML: what is typed into the form, what has changed, until when, what was sent."""

from collections.abc import Iterator

from kassd.core.master import Config
from kassd.core.notification.due import changes, next_due
from kassd.core.notification.sheet import Sheet, place_of
from kassd.core.notification.state import Notice, System
from kassd.deferred import dataclass
from kassd.fiscal.elster import german_day

ACQUISITIONS = {"purchase": "Kauf", "lease": "Leasing", "rent": "Miete", "loan": "Leihe"}
FORMS = {"sd": "SD-Karte", "usb": "USB-Stick", "cloud": "Cloud"}
BETA = (
    "BETA: Das amtliche Schema liegt nicht vor. Die XML-Datei folgt dem, was in der Praxis hochgeladen\n"
    "wird. Vor dem Absenden in Mein ELSTER jede Angabe mit diesem Blatt vergleichen; nimmt ELSTER die Datei\n"
    "nicht an, die Angaben von hier in das Formular eintragen."
)
TEST = "TEST: Diese Kasse läuft im Modus „test“ und ist kein mitzuteilendes System. NICHT EINREICHEN."


@dataclass(frozen=True, slots=True)
class Taxpayer:
    """Who notifies."""

    name: str
    tax_number: str
    vat_id: str


def text(sheet: Sheet, taxpayer: Taxpayer, notices: tuple[Notice, ...], *, test: bool) -> str:
    """The sheet in German, for people."""
    return "\n".join(_rows(sheet, taxpayer, notices, test=test)) + "\n"


def _rows(sheet: Sheet, taxpayer: Taxpayer, notices: tuple[Notice, ...], *, test: bool) -> Iterator[str]:
    yield "Mitteilung über elektronische Aufzeichnungssysteme (§ 146a Abs. 4 AO)"
    yield f"Kennung dieser Mitteilung: {sheet.mark}"
    yield from ("", TEST) if test else ()
    yield from ("", BETA, "", "WAS MITZUTEILEN IST")
    yield from due_rows(sheet)
    place = sheet.place
    yield from ("", "IN DAS FORMULAR EINTRAGEN", f"Steuerpflichtiger: {taxpayer.name}")
    yield f"Steuernummer: {taxpayer.tax_number or '(keine eingerichtet)'}"
    if taxpayer.vat_id:
        yield f"USt-IdNr.: {taxpayer.vat_id}"
    yield f"Betriebsstätte: {place.name}"
    yield f"Anschrift: {place.street}, {place.postal_code} {place.city}, {place.country}"
    yield f"Anzahl der Aufzeichnungssysteme: {len(sheet.systems)}"
    for number, system in enumerate(sheet.systems, 1):
        yield from ("", f"SYSTEM {number} VON {len(sheet.systems)}", *_system_rows(system))
    yield from ("", "BISHERIGE MITTEILUNGEN")
    yield from [_notice_row(notice) for notice in reversed(notices)] or ["keine"]
    yield from ("", "Nach dem Absenden vermerken:")
    yield f"  kassd notification sent --sheet {sheet.mark} --on JJJJ-MM-TT --ticket TRANSFERTICKET"


def due_rows(sheet: Sheet) -> Iterator[str]:
    """What the tax office does not know yet and until when it wants to, in German."""
    found = changes(sheet)
    due = next_due(found)
    if due is None:
        yield "Nichts: seit der letzten Mitteilung hat sich nichts geändert, was mitzuteilen ist."
    else:
        yield f"Fällig: {f'bis {german_day(due)}' if due else 'unverzüglich'}"
    if sheet.former:
        yield "Die Kasse gehört nicht mehr zu dieser Betriebsstätte. Die anderen Systeme stehen hier wie"
        yield "zuletzt mitgeteilt: bitte prüfen, ob es sie dort noch gibt."
    for change in found:
        when = f" am {german_day(change.day)}" if change.day else ""
        until = f", mitzuteilen bis {german_day(change.due)}" if change.due else ""
        yield f"- {change.text}{when}{', steht in der nächsten Mitteilung' if change.note else until}"


def _system_rows(system: System) -> Iterator[str]:
    yield "Art: Computergestützte/PC-Kassensysteme"
    yield f"Software: {system.software}, Version {system.software_version}"
    yield f"Seriennummer: {system.serial}"
    yield f"Hersteller, Modell: {system.manufacturer}, {system.model}"
    yield f"TSE: {FORMS[system.tse_form]}, BSI-K-TR-{system.tse_certification}"
    yield f"TSE-Seriennummer: {system.tse_serial}"
    yield f"TSE in Betrieb seit: {german_day(system.tse_commissioned)}"
    yield f"Anschaffung: {german_day(system.acquired)} ({ACQUISITIONS[system.acquisition]})"
    yield f"Inbetriebnahme: {german_day(system.commissioned)}"
    if system.decommissioned:
        yield f"Außerbetriebnahme: {german_day(system.decommissioned)}, Grund: {system.reason}"


def _notice_row(notice: Notice) -> str:
    ticket = f", Transferticket {notice.ticket}" if notice.ticket else ""
    systems = "1 System" if notice.count == 1 else f"{notice.count} Systeme"
    return f"- {german_day(notice.day)}: {notice.place.name}, {systems}{ticket}"


def site_line(config: Config) -> str:
    """The place of business (Betriebsstätte) in one line, '' where it is the business' own address."""
    here = place_of(config)
    if here.address() == place_of({k: v for k, v in config.items() if not k.startswith("place.")}).address():
        return ""
    since = f"seit {german_day(here.since)}" if here.since else ""
    town = f"{here.postal_code} {here.city}".strip()
    return ", ".join(part for part in (here.name, here.street, town, since) if part)
