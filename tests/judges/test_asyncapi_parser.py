"""AsyncAPI's official parser judges ``docs/asyncapi.yaml``."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kassd.core.commands import COMMANDS
from kassd.mqtt.asyncapi import render

ROOT = Path(__file__).parents[2]
PARSER = "@asyncapi/parser@3.6.3"


@pytest.fixture(scope="session")
def parser() -> Path:
    """The official parser, installed once beside the tests."""
    folder = ROOT / "tests" / ".npm"
    if not (folder / "node_modules" / "@asyncapi" / "parser" / "package.json").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n')
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", PARSER]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "node_modules"


def validate(parser: Path, file: Path) -> dict[str, Any]:
    done = subprocess.run(
        ["node", Path(__file__).with_name("validate_asyncapi.cjs"), file],
        env={**os.environ, "NODE_PATH": str(parser)},
        check=True,
        capture_output=True,
    )
    verdict: dict[str, Any] = json.loads(done.stdout)
    return verdict


def test_the_official_parser_accepts_it(parser: Path) -> None:
    verdict = validate(parser, ROOT / "docs" / "asyncapi.yaml")
    assert verdict == {"errors": [], "channels": 15 + len(COMMANDS)}


def test_the_official_parser_can_refuse(parser: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(render(COMMANDS).replace('action: "receive"', 'action: "shout"'))
    assert validate(parser, broken)["errors"]
