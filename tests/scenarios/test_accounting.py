"""A closing goes to bookkeeping beside the running register, which notes what went."""

import hashlib
import json

import acts

from tests.cli.kit import kassd

BOOKS = """
[datev]
consultant = 29098
client = 55003
cash = "1000"
"""
ACCOUNTS = """
[[account]]
name = "umsatz-7"
case = "Umsatz"
vat = 2
number = "8300"
[[account]]
name = "transit"
case = "Geldtransit"
number = "1360"
"""


async def test_a_closing_is_handed_over_and_noted(make_world: acts.MakeWorld) -> None:
    world = make_world(extra_toml=BOOKS)
    await world.start()
    await acts.open_till(world, 5_000)
    await acts.sell(world)
    stock = world.state("till")["cash_expected"]
    await acts.close_till(world, stock)

    out = world.folder / "datev"
    done = kassd("export", "datev", "--out", out, config=world.config)
    assert done.returncode == 78
    assert "Umsatz mit Steuerschlüssel 2" in done.stderr
    assert not world.facts("accounting.handed_over")

    world.config.write_text(world.config.read_text() + ACCOUNTS)
    done = kassd("export", "datev", "--out", out, config=world.config)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, "it is noted"
    (file,) = out.iterdir()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert [fact["closings"] for fact in world.facts("accounting.handed_over")] == [{"1": digest}]

    done = kassd("export", "dfka", "--out", world.folder / "dfka", config=world.config)
    assert done.returncode == 0, done.stderr
    (document,) = (world.folder / "dfka").iterdir()
    statement = json.loads(document.read_bytes())["cash_point_closing"]["cash_statement"]
    assert statement["payment"]["cash_amount"] * 100 == stock
    assert world.facts("export.made")[-1]["what"] == "dfka"
    assert await world.stop() == 0
    assert world.verify().ok
