"""Sections about receipts: what is refused, and what the journal's configuration says."""

from pathlib import Path

import pytest

from kassd import settings
from kassd.core.receipts.exemption import exemption_on
from kassd.core.receipts.form import by_default
from kassd.errors import ConfigError

EXEMPTION = """
[receipt_exemption]
file_number = "203/148-7"
scope = "Getränkeverkauf am Stadion"
valid_from = 2026-11-01
valid_until = 2027-10-31
"""


def load(tmp_path: Path, more: str) -> settings.Settings:
    file = tmp_path / "kassd.toml"
    file.write_text(settings.EXAMPLE + more, encoding="utf-8")
    return settings.load(file, {})


def test_the_exemption_is_off_unless_it_is_configured(tmp_path: Path) -> None:
    config = settings.flatten(load(tmp_path, ""))
    assert exemption_on(config, "2026-11-21") == ""
    assert not by_default(config, "main")
    config = settings.flatten(load(tmp_path, EXEMPTION + "[receipt]\nhospitality = true\n"))
    assert exemption_on(config, "2026-11-21") == "203/148-7"
    assert exemption_on(config, "2027-11-01") == ""
    assert by_default(config, "main")


def test_it_cannot_end_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="valid_until liegt vor valid_from"):
        load(tmp_path, EXEMPTION.replace("2027-10-31", "2026-10-31"))
