"""The envelope of a command, and of its reply (DESIGN §6). Pure.

A command is ``{"v": 1, "id": "<ULID or UUIDv7>", "args": {…}, "if": {"rev": n}?}`` with message expiry. Only
its envelope is judged here; names and arguments belong to the core. A refusal never raises and never leaves
a trace: whatever arrives gives a :class:`CommandFrame` or the one reply that the sender gets. Unknown keys of
the envelope are ignored, so that a newer client works with an older register; an unknown condition under
``if`` is refused, because ignoring it would carry out what the client did not want.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from kassd.core.codes import CODES, Status
from kassd.deferred import dataclass
from kassd.mqtt.session import Received
from kassd.mqtt.topics import Topics

MAX_BYTES = 64 * 1024
MAX_WAITING = 16
MAX_WAITING_TOTAL = 128
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Reply = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CommandFrame:
    """A well-formed envelope. ``deadline`` is monotonic ns: not to be decided after it (``expired``)."""

    client: str
    name: str
    id: str
    args: Mapping[str, Any]
    if_rev: int | None
    deadline: int


class _Refused(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.detail = detail


def is_id(value: object) -> bool:
    """Whether ``value`` is a ULID (26 upper-case Crockford characters) or a UUIDv7 (canonical text)."""
    return isinstance(value, str) and bool(ULID.fullmatch(value) or UUID7.fullmatch(value))


def reply(
    command_id: str | None,
    status: Status,
    rev: int,
    *,
    code: str | None = None,
    result: Any = None,
    duplicate: bool = False,
) -> Reply:
    """The reply document. ``code`` brings its German ``message`` and ``next`` step with it."""
    document: Reply = {"v": 1, "id": command_id, "status": status}
    if code is not None:
        document |= {"code": code, "message": CODES[code].message, "next": CODES[code].next}
    document["rev"] = rev
    if result is not None:
        document["result"] = result
    if duplicate:
        document["duplicate"] = True
    return document


def refusal(command_id: str | None, code: str, rev: int, detail: str = "") -> Reply:
    """The reply for ``code``; ``detail``, for developers and in English, becomes ``result.detail``."""
    return reply(
        command_id, CODES[code].status, rev, code=code, result={"detail": detail} if detail else None
    )


def without_result(document: Mapping[str, Any]) -> Reply:
    """The same reply, too long for the broker with its result: what became of the command is still told."""
    short = {key: value for key, value in document.items() if key != "result"}
    code = CODES["reply_too_long"]
    said = {"code": "reply_too_long", "message": code.message, "next": code.next}
    return short if "code" in short else short | said


def parse(received: Received, topics: Topics, rev: int, now: int) -> CommandFrame | Reply:
    """Judge the envelope at ``now`` (monotonic ns). ``rev`` is the journal line a refusal reports.

    The answer goes to ``R/res/<client>``, and only if :func:`wants_reply`.
    """
    command_id: str | None = None
    try:
        if len(received.payload) > MAX_BYTES:
            raise _Refused("too_large", f"{len(received.payload)} bytes, at most {MAX_BYTES}")
        document = _object(received.payload)
        if is_id(document.get("id")):
            command_id = document["id"]
        if received.retained:
            raise _Refused("retained")
        if received.expiry is None:
            raise _Refused("no_expiry")
        deadline = received.at + received.expiry * 1_000_000_000
        if now >= deadline:
            raise _Refused("expired")
        if received.response_topic not in (None, topics.reply(received.client)):
            raise _Refused("bad_args", f"response topic must be {topics.reply(received.client)}")
        args, if_rev = _envelope(document, command_id)
    except _Refused as refused:
        return refusal(command_id, refused.code, rev, refused.detail)
    assert command_id is not None  # _envelope has checked it
    return CommandFrame(received.client, received.name, command_id, args, if_rev, deadline)


def wants_reply(received: Received) -> bool:
    """Whether the sender gave a response topic. Without one there is no reply."""
    return received.response_topic is not None


def _object(payload: bytes) -> dict[str, Any]:
    try:
        text = payload.decode()
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair has no UTF-8
    except (ValueError, RecursionError) as error:
        raise _Refused(
            "bad_json", type(error).__name__ if isinstance(error, RecursionError) else str(error)
        ) from None
    if not isinstance(document, dict):
        raise _Refused("bad_json", "expected an object")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key occurs twice")
    return document


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _envelope(document: dict[str, Any], command_id: str | None) -> tuple[dict[str, Any], int | None]:
    if command_id is None:
        raise _Refused("bad_args", "id: expected a ULID or a UUIDv7")
    if not _is_int(document.get("v")) or document["v"] != 1:
        raise _Refused("bad_args", "v: expected 1")
    args = document.get("args")
    if not isinstance(args, dict):
        raise _Refused("bad_args", "args: expected an object")
    if "if" not in document:
        return args, None
    condition = document["if"]
    if not isinstance(condition, dict) or set(condition) != {"rev"} or not _is_int(condition["rev"]):
        raise _Refused("bad_args", 'if: expected {"rev": integer}')
    return args, condition["rev"]


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(slots=True)
class Intake:
    """How many commands wait for their decision, per client and in all; what is over the limit is ``busy``.

    One mad client must neither fill the memory nor keep the others out.
    """

    per_client: int = MAX_WAITING
    total: int = MAX_WAITING_TOTAL
    _waiting: dict[str, int] = field(default_factory=dict)

    def admit(self, client: str) -> bool:
        """Count one more, or say False: answer ``busy``."""
        waiting = self._waiting.get(client, 0)
        if waiting >= self.per_client or sum(self._waiting.values()) >= self.total:
            return False
        self._waiting[client] = waiting + 1
        return True

    def done(self, client: str) -> None:
        """One admitted command of ``client`` has its reply."""
        left = self._waiting.get(client, 0) - 1
        if left > 0:
            self._waiting[client] = left
        else:
            self._waiting.pop(client, None)
