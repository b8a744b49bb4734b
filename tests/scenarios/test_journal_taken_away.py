"""The journal's folder is deleted or moved under the running register: nothing is sold into thin air."""

import shutil

import acts

from kassd.cli.output import EX_DATAERR
from kassd.errors import JournalLost
from kassd.sim.world import World
from tests.cli import kit


async def sold(world: World) -> str:
    """Sell one article; when all of it is done, and nothing more will be written, gives its number."""
    sale = await acts.sell(world)
    await world.until(lambda: {"print.done", "drawer.done"} <= set(acts.kinds(world)))
    return str(sale["receipt"])


async def stops(world: World, words: str) -> None:
    """The next sale is refused, everybody is told, and the register ends."""
    assert await acts.refused(world, "sale.add", {"code": acts.BREAD}) == "journal_failed"
    alert = await world.wait("alert/journal-failed", lambda document: bool(document.get("severity")))
    assert alert["severity"] == "critical"
    assert words in alert["text_de"]
    assert await world.ended() == JournalLost.exit_code


async def test_it_is_deleted(world: World) -> None:
    await acts.open_till(world)
    number = await sold(world)
    shutil.rmtree(world.stage.journal)
    await stops(world, "sind gerettet")
    assert world.verify().ok
    await world.restart()
    assert [fact["number"] for fact in world.facts("sale.finished")][-1] == int(number)
    await acts.sell(world)
    assert world.verify().ok


async def test_it_is_moved(world: World) -> None:
    await acts.open_till(world)
    number = await sold(world)
    home, away = world.stage.journal, world.folder / "away"
    home.rename(away)
    await stops(world, f"liegt jetzt unter {away}")
    doctor = kit.kassd("--config", str(world.config), "doctor")
    assert doctor.returncode == EX_DATAERR
    assert f"Das Journal {home} fehlt" in doctor.stdout
    await world.spawn()
    assert await world.ended() == JournalLost.exit_code, "no second journal"
    assert not home.exists()
    away.rename(home)
    await world.restart()
    assert [fact["number"] for fact in world.facts("sale.finished")][-1] == int(number)
    await acts.sell(world)
    assert world.verify().ok
