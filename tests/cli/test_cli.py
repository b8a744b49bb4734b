"""The command line as a newcomer meets it: real processes, exit codes, sentences."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kassd import settings

EXAMPLE = settings.EXAMPLE


def kassd(*arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kassd", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    text = EXAMPLE.replace("/var/lib/kassd", str(tmp_path)).replace("/etc/kassd", str(tmp_path))
    (tmp_path / "catalog.json").write_text('{"articles": []}')
    file = tmp_path / "kassd.toml"
    file.write_text(text)
    return file


def test_without_a_command_usage_and_64() -> None:
    done = kassd()
    assert done.returncode == 64
    assert "usage: kassd" in done.stderr


def test_config_example_is_what_config_check_accepts(tmp_path: Path) -> None:
    file = tmp_path / "kassd.toml"
    file.write_text(kassd("config", "example").stdout)
    done = kassd("config", "check", "--config", str(file))
    assert done.returncode == 0
    assert done.stdout.endswith("Die Konfiguration ist in Ordnung.\n")


def test_config_check_names_the_line(config: Path) -> None:
    config.write_text(config.read_text().replace("columns = 42", "colums = 42"))
    done = kassd("--config", str(config), "config", "check")
    assert done.returncode == 78
    assert "[printer] colums" in done.stderr
    assert "Zeile" in done.stderr


def test_run_with_a_broken_configuration_ends_with_78(config: Path) -> None:
    config.write_text(config.read_text().replace('mode = "test"', 'mode = "production"'))
    done = kassd("--config", str(config), "run")
    assert done.returncode == 78
    assert "soft" in done.stderr
    assert not (config.parent / "journal").exists()


def test_verify_of_nothing_says_what_is_expected(tmp_path: Path) -> None:
    done = kassd("verify", str(tmp_path / "no.tar"))
    assert done.returncode == 65
    assert "TAR" in done.stderr


def test_verify_of_garbage_as_json(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"no archive at all")
    done = kassd("verify", "--json", str(tmp_path / "x.tar"))
    verdict = json.loads(done.stdout)
    assert done.returncode == 65
    assert verdict["ok"] is False
    assert verdict["findings"][0]["severity"] == "error"


def test_qr_verify_reads_standard_input() -> None:
    done = kassd("qr", "verify", "--json", stdin="V0;no;qr\n")
    assert done.returncode == 65
    assert json.loads(done.stdout)["kind"] == "qr"


def test_doctor_lists_each_check_with_a_remedy(config: Path) -> None:
    done = kassd("--config", str(config), "doctor", "--json")
    verdict = json.loads(done.stdout)
    found = {finding["id"] for finding in verdict["findings"]}
    assert {"config", "journal", "disk", "tse", "clock", "catalog", "mqtt", "libraries"} <= found
    assert verdict["checked"] == len(verdict["findings"])
    scanner = next(f for f in verdict["findings"] if f["id"] == "scanner scanner")
    assert scanner["severity"] == "warning"
    assert "/dev/" in scanner["message"]


def test_doctor_refuses_a_bad_catalogue(config: Path) -> None:
    (config.parent / "catalog.json").write_text(
        '{"articles": [\n{"id": "1", "name": "x", "price": -1, "vat": 1}]}'
    )
    done = kassd("--config", str(config), "doctor")
    assert done.returncode == 65
    assert "Zeile 2" in done.stdout


def test_status_without_a_broker_says_so(config: Path) -> None:
    config.write_text(config.read_text().replace("port = 1883", "port = 9"))
    done = kassd("--config", str(config), "status")
    assert done.returncode != 0
    assert "mosquitto" in done.stderr


def test_receipt_that_is_not_there(config: Path) -> None:
    (config.parent / "journal").mkdir()
    done = kassd("--config", str(config), "receipt", "show", "17")
    assert done.returncode == 65
    assert "17" in done.stderr


def test_control_codes_are_a_page_with_every_code(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "codes.html"
    assert kassd("docs", "control-codes", "--out", str(out)).returncode == 0
    text = out.read_text()
    assert text.count("<svg") == text.count("<figcaption>") == 10
    assert "Bar passend" in text
