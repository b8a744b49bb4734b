"""The page and the command line say the same as the verdict."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kassd.cli.main import main
from kassd.fiscal.audit import CHECKS, GROUPS, audit
from kassd.fiscal.audit.page import page
from tests.fiscal.audit.foreign import two_days
from tests.fiscal.audit.mutators import lines, write

VOID = {"meta", "br"}


class Balanced(HTMLParser):
    """Fails where an element is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def export(tmp_path: Path) -> Path:
    two_days().write(tmp_path / "export")
    return tmp_path / "export"


def spoil(folder: Path) -> None:
    file = folder / "transactions.csv"
    write(file, [row.replace(";19,90;", ";<b>;") for row in lines(file)])


def read(html: str) -> str:
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    return html


def test_a_good_export_is_told_to_be_good(export: Path) -> None:
    html = read(page(audit(export, sorted(export.parent.glob("*.tar"))), "Ordner <x>", "heute", {"tar"}))
    assert "In Ordnung" in html
    assert "Fehler</span>" not in html
    assert "Ordner &lt;x&gt;" in html
    assert "Fremd GmbH, Weg 1, 01067 Dresden" in html
    assert "tse-1.tar, 30 Lognachrichten" in html
    assert "TSE antwortet nicht" in html  # the outage is told, and is no finding
    assert "nicht geprüft</span>" in html  # the journal was not given
    assert all(f">{id_}</td>" in html for id_ in CHECKS)


def test_what_is_found_stands_first_and_escaped(export: Path) -> None:
    spoil(export)
    html = read(page(audit(export), "x", "heute"))
    assert html.index("Nicht in Ordnung") < html.index("Was geprüft wurde") < html.index("Befunde")
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "transactions.csv Zeile" in html
    assert "Nicht gegeben war" in html


def test_the_command_prints_text_json_and_page(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", str(export), "--html", str(tmp_path / "report.html")]) == 0
    printed = capsys.readouterr().out
    assert "20 Vorgänge" in printed
    assert "in Ordnung (20 geprüft)" in printed
    assert "<!DOCTYPE html>" in (tmp_path / "report.html").read_text("utf-8")
    spoil(export)
    assert main(["audit", str(export), "--json"]) == 65
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert told["kind"] == "dsfinvk"
    assert {"id", "severity", "where", "message"} == set(told["findings"][0])
    assert {each["id"] for each in told["findings"]} >= {"A7", "C1"}
    assert main(["audit", str(tmp_path / "nothing")]) == 65
    assert "kein Ordner" in capsys.readouterr().err


def test_every_check_has_a_group_and_the_page_of_checks_is_whole() -> None:
    text = (Path(__file__).parents[3] / "docs" / "audit.md").read_text("utf-8")
    for check in CHECKS.values():
        assert check.group in GROUPS
        assert f"| `{check.id}` | {check.severity} |" in text
