"""Fixtures: brokers, the proxy, and an independent observer."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from kassd.mqtt import Received, Trouble, Window, WindowConfig
from kassd.mqtt.broker import Account
from tests.broker.lab import Register
from tests.broker.mosquitto import NODE, Mosquitto
from tests.broker.proxy import Proxy

ACCOUNTS = (
    Account("kassd", "geheim-0", "kassd"),
    Account("cashier-1", "geheim-1", "client"),
    Account("cashier-2", "geheim-2", "client"),
    Account("customer", "geheim-3", "customer"),
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """Anonymous."""
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    yield mosquitto
    mosquitto.kill()


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    """With accounts and access list."""
    mosquitto = Mosquitto(tmp_path, ACCOUNTS, websockets=True)
    mosquitto.start()
    yield mosquitto
    mosquitto.kill()


@pytest.fixture
async def proxy(broker: Mosquitto) -> AsyncIterator[Proxy]:
    between = Proxy(broker.port)
    await between.start()
    yield between
    await between.stop()


Make = Callable[..., Register]


@pytest.fixture
async def register() -> AsyncIterator[Make]:
    """Make registers that end with the test. Pauses are short, so that tests are."""
    made: list[Register] = []

    def make(
        port: int,
        boot: str = "boot-1",
        ack: bool = True,
        on_anchor: Callable[[bytes], None] = lambda _: None,
        **config: object,
    ) -> Register:
        received: list[Received] = []
        troubles: list[Trouble] = []

        def take(command: Received) -> None:
            received.append(command)
            if ack:
                command.ack()

        options: dict[str, object] = {"base_s": 0.05, "cap_s": 0.2, "keepalive": 15, **config}
        endpoint = WindowConfig(NODE, port=port, **options)  # type: ignore[arg-type]
        window = Window(endpoint, boot, take, troubles.append, on_anchor=on_anchor)
        made.append(Register(window, received, troubles))
        return made[-1]

    yield make
    for each in made:
        await each.kill()
