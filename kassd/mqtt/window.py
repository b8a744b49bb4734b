"""The window: what the register shows, and the commands that come in. Survives every broker.

``run`` dials again and again, a new link and :mod:`session <kassd.mqtt.session>` each time, with the pauses
of :mod:`kassd.mqtt.backoff`. What is shown lies in slots (:mod:`kassd.mqtt.outbox`) and is published whole on
each connection, so the broker need not remember anything and nothing grows while it is away.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from kassd.deferred import dataclass
from kassd.errors import LinkError
from kassd.mqtt.backoff import Backoff
from kassd.mqtt.commands import without_result
from kassd.mqtt.link import TAKEN_OVER, Dial, Endpoint, LinkLost, LinkRefused, Will, connect
from kassd.mqtt.outbox import Outbox, Outgoing
from kassd.mqtt.session import Counters, Hooks, Received, Session, Trouble, TroubleKind, pack
from kassd.mqtt.topics import Topics

log = logging.getLogger(__name__)

REPLY_EXPIRY_S = 30
EVENT_EXPIRY_S = 60
STOP_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """One link. ``username`` empty: anonymous. Times in seconds; ``hold_s`` is the pause after another client
    took our id."""

    node: str
    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    keepalive: int = 15
    base_s: float = 0.5
    cap_s: float = 30.0
    stable_s: float = 30.0
    hold_s: float = 60.0
    tls: ssl.SSLContext | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Whom to dial. The client id is that of the node: a second register with it is found out."""
        return Endpoint(
            self.host,
            self.port,
            f"kassd-{self.node}",
            self.username,
            self.password,
            self.keepalive,
            self.tls,
        )


def _log_trouble(trouble: Trouble) -> None:
    log.error("%s: %s", trouble.kind, trouble.detail)


class Window:
    """The API towards the register. Only :meth:`run` and :meth:`stop` wait; all calls belong to the loop.

    ``boot`` must be new for every process: receivers drop what has the same ``boot`` and no higher ``n``.
    ``on_received`` puts a command aside and returns; ``on_trouble`` gets what an operator should know,
    ``on_anchor`` the checkpoint that the broker remembers, before a new one is shown; ``on_over`` is told
    what is no trouble any more. ``tried`` is set once a broker has been reached, or one has not.
    """

    def __init__(
        self,
        config: WindowConfig,
        boot: str,
        on_received: Callable[[Received], None],
        on_trouble: Callable[[Trouble], None] = _log_trouble,
        dial: Dial = connect,
        on_anchor: Callable[[bytes], None] = lambda _: None,
        on_over: Callable[[TroubleKind], None] = lambda _: None,
    ) -> None:
        self.config = config
        self.boot = boot
        self.topics = Topics(config.node)
        self.counters = Counters()
        self.tried = asyncio.Event()
        self._hooks = Hooks(on_received, on_trouble, on_anchor, on_over, self.tried.set)
        self._dial = dial
        self._outbox = Outbox()
        self._session: Session | None = None
        self._announced = False
        self._returning = False  # from having left the broker to a twin, and not introduced since
        self._lost_why = ""
        self._stopping = ""
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()

    def show(self, topic: str, document: Mapping[str, Any]) -> None:
        """Have the broker hold ``document`` under ``topic``; the latest wins. Works offline too."""
        if self._outbox.show(topic, pack(document)):
            self._wake()

    def clear(self, topic: str) -> None:
        """Have the broker forget ``topic`` (an alert is over, a device was removed). Works offline too."""
        if self._session is not None and self._session.linked:
            self._outbox.clear(topic)
            self._wake()
        else:
            self._outbox.forget(topic)

    def event(self, topic: str, document: Mapping[str, Any]) -> bool:
        """Tell other systems, once. False: dropped, because there is no connection or too much waits."""
        return self._once(Outgoing(topic, pack(document), expiry=EVENT_EXPIRY_S))

    def reply(self, client: str, payload: Mapping[str, Any], correlation: bytes | None = None) -> bool:
        """Answer a command. False: dropped; the client repeats the command and gets the stored reply.

        What is longer than the broker takes goes without its result, and says so.
        """
        topic = self.topics.reply(client)
        answer = Outgoing(topic, pack(payload), expiry=REPLY_EXPIRY_S, correlation=correlation)
        if self._session is not None and not self._session.fits(answer):
            log.warning("MQTT: the reply to %s of %s is too long for the broker", payload.get("id"), client)
            answer = replace(answer, payload=pack(without_result(payload)))
        return self._once(answer)

    @property
    def connected(self) -> bool:
        """Whether the broker has answered us and takes what is shown."""
        return self._session is not None and self._session.connected

    @property
    def dropped(self) -> int:
        """Replies and events that were let go."""
        return self._outbox.dropped

    @property
    def waiting(self) -> int:
        """What the broker has not acknowledged yet: never more than the topics shown, replies and events."""
        return len(self._outbox) + (self._session.in_flight if self._session else 0)

    async def run(self) -> None:
        """Keep a link until :meth:`stop`. Raises nothing that a broker can cause."""
        config = self.config
        backoff = Backoff(config.base_s, config.cap_s, config.stable_s)
        self._ended.clear()
        try:
            while not self._stopping:
                await self._pause(await self._attempt(backoff))
        finally:
            self._ended.set()

    async def stop(self, why: str = "stop") -> None:
        """Say ``online: false`` with ``why``, disconnect, end :meth:`run`. Waits at most 2 s.

        Without a connection there is nothing to say; a ``run`` that is dialling may be cancelled.
        """
        self._stopping = why
        self._stop.set()
        if self._session is not None:
            self._session.stop(why)
        if self.connected:
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await self._ended.wait()
            except TimeoutError:
                log.warning("MQTT: the broker did not take the farewell in time")

    def _wake(self) -> None:
        if self._session is not None:
            self._session.wake()

    def _once(self, outgoing: Outgoing) -> bool:
        if not self.connected:
            self._outbox.dropped += 1
            return False
        taken = self._outbox.queue(outgoing)
        self._wake()
        return taken

    async def _attempt(self, backoff: Backoff) -> float:
        """One link from dialling to its end. Returns the pause before the next."""
        session = self._session = Session(
            self.topics,
            self.boot,
            self.config.keepalive,
            self._outbox,
            self.counters,
            self._hooks,
            self._announced,
            self._returning,
            self.config.hold_s,
        )
        will = Will(self.topics.online, session.online("lost"))
        try:
            await session.serve(await self._dial(self.config.endpoint, will, session.deliver))
        except LinkError as error:
            self.tried.set()
            lived_s = time.monotonic() - session.connected_at if session.connected_at else 0.0
            return self._lost(error, backoff, lived_s)
        finally:
            self._announced = session.announced
            self._session = None
            self._outbox.offline()
        return 0.0

    def _lost(self, error: LinkError, backoff: Backoff, lived_s: float) -> float:
        self.counters.losses += 1
        level = logging.DEBUG if str(error) == self._lost_why else logging.WARNING  # not once a try
        self._lost_why = str(error)
        log.log(level, "MQTT %s:%d: %s", self.config.host, self.config.port, error)
        if isinstance(error, LinkRefused):
            self._hooks.trouble(Trouble("mqtt-refused", str(error)))
        self._returning = self._returning and not lived_s
        if isinstance(error, LinkLost) and error.code == TAKEN_OVER:
            self._hooks.trouble(Trouble("mqtt-duplicate-client-id", str(error)))
            self._returning = True
            return self.config.hold_s
        return backoff.pause(lived_s)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless :meth:`stop` is called."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return
