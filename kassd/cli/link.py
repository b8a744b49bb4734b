"""Asking a running daemon over the local broker (DESIGN §7)."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from kassd.core.codec import decode
from kassd.errors import LinkError
from kassd.mqtt import Topics
from kassd.mqtt.documents import STATES, Online
from kassd.mqtt.link import Deliver, Endpoint, Link, LinkLost, LinkRefused, Message, Subscription, connect
from kassd.mqtt.topics import TOPICS
from kassd.mqtt.ulid import ulid
from kassd.settings import Settings, mqtt_password

CLIENT = "console"
QUIET_S = 0.3
REPLY_S = 5.0
KINDS = {"online": Online, **{TOPICS[key].partition("/{")[0]: kind for key, kind in STATES.items()}}


class Shown(NamedTuple):
    """What lies at the broker by topic below the base: the register's documents, and the topics of what
    somebody else has left there."""

    documents: dict[str, Any]
    foreign: tuple[str, ...]


@asynccontextmanager
async def _linked(settings: Settings, deliver: Deliver, *parts: str) -> AsyncIterator[tuple[Link, Topics]]:
    """A link that hears ``parts`` below the base. Raises :class:`LinkError` in German."""
    local = settings.mqtt.local
    if local is None:
        raise LinkError(
            "In der Konfiguration fehlt [mqtt.local]; die laufende Kasse kann nicht gefragt werden. Was ihr "
            "Journal sagt, zeigt kassd doctor."
        )
    name, topics = f"kassd-{CLIENT}-{secrets.token_hex(4)}", Topics(local.node)
    endpoint = Endpoint(local.host, local.port, name, local.username, mqtt_password(settings))
    try:
        link = await connect(endpoint, None, deliver)
        try:
            if parts:
                await link.subscribe(*(Subscription(f"{topics.base}/{part}") for part in parts))
            yield link, topics
        finally:
            await link.close()
    except LinkRefused as error:
        who = f"das Konto {local.username!r} oder sein Kennwort" if local.username else "uns ohne Konto"
        raise LinkError(
            f"Der Broker {local.host}:{local.port} lehnt {who} ab (0x{error.code:02X}). "
            "[mqtt.local] username und Kennwort prüfen; Konten macht „kassd config broker“."
        ) from error
    except LinkLost as error:
        raise LinkError(
            f"Der Broker {local.host}:{local.port} antwortet nicht: {error}. Läuft mosquitto? "
            "Wenn nicht: sudo systemctl start mosquitto"
        ) from error


async def retained(settings: Settings) -> Shown:
    """All documents the daemon shows. Empty: none; raises :class:`LinkError`."""
    found: dict[str, bytes] = {}
    arrived = asyncio.Event()

    def deliver(message: Message) -> None:
        found[message.topic.split("/", 3)[3]] = message.payload
        message.ack()
        arrived.set()

    async with _linked(settings, deliver, "online", "info", "state/#", "alert/#"):
        deadline = time.monotonic() + REPLY_S  # if it never ends
        with suppress(TimeoutError):  # nothing more comes
            while time.monotonic() < deadline:
                async with asyncio.timeout(QUIET_S):
                    await arrived.wait()
                arrived.clear()
    documents, foreign = {}, []
    for topic, payload in found.items():
        try:
            if payload:
                documents[topic] = _document(topic, payload)
        except (ValueError, RecursionError):
            foreign.append(topic)
    return Shown(documents, tuple(sorted(foreign)))


def _document(topic: str, payload: bytes) -> Any:
    """Raises ValueError for what the register does not show like that, RecursionError for JSON too deep."""
    document = json.loads(payload)
    kind = KINDS.get(topic) or KINDS.get(topic.rpartition("/")[0])
    if kind is None:
        raise ValueError(f"{topic}: no topic of the register")
    decode(kind, document, lenient=True)
    return document


async def checkpoint(settings: Settings) -> bytes:
    """What the broker remembers of the journal, b'' if nothing; raises :class:`LinkError`."""
    found: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def deliver(message: Message) -> None:
        message.ack()
        if not found.done():
            found.set_result(message.payload)

    async with _linked(settings, deliver, TOPICS["checkpoint"]):
        try:
            async with asyncio.timeout(REPLY_S):
                return await found
        except TimeoutError:
            return b""


async def command(settings: Settings, name: str, args: dict[str, Any]) -> dict[str, Any]:
    """Send one command as client ``console`` and return its reply; raises :class:`LinkError`."""
    answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    sent = {"v": 1, "id": ulid(), "args": args}

    def deliver(message: Message) -> None:
        message.ack()
        reply = json.loads(message.payload)
        if reply.get("id") == sent["id"] and not answer.done():  # others may be consoles, too
            answer.set_result(reply)

    async with _linked(settings, deliver, f"res/{CLIENT}") as (link, topics):
        topic, here = topics.command(CLIENT, name), topics.reply(CLIENT)
        try:
            async with asyncio.timeout(REPLY_S):
                await link.publish(topic, json.dumps(sent).encode(), expiry=10, response_topic=here)
                return await answer
        except TimeoutError:
            raise LinkError("Die Kasse antwortet nicht. Läuft kassd?") from None
