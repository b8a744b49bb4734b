"""The same text as Markdown, HTML and PDF: the same bytes each time, nothing lost, nothing injected."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kassd.core.state import State
from kassd.core.vat import rates_on
from kassd.errors import ConfigError
from kassd.fiscal.documents import Composed, Record, compose, pdf, to_html, to_pdf
from tests.cli.kit import kassd
from tests.fiscal.documents.conftest import BUSINESS, Shop


class Reader(HTMLParser):
    """Tags that stay open, ids, links, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open += [] if tag in ("meta", "br", "hr") else [tag]
        self.ids += [value or "" for key, value in attrs if key == "id"]
        self.links += [(value or "")[1:] for key, value in attrs if key == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(data: bytes) -> Reader:
    reader = Reader()
    reader.feed(data.decode())
    return reader


def test_the_same_journal_gives_the_same_bytes(bakery: Shop) -> None:
    for name, document in bakery.documents.items():
        again = compose(name, bakery.state, bakery.record)
        assert again == document
        assert to_html(again) == to_html(document)


def test_html_is_whole_and_needs_nothing_else(bakery: Shop) -> None:
    for document in bakery.documents.values():
        data = to_html(document)
        page = read(data)
        assert page.open == []
        assert len(page.ids) == len(set(page.ids))
        assert page.links == page.ids, "each heading is in the contents, in order"
        assert not {"script", "img", "link", "iframe"} & page.tags
        assert document.sha256 in page.text
        assert not re.search(rb"https?://", data)


def hostile(text: str) -> Composed:
    state = State(config={**BUSINESS, "business.name": text}, rates=rates_on("2026-11-05"))
    return compose("datasheet", state, Record())


@pytest.mark.parametrize(
    "name",
    [
        "<script>x</script>",
        "A | B",
        "*fett* _und_ `code`",
        "[link](javascript:x)",
        "{{test}}",
        "# Titel\n## x",
        "&lt;",
    ],
)
def test_what_stands_in_a_configuration_is_text(name: str) -> None:
    page = read(to_html(hostile(name)))
    assert " ".join(name.split()) in page.text
    assert not {"script", "em", "strong", "a"} & (page.tags - read(to_html(hostile("x"))).tags)


def test_without_its_fonts_no_pdf_is_made(
    bakery: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    with pytest.raises(ConfigError, match="fonts-dejavu-core"):
        to_pdf(bakery.documents["cashier"])


def test_a_long_word_is_drawn_whole(bakery: Shop) -> None:
    text = f"# x\n\n{'wort' * 60} und `{'ab' * 120}` Ende\n\n- eins\n  - zwei\n\n1. drei\n\n```\nvier\n```\n"
    assert to_pdf(replace(bakery.documents["cashier"], markdown=text)).startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["procedure", "datasheet", "manual", "cashier"])
@pytest.mark.parametrize("form", ["md", "html"])
def test_the_command_writes_it(bakery: Shop, tmp_path: Path, name: str, form: str) -> None:
    out = tmp_path / f"x.{form}"
    done = kassd("docs", name, "--out", out, config=bakery.config)
    assert done.returncode == 0, done.stderr
    assert bakery.documents[name].title in done.stdout
    data = {"md": bakery.texts[name].encode(), "html": to_html(bakery.documents[name])}[form]
    assert out.read_bytes() == data


def test_the_command_takes_the_form_from_the_name_or_the_flag(bakery: Shop, tmp_path: Path) -> None:
    flagged = kassd("docs", "cashier", "--out", tmp_path / "x", "--format", "pdf", config=bakery.config)
    assert flagged.returncode == 0, flagged.stderr
    when = f"{datetime.fromisoformat(bakery.documents['cashier'].at):%Y%m%d%H%M%S}Z"
    data = (tmp_path / "x").read_bytes()
    assert data.startswith(b"%PDF-")
    assert f"/CreationDate (D:{when})".encode() in data  # the same bytes each time: tests/judges
    refused = kassd("docs", "cashier", "--out", tmp_path / "x.doc", config=bakery.config)
    assert refused.returncode == 65
    assert "md, html oder pdf" in refused.stderr


def test_the_annex_of_a_version_has_the_hash_in_the_journal(bakery: Shop, tmp_path: Path) -> None:
    out = tmp_path / "annex.json"
    for options, version in (
        ([], bakery.record.versions[-1]),
        (["--version", "1"], bakery.record.versions[0]),
    ):
        done = kassd("docs", "annex", "--out", out, *options, config=bakery.config)
        assert done.returncode == 0, done.stderr
        assert hashlib.sha256(out.read_bytes()).hexdigest() == version.sha256
        assert version.sha256 in done.stdout
    assert json.loads(out.read_bytes())["config"]["business.name"] == "Backhaus Muster"
    missing = kassd("docs", "annex", "--out", out, "--version", "9", config=bakery.config)
    assert missing.returncode == 65
    assert "das Journal hat 2" in missing.stderr


def test_before_the_first_start_the_configuration_is_enough(bakery: Shop, tmp_path: Path) -> None:
    config = tmp_path / "kassd.toml"
    text = bakery.config.read_text("utf-8")
    config.write_text(text.replace(str(bakery.config.parent), str(tmp_path)), "utf-8")
    done = kassd("docs", "procedure", "--out", tmp_path / "x.md", config=config)
    assert done.returncode == 0, done.stderr
    assert "Entwurf vor der Inbetriebnahme" in done.stdout
    assert "Backhaus Muster" in (tmp_path / "x.md").read_text("utf-8")
