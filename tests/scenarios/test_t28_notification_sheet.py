"""T28: a site with three registers, one gets another TSE: all three are notified, within a month."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import acts

from tests.cli.kit import kassd as run

SITE = """
[place]
name = "Filiale Altmarkt"
[notification]
tse_form = "usb"
tse_certification = "BSI-K-TR-0415-2021"
acquired = 2026-01-10
commissioned = 2026-01-12
"""
OTHER = """
[[system]]
name = "kasse-{n}"
serial = "ALT-{n}"
manufacturer = "Alt GmbH"
model = "X1"
software = "AltPOS"
software_version = "7.1"
tse_serial = "{tse}"
tse_commissioned = {since}
tse_certification = "BSI-K-TR-0362-2019"
tse_form = "sd"
acquired = 2025-02-01
commissioned = 2025-02-03
"""


def other(n: int, tse: str = "bb", since: str = "2025-02-03") -> str:
    return OTHER.format(n=n, tse=tse * 32, since=since)


def exported(config: Path, out: Path) -> tuple[ElementTree.Element, str]:
    """The XML's body and the text of the sheet."""
    done = run("export", "elster", "--out", out, config=config)
    assert done.returncode == 0, done.stderr
    (xml,), (sheet,) = out.glob("*.xml"), out.glob("*.txt")
    assert xml.stem == sheet.stem
    assert xml.name.startswith("TEST-Mitteilung-Filiale-Altmarkt-")
    return ElementTree.fromstring(xml.read_bytes())[0], sheet.read_text("utf-8")


async def test_t28_notification_sheet(make_world: acts.MakeWorld, kassd: Callable[..., Any]) -> None:
    world = make_world(extra_toml=SITE + other(2) + other(3))
    await world.start()
    body, sheet = exported(world.config, world.folder / "first")
    assert len(body) == 3
    assert "Fällig: bis 31.07.2025" in sheet

    _, before = kassd("--config", world.config, "notification", "status")
    mark, today = before["places"][0]["sheet"], date.today()
    sent = ("--sheet", mark, "--on", today.isoformat(), "--ticket", "et4711")
    done = run("notification", "sent", *sent, config=world.config)
    assert done.returncode == 0, done.stderr
    (fact,) = world.facts("notification.sent")
    assert [system["serial"] for system in fact["systems"]][1:] == ["ALT-2", "ALT-3"]

    swapped = today - timedelta(days=3)
    text = world.config.read_text()
    assert await world.stop() == 0
    world.config.write_text(text.replace(other(3), other(3, "cc", swapped.isoformat())))
    await world.start()
    body, sheet = exported(world.config, world.folder / "second")
    assert len(body) == 3, "all of the site, not only what changed"
    assert "Anzahl der Aufzeichnungssysteme: 3" in sheet
    assert "Transferticket et4711" in sheet
    _, after = kassd("--config", world.config, "notification", "status")
    (place,) = after["places"]
    due = date.fromisoformat(place["due"])
    assert timedelta(27) < due - swapped < timedelta(32), "a month"
    assert [change["day"] for change in place["changes"]] == [swapped.isoformat()]
    done = run("notification", "sent", *sent, config=world.config)
    assert done.returncode == 65, "what was sent before is not what is to be sent now"
    assert await world.stop() == 0
