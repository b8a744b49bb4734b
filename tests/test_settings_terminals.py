"""``[[terminal]]``: what a driver cannot work with is refused before anything starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from kassd.core.master import terminals_of
from kassd.settings_terminals import TerminalSection

TCP: dict[str, Any] = {"name": "karte", "driver": "tcp", "host": "192.168.1.60"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"host": ""}, "host"),
        ({"driver": "serial"}, "path"),
        ({"password": "12"}, "sechs Ziffern"),
        ({"model": "faxgerät"}, "card-complete"),
    ],
)
def test_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TerminalSection.model_validate(TCP | change)


def test_the_password_goes_to_the_driver_and_nowhere_else() -> None:
    section = TerminalSection.model_validate(TCP | {"password": "123456"})
    assert section.to_config().password == "123456"
    assert "password" not in section.model_dump()


def test_stations_of_a_terminal() -> None:
    config = {
        "terminal.karte.name": "karte",
        "terminal.karte.station": "main",
        "terminal.karte.shared": ["zwei"],
        "terminal.zweites.name": "zweites",
        "terminal.zweites.station": "zwei",
    }
    assert terminals_of(config) == {"main": ("karte",), "zwei": ("karte", "zweites")}
