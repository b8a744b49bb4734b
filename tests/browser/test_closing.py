"""A purse, foreign cash in the drawer: a real register is closed from the page, in real Chromium."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from stage import Page, wait

from kassd.displays import DisplayConfig, serve
from kassd.sim.world import World
from kassd.sim.world_config import CATALOG, NODE

SLOW_S = 60.0  # a machine that does much else at once
MORE = """
[cash]
blind = {blind}
[[purse]]
name = "berta"
operator = "Berta"
[[currency]]
code = "CHF"
rate = "0.95"
"""


async def _a_day(world: World) -> None:
    """100.00 € in the drawer, 20.00 € of it in a purse; bread for 3.90 € is paid with 10.00 CHF."""
    bread = str(CATALOG[0]["codes"][0])
    await world.command("till.open", {"counted": 10_000, "source": "transit"})
    await world.until(lambda: len(world.facts("sale.finished")) == 1)  # where the float comes from
    reply = await world.command("cash.transfer", {"amount": 2_000, "to": "berta", "reason": "Wechselgeld"})
    assert reply["status"] in ("ok", "accepted"), reply
    await world.command("sale.add", {"code": bread})
    await world.command("sale.pay", {"type": "cash", "currency": "CHF", "given": 1_000})
    await world.wait("state/sale/main", lambda d: d["status"] == "done")


def _count(page: Page, *pieces: dict[str, int]) -> None:
    """Fill in, of each drawer and currency in their order, pieces by the text of the denomination."""
    sheets = wait(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#dialog fieldset"), SLOW_S)
    assert len(sheets) == len(pieces), [one.text for one in sheets]
    for sheet, wanted in zip(sheets, pieces, strict=True):
        labels = {
            label.text.replace("\u00a0", " "): label for label in sheet.find_elements(By.TAG_NAME, "label")
        }
        for text, n in wanted.items():
            box = labels[text].find_element(By.TAG_NAME, "input")
            box.clear()
            box.send_keys(str(n))


def _close(page: Page, blind: bool, folder: Path) -> None:
    page.load()
    page.shows("#till-state", "Offen", SLOW_S)
    page.press("Menü")
    page.press("Kasse abschließen")
    # the drawer: 80.00 € less 5.60 € of change; a cent is missing
    _count(
        page,
        {"50 €": 1, "20 €": 1, "2 €": 2, "0,20 €": 1, "0,10 €": 1, "0,05 €": 1, "0,02 €": 2},
        {"10": 1},
        {"20 €": 1},
    )
    page.picture(folder / "counted.png")
    page.click("#dialog button[type=submit]")
    page.shows("#dialog", "drawer: gezählt 74,39 €", SLOW_S)
    page.picture(folder / "reason.png")
    assert ("Soll" in page.text("#dialog")) is not blind
    assert ("74,40" in page.text("#dialog")) is not blind
    page.press("Zählfehler")
    page.click("#dialog button[type=submit]")
    page.shows("#till-state", "Geschlossen", SLOW_S)


@pytest.mark.parametrize("blind", [False, True], ids=["told", "blind"])
async def test_a_purse_and_francs_are_counted_and_the_day_is_closed(
    driver: Chrome, tmp_path: Path, blind: bool
) -> None:
    toml = MORE.format(blind=str(blind).lower())
    async with World(tmp_path / "world", extra_toml=toml) as world:
        assert world.broker is not None
        await _a_day(world)
        served = serve("127.0.0.1", 0, DisplayConfig(NODE, "cashier-1", port=world.broker.ws_port))
        try:
            await asyncio.to_thread(_close, Page(driver, served.url), blind, tmp_path)
        finally:
            await asyncio.to_thread(driver.get, "about:blank")
            await asyncio.to_thread(served.close)
        counts: list[dict[str, Any]] = world.facts("till.closing_began")[-1]["counts"]
        found = {(one["account"], one["currency"]): one["counted"] - one["expected"] for one in counts}
        assert found == {("", "EUR"): -1, ("", "CHF"): 0, ("berta", "EUR"): 0}
        assert world.facts("till.closed")[-1]["reason"] == "Zählfehler"
        assert world.verify().ok
