"""kassd.cli.link over a real mosquitto: what is shown, one command, and what is missing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kassd.app.desk import Desk
from kassd.cli import link
from kassd.cli.link import command, retained
from kassd.clock import Clock
from kassd.core.codec import encode
from kassd.errors import LinkError
from kassd.mqtt import Received, Window, WindowConfig
from kassd.mqtt.documents import AlertDocument
from kassd.mqtt.link import Endpoint, connect
from kassd.settings import MqttLink, MqttSection, Settings
from kassd.sim.world_broker import free_port
from tests.app.kit import Bench, process
from tests.app.test_dispatch import settings as bare
from tests.broker.mosquitto import NODE, Mosquitto

HINT = encode(AlertDocument("info", "Hinweis", "hint", ""))
PRINTER = {"name": "printer", "state": "ready", "reason": "", "message": "", "since": ""}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    await asyncio.to_thread(mosquitto.start)
    yield mosquitto
    mosquitto.kill()


def asking(folder: Path, port: int) -> Settings:
    local = MqttLink(node=NODE, port=port)  # type: ignore[call-arg] # the others have defaults
    return bare(folder).model_copy(update={"mqtt": MqttSection(local=local)})


class Shop:
    """A register with its window on that broker."""

    def __init__(self, bench: Bench, port: int) -> None:
        self.bench = bench
        self.desk: Desk | None = None
        self.window = Window(WindowConfig(NODE, port=port), "boot-1", self.received)
        self.desk = Desk(bench.register, self.window, Clock(), lambda _, answer: answer(None))
        self.heard: list[str] = []
        self.deaf = False

    def received(self, received: Received) -> None:
        self.heard.append(received.client)
        assert self.desk is not None
        if not self.deaf:
            self.desk.received(received)


@pytest.fixture
async def shop(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[Shop]:
    async with process(tmp_path / "journal") as bench:
        await bench.commissioned()
        shop = Shop(bench, broker.port)
        task = asyncio.create_task(shop.window.run())
        await bench.until(lambda: shop.window.connected)
        yield shop
        await shop.window.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_what_the_daemon_shows(tmp_path: Path, broker: Mosquitto, shop: Shop) -> None:
    shop.window.show(shop.window.topics.orders, {"groups": [], "total": 0, "newer": "ä"})
    shop.window.show(shop.window.topics.alert("x"), HINT)
    await until(lambda: not shop.window.waiting)
    found, foreign = await retained(asking(tmp_path, broker.port))
    assert found["online"]["online"] is True
    assert found["state/orders"] == {"groups": [], "total": 0, "newer": "ä"}
    assert found["alert/x"] == HINT
    assert foreign == ()


async def test_what_is_not_the_registers_is_left_aside_and_named(
    tmp_path: Path, broker: Mosquitto, shop: Shop
) -> None:
    base = shop.window.topics.base
    other = await connect(Endpoint("127.0.0.1", broker.port, "other"), None, lambda message: message.ack())
    for topic, payload in {
        "alert/fake": b'{"v":1,"id":"fake"}',
        "alert/list": b"[]",
        "state/dev/bytes": b"\xff",
        "state/sale/deep": b"[" * 100_000,
        "state/what/ever": b"{}",
    }.items():
        assert await other.publish(f"{base}/{topic}", payload, retain=True) == 0
    await other.close()
    shop.window.show(shop.window.topics.alert("x"), HINT)
    await until(lambda: not shop.window.waiting)
    found, foreign = await retained(asking(tmp_path, broker.port))
    assert set(found) == {"online", "alert/x"}
    assert foreign == ("alert/fake", "alert/list", "state/dev/bytes", "state/sale/deep", "state/what/ever")


async def test_what_is_cleared_meanwhile_is_not_there(tmp_path: Path, broker: Mosquitto, shop: Shop) -> None:
    alert = shop.window.topics.alert("x")
    shop.window.show(alert, HINT)
    await until(lambda: not shop.window.waiting)
    asked = asyncio.create_task(retained(asking(tmp_path, broker.port)))
    await asyncio.sleep(0.15)
    shop.window.clear(alert)
    assert "alert/x" not in (await asked).documents


async def test_a_register_that_never_is_silent_is_read_anyway(
    tmp_path: Path, broker: Mosquitto, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "REPLY_S", 1.5)

    async def chatter() -> None:
        for n in range(1000):
            shop.window.show(shop.window.topics.device("printer"), {**PRINTER, "n": n})
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(chatter())
    found, _ = await asyncio.wait_for(retained(asking(tmp_path, broker.port)), 60)
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    assert found["state/dev/printer"]["n"] > 0


async def test_a_command_and_its_reply(tmp_path: Path, broker: Mosquitto, shop: Shop) -> None:
    reply = await command(asking(tmp_path, broker.port), "till.open", {"counted": 0})
    assert (reply["status"], shop.heard) == ("ok", ["console"])
    again: dict[str, Any] = await command(asking(tmp_path, broker.port), "till.open", {"counted": 0})
    assert again["code"] == "till_open"
    assert json.dumps(again)


async def test_two_consoles_get_their_own_replies(tmp_path: Path, broker: Mosquitto, shop: Shop) -> None:
    asked = [command(asking(tmp_path, broker.port), "till.open", {"counted": 0}) for _ in range(4)]
    codes = sorted(reply.get("code", "") for reply in await asyncio.gather(*asked))
    assert codes == ["", "till_open", "till_open", "till_open"]


async def test_a_register_that_does_not_answer(
    tmp_path: Path, broker: Mosquitto, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "REPLY_S", 1.0)
    shop.deaf = True
    with pytest.raises(LinkError, match="Läuft kassd"):
        await command(asking(tmp_path, broker.port), "till.open", {"counted": 0})


async def test_no_broker_and_no_link(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="Läuft mosquitto"):
        await retained(asking(tmp_path, free_port()))
    with pytest.raises(LinkError, match=r"\[mqtt.local\]"):
        await command(bare(tmp_path), "till.open", {})
