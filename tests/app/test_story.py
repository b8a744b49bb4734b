"""kassd.app.story: what a technician finds in the log, and what nobody finds there."""

import logging
from pathlib import Path

import pytest

from kassd.app.story import told
from kassd.core import facts as f
from tests.app.kit import process


async def test_a_day_is_told_without_what_was_bought(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kassd.app.story")
    async with process(tmp_path) as bench:
        await bench.commissioned()
        await bench.open_till()
        await bench.sell(350)
        facts = [fact for decision, _, _ in bench.hands.acted for fact in decision.facts]
    for fact in facts:
        told(fact)
    texts = [record.getMessage() for record in caplog.records]
    assert texts[0] == "started software='kassd 1' build=b1 epoch=1"
    assert any(text.startswith("config changed key=business.name how=") for text in texts)
    assert any(text.startswith("tse bound serial=abab") for text in texts)
    assert any(text.startswith("till opened day=") and "counted=10000" in text for text in texts)
    assert "Beleg number=3 total=350 outage=none" in texts
    assert not any("Brot" in text for text in texts)


@pytest.mark.parametrize(
    ("fact", "level", "part"),
    [
        (f.PrintDone("R1", "confirmed"), None, ""),
        (f.PrintDone("R1", "unknown", "cut"), logging.WARNING, "slip job=R1 result=unknown reason=cut"),
        (f.DrawerDone("K1", "kicked"), None, ""),
        (f.DrawerDone("K1", "refused", "sold"), logging.WARNING, "drawer job=K1 result=refused"),
        (f.ClockStepped("t", -3600, uncertain=True), logging.WARNING, "clock stepped seconds=-3600"),
        (f.ClockStepped("t", 0, uncertain=True, refused=946_080_000), logging.WARNING, "refused=946080000"),
        (
            f.TseArchived("1.0", "ab", 1, 9, 9, "", 5, "ab/1-9.tar", 4),
            logging.INFO,
            "file=ab/1-9.tar messages=9",
        ),
        (f.TseArchived("1.0", "ab", 1, 9, 9, "", 5, "f", 4, ("Beleg 3",)), logging.CRITICAL, "Beleg 3"),
        (f.TseArchiveFailed("1.0", "disk", "voll"), logging.ERROR, "reason=disk"),
        (f.TseReadBack("t", "ab", 1, 9), logging.INFO, "read back first=1 last=9"),
        (f.TseReadBack("t", "ab", 1, 9, "fehlt"), logging.CRITICAL, "problem='fehlt'"),
        (f.RollbackSeen("t", "broker", "12 > 9"), logging.CRITICAL, "rolled back source=broker"),
    ],
)
def test_what_is_as_it_should_be_is_not_told(
    fact: f.Fact, level: int | None, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "kassd.app.story")
    told(fact)
    assert [record.levelno for record in caplog.records] == ([] if level is None else [level])
    assert part in caplog.text
