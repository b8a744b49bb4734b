"""``alert/<id>``: everything a person must know or do now, from the register's state. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from kassd.core.abandoned import abandoned, abandoned_sentence
from kassd.core.cards.words import of_stray, told
from kassd.core.cash.accounts import label
from kassd.core.cash.state import EUR, read_holding_key
from kassd.core.drawers.state import has_sensor
from kassd.core.held import held, held_sentence
from kassd.core.master import is_test
from kassd.core.money import euros
from kassd.core.notification.due import changes, next_due
from kassd.core.notification.sheet import sheets
from kassd.core.people.turnover import OVER, warning
from kassd.core.power.wording import power_sentence
from kassd.core.printing import stranded
from kassd.core.state import State
from kassd.core.wording import outage_sentence, outage_step, sentence
from kassd.mqtt.documents import AlertDocument, Severity

TERMINAL = "es antwortet nicht. Strom, Kabel und Netz prüfen."
Alert = tuple[str, AlertDocument]
SHOWN = 10  # names in one sentence
PRINTER = "er druckt nicht. Strom, Kabel und Papier prüfen."


def alerts(state: State) -> Iterator[Alert]:
    """``alert/<id>`` for everything a person must know now."""
    yield from _tse_alerts(state)
    yield from _archive_alerts(state)
    small = warning(state)
    if small is not None:
        limit, text = small
        severity: Severity = "critical" if limit == OVER else "warning"
        english = f"small business: turnover over {limit // 100} euro"
        yield "small-business", AlertDocument(severity, text, english, "")
    yield from _rollback_alerts(state)
    yield from _printer_alerts(state)
    yield from _power_alerts(state)
    yield from _drawer_alerts(state)
    yield from _card_alerts(state)
    yield from _cash_alerts(state)
    for sale in abandoned(state):
        english = f"station {sale.station} is not configured any more and has a sale"
        text = abandoned_sentence(sale)
        yield f"station-{sale.station}", AlertDocument("warning", text, english, sale.opened_at)
    yield from _pending_alerts(state)
    yield from _notification_alerts(state)


def _notification_alerts(state: State) -> Iterator[Alert]:
    """Until when the tax office must be told of this register, its place or its TSE (§ 146a Abs. 4 AO)."""
    if state.tse.bound is None or is_test(state.config):
        return
    due = [day for sheet in sheets(state) if (day := next_due(changes(sheet))) is not None]
    if due:
        until = min(due)
        when = f"bis {until[8:]}.{until[5:7]}.{until[:4]}" if until else "unverzüglich"
        german = (
            f"Die Kassen sind dem Finanzamt mitzuteilen (§ 146a Abs. 4 AO): {when}. Näheres sagt "
            "„kassd notification status“, die Dateien für ELSTER macht „kassd export elster“."
        )
        english = f"notification of the registers is due {until or 'without delay'}"
        yield "notification", AlertDocument("warning", german, english, state.tse.bound.since)


def _tse_alerts(state: State) -> Iterator[Alert]:
    outage = state.tse.outage
    if outage is not None:
        yield (
            "tse-outage",
            AlertDocument(
                "critical",
                f"TSE-Ausfall: {outage_sentence(outage.reason, outage.message)} Verkauft wird ohne Signatur "
                f"weiter, jeder Beleg vermerkt es. {outage_step(outage.reason)}",
                f"TSE outage ({outage.reason}); receipts are issued unsigned and say so.",
                outage.since,
            ),
        )
    for what, warned in state.tse.warnings.items():
        urgent = warned.level <= 7 if what == "expiry" else warned.level >= 95
        yield (
            f"tse-{what}",
            AlertDocument(
                "critical" if urgent else "warning",
                warned.message,
                f"TSE {what}: {warned.level} {'days left' if what == 'expiry' else '% used'}",
                warned.since,
            ),
        )
    if state.tse.swap is not None:
        text = "Die TSE wird getauscht: bitte kassd tse swap zu Ende führen."
        yield "tse-swap", AlertDocument("warning", text, "TSE swap in progress", state.tse.swap.since)


def _rollback_alerts(state: State) -> Iterator[Alert]:
    if state.remembered is not None:  # what the mirror has given back is not lost
        yield (
            "journal-rollback",
            AlertDocument(
                "critical",
                "Das Journal ist älter als das, was andere davon wissen (altes Abbild, getauschte Karte?). "
                "Nicht verkaufen und den Betreuer rufen: er lässt die Nummern über der höchsten bekannten "
                "weiterzählen (counters.resume). " + " ".join(state.rollbacks),
                f"The journal is older than what is known of it outside ({', '.join(state.rollback_seen)}).",
                next(iter(state.rollback_seen.values()), ""),
            ),
        )


def _printer_alerts(state: State) -> Iterator[Alert]:
    for name, device in state.devices.items():
        if device.state in ("error", "absent") and f"printer.{name}.name" in state.config:
            waiting = sum(job.printer == name for job in state.jobs.values())
            text = f"Drucker {name}: {sentence(device.message, PRINTER)}"
            if waiting:
                text += " Ein Beleg wartet." if waiting == 1 else f" {waiting} Belege warten."
            yield (
                f"printer-{name}",
                AlertDocument("warning", text, f"printer {name}: {device.reason}", device.since),
            )

    if lost := [job.document for job in stranded(state)]:
        names = ", ".join(f"{document.title} {document.number}".strip() for document in lost[:SHOWN])
        names += f" und {len(lost) - SHOWN} weitere" if len(lost) > SHOWN else ""
        text = (
            f"Ungedruckt, weil der Drucker dazu nicht mehr eingerichtet ist: {names}. Am Kassenplatz wieder "
            "einen [[printer]] einrichten und kassd neu starten, dann werden sie gedruckt; oder sie an einem "
            "Kassenplatz mit Drucker abrufen (receipt.print)."
        )
        yield "print-stranded", AlertDocument("warning", text, "slips wait for a printer that is gone", "")


def _power_alerts(state: State) -> Iterator[Alert]:
    power = state.power
    if power.level not in ("", "mains"):
        severity: Severity = "warning" if power.level == "battery" else "critical"
        charge = "" if power.percent is None else f", {power.percent} %"
        english = f"on battery: {power.level}{charge}"
        yield "power", AlertDocument(severity, power_sentence(replace(power, weak="")), english, power.since)
    if power.weak:
        german = power_sentence(replace(power, level=""))
        yield "power-undervoltage", AlertDocument("warning", german, "supply voltage too low", power.weak)


def _drawer_alerts(state: State) -> Iterator[Alert]:
    """What the sensors of drawers have told, until it is over or the till is closed."""
    for name, drawer in state.drawers.items():
        if not has_sensor(state.config, name):
            continue
        if drawer.jammed:
            german = (
                f"Kassenlade {name} ist nicht aufgegangen. Mit dem Schlüssel öffnen; klemmt sie, wegnehmen, "
                "was davor oder darin quer liegt. Kabel zur Lade prüfen."
            )
            yield f"drawer-{name}", AlertDocument("warning", german, f"drawer {name} jammed", drawer.jammed)
        elif drawer.left_open:
            german = f"Kassenlade {name} steht offen, seit {drawer.opened_at[11:16]} Uhr. Bitte schließen."
            english = f"drawer {name} left open"
            yield f"drawer-{name}", AlertDocument("warning", german, english, drawer.left_open)
        if drawer.by_hand:
            german = (
                f"Kassenlade {name} wurde um {drawer.by_hand[11:16]} Uhr ohne die Kasse geöffnet (Schlüssel, "
                "Notöffner). Klären, wer und warum; im Zweifel zählen: till.count."
            )
            english = f"drawer {name} opened without the register"
            yield f"drawer-{name}-by-hand", AlertDocument("warning", german, english, drawer.by_hand)


def _card_alerts(state: State) -> Iterator[Alert]:
    """Money that may have moved, a terminal that is away, an end of day that does not agree."""
    for charge in state.cards.charges.values():
        if charge.in_doubt:
            english = (
                f"card {charge.operation} of {charge.amount} cents at {charge.terminal}: {charge.status}"
            )
            yield f"card-{charge.id}", AlertDocument("critical", told(charge), english, charge.at)
    for charge_id, stray in state.cards.strays.items():
        english = f"a person and terminal {stray.charge.terminal} do not agree about charge {charge_id}"
        yield f"card-stray-{charge_id}", AlertDocument("critical", of_stray(stray), english, stray.at)
    for receipt, entry in state.cards.reversed.items():
        german = (
            f"Die Kartenzahlung von Beleg {receipt} ist am Terminal zurückgebucht, der Beleg noch nicht "
            "storniert. Den Bon jetzt stornieren."
        )
        english = f"card payment of receipt {receipt} is reversed, the receipt is not cancelled yet"
        yield f"card-reversed-{receipt}", AlertDocument("critical", german, english, entry.at)
    for name, day in state.cards.differing.items():
        difference = (day.terminal_amount or 0) - day.amount
        german = (
            f"Kassenschnitt {name}: das Terminal nennt {euros(difference)} € mehr als die Kasse (negativ: "
            "weniger). Die Belege des Terminals mit den Kartenzahlungen vergleichen."
        )
        english = f"end of day of {name} differs by {difference} cents"
        yield f"card-day-{name}", AlertDocument("warning", german, english, day.at)
    for name, device in state.devices.items():
        if device.state in ("error", "absent") and f"terminal.{name}.name" in state.config:
            text = f"Kartenterminal {name}: {sentence(device.message, TERMINAL)}"
            english = f"card terminal {name}: {device.reason}"
            yield f"terminal-{name}", AlertDocument("warning", text, english, device.since)


def _cash_alerts(state: State) -> Iterator[Alert]:
    if state.till.day_over:
        german = (
            f"Der Geschäftstag {state.till.business_day} ist vorbei und nicht abgeschlossen. "
            "Kasse zählen und abschließen (mit Grund)."
        )
        english = f"business day {state.till.business_day} is over, the till is still open"
        yield "till-day", AlertDocument("warning", german, english, state.till.day_over)
    elif state.till.reminded:
        german = "Die Kasse ist noch offen. Vor dem Ende des Geschäftstags zählen und abschließen."
        yield "till-closing", AlertDocument("info", german, "time to close the till", state.till.reminded)
    if state.till.contradictions:
        german = (
            f"Der Abschluss Nr. {state.closing} stimmt in sich nicht: {' '.join(state.till.contradictions)} "
            "Es darf weiter verkauft werden. Den Z-Bericht aufheben und den Betreuer rufen."
        )
        english = f"the sums of closing {state.closing} contradict each other"
        yield "till-sums", AlertDocument("critical", german, english, state.till.contradicted)
    for key, alarm in state.cash.alarms.items():
        account, currency = read_holding_key(key)
        name = label(state.config, account)
        german = (
            f"Kassendifferenz: {name} wich bei der Zählung durch {alarm.person or 'unbekannt'} um "
            f"{euros(alarm.difference)} {'€' if currency == EUR else currency} ab. Nachzählen und klären."
        )
        english = f"cash difference of {alarm.difference} {currency} hundredths in {name}"
        yield f"cash-difference-{account or 'main'}", AlertDocument("warning", german, english, alarm.at)


def _pending_alerts(state: State) -> Iterator[Alert]:
    waiting = held(state)
    if waiting:
        keys = ", ".join(waiting[:5])
        german = held_sentence(state, waiting)
        english = f"changes wait until nothing open uses the items and for the next closing: {keys}"
        yield "config-held", AlertDocument("info", german, english, state.till.opened_at)
    if coming := sorted(set(state.pending) - set(waiting)):
        keys = ", ".join(coming[:5])
        yield (
            "config-pending",
            AlertDocument(
                "info",
                f"Geänderte Stammdaten warten auf den nächsten Abschluss: {keys}",
                f"changed master data wait for the next closing: {keys}",
                state.till.opened_at,
            ),
        )


def _archive_alerts(state: State) -> Iterator[Alert]:
    archive = state.tse.archive
    if archive.failed:
        text = f"Das TSE-Archiv ist nicht vollständig, es wird wieder versucht. {archive.failed}"
        yield "tse-archive", AlertDocument("warning", text, f"TSE archive failed: {archive.failed}", "")
    if archive.findings:
        count = len(archive.findings)
        text = (
            f"TSE und Journal widersprechen sich ({count} Befunde). Bitte den Betreuer rufen und die TSE "
            f"aufbewahren. {archive.findings[0]}"
        )
        english = f"TSE log and journal contradict each other: {archive.findings[0]}"
        yield "tse-archive-findings", AlertDocument("critical", text, english, "")
    if archive.unread:
        text = f"{archive.unread} Bitte den Betreuer rufen; die TSE nicht löschen."
        english = f"reading archived TSE data back failed: {archive.unread}"
        yield "tse-read-back", AlertDocument("critical", text, english, archive.read_at)
