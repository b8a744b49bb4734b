"""kassd.app.troubles: what is wrong is shown until it is over, and not longer."""

from typing import get_args

import pytest

from kassd.app.troubles import JOURNAL, LINK, Troubles
from kassd.clock import Clock
from kassd.core.facts import ClockStepped
from kassd.core.outlook import MIB, Outlook, sentence
from kassd.core.status import DeviceStatus
from kassd.mqtt import Trouble
from kassd.mqtt.session import TroubleKind


@pytest.fixture
def troubles() -> Troubles:
    return Troubles(Clock())


def device(troubles: Troubles, name: str) -> DeviceStatus:
    return next(d for d in troubles.devices() if d.name == name)


def test_all_is_well_at_first(troubles: Troubles) -> None:
    assert [(d.name, d.state) for d in troubles.devices()] == [("journal", "ready"), ("clock", "ready")]
    assert not troubles.alerts


def test_an_alert_is_raised_and_taken_back_and_both_are_shown(troubles: Troubles) -> None:
    calls: list[set[str]] = []
    troubles.changed = lambda: calls.append(set(troubles.alerts))
    troubles.set("catalog-refused", "warning", "Der Artikelstamm ist fehlerhaft.", "catalogue refused")
    alert = troubles.alerts["catalog-refused"]
    assert (alert.severity, alert.text_de) == ("warning", "Der Artikelstamm ist fehlerhaft.")
    assert alert.since.endswith("Z")
    troubles.clear("catalog-refused")
    troubles.clear("catalog-refused")
    assert calls == [{"catalog-refused"}, set()]


@pytest.mark.parametrize("name", JOURNAL)
def test_each_trouble_of_the_journal(troubles: Troubles, name: str) -> None:
    troubles.journal(name, "[Errno 28] No space left on device")
    german, reason, severity = JOURNAL[name]
    shown = device(troubles, "journal")
    german = german.format("[Errno 28] No space left on device")
    assert (shown.state, shown.reason, shown.message) == ("degraded", reason, german)
    assert troubles.alerts[f"journal-{name}"].severity == severity
    assert troubles.alerts[f"journal-{name}"].text_en == "[Errno 28] No space left on device"
    troubles.journal(name, "")
    assert device(troubles, "journal").state == "ready"
    assert not troubles.alerts


def test_of_two_troubles_the_one_that_lasts_is_shown(troubles: Troubles) -> None:
    troubles.journal("spare", "disk full")
    troubles.journal("mirror", "no stick")
    assert device(troubles, "journal").reason == "disk", "the worse one"
    troubles.journal("spare", "")
    assert device(troubles, "journal").reason == "mirror"
    troubles.journal("spare", "")
    assert device(troubles, "journal").reason == "mirror"
    troubles.journal("mirror", "")
    assert device(troubles, "journal").state == "ready"


def test_a_full_disk_is_told_by_what_it_still_allows(troubles: Troubles) -> None:
    troubles.room("lines")
    assert "Kassenabschluss ist nicht möglich" in device(troubles, "journal").message
    troubles.room("rest")
    shown = device(troubles, "journal")
    assert (shown.state, shown.reason) == ("degraded", "full")
    assert set(troubles.alerts) == {"journal-full"}
    assert troubles.alerts["journal-full"].severity == "critical"
    troubles.room("ample")
    assert device(troubles, "journal").state == "ready"
    assert not troubles.alerts


def test_the_room_on_the_disk_is_told_long_before_it_ends(troubles: Troubles) -> None:
    calls: list[Outlook | None] = []
    troubles.changed = lambda: calls.append(troubles.outlook)
    troubles.disk(Outlook(9000 * MIB, MIB))
    assert calls == [Outlook(9000 * MIB, MIB)]
    assert not troubles.alerts
    troubles.disk(Outlook(9000 * MIB - 5, MIB))
    assert len(calls) == 2, "a day less"
    troubles.disk(Outlook(9000 * MIB - 50_000, MIB))
    assert len(calls) == 2, "what changes little is not shown again"
    troubles.disk(Outlook(200 * MIB, 7 * MIB))
    warning = troubles.alerts["journal-disk"]
    assert (warning.severity, device(troubles, "journal").state) == ("warning", "ready")
    assert sentence(200 * MIB, 28) in warning.text_de
    assert "Platz schaffen" in warning.text_de
    troubles.disk(Outlook(190 * MIB, 7 * MIB))
    assert troubles.alerts["journal-disk"].since == warning.since
    troubles.disk(Outlook(48 * MIB, 7 * MIB))
    shown = device(troubles, "journal")
    assert troubles.alerts["journal-disk"].severity == "critical"
    assert (shown.state, shown.reason) == ("degraded", "disk")
    assert sentence(48 * MIB, 6) in shown.message
    troubles.journal("mirror", "no stick")
    assert device(troubles, "journal").reason == "disk", "the worse one"
    troubles.disk(Outlook(9000 * MIB, MIB))
    assert device(troubles, "journal").reason == "mirror"
    assert set(troubles.alerts) == {"journal-mirror"}


@pytest.mark.parametrize(
    ("refused", "reason", "says"),
    [(-1_700_000_000, "behind", "RTC-Batterie"), (946_080_000, "ahead", "die TSE nicht")],
)
def test_a_clock_that_is_not_believed(troubles: Troubles, refused: int, reason: str, says: str) -> None:
    calls: list[set[str]] = []
    troubles.changed = lambda: calls.append(set(troubles.alerts))
    troubles.clock_stepped(ClockStepped("t", 0, uncertain=True, refused=refused))
    shown, alert = device(troubles, "clock"), troubles.alerts["clock"]
    assert (shown.state, shown.reason) == ("degraded", reason)
    assert says in shown.message
    assert (alert.severity, alert.text_de) == ("warning", shown.message)
    assert str(refused) in alert.text_en
    assert alert.since == shown.since
    assert shown.since.endswith("Z")
    troubles.clock_stepped(ClockStepped("t", 3600, uncertain=False))
    again = device(troubles, "clock")
    assert (again.state, again.message) == ("ready", "")
    assert again.since > shown.since
    assert calls == [{"clock"}, set()]


def test_a_step_of_a_believed_clock_is_no_trouble(troubles: Troubles) -> None:
    troubles.clock_stepped(ClockStepped("t", 3600, uncertain=False))
    assert device(troubles, "clock") == DeviceStatus("clock", "ready")
    assert not troubles.alerts


def test_trouble_with_the_broker_is_said_once_and_again_when_it_is_another(
    troubles: Troubles, caplog: pytest.LogCaptureFixture
) -> None:
    for detail in ("CONNECT: refused (0x87)", "CONNECT: refused (0x87)", "PUBLISH x: refused (0x87)"):
        troubles.link(Trouble("mqtt-refused", detail))
    assert [record.args for record in caplog.records] == [
        ("mqtt-refused", "CONNECT: refused (0x87)"),
        ("mqtt-refused", "PUBLISH x: refused (0x87)"),
    ]
    alert = troubles.alerts["mqtt-refused"]
    assert (alert.severity, alert.text_de) == ("warning", LINK["mqtt-refused"])
    troubles.clear("mqtt-refused")
    troubles.link(Trouble("mqtt-refused", "PUBLISH x: refused (0x87)"))
    assert len(caplog.records) == 3
    assert {kind for kind in LINK if LINK[kind].endswith(".")} == set(get_args(TroubleKind))


def test_files_that_lie_aside_are_named_to_who_reads_german(troubles: Troubles) -> None:
    troubles.journal("aside", "checkpoint, key")
    assert "im Ordner torn: checkpoint, key. Bitte" in troubles.alerts["journal-aside"].text_de
