"""The life of one link, from CONNACK to its loss or the farewell.

On each CONNACK::

    SUBSCRIBE (one packet) → heartbeat acknowledged → every slot → online: true, last
        → slots, replies and events as they come; a heartbeat per keepalive without other traffic

The heartbeat proves that the broker really answers: any PUBLISH without PUBACK for two keepalives ends the
link, also on a connection that TCP believes in. The broker answers in order, so once the first heartbeat is
acknowledged the retained messages have come in, and two things are known: which topics an earlier process
left behind (they are cleared), and whether ``online`` speaks of a foreign ``boot`` although this process had
announced itself. Then somebody else uses our client id. Two of those would throw each other out for ever,
so this one leaves quietly, and :mod:`kassd.mqtt.window` holds off. Back from there it stays whatever is
retained: the other one was thrown out by our CONNECT and holds off in its turn, or is gone for good.

=========================  ==========================================================================
foreign ``online`` is      what it means, once this process has announced itself
=========================  ==========================================================================
true                       somebody else is there: leave
false, retained, "lost"    perhaps thrown out just now, by our own CONNECT: leave
false, retained, else      somebody was there and has said goodbye: our birth takes its place
false, live                somebody else is gone, and displays take us for gone: say ``online`` again
=========================  ==========================================================================

The retained checkpoint is an anchor only at the first introduction of the process: what is written there
later is somebody else's, and says nothing about the journal that this process has kept ever since.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from kassd.deferred import dataclass
from kassd.mqtt.link import FAILURE, TAKEN_OVER, Link, LinkLost, LinkRefused, Message, Subscription
from kassd.mqtt.outbox import Outbox, Outgoing
from kassd.mqtt.topics import Topics

log = logging.getLogger(__name__)

MAX_IN_FLIGHT = 8
HEARTBEAT = b"{}"
HEAD = 64  # bytes of a PUBLISH besides topic, payload and correlation, at most
ALONE_AFTER_HOLDS = 2  # a twin that stays is back after one


@dataclass(frozen=True, slots=True)
class Received:
    """A message on a command topic, nothing in it checked but its topic. ``at`` is monotonic ns.

    ``ack`` must be called once the command's effect is durable, or at once when it is refused: 32
    unacknowledged ones stop the flow (with mosquitto 2.0.11 only until the first of them is acknowledged).
    """

    client: str
    name: str
    payload: bytes
    retained: bool
    expiry: int | None
    response_topic: str | None
    correlation: bytes | None
    ack: Callable[[], None]
    at: int


TroubleKind = Literal["mqtt-duplicate-client-id", "mqtt-refused", "mqtt-too-long"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something an operator should know. ``kind`` is fit to be an alert's id."""

    kind: TroubleKind
    detail: str


@dataclass(slots=True)
class Counters:
    """Since the start of the process. ``refused``: publishes the broker refused; ``ignored``: messages on
    topics that are none of ours."""

    connects: int = 0
    losses: int = 0
    published: int = 0
    refused: int = 0
    commands: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a session tells; called from the event loop, must not wait. ``anchor`` gets the payload of the
    retained checkpoint that the broker remembers; ``over`` is told of each trouble that there is no longer,
    also if there was none; ``served`` is told that ``online`` is about to be sent."""

    received: Callable[[Received], None]
    trouble: Callable[[Trouble], None]
    anchor: Callable[[bytes], None] = lambda _: None
    over: Callable[[TroubleKind], None] = lambda _: None
    served: Callable[[], None] = lambda: None


def pack(document: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON as it goes over the wire: no blanks, umlauts as they are, no NaN."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _size(outgoing: Outgoing) -> int:
    """Bytes of its packet, at most."""
    return HEAD + len(outgoing.topic.encode()) + len(outgoing.payload) + len(outgoing.correlation or b"")


class Session:
    """One link's life. ``announced``: this process has said ``online: true`` before; ``returning``: it has
    just left the broker to a twin for a while. ``linked``: there is a link; ``connected``: the broker has
    answered on it, since ``connected_at`` (monotonic seconds, else 0)."""

    def __init__(
        self,
        topics: Topics,
        boot: str,
        keepalive: float,
        outbox: Outbox,
        counters: Counters,
        hooks: Hooks,
        announced: bool,
        returning: bool = False,
        hold_s: float = 60.0,
    ) -> None:
        self.linked = False
        self.connected = False
        self.connected_at = 0.0
        self.announced = announced
        self.twin = ""
        self._returning = returning
        self._alone_s: float | None = (
            ALONE_AFTER_HOLDS * hold_s
        )  # until then, a twin may be there; None: told
        self._topics = topics
        self._boot = boot
        self._keepalive = keepalive
        self._outbox = outbox
        self._counters = counters
        self._hooks = hooks
        self._wake = asyncio.Event()
        self._link: Link | None = None  # once it may be sent on without asking
        self._stopping = ""
        self._answered = 0.0
        self._in_flight: dict[asyncio.Future[int], float] = {}

    @property
    def in_flight(self) -> int:
        """How many publishes wait for their PUBACK."""
        return len(self._in_flight)

    def wake(self) -> None:
        """There is something in the outbox: it leaves at once if it can, else as soon as it can."""
        if self._link is not None and not (self._stopping or self.twin):
            self._send(self._link)
        if self._outbox:
            self._wake.set()

    def fits(self, outgoing: Outgoing) -> bool:
        """Whether the broker takes a packet that long; without a broker nobody knows."""
        return self._link is None or _size(outgoing) <= self._link.max_packet

    def stop(self, why: str) -> None:
        """Have :meth:`serve` send what waits, say ``online: false`` with ``why``, and return."""
        self._stopping = why
        self._wake.set()

    def online(self, why: str) -> bytes:
        """The payload of birth (``why`` empty) or death."""
        said = why or ("again" if self.announced else "start")
        return pack({"v": 1, "online": not why, "boot": self._boot, "why": said})

    async def serve(self, link: Link) -> None:
        """Raises :class:`LinkLost` or :class:`LinkRefused`; returns after the farewell.

        A loss with code 0x8E means that another client took our id.
        """
        link.lost.add_done_callback(lambda _: self._wake.set())
        self.linked = True
        try:
            await self._introduce(link)
            self._link = link
            while not self._stopping:
                await self._leave_to_twin(link)
                self._send(link)
                await self._wait(link)
            self._outbox.show_last(self._topics.online, self.online(self._stopping))
            while self._outbox or self._in_flight:
                self._send(link)
                await self._wait(link)
            await link.close()
        finally:
            self._link = None
            self.linked = self.connected = False
            link.drop()

    async def _introduce(self, link: Link) -> None:
        topics = self._topics
        await link.subscribe(
            Subscription(topics.commands, as_published=True),
            Subscription(topics.online, no_local=True),
            Subscription(topics.checkpoint, no_local=True),
            *(Subscription(shown, qos=0, no_local=True) for shown in topics.shown),
        )
        try:
            async with asyncio.timeout(2 * self._keepalive):
                code = await link.publish(topics.heartbeat, HEARTBEAT, expiry=1)
        except TimeoutError:
            raise LinkLost("the broker does not answer") from None
        if code >= FAILURE:
            raise LinkRefused(code, f"PUBLISH {topics.heartbeat}")
        await self._leave_to_twin(link)
        self._answered = self.connected_at = time.monotonic()
        self._counters.connects += 1
        self.connected = True
        self._hooks.over("mqtt-refused")  # what is refused besides will be again: everything is sent anew
        self._outbox.everything()
        self._short_enough(*(topic for topic in self._outbox.too_long if not self._outbox.holds(topic)))
        self._outbox.show_last(topics.online, self.online(""))
        self._hooks.served()

    async def _leave_to_twin(self, link: Link) -> None:
        """With DISCONNECT, so that our Will does not overwrite what the other one has said."""
        if self.twin:
            await link.close()
            raise LinkLost(self.twin, TAKEN_OVER)

    def _send(self, link: Link) -> None:
        while len(self._in_flight) < MAX_IN_FLIGHT and (outgoing := self._outbox.take()):
            if (fitting := self._fitting(link, outgoing)) is not None:
                self._publish(link, fitting)

    def _fitting(self, link: Link, outgoing: Outgoing) -> Outgoing | None:
        """What may be sent: the broker would cut us off for a longer packet, again after each connection.

        A state that is too long is cleared, so that nobody takes the one before for the present; an event is
        dropped, as a reply is that was not cut short before (:meth:`kassd.mqtt.window.Window.reply`).
        """
        topic, size = outgoing.topic, _size(outgoing)
        if size <= link.max_packet:
            self._short_enough(topic)
            return outgoing
        if topic not in self._outbox.too_long:
            self._outbox.too_long.add(topic)
            detail = f"PUBLISH {topic}: {size} bytes, the broker takes {link.max_packet}"
            self._hooks.trouble(Trouble("mqtt-too-long", detail))
        if outgoing.retain:
            return replace(outgoing, payload=b"")
        self._outbox.dropped += 1
        return None

    def _short_enough(self, *topics: str) -> None:
        """What is sent on ``topics`` fits now, or there is nothing to be sent any more."""
        if self._outbox.too_long:
            self._outbox.too_long.difference_update(topics)
            if not self._outbox.too_long:
                self._hooks.over("mqtt-too-long")

    def _publish(self, link: Link, outgoing: Outgoing) -> None:
        answer = link.publish(
            outgoing.topic,
            outgoing.payload,
            retain=outgoing.retain,
            expiry=outgoing.expiry,
            correlation=outgoing.correlation,
        )
        self._in_flight[answer] = time.monotonic()
        answer.add_done_callback(partial(self._acknowledged, outgoing))

    def _acknowledged(self, outgoing: Outgoing, answer: "asyncio.Future[int]") -> None:
        self._wake.set()
        self._in_flight.pop(answer, None)
        if answer.cancelled() or answer.exception() is not None:
            self._outbox.dropped += not outgoing.retain
            return
        self._answered = time.monotonic()
        if self._alone_s is not None and self._answered - self.connected_at >= self._alone_s:
            self._alone_s = None
            self._hooks.over("mqtt-duplicate-client-id")
        self._counters.published += 1
        if answer.result() >= FAILURE:
            self._counters.refused += 1
            refusal = LinkRefused(answer.result(), f"PUBLISH {outgoing.topic}")
            self._hooks.trouble(Trouble("mqtt-refused", str(refusal)))
        elif outgoing.topic == self._topics.online:
            self.announced = True

    def _due(self) -> float:
        """When a heartbeat must be sent, or the oldest publish must have been acknowledged."""
        oldest = next(iter(self._in_flight.values()), None)
        return self._answered + self._keepalive if oldest is None else oldest + 2 * self._keepalive

    async def _wait(self, link: Link) -> None:
        """Until there is something to do. Sends the heartbeat when its time has come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(self._due() - time.monotonic(), 0.0)):
                await self._wake.wait()
        self._wake.clear()
        if link.lost.done():
            raise link.lost.result()
        if time.monotonic() < self._due():  # asked again: after a stall, answer and time-out come together
            return
        if self._in_flight:
            raise LinkLost("no PUBACK within two keepalives")
        self._publish(link, Outgoing(self._topics.heartbeat, HEARTBEAT, expiry=1))

    # What comes in

    def deliver(self, message: Message) -> None:
        """Take one message from the link."""
        if (command := self._topics.parse_command(message.topic)) is not None:
            self._deliver_command(*command, message)
            return
        if message.topic == self._topics.online:
            self._look_for_twin(message.payload, message.retained)
        elif message.topic == self._topics.checkpoint:
            if message.retained and not self._counters.connects:
                self._hooks.anchor(message.payload)
            elif not message.retained:
                log.warning("%s: somebody else writes there, left aside", message.topic)
        elif message.retained and message.payload and not self._outbox.holds(message.topic):
            self._outbox.clear(message.topic)
            self._wake.set()
        else:
            self._counters.ignored += 1
        message.ack()

    def _deliver_command(self, client: str, name: str, message: Message) -> None:
        self._counters.commands += 1
        received = Received(
            client,
            name,
            message.payload,
            message.retained,
            message.expiry,
            message.response_topic,
            message.correlation,
            message.ack,
            time.monotonic_ns(),
        )
        try:
            self._hooks.received(received)
        except Exception:
            log.exception("command %s of %s was not taken", name, client)
            message.ack()

    def _look_for_twin(self, payload: bytes, retained: bool) -> None:
        """See the module's table."""
        try:
            document = json.loads(payload)
        except ValueError:
            return
        boot = document.get("boot") if isinstance(document, dict) else None
        if not (self.announced and isinstance(boot, str) and boot != self._boot):
            return
        if retained and (self._returning or not (document.get("online") or document.get("why") == "lost")):
            return
        if retained or document.get("online"):
            self.twin = f"another register speaks as {self._topics.node} (boot {boot})"
        elif self.connected:
            self._outbox.show_last(self._topics.online, self.online(""))
        self._wake.set()
