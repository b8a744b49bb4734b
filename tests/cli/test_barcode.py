"""``kassd barcode parse``: for people, for programs, with the patterns of the configuration."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kassd import settings
from kassd.cli.main import main
from kassd.core.barcodes.patterns import DEFAULT

CODE = "(01)04006381333931(3103)001250(15)261231(10)A\\(1"


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(settings.ENV_FILE, raising=False)
    monkeypatch.setattr(settings, "DEFAULT_PATH", tmp_path / "absent.toml")


def parse(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["barcode", "parse", *arguments])
    return code, capsys.readouterr().out


def parse_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out = parse(capsys, *arguments, "--json")
    return code, json.loads(out)


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = parse(capsys, CODE, "--date", "2026-11-22")
    assert code == 0
    rows = dict(line.split(":", 1) for line in out.splitlines())
    assert rows["GTIN"].strip() == "04006381333931"
    assert rows["Gewicht in kg"].strip() == "1.250"
    assert rows["(10) BATCH/LOT"].strip() == "A(1"
    assert rows["Mindestens haltbar bis"].strip() == "2026-12-31"
    assert "4006381333931" in rows["Im Artikelstamm"]
    assert rows["Code"] == " in Ordnung (4 geprüft)"


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = parse_json(capsys, CODE, "--date", "2027-01-01")
    assert (code, out["ok"], out["kind"], out["checked"]) == (0, True, "barcode", 4)
    assert [finding["id"] for finding in out["findings"]] == ["best_before_passed"]
    reading = out["reading"]
    assert reading["weight"] == "1.250"
    assert reading["elements"][0] == {"ai": "01", "title": "GTIN", "value": "04006381333931"}
    assert reading["bracketed"] == CODE
    assert reading["unbracketed"] == "^010400638133393131030012501526123110A(1"
    assert "problems" not in reading


def test_an_amount_reads_like_money(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = parse(capsys, "4190102109254")
    assert "9,25 € (gebunden)" in out


def test_why_a_code_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = parse(capsys, "4006381333930")
    assert code == 65
    assert "FEHLER [check_digit]" in out
    assert out.endswith("Code: NICHT in Ordnung (1 geprüft)\n")
    code, found = parse_json(capsys, "400638133393", "--aim", "]E0")
    assert (code, found["ok"], found["reading"]["aim"]) == (65, False, "]E0")


@pytest.mark.parametrize("separator", ["\x1d", "\\x1d", "<GS>", "{GS}", "␝"])
def test_how_to_write_gs(separator: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = parse_json(capsys, f"10A{separator}0104006381333931", "--aim", "]C1", "--date", "2026-11-22")
    assert [element["value"] for element in out["reading"]["elements"]] == ["A", "04006381333931"]


def test_the_patterns_of_the_configuration(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kassd.toml"
    file.write_text(settings.EXAMPLE + '\n[barcode.patterns]\n28 = "IIIIIVVVVV:price:2"\n', encoding="utf-8")
    _, default = parse_json(capsys, "2812347012503")
    assert default["reading"]["weight"] == "1.250"
    _, given = parse_json(capsys, "2812347012503", "--config", str(file))
    assert (given["reading"]["item"], given["reading"]["price"]) == ("12347", 1250)
    monkeypatch.setenv(settings.ENV_FILE, str(file))
    assert parse_json(capsys, "2812347012503") == (0, given)


def test_a_pattern_that_cannot_be_meant_stops_the_start(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "kassd.toml"
    file.write_text(settings.EXAMPLE + '\n[barcode.patterns]\n28 = "IIIIVVVVV:price:2"\n', encoding="utf-8")
    assert main(["barcode", "parse", "1", "--config", str(file)]) == 78
    said = capsys.readouterr().err
    assert "[barcode] patterns" in said
    assert "10 Zeichen" in said


def page() -> str:
    return (Path(__file__).parents[2] / "docs" / "barcodes.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    ((command, expected),) = re.findall(r"```console\n\$ kassd (.*)\n([^`]*)```", page())
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == expected


def test_the_default_patterns_of_the_documentation() -> None:
    first, *_ = re.findall(r"```toml\n([^`]*)```", page())
    assert tomllib.loads(first) == {"barcode": {"patterns": DEFAULT}}
