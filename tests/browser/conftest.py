"""A broker, a played register and a browser for each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from stage import CLIENT, NODE, Broker, Page, PlayedRegister, wait

from kassd.displays import DisplayConfig, serve


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def register(broker: Broker) -> Iterator[PlayedRegister]:
    register = PlayedRegister(broker)
    register.online()
    register.till()
    yield register
    register.close()


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    options.add_argument("--headless=new")
    options.add_argument("--disable-dev-shm-usage")
    options.add_argument("--disable-gpu")
    options.add_argument("--lang=de")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(executable_path=shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def page(driver: Chrome, broker: Broker, register: PlayedRegister) -> Iterator[Page]:
    """The page, loaded and connected, the till open."""
    served = serve("127.0.0.1", 0, DisplayConfig(node=NODE, client=CLIENT, port=broker.ws_port))
    page = Page(driver, served.url)
    page.load()
    wait(lambda: not page.is_covered())
    yield page
    driver.get("about:blank")
    served.close()
