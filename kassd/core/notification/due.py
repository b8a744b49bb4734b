"""What a notification that was not sent yet is about, and until when it is due (§ 146a Abs. 4 AO, L-173)."""

import calendar
from collections.abc import Iterator
from datetime import date

from kassd.core.notification.sheet import MOVED, Sheet
from kassd.core.notification.state import Place, System
from kassd.deferred import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long what happens from ``first_day`` on may wait for its notification: so many ``months``, or
    ``until`` a day (BMF 28.06.2024: there was no way to notify before)."""

    first_day: str
    months: int
    until: str = ""


DEADLINES = (Deadline("2020-01-01", 0, "2025-07-31"), Deadline("2025-07-01", 1))
# What is only brought up to date with the next notification, and how it reads.
NOTES = {"software": "Software", "software_version": "Version der Software"}
CORRECTIONS = {
    "manufacturer": "Hersteller",
    "model": "Modell",
    "tse_commissioned": "Inbetriebnahme der TSE",
    "tse_certification": "Zertifizierungs-ID der TSE",
    "tse_form": "Art der TSE",
    "acquired": "Anschaffung",
    "commissioned": "Inbetriebnahme",
    "decommissioned": "Außerbetriebnahme",
    "reason": "Grund der Außerbetriebnahme",
    "acquisition": "Art der Anschaffung",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the last notification (German). ``day``: when it happened, '' if no day is known;
    ``due``: ISO day until which it is to be notified, '' = without delay (a correction); ``note``: it makes
    no notification due by itself."""

    text: str
    day: str = ""
    due: str = ""
    note: bool = False


def deadline(day: str) -> str:
    """Until when what happened on ``day`` is to be notified."""
    rule = [rule for rule in DEADLINES if rule.first_day <= day][-1:] or DEADLINES
    return rule[0].until or months_later(day, rule[0].months)


def months_later(day: str, months: int) -> str:
    """The same day of a later month, its last day where it has no such (§ 188 Abs. 2 and 3 BGB). A weekend
    at the end (§ 193 BGB) is no one's plan: it does not count here."""
    first = date.fromisoformat(day)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(first.day, last)).isoformat()


def changes(sheet: Sheet) -> tuple[Change, ...]:
    """What the tax office does not know yet, the most urgent first; empty: nothing is to be notified."""
    known = {system.serial: system for system in (sheet.notice.systems if sheet.notice else ())}
    listed: list[Change] = []
    for system in sheet.systems:
        told = known.pop(system.serial, None)
        listed += _of_move(sheet, system) if _is_come(sheet, system, told) else _of_system(system, told)
    if sheet.notice is not None:
        listed += _of_place(sheet.notice.place, sheet.place)
    listed += [
        Change(f"{serial} steht nicht mehr in der Liste, ohne Außerbetriebnahme")
        for serial, told in known.items()
        if not told.decommissioned
    ]
    return tuple(sorted(listed, key=lambda change: (change.note, change.due)))


def next_due(found: tuple[Change, ...]) -> str | None:
    """The earliest day a notification is due; '' = without delay, None = nothing is to be notified."""
    return min((change.due for change in found if not change.note), default=None)


def _event(text: str, day: str) -> Change:
    """Something that happened; on an unknown day the deadline may have passed."""
    return Change(text, day, deadline(day)) if day else Change(f"{text} (Tag unbekannt)")


def _of_place(told: Place, now: Place) -> Iterator[Change]:
    if told.address() != now.address():
        yield Change("Name oder Anschrift der Betriebsstätte ist zu berichtigen")


def _is_come(sheet: Sheet, now: System, told: System | None) -> bool:
    """Whether a system has come from another place, which was told of it: this register, for the first time
    or once more."""
    if now.serial != sheet.own or not sheet.place.since:
        return False
    if told is None:
        return sheet.elsewhere
    return not now.decommissioned and "" < told.decommissioned <= sheet.place.since


def _of_move(sheet: Sheet, now: System) -> Iterator[Change]:
    yield _event(f"{now.serial} ist neu hier: {MOVED}", sheet.place.since)
    if now.decommissioned:
        yield _event(f"{now.serial} ist außer Betrieb", now.decommissioned)


def _of_system(now: System, told: System | None) -> Iterator[Change]:
    if told is None:
        yield _event(f"{now.serial} ist neu", now.acquired)
        if now.decommissioned:
            yield _event(f"{now.serial} ist außer Betrieb", now.decommissioned)
        return
    rest = {**CORRECTIONS, **NOTES}
    if now.decommissioned and not told.decommissioned:
        yield _event(f"{now.serial} ist außer Betrieb: {now.reason}", now.decommissioned)
        del rest["decommissioned"], rest["reason"]
    if now.tse_serial != told.tse_serial:
        text = f"{now.serial} hat eine andere TSE: {now.tse_serial[:16]}… statt {told.tse_serial[:16]}…"
        yield _event(text, now.tse_commissioned)
        for key in ("tse_commissioned", "tse_certification", "tse_form"):
            del rest[key]
    for key, title in rest.items():
        old, new = getattr(told, key), getattr(now, key)
        if old != new:
            text = f"{now.serial}: {title} {new or 'fehlt'} statt {old or 'ohne Angabe'}"
            yield Change(text, note=key in NOTES)
