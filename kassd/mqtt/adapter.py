"""aiomqtt 2.5 as a :class:`kassd.mqtt.link.Link`, with the remedies it needs for a register.

What stock aiomqtt does, and what is done here instead:

- reports success for a publish the broker refused → the PUBACK's reason code is the result;
- lets ``publish`` hang for 10 s when the peer vanishes → every waiter fails with the connection;
- loses messages when a reader is cancelled → there is no reader; messages are handed over in the callback;
- acknowledges before the application has acted → manual PUBACK, receive maximum 32;
- leaves Nagle on (42 ms per QoS 1 round trip) → TCP_NODELAY, keepalive probes, TCP_USER_TIMEOUT;
- wakes every second for housekeeping → every third of the keepalive;
- registers writers late, perhaps on a number that another socket has by then → looked at again;
- writes a turn of the loop later → a publish leaves at once, and waits for the socket only if that is full;
- keeps the socket of a cancelled or failed connect → closed as soon as its thread is done.

Private names of aiomqtt and paho are used; the version is pinned and ``tests/broker`` proves each remedy.
"""

import asyncio
import socket
import threading
from functools import lru_cache, partial
from typing import Any

import aiomqtt
import paho.mqtt.client as paho
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from kassd.mqtt.link import (
    FAILURE,
    MAX_PACKET,
    Deliver,
    Endpoint,
    LinkLost,
    LinkRefused,
    Message,
    Subscription,
    Will,
)

CONNECT_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
RECEIVE_MAXIMUM = 32
USER_TIMEOUT_MS = 8000

_SOCKET_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS),
)


def _properties(packet: int, **values: Any) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # paho does not annotate it
    for name, value in values.items():
        if value is not None:
            setattr(properties, name, value)
    return properties


def _of_publish(
    filled: bool, expiry: int | None, correlation: bytes | None = None, response_topic: str | None = None
) -> Properties:
    return _properties(
        PacketTypes.PUBLISH,
        PayloadFormatIndicator=1 if filled else None,
        ContentType="application/json" if filled else None,
        MessageExpiryInterval=expiry,
        CorrelationData=correlation,
        ResponseTopic=response_topic,
    )


_usual = lru_cache(maxsize=8)(_of_publish)  # of states, events and heartbeats: made once


def _code(reason: object) -> int:
    """The number of a reason code in whichever form the library has it."""
    value = reason.value if isinstance(reason, ReasonCode) else reason
    return value if isinstance(value, int) else FAILURE


class AiomqttLink(aiomqtt.Client):
    """One connection; see the module's docstring. Made by :func:`connect`."""

    def __init__(self, endpoint: Endpoint, will: Will | None, deliver: Deliver) -> None:
        super().__init__(
            endpoint.host,
            endpoint.port,
            username=endpoint.username or None,
            password=endpoint.password or None,
            identifier=endpoint.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=True) if will else None,
            timeout=CONNECT_TIMEOUT_S,
            keepalive=endpoint.keepalive,
            clean_start=True,
            properties=_properties(PacketTypes.CONNECT, ReceiveMaximum=RECEIVE_MAXIMUM),
            tls_context=endpoint.tls,
            socket_options=_SOCKET_OPTIONS,
        )
        self.lost: asyncio.Future[LinkLost] = self._loop.create_future()
        self.max_packet = MAX_PACKET
        self._deliver = deliver
        self._acks: dict[int, asyncio.Future[int]] = {}
        self._dialling = False
        self._abandoned = False
        self._owner = threading.get_ident()
        self._client.manual_ack_set(True)
        self._client.connect_timeout = CONNECT_TIMEOUT_S

    # The port

    async def dial(self) -> None:
        """Connect and wait for CONNACK."""
        self._dialling = True
        try:
            await self.__aenter__()
        except MqttConnectError as error:
            self.drop()
            raise LinkRefused(_code(error.rc), "CONNECT") from error
        except aiomqtt.MqttError as error:
            self.drop()
            raise LinkLost(str(error)) from error
        except BaseException:
            self.drop()
            raise
        self._disconnected.add_done_callback(self._reader_failed)
        if not self._client.is_connected():
            self._fail(LinkLost("ended right after CONNACK"))
            self.drop()
            raise self.lost.result()

    async def subscribe(self, *subscriptions: Subscription) -> None:  # type: ignore[override]  # the port's shape
        """Send one SUBSCRIBE with all filters."""
        wanted = [
            (s.filter, SubscribeOptions(s.qos, noLocal=s.no_local, retainAsPublished=s.as_published))
            for s in subscriptions
        ]
        result, mid = self._client.subscribe(wanted)
        if result != paho.MQTT_ERR_SUCCESS or mid is None:
            raise LinkLost("SUBSCRIBE could not be sent")
        answer: asyncio.Future[tuple[int, ...] | list[ReasonCode]] = self._loop.create_future()
        self._pending_subscribes[mid] = answer
        done, _ = await asyncio.wait(
            (answer, self.lost), timeout=self.timeout, return_when=asyncio.FIRST_COMPLETED
        )
        if answer not in done:
            raise self.lost.result() if self.lost.done() else LinkLost("no SUBACK")
        for subscription, granted in zip(subscriptions, answer.result(), strict=True):
            if (code := _code(granted)) >= FAILURE:
                raise LinkRefused(code, f"SUBSCRIBE {subscription.filter}")

    def publish(  # type: ignore[override]  # the port's shape
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        expiry: int | None = None,
        correlation: bytes | None = None,
        response_topic: str | None = None,
    ) -> asyncio.Future[int]:
        """Send with QoS 1 now; the future gives the PUBACK's reason code."""
        answer: asyncio.Future[int] = self._loop.create_future()
        if self.lost.done():
            answer.set_exception(self.lost.result())
            return answer
        if correlation is None and response_topic is None:
            properties = _usual(bool(payload), expiry)
        else:
            properties = _of_publish(bool(payload), expiry, correlation, response_topic)
        info = self._client.publish(topic, payload, 1, retain, properties)
        if info.rc != paho.MQTT_ERR_SUCCESS:
            answer.set_exception(LinkLost(f"PUBLISH could not be sent ({info.rc!s})"))
        else:
            self._acks[info.mid] = answer
            # Not where paho calls us: it holds a lock for which a write that fails would wait.
            if not self._client._in_callback_mutex.locked():
                self._write()
        return answer

    async def close(self) -> None:
        """Send DISCONNECT, wait shortly for it to leave, close the socket."""
        if not self.lost.done() and self._client.disconnect() == paho.MQTT_ERR_SUCCESS:
            await asyncio.wait((self.lost,), timeout=CLOSE_TIMEOUT_S)
        self.drop()

    def drop(self) -> None:
        """Close the socket now and fail everything that waits."""
        if self._dialling:
            self._abandoned = True  # the connecting thread owns the socket until it is done
            return
        if self._misc_task is not None:
            self._misc_task.cancel()
        self._client._reset_sockets()
        self._fail(LinkLost("closed by us"))

    # What aiomqtt and paho call

    def _client_connect(self) -> None:
        """Runs in a thread, which owns the socket until :meth:`_dialled`, also after a cancelled dial."""
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(self._dialled)

    def _dialled(self) -> None:
        self._dialling = False
        if self._abandoned:
            self.drop()

    def _on_socket_register_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        """Looks again when it is its turn: by then the socket may be closed, its number another one's."""

        def register() -> None:
            current = client.socket()
            if current is not None and current is sock:
                self._loop.add_writer(current.fileno(), self._write)

        if threading.get_ident() == self._owner:
            register()
        else:
            self._loop.call_soon_threadsafe(register)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except OSError as error:
            self._fail(LinkLost(f"writing failed: {error!r}"))

    async def _misc_loop(self) -> None:
        pause = max(self._keepalive / 3, 1.0)
        while self._client.loop_misc() == paho.MQTT_ERR_SUCCESS:  # noqa: ASYNC110  # paho has no event for it
            await asyncio.sleep(pause)

    def _on_publish(
        self, client: paho.Client, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        answer = self._acks.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(reason_code.value)

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        properties = message.properties
        self._deliver(
            Message(
                topic=message.topic,
                payload=bytes(message.payload),
                retained=message.retain,
                expiry=getattr(properties, "MessageExpiryInterval", None),
                response_topic=getattr(properties, "ResponseTopic", None),
                correlation=getattr(properties, "CorrelationData", None),
                ack=partial(self._ack, [message.mid], message.qos),
            )
        )

    def _ack(self, once: list[int], qos: int) -> None:
        if once and not self.lost.done():
            self._client.ack(once.pop(), qos)

    def _on_connect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.max_packet = getattr(properties, "MaximumPacketSize", MAX_PACKET)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        said = flags.is_disconnect_packet_from_server
        loss = (
            LinkLost(f"broker sent DISCONNECT: {reason_code}", reason_code.value) if said else LinkLost("cut")
        )
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError(f"ended before CONNACK: {reason_code}"))
        else:
            self._fail(loss)

    def _reader_failed(self, ended: "asyncio.Future[None]") -> None:
        error = None if ended.cancelled() else ended.exception()
        self._fail(LinkLost(f"reading or writing failed: {error!r}"))

    def _fail(self, loss: LinkLost) -> None:
        if self.lost.done():
            return
        self.lost.set_result(loss)
        waiting, self._acks = self._acks, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_exception(loss)


async def connect(endpoint: Endpoint, will: Will | None, deliver: Deliver) -> AiomqttLink:
    """See :func:`kassd.mqtt.link.connect`."""
    link = AiomqttLink(endpoint, will, deliver)
    await link.dial()
    return link
