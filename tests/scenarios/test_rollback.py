"""An old image of the card is put back: the broker and the TSE remember more, and everybody is told."""

import shutil

import acts

from kassd.sim.world import World


async def test_an_old_journal_is_noticed(world: World) -> None:
    await acts.open_till(world)
    await acts.sell(world)
    assert await world.stop() == 0
    journal, image = world.folder / "journal", world.folder / "image"
    shutil.copytree(journal, image)

    await world.restart()
    for _ in range(2):
        await acts.sell(world)
    assert await world.stop() == 0
    assert not world.facts("journal.rollback_seen")

    shutil.rmtree(journal)
    image.rename(journal)
    await world.restart()
    alert = await world.wait("alert/journal-rollback", lambda document: bool(document.get("severity")))
    assert alert["severity"] == "critical"
    await world.until(
        lambda: {fact["source"] for fact in world.facts("journal.rollback_seen")} >= {"broker", "tse"}
    )
    assert world.verify().ok


async def test_the_broker_remembers_while_the_register_runs(world: World) -> None:
    """What the journal signs is there before anybody stops the register in good order."""
    await acts.open_till(world)
    for _ in range(12):
        await acts.sell(world)
    anchor = await world.wait("journal/checkpoint", lambda document: document.get("size", 0) >= 64)
    assert anchor["receipt"] >= 5
    await world.kill()
    assert world.verify().checked >= anchor["size"]
