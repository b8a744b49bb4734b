"""A link whose broker is the test: it sees every packet and answers when it is told to."""

import asyncio
from dataclasses import dataclass, field

from kassd.mqtt.link import MAX_PACKET, Deliver, Endpoint, LinkLost, Message, Subscription, Will


@dataclass
class Sent:
    topic: str
    payload: bytes
    retain: bool
    answer: "asyncio.Future[int]"


@dataclass
class FakeLink:
    deliver: Deliver
    will: Will | None
    auto: bool = True
    """Acknowledge everything at once."""
    on_subscribe: list[Message] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    subscribed: list[tuple[Subscription, ...]] = field(default_factory=list)
    closed: bool = False
    dropped: bool = False
    max_packet: int = MAX_PACKET

    def __post_init__(self) -> None:
        self.lost: asyncio.Future[LinkLost] = asyncio.get_running_loop().create_future()

    async def subscribe(self, *subscriptions: Subscription) -> None:
        self.subscribed.append(subscriptions)
        for message in self.on_subscribe:
            self.deliver(message)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        expiry: int | None = None,
        correlation: bytes | None = None,
        response_topic: str | None = None,
    ) -> "asyncio.Future[int]":
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self.auto:
            answer.set_result(0)
        self.sent.append(Sent(topic, payload, retain, answer))
        return answer

    async def close(self) -> None:
        self.closed = True
        self.drop()

    def drop(self) -> None:
        self.dropped = True
        if not self.lost.done():
            self.lose("closed by us")

    def lose(self, why: str, code: int = 0) -> None:
        loss = LinkLost(why, code)
        self.lost.set_result(loss)
        for sent in self.sent:
            if not sent.answer.done():
                sent.answer.set_exception(loss)

    def topics(self) -> list[str]:
        return [sent.topic for sent in self.sent]


class FakeDial:
    """Gives a new link for each call, or raises what was put into ``errors`` first."""

    def __init__(self) -> None:
        self.links: list[FakeLink] = []
        self.errors: list[Exception] = []
        self.calls: list[Endpoint] = []
        self.retained: list[tuple[str, bytes]] = []
        self.auto = True

    async def __call__(self, endpoint: Endpoint, will: Will | None, deliver: Deliver) -> FakeLink:
        self.calls.append(endpoint)
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        kept = [message(topic, payload, retained=True) for topic, payload in self.retained]
        self.links.append(FakeLink(deliver, will, self.auto, kept))
        return self.links[-1]


def message(topic: str, payload: bytes, retained: bool = False) -> Message:
    return Message(topic, payload, retained, 10, None, None, lambda: None)
