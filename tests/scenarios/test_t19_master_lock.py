"""T19: master data change only between a closing and the next booking; until then they wait, visibly."""

import acts

from kassd.sim.world import World


async def test_a_new_address_waits_for_the_closing(world: World) -> None:
    await acts.open_till(world, 10_000)
    await acts.sell(world)
    assert await world.stop() == 0
    text = world.config.read_text(encoding="utf-8")
    street = next(line for line in text.splitlines() if line.startswith("street"))
    old = street.split('"')[1]
    world.config.write_text(text.replace(street, 'street = "Neue Straße 7"'), encoding="utf-8")

    await world.restart()
    (waiting,) = world.facts("config.deferred")
    assert (waiting["key"], waiting["old"], waiting["new"]) == ("business.street", old, "Neue Straße 7")
    assert (waiting["who"], waiting["how"]) == ("operator", "file")
    assert world.state("till")["message"].startswith("1 Stammdatenänderung"), "how many are waiting"
    alert = await world.wait("alert/config-pending", lambda d: bool(d.get("severity")))
    assert "business.street" in alert["text_de"]
    sold = await acts.sell(world)
    receipts = [f["document"] for f in world.facts("sale.finished") if f["document"]["kind"] == "sale"]
    assert {document["issuer"]["street"] for document in receipts} == {old}
    annexes = [fact["sha256"] for fact in world.facts("config.annex")]

    await acts.close_till(world, 10_000 + 2 * sold["total"])
    changed = [f for f in world.facts("config.changed") if f["key"] == "business.street"][-1]
    assert (changed["old"], changed["new"]) == (old, "Neue Straße 7")
    assert (changed["who"], changed["how"]) == ("kassd", "closing")
    closing = world.facts("till.closed")[-1]
    assert closing["document"]["issuer"]["street"] == old
    assert closing["software"]
    assert closing["build"]
    assert [fact["sha256"] for fact in world.facts("config.annex")][len(annexes) :] != annexes[-1:]
    await world.wait("alert/config-pending", lambda d: not d)
    await world.wait("state/till/main", lambda d: d["message"] == "")

    await acts.open_till(world, 10_000 + 2 * sold["total"], None)
    await acts.sell(world)
    assert world.facts("sale.finished")[-1]["document"]["issuer"]["street"] == "Neue Straße 7"
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict


async def test_a_tax_rate_cannot_be_changed_by_hand(world: World) -> None:
    """Tax rates are dated tables of the program: no command and no setting changes one."""
    await acts.open_till(world, 10_000)
    for name in ("config.put", "vat.put", "vat.rate"):
        assert await acts.refused(world, name, {"vat.rate.1": "20"}) == "unknown_command"
    article = {"id": "x", "name": "X", "vat": 1, "price": 100}
    for name, args in (
        ("catalog.put", {**article, "rate": "20"}),
        ("catalog.put", {**article, "rates": {"1": "20"}}),
        ("sale.add", {"text": "X", "price": 100, "vat": 1, "rate": "20"}),
        ("till.open", {"counted": 0, "vat.rate.1": "20"}),
    ):
        assert await acts.refused(world, name, args) == "bad_args", "an unknown key is not passed over"
    assert [f["how"] for f in world.facts("config.changed") if f["key"].startswith("vat.rate.")]
    assert {f["how"] for f in world.facts("config.changed") if f["key"].startswith("vat.rate.")} == {
        "valid_from"
    }
    await world.restart()
    assert not world.facts("config.deferred")
