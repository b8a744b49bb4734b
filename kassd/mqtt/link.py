"""The port: one connection to one MQTT 5 broker, from CONNACK to its loss.

A link never reconnects; a new one is dialled (:mod:`kassd.mqtt.window`). The types of the client library
stay in :mod:`kassd.mqtt.adapter`, which is imported on the first connection only (it takes 0.1 s and 5 MB,
and a register without a broker never needs it).
"""

import asyncio
import importlib
import ssl
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Protocol, cast

from kassd.deferred import dataclass
from kassd.errors import LinkError

TAKEN_OVER = 0x8E
MAX_PACKET = 131_072  # bytes: what our broker takes, and any other that does not tell its limit
FAILURE = 0x80  # reason codes from here on are refusals (MQTT 5, 2.4)


class LinkRefused(LinkError):
    """The broker answered no. ``code`` is the MQTT 5 reason code (0x87 not authorized, …)."""

    def __init__(self, code: int, what: str) -> None:
        self.code = code
        super().__init__(f"{what}: refused by the broker (0x{code:02X})")


class LinkLost(LinkError):
    """The connection ended or was never made. ``code`` is the broker's reason, 0 if it gave none."""

    def __init__(self, why: str, code: int = 0) -> None:
        self.code = code
        super().__init__(f"{why} (0x{code:02X})" if code else why)


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes (QoS 1, retained) when the link dies without a DISCONNECT."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and as whom to connect. ``keepalive`` in seconds; ``username`` empty: anonymous."""

    host: str
    port: int
    client_id: str
    username: str = ""
    password: str = ""
    keepalive: int = 15
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """One filter of a SUBSCRIBE. ``as_published`` keeps the retain flag of live messages; ``no_local``
    leaves out what this client publishes itself."""

    filter: str
    qos: int = 1
    no_local: bool = False
    as_published: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One received PUBLISH. ``expiry`` in seconds, None if the sender gave none.

    ``ack`` sends the PUBACK; until then the message counts against the receive maximum of 32. Calling it
    twice, or after the link has died, does nothing.
    """

    topic: str
    payload: bytes
    retained: bool
    expiry: int | None
    response_topic: str | None
    correlation: bytes | None
    ack: Callable[[], None]


class Link(Protocol):
    """A live connection. All calls belong to the event loop's thread."""

    lost: "asyncio.Future[LinkLost]"
    """Resolved once, when the connection has ended for whatever reason."""

    max_packet: int
    """Bytes of the longest packet that the broker takes; it cuts off whoever sends a longer one."""

    async def subscribe(self, *subscriptions: Subscription) -> None:
        """Send one SUBSCRIBE. Raises :class:`LinkRefused` for a refused filter, :class:`LinkLost`."""

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
        """Send with QoS 1 at once; the future gives the PUBACK's reason code or raises :class:`LinkLost`.

        A code of 0x80 or more means refused. Cancelling the future is harmless: the message is on its way.
        """

    async def close(self) -> None:
        """Send DISCONNECT (the Will is not published), then :meth:`drop`."""

    def drop(self) -> None:
        """Close the socket now. Without :meth:`close` before, the broker publishes the Will."""


Deliver = Callable[[Message], None]
"""Called from the event loop for each message; must only put it aside and must not raise."""

Dial = Callable[[Endpoint, Will | None, Deliver], Awaitable[Link]]


def load_adapter() -> ModuleType:
    """Import what knows the client library; slow the first time."""
    return importlib.import_module("kassd.mqtt.adapter")


async def connect(endpoint: Endpoint, will: Will | None, deliver: Deliver) -> Link:
    """Dial and wait for CONNACK. Raises :class:`LinkRefused` or :class:`LinkLost`; safe to cancel."""
    adapter = await asyncio.to_thread(load_adapter)
    return await cast(Dial, adapter.connect)(endpoint, will, deliver)
