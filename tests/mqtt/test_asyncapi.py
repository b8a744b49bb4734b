"""``docs/asyncapi.yaml`` and ``docs/mqtt.md`` say what the code does."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
import yaml

from kassd.core.codes import CODES
from kassd.core.commands import COMMANDS
from kassd.mqtt.asyncapi import document, render
from kassd.mqtt.documents import EVENTS, STATES
from kassd.mqtt.reference import refreshed
from kassd.mqtt.schema import schema
from kassd.mqtt.topics import TOPICS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mqtt.md").read_text(encoding="utf-8")


def test_the_file_is_fresh() -> None:
    assert (ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8") == render(COMMANDS)


def test_the_yaml_says_what_the_document_says() -> None:
    assert yaml.safe_load(render(COMMANDS)) == document(COMMANDS)


def test_every_topic_document_command_and_code_is_in_it() -> None:
    whole = document(COMMANDS)
    addresses = {
        channel["address"].removeprefix("kassd/v1/{node}/") for channel in whole["channels"].values()
    }
    wanted = {TOPICS[key] for key in (*STATES, "online", "reply")}
    wanted |= {f"evt/{kind}" for kind in EVENTS} | {f"cmd/{{client}}/{name}" for name in COMMANDS}
    assert addresses == wanted
    assert set(whole["operations"]) == set(whole["channels"]) == set(whole["components"]["messages"])
    assert whole["components"]["schemas"]["codes"]["enum"] == list(CODES)


@dataclass(frozen=True)
class Inner:
    """An inner
    one."""

    price: int


@dataclass(frozen=True)
class Sample:
    """A ``sample``."""

    rate: Decimal
    kind: Literal["a", "b"]
    inner: tuple[Inner, ...] = ()
    note: str | None = None
    count: Mapping[int, int] | None = None
    either: int | str = 0
    flag: bool = False


def test_schema_of_a_dataclass() -> None:
    made = schema(Sample, closed=True)
    assert made["description"] == "A `sample`."
    assert made["required"] == ["rate", "kind"]
    assert made["additionalProperties"] is False
    p = made["properties"]
    assert p["rate"]["type"] == "string"
    assert re.fullmatch(p["rate"]["pattern"], "-0.250")
    assert not re.fullmatch(p["rate"]["pattern"], "1e3")
    assert p["kind"] == {"type": "string", "enum": ["a", "b"]}
    assert p["inner"]["items"]["properties"] == {"price": {"type": "integer"}}
    assert p["inner"]["items"]["description"] == "An inner one."
    assert p["note"] == {"oneOf": [{"type": "string"}, {"type": "null"}]}
    assert p["count"]["oneOf"][0]["additionalProperties"] == {"type": "integer"}
    assert p["either"] == {"oneOf": [{"type": "integer"}, {"type": "string"}]}
    assert "additionalProperties" not in schema(Sample, closed=False)
    with pytest.raises(TypeError, match="no schema"):
        schema(float, closed=False)


def table(title: str) -> set[str]:
    """First cells of the tables under a heading."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_the_page_names_every_topic_command_code_and_event() -> None:
    assert table("Topics") == set(TOPICS.values())
    assert table("Commands") == set(COMMANDS)
    assert table("Replies") == set(CODES)
    assert all(f"`{kind}`" in PAGE for kind in EVENTS)


def test_the_table_of_codes_is_fresh() -> None:
    assert refreshed(PAGE) == PAGE
    assert refreshed(PAGE.replace(CODES["busy"].message, "x")) == PAGE


def test_the_json_examples_of_the_page_are_json() -> None:
    examples = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        json.loads(example)
