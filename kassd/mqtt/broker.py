"""The box's mosquitto: configuration, access list and password file. Pure text; works with 2.0.11 and later.

The broker keeps nothing: kassd publishes everything again on each connection, so a card worn out by a message
store, or a store torn by a power cut, cannot stop it. ``set_tcp_nodelay`` is needed on both sides (without it
every QoS 1 round trip costs 42 ms). The file is complete and takes the place of the distribution's own.

Access: a client writes commands only below its own name, which is how the register knows who sent one, and
reads what is shown and its own replies. Mosquitto grants every subscription and withholds the messages
silently; a refused publish is answered with 0x87.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kassd.errors import ConfigError
from kassd.mqtt.link import MAX_PACKET
from kassd.mqtt.topics import Topics, is_name

Role = Literal["kassd", "client", "customer"]
HASH_ITERATIONS = 1000  # passwords are random tokens; the broker checks them while it serves a till


@dataclass(frozen=True, slots=True)
class Account:
    """Who may log in. ``kassd``: the daemon. ``client``: sends commands as ``name``. ``customer``: a display
    that only sees what a customer may see. ``password`` '': as the password file has it already."""

    name: str
    password: str
    role: Role


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    """``bind`` and ``port`` for the daemon and local programs, ``ws_bind`` and ``ws_port`` (0: none) for
    displays. ``directory`` holds ``acl`` and ``passwords``. No accounts: anonymous, for demo and tests."""

    node: str
    directory: str
    bind: str = "127.0.0.1"
    port: int = 1883
    ws_bind: str = "127.0.0.1"
    ws_port: int = 9001
    anonymous: bool = False


def render_config(config: BrokerConfig) -> str:
    """The whole mosquitto.conf."""
    access = (
        ["allow_anonymous true"]
        if config.anonymous
        else [
            "allow_anonymous false",
            f"acl_file {config.directory}/acl",
            f"password_file {config.directory}/passwords",
        ]
    )
    websockets = (
        [f"listener {config.ws_port} {config.ws_bind}", "protocol websockets"] if config.ws_port else []
    )
    lines = [
        f"# The local broker of {Topics(config.node).base}. Written by kassd.",
        "per_listener_settings false",
        "persistence false",
        "set_tcp_nodelay true",
        "max_inflight_messages 100",
        "max_queued_messages 200",
        f"max_packet_size {MAX_PACKET}",
        "memory_limit 67108864",
        "max_keepalive 120",  # with 60, mosquitto 2.0.21 throws out whoever has 60, and all before CONNECT
        "persistent_client_expiration 1d",
        "connection_messages false",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        *access,
        f"listener {config.port} {config.bind}",
        "protocol mqtt",
        *websockets,
    ]
    return "\n".join(lines) + "\n"


def render_acl(node: str, accounts: Sequence[Account]) -> str:
    """The access list: one block per account."""
    topics = Topics(node)
    return "\n".join(_rules(topics, account) for account in accounts)


def _rules(topics: Topics, account: Account) -> str:
    if not is_name(account.name):
        raise ConfigError(
            f"[[client]] name = {account.name!r}: erwartet a-z, 0-9, -, _ und .; zum Beispiel kasse-1"
        )
    base = topics.base
    rules = {
        "kassd": [f"readwrite {base}/#"],
        "client": [
            f"write {base}/cmd/{account.name}/+",
            f"read {topics.reply(account.name)}",
            *(f"read {base}/{part}" for part in ("online", "info", "state/#", "view/#", "alert/#", "evt/#")),
        ],
        "customer": [f"read {base}/online", f"read {base}/view/#"],
    }[account.role]
    return "".join(f"{line}\n" for line in (f"user {account.name}", *(f"topic {rule}" for rule in rules)))


def render_passwords(
    accounts: Sequence[Account], salt: bytes | None = None, known: Mapping[str, str] | None = None
) -> str:
    """The password file, hashed as ``mosquitto_passwd`` does it (``$7$``: PBKDF2 with SHA-512).

    An account without a password keeps its line in ``known`` (:func:`parse_passwords`). Holds no readable
    password, but belongs to the broker's user with mode 0600 all the same.
    """
    kept = known or {}
    lines = (
        f"{account.name}:{_hashed(account.password, salt or secrets.token_bytes(12))}\n"
        if account.password
        else kept[account.name]
        for account in accounts
    )
    return "".join(lines)


def parse_passwords(text: str) -> dict[str, str]:
    """Lines of a password file by account."""
    return {line.partition(":")[0]: line for line in text.splitlines(keepends=True) if ":" in line}


def _hashed(password: str, salt: bytes) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, HASH_ITERATIONS)
    text = "$".join(base64.b64encode(part).decode() for part in (salt, digest))
    return f"$7${HASH_ITERATIONS}${text}"
