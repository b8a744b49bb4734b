"""Chromium, mosquitto, the daemon, a TSE and a printer simulator, all real: a customer is served."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, Keys
from stage import Page, wait

from kassd.displays import DisplayConfig, serve
from kassd.sim.world import World
from kassd.sim.world_config import CATALOG, NODE

BREAD = CATALOG[0]


async def test_a_customer_is_served(driver: Chrome, tmp_path: Path) -> None:
    async with World(tmp_path / "world", tse_latency_ms=50) as world:
        assert world.broker is not None
        config = DisplayConfig(node=NODE, client="cashier-1", port=world.broker.ws_port)
        served = serve("127.0.0.1", 0, config)
        page = Page(driver, served.url)

        async def act(do: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
            """Selenium waits for the browser; the printer of this world must not wait for selenium."""
            return await asyncio.to_thread(do, *arguments, **options)

        try:
            await act(page.load)
            await act(page.shows, "#empty", "Kasse geschlossen")
            await act(page.press, "Kasse öffnen")
            for key in ("1", "00", "00"):
                await act(page.press, key)
            await act(page.press, "Öffnen")
            await act(page.press, "Geldtransit (Tresor, Bank)")
            await act(page.shows, "#empty", "Bereit")

            world.scan(str(BREAD["codes"][0]))
            await act(page.shows, "#lines", str(BREAD["name"]))
            await act(lambda: page.find("#entry").send_keys(str(BREAD["codes"][0]), Keys.ENTER))
            await act(wait, lambda: len(world.state("sale")["lines"]) == 2)
            await act(page.click, '.line[data-n="2"] button')
            await act(page.press, "Zeile stornieren")
            await act(page.shows, "#lines", "Storno")
            page.picture(tmp_path / "selling.png")

            await act(page.press, "Bar passend")
            await act(page.shows, "#sale-status", "Bezahlt")
            page.picture(tmp_path / "paid.png")
            number = world.state("sale")["receipt"]
            slip = await world.slip(f"Beleg-Nr. {number}")
            assert any(str(BREAD["name"]) in row for row in slip.text)
            await act(page.shows, "#devices", "TSE")
        finally:
            await act(driver.get, "about:blank")
            await act(served.close)
        assert world.verify().ok
