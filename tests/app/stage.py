"""A window whose broker is the test, and devices that remember what they are asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from kassd.mqtt import Received, Topics, Window, WindowConfig
from tests.mqtt.fakelink import FakeDial, FakeLink

NODE = "demo.kasse-0007"
BOOT = "boot-1"


class Stage:
    """A connected window. ``received`` is where commands go."""

    def __init__(self, received: Callable[[Received], None]) -> None:
        self.dial = FakeDial()
        self.window = Window(WindowConfig(NODE), BOOT, received, dial=self.dial)
        self.topics = Topics(NODE)

    @property
    def link(self) -> FakeLink:
        return self.dial.links[-1]

    async def settled(self) -> None:
        """Everything shown has reached the broker."""
        async with asyncio.timeout(20):
            while self.window.waiting:
                await asyncio.sleep(0.001)

    def seen(self, topic: str) -> list[Any]:
        """What was published there, in order; None: cleared."""
        return [json.loads(s.payload) if s.payload else None for s in self.link.sent if s.topic == topic]

    def last(self, topic: str) -> Any:
        return self.seen(topic)[-1]


@asynccontextmanager
async def stage(received: Callable[[Received], None] = lambda _: None) -> AsyncIterator[Stage]:
    made = Stage(received)
    task = asyncio.create_task(made.window.run())
    try:
        async with asyncio.timeout(20):
            while not made.window.connected:
                await asyncio.sleep(0.001)
        await made.settled()
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Paper:
    """A printer that is asked, and answers when the test says so."""

    def __init__(self, name: str = "printer") -> None:
        self.name = name
        self.jobs: list[tuple[str, bytes]] = []
        self.kicks: list[str] = []

    async def run(self) -> None:
        await asyncio.Event().wait()

    def send(self, job: str, data: bytes) -> None:
        self.jobs.append((job, data))

    def kick(self, job: str) -> None:
        self.kicks.append(job)

    def close(self) -> None:
        """Nothing is held."""
