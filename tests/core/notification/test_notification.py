"""Notifications: what is due, until when, and what is remembered (§ 146a Abs. 4 AO)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from kassd.core import facts as f
from kassd.core import inputs as i
from kassd.core.notification.due import Change, changes, deadline, months_later, next_due
from kassd.core.notification.sheet import Sheet, certification, sheets
from kassd.core.notification.state import MAX_NOTICES
from kassd.settings_accounting import MAX_OTHERS
from tests.core.playbook import CET, OPENED, SERIAL, Playbook, command

TSE_B, TSE_C = "bb" * 32, "cc" * 32
OWN = {
    "register.brand": "Muster",
    "register.model": "Pi 5",
    "notification.tse_form": "usb",
    "notification.acquired": "2026-11-02",
    "notification.commissioned": "2026-11-21",
}


def other(name: str, tse: str, **more: Any) -> dict[str, Any]:
    """``[[system]]`` as the register knows it."""
    values = {
        "name": name,
        "serial": f"ALT-{name}",
        "manufacturer": "Alt & Co.",
        "model": "X1",
        "software": "AltPOS",
        "software_version": "7.1",
        "tse_serial": tse,
        "tse_commissioned": "2025-02-03",
        "tse_certification": "BSI-K-TR-0362-2019",
        "tse_form": "sd",
        "acquired": "2025-02-01",
        "acquisition": "lease",
        "commissioned": "2025-02-03",
        **more,
    }
    return {f"system.{name}.{key}": value for key, value in values.items()}


def site(*systems: dict[str, Any]) -> Playbook:
    """A closed register with a certified TSE at a place with other registers."""
    book = Playbook()
    book.config |= OWN
    for system in systems:
        book.config |= system
    book.start() >> replace(OPENED, certification_id="BSI-K-TR-0415-2021") >> i.TseSurveyed(())
    return book


def sheet(book: Playbook) -> Sheet:
    return sheets(book.state)[0]


def tell(book: Playbook, day: str = "2026-11-21", ticket: str = "et123") -> Playbook:
    return (book >> command("notification.record", sheet=sheet(book).mark, day=day, ticket=ticket)).says("ok")


def changed(book: Playbook, **config: Any) -> Playbook:
    """The configuration file says something else at the next start."""
    book.config |= {key.replace("__", "."): value for key, value in config.items()}
    return book.start()


def swapped(book: Playbook, at: datetime) -> Playbook:
    """The TSE is replaced by another certified one."""
    book.at = at
    new = replace(OPENED, serial_number="cd" * 32, certification_id="BSI-K-TR-0490-2023")
    return (book >> i.TseSwapAsked("anna", "defekt") >> i.TseSwapped(new)).sign()


def told(found: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.text, change.due) for change in found if not change.note]


def test_t28_notification_sheet_lists_the_whole_site_after_a_tse_swap() -> None:
    book = tell(site(other("b", TSE_B), other("c", TSE_C)))
    assert changes(sheet(book)) == ()
    swapped(book, datetime(2026, 12, 31, 18, 0, tzinfo=CET))
    after = sheet(book)
    assert [system.serial for system in after.systems] == ["KASSE-1", "ALT-b", "ALT-c"]
    assert after.systems[0].tse_serial == "cd" * 32
    assert after.systems[0].tse_certification == "0490-2023"
    assert after.systems[0].tse_commissioned == "2026-12-31"
    (change,) = changes(after)
    assert change.text.startswith("KASSE-1 hat eine andere TSE")
    assert (change.day, change.due) == ("2026-12-31", "2027-01-31")
    assert changes(sheet(tell(book, "2026-12-31"))) == ()


def test_the_first_notification_is_due_a_month_after_the_acquisition_of_the_oldest() -> None:
    book = site(other("b", TSE_B))
    assert told(changes(sheet(book))) == [("ALT-b ist neu", "2025-07-31"), ("KASSE-1 ist neu", "2026-12-02")]
    assert next_due(changes(sheet(book))) == "2025-07-31"


def test_an_unknown_day_may_have_passed() -> None:
    book = site()
    del book.config["notification.acquired"]
    book.start()
    assert told(changes(sheet(book))) == [("KASSE-1 ist neu (Tag unbekannt)", "")]
    assert next_due(changes(sheet(book))) == "", "without delay"


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2019-05-05", "2025-07-31"),
        ("2025-06-30", "2025-07-31"),
        ("2025-07-01", "2025-08-01"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-31", "2028-02-29"),
        ("2026-12-15", "2027-01-15"),
    ],
)
def test_deadlines(day: str, due: str) -> None:
    assert deadline(day) == due


def test_months_are_counted_over_years() -> None:
    assert months_later("2026-11-30", 3) == "2027-02-28"


def test_what_happens_to_systems_is_due_and_what_is_wrong_is_corrected_without_delay() -> None:
    book = tell(site(other("b", TSE_B), other("c", TSE_C)))
    changed(book, system__b__decommissioned="2026-12-01", system__b__reason="verkauft")
    assert told(changes(sheet(book))) == [("ALT-b ist außer Betrieb: verkauft", "2027-01-01")]
    changed(book, system__c__model="X2", **dict.fromkeys(other("d", TSE_C)))
    assert told(changes(sheet(book)))[0] == ("ALT-c: Modell X2 statt X1", "")
    assert next_due(changes(sheet(book))) == ""


def test_a_system_may_not_just_vanish() -> None:
    book = tell(site(other("b", TSE_B)))
    for key in other("b", TSE_B):
        del book.config[key]
    book.start()
    assert told(changes(sheet(book))) == [("ALT-b steht nicht mehr in der Liste, ohne Außerbetriebnahme", "")]


def test_a_system_whose_end_was_told_leaves_the_list() -> None:
    book = tell(site(other("b", TSE_B), other("c", TSE_C)))
    changed(book, system__b__decommissioned="2026-11-20", system__b__reason="verkauft")
    tell(book)
    for key in (*other("b", TSE_B), "system.b.decommissioned", "system.b.reason"):
        del book.config[key]
    book.start()
    assert changes(sheet(book)) == ()
    tell(book)
    assert [system.serial for system in sheet(book).systems] == ["KASSE-1", "ALT-c"]


def test_an_update_of_the_software_makes_nothing_due() -> None:
    book = tell(site())
    book.software = "kassd 2.0"
    book.start()
    (change,) = [c for c in changes(sheet(book)) if "Version" in c.text]
    assert change.note
    assert next_due(changes(sheet(book))) is None


def test_a_move_is_told_to_both_places() -> None:
    book = tell(site(other("b", TSE_B)))
    changed(book, place__name="Filiale Süd", place__street="Weg 2", place__since="2027-02-10")
    here, left = sheets(book.state)
    assert ("KASSE-1 ist neu hier: Wechsel der Betriebsstätte", "2027-03-10") in told(changes(here))
    assert (here.place.name, here.place.city, here.former) == ("Filiale Süd", "Dresden", False)
    assert told(changes(here))[0][1] == "2025-07-31", "what is new there is acquired when it was"
    assert (left.place.name, left.former) == ("Backhaus Muster", True)
    assert told(changes(left)) == [("KASSE-1 ist außer Betrieb: Wechsel der Betriebsstätte", "2027-03-10")]
    (book >> command("notification.record", sheet=left.mark, day="2026-11-21")).says("ok")
    assert len(sheets(book.state)) == 1
    tell(book)
    assert changes(sheet(book)) == ()


def test_a_corrected_address_is_no_move() -> None:
    book = tell(site())
    changed(book, place__street="Marktplatz 1a")
    assert [s.former for s in sheets(book.state)] == [False]
    assert told(changes(sheet(book))) == [("Name oder Anschrift der Betriebsstätte ist zu berichtigen", "")]


def test_a_day_that_is_told_later_is_no_move() -> None:
    book = tell(site())
    changed(book, place__since="2026-11-02")
    assert [s.former for s in sheets(book.state)] == [False]
    assert changes(sheet(book)) == ()
    tell(book)
    del book.config["place.since"]
    changed(book, place__street="Marktplatz 1a")
    assert [s.former for s in sheets(book.state)] == [False], "without a day it is a correction"


def test_who_comes_back_is_told_there_again() -> None:
    book = tell(site())
    changed(book, place__street="Weg 2", place__since="2027-02-10")
    here, left = sheets(book.state)
    for one in (left, here):
        (book >> command("notification.record", sheet=one.mark, day="2026-11-21")).says("ok")
    changed(book, place__street="Marktplatz 1", place__since="2027-03-01")
    back, gone = sheets(book.state)
    assert (back.former, gone.former, gone.place.street) == (False, True, "Weg 2")
    assert told(changes(back)) == [("KASSE-1 ist neu hier: Wechsel der Betriebsstätte", "2027-04-01")]
    assert told(changes(gone)) == [("KASSE-1 ist außer Betrieb: Wechsel der Betriebsstätte", "2027-04-01")]
    for one in (back, gone):
        (book >> command("notification.record", sheet=one.mark, day="2026-11-21")).says("ok")
    assert [(one.former, changes(one)) for one in sheets(book.state)] == [(False, ())]


@pytest.mark.parametrize("new_place_first", [True, False])
@pytest.mark.parametrize("since", ["", "2026-11-02"])
def test_both_places_of_a_move_are_told_in_any_order(new_place_first: bool, since: str) -> None:
    book = site(other("b", TSE_B))
    tell(changed(book, place__since=since) if since else book)
    changed(book, place__street="Weg 2", place__since="2027-02-10")
    order = sheets(book.state) if new_place_first else sheets(book.state)[::-1]
    for one in order:
        (book >> command("notification.record", sheet=one.mark, day="2026-11-21")).says("ok")
    assert [(one.former, changes(one)) for one in sheets(book.state)] == [(False, ())]
    book.restart()
    assert [(one.former, changes(one)) for one in sheets(book.state)] == [(False, ())]
    changed(book, place__street="Gasse 3", place__since="2027-05-31")
    here, left = sheets(book.state)
    assert (left.place.street, next_due(changes(left))) == ("Weg 2", "2027-06-30")
    assert told(changes(here))[-1] == ("KASSE-1 ist neu hier: Wechsel der Betriebsstätte", "2027-06-30")


def test_what_was_never_told_is_due_from_its_acquisition_wherever_it_is_now() -> None:
    book = changed(site(), place__street="Weg 2", place__since="2027-02-10")
    assert told(changes(sheet(book))) == [("KASSE-1 ist neu", "2026-12-02")]


def test_what_came_and_went_is_told_with_both_days() -> None:
    book = tell(site())
    gone = {"notification__decommissioned": "2027-03-05", "notification__reason": "verkauft"}
    changed(book, place__street="Weg 2", place__since="2027-02-10", **gone)
    assert [due for _, due in told(changes(sheet(book)))] == ["2027-03-10", "2027-04-05"]


def test_what_was_exported_is_what_is_recorded() -> None:
    book = site()
    before = sheet(book).mark
    changed(book, notification__model="Pi 6")
    (book >> command("notification.record", sheet=before, day="2026-11-21")).says("sheet_differs")
    assert not book.facts(f.NotificationSent)
    for day in ("gestern", "2026-11-22"):
        (book >> command("notification.record", sheet=sheet(book).mark, day=day)).says("bad_args")
    tell(book)
    (fact,) = book.facts(f.NotificationSent)
    assert (fact.day, fact.ticket, fact.operator) == ("2026-11-21", "et123", "anzeige")
    assert fact.systems == sheet(book).systems


def test_who_noted_it_is_the_client_and_not_who_sells() -> None:
    book = Playbook()
    book.config |= {"client.console.name": "console", "client.console.rights": ["tse"]}
    book.config |= OWN | {"client.console.station": "office"}
    book.commissioned() >> command("operator.login", operator="Anna")
    for station in ({}, {"station": "main"}):
        mark = sheet(book).mark
        asked = command("notification.record", client="console", sheet=mark, day="2026-11-21", **station)
        (book >> asked).says("ok")
        fact = book.facts(f.NotificationSent)[-1]
        assert (fact.operator, fact.client) == ("console", "console")


def test_as_many_systems_as_there_can_be_fit_a_line() -> None:
    long = {"manufacturer": "Ä" * 50, "model": "Ö" * 50, "software": "Ü" * 50, "software_version": "1" * 50}
    long |= {"decommissioned": "2026-11-20", "reason": "ß" * 100}
    book = site(*(other(f"k{n}", TSE_B, **long, serial=f"{n:070}") for n in range(MAX_OTHERS)))
    tell(book)
    assert book.state.notices[-1].count == MAX_OTHERS + 1


def test_the_newest_notices_are_remembered_over_a_restart_and_only_one_with_all_systems() -> None:
    book = site()
    for _ in range(MAX_NOTICES + 3):
        tell(book)
    book.restart()
    assert len(book.state.notices) == MAX_NOTICES
    assert [bool(notice.systems) for notice in book.state.notices] == [False] * (MAX_NOTICES - 1) + [True]
    assert {notice.count for notice in book.state.notices} == {1}


def test_the_tse_is_known_as_the_journal_knows_it() -> None:
    mine = sheet(site()).systems[0]
    assert (mine.tse_serial, mine.tse_certification, mine.tse_commissioned) == (
        SERIAL,
        "0415-2021",
        "2026-11-21",
    )
    assert (mine.software, mine.software_version) == ("1.0", "")
    book = changed(site(), notification__tse_commissioned="2026-10-01")
    assert sheet(book).systems[0].tse_commissioned == "2026-11-21", "it was bound later than was said"


@pytest.mark.parametrize(
    ("text", "found"),
    [("BSI-K-TR-0415-2021", "0415-2021"), ("TEST (nicht zertifiziert)", ""), ("BSI-DSZ-CC-1130", "")],
)
def test_certifications(text: str, found: str) -> None:
    assert certification(text) == found


def test_who_may_only_read_cannot_record() -> None:
    book = site()
    book.config |= {"client.pruefer.name": "pruefer", "client.pruefer.rights": ["report"]}
    book.start()
    asked = command("notification.record", client="pruefer", sheet=sheet(book).mark, day="2026-11-21")
    (book >> asked).says("unauthorized")
