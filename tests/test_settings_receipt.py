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


LINK = '[receipt_link]\nurl = "http://192.168.4.1:8088"\n'


def test_a_link_has_its_defaults(tmp_path: Path) -> None:
    config = settings.flatten(load(tmp_path, LINK))
    keys = ("url", "host", "port", "valid_hours", "print_after_s")
    assert [config[f"receipt_link.{key}"] for key in keys] == [
        *("http://192.168.4.1:8088", "0.0.0.0", 8088, 24, 60),
    ]
    assert not any(key.startswith("receipt_link.") for key in settings.flatten(load(tmp_path, "")))


@pytest.mark.parametrize(
    "wrong",
    [
        'url = "kasse.local"',
        'url = "http://kasse.local/"',
        'url = "http://k/?x"',
        "",
        'port = 0\nurl = "http://k"',
    ],
)
def test_a_link_that_cannot_work_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match="receipt_link"):
        load(tmp_path, f"[receipt_link]\n{wrong}\n")


def test_no_device_may_have_the_name_of_the_link(tmp_path: Path) -> None:
    scanner = (
        '[[scanner]]\nname = "receipt-link"\nstation = "main"\ndriver = "serial"\nport = "/dev/ttyACM0"\n'
    )
    with pytest.raises(ConfigError, match="receipt-link"):
        load(tmp_path, scanner)
