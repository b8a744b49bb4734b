"""The table of quirks: every row says where it comes from, and can be used."""

from pathlib import Path

import pytest

from kassd.cli.main import TERMINAL_MODELS
from kassd.devices.terminal.zvt import charset
from kassd.devices.terminal.zvt.quirks import GENERIC, MODELS, Quirks, quirks


@pytest.mark.parametrize("model", MODELS)
def test_a_model(model: str) -> None:
    row = quirks(model)
    assert row.name
    assert row.source
    assert row.prints
    assert charset.to_text(b"A", row.charset) == "A"


def test_the_generic_terminal_has_no_quirks() -> None:
    plain = quirks(GENERIC)
    assert plain == Quirks(plain.name, source=plain.source)
    assert all(quirks(model) != plain for model in MODELS if model != GENERIC)


def test_every_model_is_documented() -> None:
    page = (Path(__file__).parents[4] / "docs" / "devices.md").read_text(encoding="utf-8")
    assert all(f"| `{model}` |" in page for model in MODELS)


def test_an_unknown_model() -> None:
    with pytest.raises(KeyError):
        quirks("absent")


def test_the_command_line_knows_the_table() -> None:
    assert tuple(MODELS) == TERMINAL_MODELS
