"""``docs/asyncapi.yaml``: the window as an AsyncAPI 3.0.0 document, from topics, models and codes. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from kassd.core.codes import CODES, STATUSES
from kassd.mqtt.commands import MAX_BYTES, ULID, UUID7
from kassd.mqtt.documents import EVENTS, STATES, Document, Envelope, Online
from kassd.mqtt.schema import Schema, prose, schema
from kassd.mqtt.topics import PREFIX, TOPICS

_PARAMETERS = {
    "node": "`<tenant>.<register>`, each `[a-z0-9-]{1,32}`.",
    "station": "A station of the register; `main` if there is only one.",
    "name": "A device by its configured name, or `tse`, `journal`, `clock`.",
    "id": "Stable name of the alert.",
    "client": "The client's own name: the broker lets nobody write below another one's.",
}
_MQTT = "0.2.0"


def document(commands: Mapping[str, type]) -> dict[str, Any]:
    """The whole description. ``commands``: name → class of its arguments."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}

    def add(key: str, address: str, message: Schema, operation: Schema) -> None:
        messages[key] = {"name": key, "contentType": "application/json", **message}
        channels[key] = {
            "address": f"{PREFIX}/{{node}}/{address}",
            "parameters": {
                name: {"description": _PARAMETERS[name]}
                for name in ("node", *re.findall(r"\{(\w+)\}", address))
            },
            "messages": {key: {"$ref": f"#/components/messages/{key}"}},
        }
        operations[key] = {
            **operation,
            "channel": {"$ref": f"#/channels/{key}"},
            "messages": [{"$ref": f"#/channels/{key}/messages/{key}"}],
        }

    add("online", TOPICS["online"], _message(Online, schema(Online, False)), _sends(retain=True))
    for key, model in STATES.items():
        add(key, TOPICS[key], _message(model, _stamped(model)), _sends(retain=True))
    for kind, model in EVENTS.items():
        address = TOPICS["event"].replace("{kind}", kind)
        add(f"evt.{kind}", address, _message(model, _stamped(model)), _sends(retain=False))
    add("reply", TOPICS["reply"], _reply(), _sends(retain=False))
    for name, arguments in commands.items():
        address = TOPICS["command"].replace("{name}", name)
        add(f"cmd.{name}", address, _message(arguments, _command(arguments)), _receives())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "kassd",
            "version": "1",
            "description": "State, events and commands of a cash register (`docs/mqtt.md` has the prose).",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:1883",
                "protocol": "mqtt",
                "protocolVersion": "5.0",
                "description": "The broker on the box; displays use its WebSocket listener, port 9001.",
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"codes": _codes()}},
    }


def _message(cls: type, payload: Schema) -> Schema:
    return {"summary": prose(cls), "payload": payload}


def _sends(retain: bool) -> Schema:
    return {"action": "send", "bindings": {"mqtt": {"qos": 1, "retain": retain, "bindingVersion": _MQTT}}}


def _receives() -> Schema:
    reply = {
        "address": {
            "location": "$message.header#/responseTopic",
            "description": "Must be the sender's `res/<client>`; without a response topic there is no reply.",
        },
        "channel": {"$ref": "#/channels/reply"},
    }
    return {
        "action": "receive",
        "bindings": {"mqtt": {"qos": 1, "retain": False, "bindingVersion": _MQTT}},
        "reply": reply,
    }


def _stamped(model: type[Document]) -> Schema:
    head, body = schema(Envelope, False), schema(model, False)
    properties = {name: value for name, value in head["properties"].items() if name != "cur" or model.money}
    return {
        "type": "object",
        "required": [*head["required"], *(["cur"] if model.money else []), *body.get("required", [])],
        "properties": {**properties, **body["properties"]},
    }


def _command(arguments: type) -> Schema:
    return {
        "type": "object",
        "description": f"At most {MAX_BYTES} bytes, with a message expiry, never retained.",
        "required": ["v", "id", "args"],
        "properties": {
            "v": {"const": 1},
            "id": {
                "type": "string",
                "description": "ULID or UUIDv7; the same id again gives the first reply again.",
                "pattern": f"^({ULID.pattern}|{UUID7.pattern})$",
            },
            "args": schema(arguments, closed=True),
            "if": {
                "type": "object",
                "required": ["rev"],
                "properties": {"rev": {"type": "integer"}},
                "additionalProperties": False,
            },
        },
    }


def _reply() -> Schema:
    properties: Schema = {
        "v": {"const": 1},
        "id": {"type": ["string", "null"]},
        "status": {"type": "string", "enum": list(STATUSES)},
        "code": {"$ref": "#/components/schemas/codes"},
        "message": {"type": "string", "description": "A German sentence."},
        "next": {"type": "string", "description": "The next step, in German."},
        "rev": {"type": "integer", "description": "The journal line the reply speaks of."},
        "result": {},
        "duplicate": {"const": True, "description": "This id has been answered before; nothing was done."},
    }
    payload = {"type": "object", "required": ["v", "id", "status", "rev"], "properties": properties}
    return {"summary": "The one reply to a command.", "payload": payload}


def _codes() -> Schema:
    lines = [f"- `{name}` ({code.status}): {code.message} {code.next}" for name, code in CODES.items()]
    return {"type": "string", "enum": list(CODES), "description": "\n".join(lines)}


YAML_WORDS = ("on", "off", "yes", "no", "y", "n", "true", "false", "null")  # no texts to older readers


def render(commands: Mapping[str, type]) -> str:
    """The YAML file: block mappings, scalars as JSON (which YAML 1.2 contains)."""
    head = "# Generated from kassd/mqtt and kassd/core: python -m kassd.mqtt.asyncapi > docs/asyncapi.yaml\n"
    return head + "".join(f"{line}\n" for line in _block(document(commands)))


def _block(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", key) and key.lower() not in YAML_WORDS
            name = key if plain else json.dumps(key)
            lines += _entry(f"{name}:", item, "  ")
        return lines
    if isinstance(value, list) and value and not all(isinstance(item, (str, int)) for item in value):
        return [line for item in value for line in _entry("-", item, "  ")]
    return [json.dumps(value, ensure_ascii=False)]


def _entry(head: str, value: Any, indent: str) -> list[str]:
    body = _block(value)
    if len(body) == 1 and not (isinstance(value, dict) and value) and not body[0].startswith("- "):
        return [f"{head} {body[0]}"]
    return [head, *(indent + line for line in body)]


if __name__ == "__main__":
    from kassd.core.commands import COMMANDS

    print(render(COMMANDS), end="")
