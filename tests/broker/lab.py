"""A register's window under test, and patience."""

import asyncio
import json
from collections.abc import Callable

from kassd.mqtt import Received, Topics, Trouble, Window
from kassd.mqtt.link import Endpoint, LinkLost, Message, Subscription, connect
from tests.broker.mosquitto import NODE


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for ``condition``, or fail."""
    async with asyncio.timeout(seconds):
        while not condition():  # the conditions are of many kinds
            await asyncio.sleep(0.002)


class Register:
    """A window with the ears of a test."""

    def __init__(self, window: Window, received: list[Received], troubles: list[Trouble]) -> None:
        self.window = window
        self.received = received
        self.troubles = troubles
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self.window.run())
        await until(lambda: self.window.connected)

    async def kill(self) -> None:
        """As SIGKILL: no farewell."""
        if self.task is not None:
            while not self.task.done():  # aiomqtt's wait_for may swallow one cancellation
                self.task.cancel()
                await asyncio.wait((self.task,), timeout=0.5)
            self.task = None


class Observer:
    """An independent client that keeps what it sees, in order."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[Message] = []

    async def __aenter__(self) -> "Observer":
        def take(message: Message) -> None:
            self.seen.append(message)
            message.ack()

        endpoint = Endpoint("127.0.0.1", self.port, "observer")
        try:
            self.link = await connect(endpoint, None, take)
        except LinkLost:  # mosquitto 2.0.21 now and then takes a new connection for one that has timed out
            self.link = await connect(endpoint, None, take)
        await self.link.subscribe(Subscription(f"{Topics(NODE).base}/#"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.link.close()

    def payloads(self, topic: str) -> list[bytes]:
        return [message.payload for message in self.seen if message.topic == topic]

    def last(self, topic: str) -> dict[str, object]:
        document: dict[str, object] = json.loads(self.payloads(topic)[-1])
        return document
