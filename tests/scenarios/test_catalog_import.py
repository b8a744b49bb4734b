"""A shop's workbook changes the prices of a register that is selling; a wrong one changes nothing."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import acts
from openpyxl import load_workbook

from kassd.sim.world import World
from tests.cli import kit


async def kassd(world: World, *arguments: str | Path) -> tuple[int, str, str]:
    done = await asyncio.to_thread(kit.kassd, "catalog", *arguments, config=world.config)
    return done.returncode, done.stdout, done.stderr


def repriced(file: Path, prices: dict[str, Any]) -> Path:
    """What somebody does to an exported workbook in a spreadsheet program."""
    book = load_workbook(io.BytesIO(file.read_bytes()))
    sheet = book["Artikel"]
    for row in sheet.iter_rows(min_row=2):
        if row[0].value in prices:
            row[2].value = prices[row[0].value]
    out = file.with_name(f"neu-{len(list(file.parent.glob('neu-*')))}.xlsx")
    book.save(out)
    return out


def changes(world: World) -> list[dict[str, Any]]:
    return [fact for fact in world.facts("config.changed") if fact["how"].startswith("import ")]


async def test_new_prices_while_selling(world: World, tmp_path: Path) -> None:
    await acts.open_till(world, 10_000)
    first = await acts.done(world, "sale.add", {"article": "brot"})
    assert first["result"]["total"] == 390

    exported = tmp_path / "artikel.xlsx"
    code, _, error = await kassd(world, "export", exported)
    assert code == 0, error
    assert "Kein Unterschied" in (await kassd(world, "diff", exported))[1]

    wrong = repriced(exported, {"brot": "4.200", "saft": 2.3})
    code, _, error = await kassd(world, "import", wrong, "--yes")
    assert code == 65
    assert "„4.200“" in error
    assert not changes(world)

    new = repriced(exported, {"brot": 4.2, "saft": 2.3})
    code, out, error = await kassd(world, "import", new, "--yes")
    assert code == 0, error
    assert "Preis 3,90 € → 4,20 €" in out
    assert "Die Kasse hat den Artikelstamm übernommen." in out
    told = {fact["key"]: fact for fact in changes(world)}
    assert set(told) == {"catalog.article.brot", "catalog.article.saft"}
    bread = told["catalog.article.brot"]
    assert (bread["old"]["price"], bread["new"]["price"]) == (390, 420)
    assert bread["who"].startswith("console (")
    assert bread["how"] == f"import {new.name}"

    assert (await acts.done(world, "sale.add", {"article": "brot"}))["result"]["total"] == 390 + 420
    await world.restart(kill=True)
    assert len(changes(world)) == 2, "a file that is in force changes nothing at the next start"
    assert world.state("sale")["total"] == 390 + 420
    await acts.pay(world, first["result"]["sale"], type="cash")
    sold = await acts.sell(world)
    assert sold["total"] == 420

    code, out, _ = await kassd(world, "import", exported, "--yes", "--json")
    assert code == 0
    assert json.loads(out)["changed"][0]["fields"] == {"price": {"old": 420, "new": 390}}
    assert (changes(world)[-1]["old"]["price"], len(changes(world))) == (230, 4)
    assert await world.stop() == 0
    assert world.verify().ok
    _, verdict = await world.tse_archive()
    assert verdict.ok, verdict


async def test_a_register_refuses_a_file_that_only_it_knows_to_be_wrong(world: World) -> None:
    """The daemon reads for itself: what lies there when it looks is taken or refused, and that is said."""
    file = world.stage.folder / "catalog.json"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace('"price": 390', '"price": -390'), encoding="utf-8")
    accepted = await world.command("catalog.reload", {"source": "x", "by": "y"})
    assert accepted["status"] == "accepted"
    alert = await world.wait("alert/catalog-refused", lambda d: bool(d.get("severity")))
    assert "der bisherige gilt weiter" in alert["text_de"]
    assert not changes(world)
    file.write_text(good.replace('"price": 390', '"price": 395'), encoding="utf-8")
    assert (await world.command("catalog.reload"))["status"] == "accepted"
    await world.wait("alert/catalog-refused", lambda d: not d)
    await world.until(
        lambda: (
            [
                fact["new"]["price"]
                for fact in world.facts("config.changed")
                if fact["key"] == "catalog.article.brot"
            ][-1]
            == 395
        )
    )
    assert await acts.refused(world, "catalog.reload", {"by": "a\nb"}) == "bad_args"


async def test_without_the_right_nothing_is_replaced(make_world: acts.MakeWorld, tmp_path: Path) -> None:
    """In production a client that is not listed may nothing; here it is listed without the right."""
    world = make_world(extra_toml='[[client]]\nname = "console"\nrights = ["report"]\n')
    await world.start()
    exported = tmp_path / "artikel.xlsx"
    assert (await kassd(world, "export", exported))[0] == 0
    before = world.stage.catalog.read_bytes()
    code, out, error = await kassd(world, "import", repriced(exported, {"brot": 4.2}), "--yes")
    assert (code, "übernommen." in out) == (77, False), error
    assert 'name = "console", rights = ["catalog"]' in error
    assert world.stage.catalog.read_bytes() == before
    assert not changes(world)
