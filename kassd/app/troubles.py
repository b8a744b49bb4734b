"""What is wrong with the daemon itself and no fact of the register: journal, clock, catalogue, link."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import field

from kassd.clock import Clock, utc_text
from kassd.core.facts import ClockStepped
from kassd.core.inputs import Room
from kassd.core.outlook import REMEDY, Outlook, sentence
from kassd.core.status import DeviceStatus
from kassd.deferred import dataclass
from kassd.mqtt import Trouble
from kassd.mqtt.documents import AlertDocument, Severity
from kassd.mqtt.session import TroubleKind

log = logging.getLogger(__name__)

# What the journal reports: text ({}: its message, names of files), reason of the device "journal" (which
# shows the first of these), severity.
JOURNAL: dict[str, tuple[str, str, Severity]] = {
    "rotten": (
        "Ein Teil des Journals ist auf dem Datenträger beschädigt und hier nicht noch einmal vorhanden. "
        "Bitte sofort sichern, kassd verify ausführen und es aus Sicherung oder Spiegel zurückholen.",
        "rotten",
        "critical",
    ),
    "full": (
        "Der Datenträger ist voll: es wird nichts Neues mehr begonnen, nur Begonnenes beendet. Sofort Platz "
        "schaffen oder die Karte tauschen. Was bezahlt ist, ist gespeichert.",
        "full",
        "critical",
    ),
    "no-closing": (
        "Der Datenträger ist voll: ein Kassenabschluss ist nicht möglich, und bald kein neuer Verkauf mehr. "
        "Sofort Platz schaffen oder die Karte tauschen.",
        "full",
        "critical",
    ),
    "spare": (
        "Der Datenträger ist fast voll: für die Fortsetzung des Journals ist kein Platz mehr. Sofort Platz "
        "schaffen oder die Karte tauschen.",
        "disk",
        "critical",
    ),
    "aside": (
        "Beschädigte oder veränderte Dateien des Journals liegen im Ordner torn: {}. Bitte kassd verify "
        "ausführen, den Datenträger prüfen und die Dateien danach an einen anderen Ort sichern.",
        "aside",
        "warning",
    ),
    "checkpoint": ("Der Prüfpunkt des Journals kann nicht geschrieben werden.", "checkpoint", "warning"),
    "compact": ("Das Journal kann nicht verdichtet werden.", "compact", "warning"),
    "mirror": ("Der Spiegel des Journals fehlt (USB-Stick?). Verkaufen geht weiter.", "mirror", "warning"),
}
LINK: dict[TroubleKind, str] = {
    "mqtt-refused": "Der MQTT-Broker weist die Kasse ab; Anzeigen bleiben leer. Konto und Kennwort prüfen: "
    "kassd doctor.",
    "mqtt-duplicate-client-id": "Eine zweite Kasse meldet sich unter demselben Namen an. Einer von beiden in "
    "[mqtt.local] node einen anderen geben.",
    "mqtt-too-long": "Der MQTT-Broker nimmt eine Nachricht der Kasse nicht an, weil sie zu lang ist; die "
    "Anzeige dazu bleibt leer. Seine Konfiguration erneuern: kassd config broker.",
}
DISK = "disk"
SMALL = 64  # free bytes are shown again when they have changed by more than this part
# What the device "journal" shows, the worst first.
REASONS = [(name, reason) for name, (_, reason, _) in JOURNAL.items()]
REASONS.insert(4, (DISK, "disk"))
CLOCK = {
    "behind": "Die Systemuhr steht vor dem letzten Beleg; die Kasse zählt ihre Zeit selbst weiter. "
    "Bitte die Zeit prüfen (Netz, RTC-Batterie).",
    "ahead": "Die Systemuhr ist unglaubhaft weit vorgesprungen; die Kasse zählt ihre Zeit selbst weiter und "
    "stellt die TSE nicht. Bitte die Uhr richtig stellen. Geht sie doch richtig: die Kasse ans Netz "
    "(NTP) anschließen oder, nach einem Sprung im Betrieb, neu starten.",
}


@dataclass(slots=True)
class Troubles:
    """Alerts and the devices ``journal`` and ``clock``; ``changed`` is called to show them anew."""

    clock: Clock
    alerts: dict[str, AlertDocument] = field(default_factory=dict)
    status: dict[str, DeviceStatus] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None
    outlook: Outlook | None = None

    def set(self, name: str, severity: Severity, german: str, english: str) -> None:
        """Raise an alert."""
        self.alerts[name] = AlertDocument(severity, german, english, utc_text(self.clock.now()))
        self.changed()

    def clear(self, name: str) -> None:
        """Take an alert back."""
        if self.alerts.pop(name, None) is not None:
            self.changed()

    def link(self, trouble: Trouble) -> None:
        """The link to the broker is in trouble; what is shown already is not said again at each try."""
        shown = self.alerts.get(trouble.kind)
        if shown is None or shown.text_en != trouble.detail:
            log.error("mqtt: %s: %s", trouble.kind, trouble.detail)
            self.set(trouble.kind, "warning", LINK[trouble.kind], trouble.detail)

    def journal(self, name: str, message: str) -> None:
        """The journal reports trouble with its housekeeping; an empty message says that it is over."""
        shown = self.alerts.get(f"journal-{name}")
        if (shown.text_en if shown is not None else "") == message:
            return  # told already: a full disk says so at every line
        now = utc_text(self.clock.now())
        if message:
            log.warning("journal %s: %s", name, message)
            german, _, severity = JOURNAL[name]
            self.alerts[f"journal-{name}"] = AlertDocument(severity, german.format(message), message, now)
        else:
            log.info("journal %s: well again", name)
            self.alerts.pop(f"journal-{name}", None)
        self._show_journal(now)

    def _show_journal(self, now: str) -> None:
        self.status["journal"] = DeviceStatus("journal", "ready", since=now)
        for name, reason in REASONS:
            alert = self.alerts.get(f"journal-{name}")
            if alert is not None and (name != DISK or alert.severity == "critical"):
                self.status["journal"] = DeviceStatus(
                    "journal", "degraded", reason, alert.text_de, alert.since
                )
                break
        self.changed()

    def disk(self, found: Outlook) -> None:
        """How much room there is. What changes little is not shown again."""
        old, self.outlook = self.outlook, found
        same = old is not None and (old.level, old.days) == (found.level, found.days)
        if old is not None and same and abs(old.free - found.free) * SMALL < old.free:
            self.outlook = old
            return
        now, shown = utc_text(self.clock.now()), self.alerts.pop(f"journal-{DISK}", None)
        if found.level != "ok":
            since = shown.since if shown is not None and shown.severity == found.level else now
            english = f"{found.free} bytes free, {found.per_day} a business day"
            if since == now:
                log.warning("disk %s: %s", found.level, english)
            german = f"Der Platz auf dem Datenträger wird knapp: {sentence(found.free, found.days)} {REMEDY}"
            self.alerts[f"journal-{DISK}"] = AlertDocument(found.level, german, english, since)
        self._show_journal(now)

    def room(self, room: Room) -> None:
        """The register found the disk full, or room on it again."""
        for name, level in (("full", "rest"), ("no-closing", "lines")):
            self.journal(name, "no space left on the device" if room == level else "")

    def clock_stepped(self, step: ClockStepped) -> None:
        """The register's time has jumped, or its system clock is believed otherwise than before."""
        now = utc_text(self.clock.now())
        if step.uncertain:
            reason = "behind" if step.refused < 0 else "ahead"
            english = f"system clock {step.refused} s off the register's time, not believed"
            self.status["clock"] = DeviceStatus("clock", "degraded", reason, CLOCK[reason], now)
            self.alerts["clock"] = AlertDocument("warning", CLOCK[reason], english, now)
        elif self.alerts.pop("clock", None) is not None:
            self.status["clock"] = DeviceStatus("clock", "ready", since=now)
        self.changed()

    def devices(self) -> Iterator[DeviceStatus]:
        """What ``state/dev`` shows of the daemon itself."""
        for name in ("journal", "clock"):
            yield self.status.get(name, DeviceStatus(name, "ready"))
