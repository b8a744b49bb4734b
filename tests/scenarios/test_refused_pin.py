"""Wrong PINs in the secrets file cost the TSE one try each, however often the register is started."""

import json

import acts
import pytest


@pytest.mark.parametrize("kind", ["swissbit", "epson"])
async def test_refused_pin(make_world: acts.MakeWorld, kind: str) -> None:
    world = make_world(tse_kind=kind)
    await world.start()
    await acts.open_till(world)
    await acts.sell(world)
    await world.stop()
    assert world.stand is not None
    users = world.stand.core.device.signer.state.users
    before = {name: user.pin_tries for name, user in users.items()}

    file = world.stage.tse_secrets
    right = file.read_text(encoding="utf-8")
    sealed = json.loads(right)
    for name in ("admin_pin", "time_admin_pin"):
        sealed["secrets"][name] = "".join(str(9 - int(digit)) for digit in sealed["secrets"][name])
    file.write_text(json.dumps(sealed), encoding="utf-8")
    for _ in range(4):
        world.stand.power_cycle()  # the clock must be set, which wants a PIN
        await world.start(ready=False)
        await world.wait("online", lambda d: d.get("online"))
        await world.until(lambda: world.facts("tse.outage_began"), 120, "outage")
        sale = await acts.sell(world)
        assert sale["outage"]
        await world.stop()
    users = world.stand.core.device.signer.state.users
    assert max(before[name] - user.pin_tries for name, user in users.items()) == 1

    file.write_text(right, encoding="utf-8")
    world.stand.power_cycle()
    await world.start()
    assert not (await acts.sell(world)).get("outage")


async def test_a_damaged_secrets_file_ends_the_start_with_a_sentence(make_world: acts.MakeWorld) -> None:
    world = make_world(tse_kind="epson")
    await world.start()
    await world.stop()
    world.stage.tse_secrets.write_text("{}", encoding="utf-8")
    before = world.log.stat().st_size
    await world.spawn()
    assert await world.ended() == 78
    said = world.log.read_text(encoding="utf-8")[before:]
    assert "ist nicht die Datei von kassd tse setup" in said
    assert "Traceback" not in said
