"""An MQTT 5 client for whoever plays the displays: sees everything, sends commands, waits for replies.

Built on paho, which brings a thread of its own and reconnects by itself; what it hears is handed to the
event loop, so that nothing here needs a lock.
"""

import asyncio
import itertools
import json
import socket
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kassd.mqtt.topics import Topics

Document = dict[str, Any]
RECONNECT_S = 1
PATIENCE_S = 60.0


class Observer:
    """Hears every topic below the node. ``seen``: topic below the base → latest document of those that are
    retained; ``events``: (kind, document) in order of arrival."""

    def __init__(self, node: str, port: int) -> None:
        self.topics = Topics(node)
        self.seen: dict[str, Document] = {}
        self.events: list[tuple[str, Document]] = []
        self.changed = asyncio.Event()
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._replies: dict[bytes, asyncio.Future[Document]] = {}
        self._numbers = itertools.count(1)
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(RECONNECT_S, RECONNECT_S)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_socket_open = _no_delay
        self._connected = asyncio.Event()

    async def start(self) -> None:
        """Connect; returns once subscribed."""
        self._client.connect_async("127.0.0.1", self._port)
        self._client.loop_start()
        async with asyncio.timeout(PATIENCE_S):
            await self._connected.wait()

    async def stop(self) -> None:
        """Disconnect and end the thread."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    # -- sending ------------------------------------------------------------------------------------

    async def ask(
        self,
        client: str,
        name: str,
        payload: bytes,
        *,
        expiry: int | None = 10,
        retain: bool = False,
        timeout: float = PATIENCE_S,
    ) -> Document:
        """Send ``payload`` as it is on a command topic and wait for the one reply, whatever id it names.

        Raises ``TimeoutError`` without a reply.
        """
        correlation = b"%d" % next(self._numbers)
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho's
        properties.ResponseTopic = self.topics.reply(client)
        properties.CorrelationData = correlation
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        reply: asyncio.Future[Document] = self._loop.create_future()
        self._replies[correlation] = reply
        topic = f"{self.topics.base}/cmd/{client}/{name}"
        try:
            self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
            async with asyncio.timeout(timeout):
                return await reply
        finally:
            del self._replies[correlation]

    # -- hearing; the first two run in paho's thread ------------------------------------------------

    def _on_connect(
        self, client: Client, _: object, flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        client.subscribe(f"{self.topics.base}/#", qos=1)
        self._tell(self._connected.set)

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        self._tell(self._hear, message.topic, bytes(message.payload), correlation)

    def _tell(self, call: Callable[..., object], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    def _hear(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        suffix = topic.removeprefix(f"{self.topics.base}/")
        area, _, rest = suffix.partition("/")
        if area == "cmd":
            return
        if not payload:
            self.seen.pop(suffix, None)
        elif area == "res":
            waiting = self._replies.get(correlation or b"")
            if waiting is not None and not waiting.done():
                waiting.set_result(json.loads(payload))
        elif area == "evt":
            self.events.append((rest, json.loads(payload)))
        else:
            self.seen[suffix] = json.loads(payload)
        self.changed.set()
        self.changed = asyncio.Event()


def _no_delay(client: Client, _: object, sock: Any) -> None:
    """Without this a round trip of QoS 1 takes 40 ms longer."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
