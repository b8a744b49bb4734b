"""The TSE's archive: each closing brings the new log messages home, whatever comes in between."""

import hashlib
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import acts
import pytest

from kassd.sim.world import World
from kassd.sim.world_config import REGISTER
from kassd.tse.log import verify_tar
from kassd.tse.soft import Fault, SoftTse
from tests.cli import kit

ARCHIVE_S = 120.0
DAY = timedelta(days=1)


def place(world: World) -> Path:
    return world.folder / "tse-archive"


async def archived(world: World, count: int) -> list[dict[str, Any]]:
    """Wait until so many archives stand in the journal."""
    await world.until(lambda: len(world.facts("tse.archived")) >= count, ARCHIVE_S, f"{count} archives")
    return world.facts("tse.archived")


async def trade(world: World, *, carried: int = 0, sales: int = 2) -> int:
    """A short day; gives the cash left in the till."""
    await acts.open_till(world, carried, source=None)
    for _ in range(sales):
        await acts.sell(world)
    cash = carried + sales * 390
    await acts.close_till(world, cash)
    return cash


def check_parts(world: World, facts: list[dict[str, Any]]) -> None:
    """Each file is the one the journal names, verifies, and goes on where the one before ended."""
    last = None
    for fact in facts:
        path = place(world) / fact["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == fact["sha256"]
        assert path.stat().st_size == fact["size"]
        assert verify_tar(path).ok
        assert fact["messages"] == fact["last"] - fact["first"] + 1
        assert last is None or fact["first"] == last + 1
        assert not fact.get("findings")
        last = fact["last"]
    assert not list(place(world).rglob("*.part"))


async def test_each_closing_is_archived_and_any_period_exported(
    world: World, tmp_path: Path, kassd: Callable[..., tuple[int, Any]]
) -> None:
    cash = await trade(world)
    await archived(world, 1)
    await world.until(lambda: world.facts("tse.read_back"), ARCHIVE_S, "reading back")
    await trade(world, carried=cash, sales=1)
    facts = await archived(world, 2)
    check_parts(world, facts)
    assert facts[0]["first"] == 1
    (read,) = world.facts("tse.read_back")
    assert (read["last"], read.get("problem", "")) == (facts[0]["last"], "")
    await acts.open_till(world, cash + 390, source=None)
    await acts.sell(world)

    # Beside the register the archive alone, afterwards all of it; another day has nothing.
    beside = export(world, tmp_path / "beside.tar")
    assert "Nur das Archiv" in beside.stderr
    assert await world.stop() == 0
    _, verdict = kassd("verify", tmp_path / "beside.tar")
    assert (verdict["ok"], verdict["checked"]) == (True, facts[1]["last"])
    day = datetime.now(ZoneInfo("Europe/Berlin")).date()
    assert (
        export(world, tmp_path / "all.tar", "--from", f"{day - DAY}", "--to", f"{day + DAY}").returncode == 0
    )
    whole, _ = await world.tse_archive()
    code, verdict = kassd("verify", tmp_path / "all.tar")
    assert (code, verdict["checked"]) == (0, whole.count(b".log\0"))
    assert export(world, tmp_path / "none.tar", "--to", "2026-01-01").returncode == 65
    assert kassd("verify", world.stage.journal)[0] == 0


def export(world: World, out: Path, *options: str) -> kit.Done:
    return kit.kassd("export", "tar", "--out", out, *options, config=world.config)


async def test_a_customer_does_not_wait_for_an_export(world: World) -> None:
    """An export that hangs is a TSE that hangs: the receipt is issued as outage; then all goes on."""
    world.tse_faults(Fault("silent", ("export",)))
    cash = await trade(world)
    await hangs(world)
    await acts.done(world, "till.open", {"counted": cash})
    await world.wait("alert/tse-outage", lambda d: d.get("severity") == "critical")
    sold = await acts.sell(world)
    assert sold["outage"]
    await acts.tse_back(world)
    assert not (await acts.sell(world)).get("outage")
    await acts.close_till(world, cash + 2 * 390)
    check_parts(world, await archived(world, 1))


async def hangs(world: World) -> None:
    """Wait until the archivist has begun to export."""
    await world.until(lambda: list(place(world).rglob("export.part")), ARCHIVE_S, "an export")


@pytest.mark.parametrize("kill", [True, False], ids=["kill", "stop"])
async def test_a_stop_in_the_middle_of_an_export_is_made_good(world: World, kill: bool) -> None:
    world.tse_faults(Fault("silent", ("export",)))
    await trade(world)
    await hangs(world)
    if kill:
        await world.kill()
    else:
        assert await world.stop() == 0
    assert not world.facts("tse.archived")
    world.tse_faults()
    await world.start()
    check_parts(world, await archived(world, 1))


async def test_an_archive_that_was_changed_is_found(world: World, tmp_path: Path) -> None:
    await trade(world)
    (fact,) = await archived(world, 1)
    path = place(world) / fact["file"]
    path.chmod(0o600)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"3.90:Bar", b"0.90:Bar", 1))
    await world.until(lambda: world.facts("tse.read_back"), ARCHIVE_S, "reading back")
    (read,) = world.facts("tse.read_back")
    assert "nicht mehr die" in read["problem"]
    assert (await world.wait("alert/tse-read-back"))["severity"] == "critical"
    assert await world.stop() == 0
    done = export(world, tmp_path / "x.tar")
    assert (done.returncode, "verändert" in done.stderr) == (65, True)
    path.unlink()
    assert "fehlt" in export(world, tmp_path / "x.tar").stderr
    assert not list(tmp_path.glob("x.tar*"))


async def test_another_stick_is_not_archived_and_the_right_one_goes_on(world: World) -> None:
    world.tse_faults(Fault("refuse", ("export",), code="busy"))
    await trade(world)
    await world.until(lambda: world.facts("tse.archive_failed"), ARCHIVE_S, "a refusal")
    assert "TSE-Archiv" in (await world.wait("alert/tse-archive"))["text_de"]
    assert await world.stop() == 0
    store, aside = world.stage.tse_store, world.folder / "tse-right"
    store.rename(aside)
    await world.start(ready=False)
    await world.wait("alert/tse-outage", lambda d: "Falsche TSE" in d.get("text_de", ""), 60)
    assert await world.stop() == 0
    assert not world.facts("tse.archived")
    shutil.rmtree(store)
    aside.rename(store)
    world.tse_faults()
    await world.start()
    check_parts(world, await archived(world, 1))
    await world.wait("alert/tse-archive", lambda d: not d)


async def test_what_the_journal_does_not_know_is_an_alarm(world: World) -> None:
    """Somebody signs with the register's TSE and name while the register stands."""
    await trade(world)
    await archived(world, 1)
    assert await world.stop() == 0
    tse = SoftTse(world.stage.tse_store, latency_s=0)
    await tse.open()
    await tse.self_test(REGISTER)
    await tse.set_time(int(time.time()))
    number = (await tse.start(REGISTER)).transaction_number
    await tse.finish(number, REGISTER, "Kassenbeleg-V1", b"Beleg^9.99_0.00_0.00_0.00_0.00^9.99:Bar")
    await tse.close()
    await world.start()
    # The TSE remembers more than the journal: selling waits until somebody has decided how the numbers go on.
    await world.wait("alert/journal-rollback")
    assert await acts.refused(world, "till.open", {"counted": 2 * 390}) == "rollback_undecided"
    await acts.done(world, "counters.resume", {"reason": "fremde Signatur", "closing": 1})
    await trade(world, carried=2 * 390, sales=1)
    newest = (await archived(world, 2))[-1]
    assert [text.split("[")[-1] for text in newest["findings"]] == ["finish_without_vorgang]"]
    assert f"Transaktion {number}" in newest["findings"][0]
    alert = await world.wait("alert/tse-archive-findings")
    assert alert["severity"] == "critical"
    assert "Betreuer" in alert["text_de"]
