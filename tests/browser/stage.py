"""A real broker, a real browser, and a register played over MQTT by the test itself."""

import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from kassd.core.codec import encode
from kassd.core.status import DeviceState
from kassd.mqtt.broker import BrokerConfig, render_config
from kassd.mqtt.documents import (
    AlertDocument,
    CountPlace,
    DeviceDocument,
    SaleDocument,
    SaleLine,
    Severity,
    TillDocument,
)
from kassd.sim.world_broker import free_port

NODE = "demo.kasse-0007"
CLIENT = "cashier-1"
BASE = f"kassd/v1/{NODE}"
Document = dict[str, Any]

LINES = (
    SaleLine(1, "Bauernbrot 1 kg", Decimal("1"), 390, 390, 2),
    SaleLine(2, "Brezel", Decimal("2"), 40, 80, 2),
)
SALE = SaleDocument("1-7", "open", LINES, 470, 0, 470, 0, receipt="", message="", operator="Anna")
NO_SALE = SaleDocument("", "none", (), 0, 0, 0, 0, receipt="", message="")
PLACES = (
    CountPlace("drawer", "EUR", True),
    CountPlace("drawer", "CHF", True),
    CountPlace("berta", "EUR", False),
)
TILL = TillDocument(
    True, False, "Anna", "normal", "2026-03-02", "16", "3", "", cash_expected=10000, counting=PLACES
)


def wait(condition: Callable[[], Any], within: float = 60.0) -> Any:
    """The first true answer of ``condition``; fails after ``within`` seconds. What is not on the page yet, or
    drawn anew while it is read, is looked for again."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        with contextlib.suppress(NoSuchElementException, StaleElementReferenceException):
            if answer := condition():
                return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {within} s")


class Broker:
    """Debian's mosquitto with an MQTT and a WebSocket listener."""

    def __init__(self, folder: Path) -> None:
        self.port, self.ws_port = free_port(), free_port()
        self.config = folder / "mosquitto.conf"
        config = BrokerConfig(NODE, str(folder), port=self.port, ws_port=self.ws_port, anonymous=True)
        self.config.write_text(render_config(config), encoding="utf-8")
        self.log = folder / "mosquitto.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program is not None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([program, "-c", str(self.config)], stdout=log, stderr=log)
        wait(self._listening)

    def _listening(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            for port in (self.port, self.ws_port):
                socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None


class PlayedRegister:
    """What the daemon does on the wire: retained documents out, commands in, replies out."""

    def __init__(self, broker: Broker) -> None:
        self.boot = uuid.uuid4().hex[:16]
        self.counts: dict[str, int] = {}
        self.commands: queue.Queue[tuple[str, Document, MQTTMessage]] = queue.Queue()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", broker.port)
        self.client.subscribe(f"{BASE}/cmd/#", qos=1)
        self.client.loop_start()

    def _on_message(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        name = message.topic.removeprefix(f"{BASE}/cmd/")
        self.commands.put((name, json.loads(message.payload), message))

    def publish(self, topic: str, document: Document | None) -> None:
        """Retain ``document`` below the base, or clear the topic with None."""
        payload = "" if document is None else json.dumps(document)
        sent = self.client.publish(f"{BASE}/{topic}", payload, qos=1, retain=True)
        sent.wait_for_publish(60)
        assert sent.is_published(), f"the broker has not taken {topic}"

    def state(self, topic: str, document: Document, **head: Any) -> None:
        """Publish a state document with the common head (v, boot, n, rev, ts, cur)."""
        self.counts[topic] = self.counts.get(topic, 0) + 1
        common = {"v": 1, "boot": self.boot, "n": self.counts[topic], "rev": 7, "cur": "EUR"}
        self.publish(topic, common | {"ts": "2026-03-02T08:00:00.000000Z"} | document | head)

    def online(self, alive: bool = True, why: str = "", boot: str = "") -> None:
        self.publish("online", {"v": 1, "online": alive, "boot": boot or self.boot, "why": why})

    def sale(self, rev: int = 7, **changes: Any) -> None:
        self.state("state/sale/main", encode(replace(SALE, **changes)), rev=rev)

    def till(self, rev: int = 5, **changes: Any) -> None:
        self.state("state/till/main", encode(replace(TILL, **changes)), rev=rev)

    def device(self, name: str, state: DeviceState = "ready", message: str = "") -> None:
        since = "2026-03-02T08:00:00.000000Z"
        self.state(f"state/dev/{name}", encode(DeviceDocument(name, state, "", message, since)))

    def alert(self, name: str, severity: Severity, text: str) -> None:
        since = "2026-03-02T08:00:00.000000Z"
        self.state(f"alert/{name}", encode(AlertDocument(severity, text, "in English", since)))

    def command(self, within: float = 60.0) -> tuple[str, Document, MQTTMessage]:
        """The next command that arrives: ``client/name``, payload, the message itself."""
        return self.commands.get(timeout=within)

    def reply(self, command: Document, status: str = "ok", **more: Any) -> None:
        answer = {"v": 1, "id": command["id"], "status": status, "rev": 8} | more
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = 30
        self.client.publish(f"{BASE}/res/{CLIENT}", json.dumps(answer), qos=1, properties=properties)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Page:
    """The cashier's page in a browser, in the words of the person in front of it."""

    def __init__(self, driver: Chrome, url: str) -> None:
        self.driver, self.url = driver, url

    def load(self, width: int = 800, height: int = 480, phone: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get(self.url)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text.replace("\u00a0", " ")

    def shows(self, selector: str, text: str, within: float = 60.0) -> None:
        wait(lambda: text in self.text(selector), within)

    def press(self, name: str) -> None:
        """Press the visible button with this caption as soon as there is one."""
        find = (
            "const plain = (b) => b.innerText.replace(/[\\s\u00a0]+/g, ' ').trim();"
            "return [...document.querySelectorAll('button')]"
            ".findLast((b) => b.checkVisibility() && plain(b) === arguments[0])"
        )

        self._click(lambda: self.driver.execute_script(find, name))

    def click(self, selector: str) -> None:
        """Press what stands at ``selector`` as soon as it is there."""
        self._click(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None))

    def _click(self, find: Callable[[], WebElement | None]) -> None:
        def pressed() -> bool:
            button = find()
            try:
                return button is not None and button.click() is None
            except (
                ElementClickInterceptedException,
                ElementNotInteractableException,
                StaleElementReferenceException,
            ):
                return False  # drawn anew in this very moment, or a dialog comes up before it

        wait(pressed)

    def is_covered(self) -> bool:
        return self.find("#overlay").is_displayed()

    def picture(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))
