"""Asking a running daemon over the local broker (DESIGN §7)."""

import asyncio
import json
import secrets
import time
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from kassd.errors import LinkError
from kassd.mqtt import Topics
from kassd.settings import Settings, credential

CLIENT = "console"
QUIET_S = 0.3
REPLY_S = 5.0
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """A ULID."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def _client(settings: Settings) -> tuple[aiomqtt.Client, Topics]:
    local = settings.mqtt.local
    if local is None:
        raise LinkError(
            "In der Konfiguration fehlt [mqtt.local]; die laufende Kasse kann nicht gefragt werden."
        )
    password = credential(local.password_credential) if local.username else None
    client = aiomqtt.Client(
        local.host,
        local.port,
        username=local.username or None,
        password=password,
        identifier=f"kassd-{CLIENT}-{secrets.token_hex(4)}",
        protocol=aiomqtt.ProtocolVersion.V5,
        timeout=REPLY_S,
    )
    return client, Topics(local.node)


async def retained(settings: Settings) -> dict[str, Any]:
    """All documents the daemon shows, by topic below the base. Empty: none; raises :class:`LinkError`."""
    client, topics = _client(settings)
    found: dict[str, Any] = {}
    try:
        async with client:
            for part in ("online", "info", "state/#", "alert/#"):
                await client.subscribe(f"{topics.base}/{part}", qos=1)
            messages = client.messages.__aiter__()
            while True:
                message = await asyncio.wait_for(anext(messages), QUIET_S)
                name = str(message.topic).removeprefix(topics.base + "/")
                found[name] = json.loads(bytes(message.payload))
    except TimeoutError:
        return found
    except aiomqtt.MqttError as error:
        raise LinkError(f"Der Broker antwortet nicht: {error}. Läuft mosquitto?") from error


async def command(settings: Settings, name: str, args: dict[str, Any]) -> dict[str, Any]:
    """Send one command as client ``console`` and return its reply; raises :class:`LinkError`."""
    client, topics = _client(settings)
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho
    properties.MessageExpiryInterval = 10
    properties.ResponseTopic = topics.reply(CLIENT)
    payload = json.dumps({"v": 1, "id": new_id(), "args": args})
    try:
        async with client:
            await client.subscribe(topics.reply(CLIENT), qos=1)
            await client.publish(topics.command(CLIENT, name), payload, qos=1, properties=properties)
            message = await asyncio.wait_for(anext(client.messages.__aiter__()), REPLY_S)
            reply: dict[str, Any] = json.loads(bytes(message.payload))
            return reply
    except TimeoutError:
        raise LinkError("Die Kasse antwortet nicht. Läuft kassd?") from None
    except aiomqtt.MqttError as error:
        raise LinkError(f"Der Broker antwortet nicht: {error}. Läuft mosquitto?") from error
