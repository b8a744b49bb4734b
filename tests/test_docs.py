"""The documentation says what the code says: every setting, command, fact and diagram, or this fails."""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kassd import settings
from kassd.app.troubles import Troubles
from kassd.cli.main import parser
from kassd.clock import Clock
from kassd.core import facts, state
from kassd.core.catalog import EXAMPLE, Article
from kassd.core.commands import COMMANDS
from kassd.fiscal.query import events
from kassd.mqtt.topics import TOPICS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "tools/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("section", settings.Settings.model_fields)
def test_every_section_is_documented(section: str) -> None:
    text = page("configuration.md")
    assert f"## `[{section}]`" in text or f"## `[[{section}]]`" in text or f"## `[{section}." in text


def test_every_setting_has_a_description() -> None:
    for section in settings.Settings.model_fields.values():
        model = section.annotation
        for candidate in (model, *getattr(model, "__args__", ())):
            for name, field in getattr(candidate, "model_fields", {}).items():
                assert field.description or hasattr(field.annotation, "__args__"), name


def test_every_key_of_an_article_is_documented() -> None:
    text = page("catalog.md")
    assert EXAMPLE in text
    for name, field in Article.__dataclass_fields__.items():
        assert f"| `{name}` | " in text
        assert len(field.metadata["what"]) > 10
    for name in ("README.md", "docs/configuration.md"):
        assert "catalog.md" in (ROOT / name).read_text(encoding="utf-8")


def test_that_mode_test_lets_everybody_do_everything_is_said() -> None:
    for name in ("configuration.md", "mqtt.md"):
        assert re.search(r"mode `test`[^.]*not listed[^.]*every right", " ".join(page(name).split())), name


def test_the_example_configuration_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "kassd.toml"
    file.write_text(settings.EXAMPLE, encoding="utf-8")
    assert settings.load(file, {}).register.id == "KASSE-0007"


@pytest.mark.parametrize("kind", facts.KINDS)
def test_every_fact_is_documented(kind: str) -> None:
    assert f"## `{kind}`" in page("facts.md")


def test_every_fact_has_a_name_for_auditors_or_stands_in_a_table_of_its_own() -> None:
    """`kassd query ereignisse`: the German names stand in kassd/fiscal/query/events.py."""
    own = {"created", "gap", "key_changed", "sealed", "tail_repaired"}
    kinds = set(facts.KINDS) | {f"journal.{name}" for name in own}
    assert kinds - set(events.LABELS) - events.NO_EVENTS == set()
    assert (set(events.LABELS) | events.NO_EVENTS) - kinds == set()
    assert not set(events.LABELS) & events.NO_EVENTS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert name in page("mqtt.md")


@pytest.mark.parametrize("topic", TOPICS.values())
def test_every_topic_is_documented(topic: str) -> None:
    head = topic.split("{")[0].rstrip("/")
    assert head in page("mqtt.md")


def test_the_devices_named_are_those_that_the_daemon_shows_of_itself() -> None:
    own = {"tse", *(device.name for device in Troubles(Clock()).devices())}
    for name in ("mqtt.md", "asyncapi.yaml"):
        (said,) = re.findall(r"device by its configured name, or ([^.|\n]*)", page(name))
        assert set(re.findall(r"`(\w+)`", said)) == own, name


def flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for inner in action.choices.values():
                yield from flags(inner)
        yield from (flag for flag in action.option_strings if flag not in ("-h", "--help", "--config"))


def test_every_flag_is_documented() -> None:
    text = page("commands.md")
    for action in parser()._actions:
        for name, sub in (action.choices or {}).items() if isinstance(action.choices, dict) else ():
            assert f"## `kassd {name}`" in text
            section = text.split(f"## `kassd {name}`")[1].split("\n## ")[0]
            for flag in flags(sub):
                assert f"`{flag}`" in section, f"{name} {flag}"


@pytest.mark.parametrize("table", ["SALE_TABLE", "TRANSACTION_TABLE", "PRINT_TABLE"])
def test_every_row_of_a_table_is_in_a_diagram(table: str) -> None:
    text = page("architecture.md")
    for _, event in getattr(state, table):
        assert event in text
