"""An old image of the card is put back: the broker and the TSE remember more, and everybody is told."""

import json
import shutil

import acts

from kassd.mqtt.link import Endpoint, connect
from kassd.mqtt.topics import Topics
from kassd.sim.world import World
from kassd.sim.world_config import NODE


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


async def test_a_foreign_checkpoint_does_not_stop_a_register_that_runs(world: World) -> None:
    """Somebody with the same node was there, knew a longer journal, and has said goodbye."""
    assert world.broker is not None
    await acts.open_till(world)
    topics, head = Topics(NODE), {"v": 1, "boot": "0123456789abcdef"}
    other = await connect(
        Endpoint("127.0.0.1", world.broker.port, "other"), None, lambda message: message.ack()
    )
    planted = {**head, "n": 1, "rev": 998, "size": 999, "root": "00" * 32, "epoch": 1, "receipt": 50}
    await other.publish(topics.checkpoint, json.dumps(planted).encode(), retain=True)
    farewell = {**head, "online": False, "why": "stop"}
    await other.publish(topics.online, json.dumps(farewell).encode(), retain=True)
    await other.close()
    await world.wait("online", lambda document: document["online"] and document["why"] == "again")
    assert (await acts.sell(world))["status"] == "done"
    assert not world.facts("journal.rollback_seen")
