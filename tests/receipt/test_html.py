import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from kassd.core.document import Document
from kassd.receipt.ekabs import ekabs
from kassd.receipt.html import COLUMNS, html, outline
from kassd.receipt.layout import layout
from kassd.receipt.page import Line

from .samples import ALL, OUTAGE, REPORT, SALE, TRAINING


class Page(HTMLParser):
    """What a browser would show, line by line, and what it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.links: list[str] = []
        self.data = ""
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "p":
            self.lines.append("")
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] in ("p", "b", "span"):
            self.lines[-1] += data
        elif self.tags and self.tags[-1] == "script":
            self.data += data


@pytest.mark.parametrize("name", ALL)
def test_it_shows_what_the_paper_shows(name: str) -> None:
    page = Page(html(ALL[name]).decode())
    assert page.lines == [item.text for item in layout(ALL[name], COLUMNS) if isinstance(item, Line)]
    assert page.links == [], "a receipt fetches nothing"
    assert page.tags.count("svg") == (ALL[name].seal is not None)


def drawn(path: str, edge: int, scale: int = 4) -> Image.Image:
    """The path as a renderer would fill it."""
    image = Image.new("L", (edge * scale, edge * scale), 255)
    for x, y, w in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        left, top = int(x) * scale, int(y) * scale
        image.paste(0, (left, top, left + int(w) * scale, top + scale))
    return image


def test_the_code_is_inline_and_reads() -> None:
    assert SALE.seal is not None
    edge, path = outline(SALE.seal.qr)
    assert path in html(SALE).decode()
    assert zxingcpp.read_barcode(drawn(path, edge)).text == SALE.seal.qr


def test_it_carries_the_data_of_a_receipt_only() -> None:
    assert json.loads(Page(html(SALE).decode()).data) == json.loads(ekabs(SALE))
    for document in (TRAINING, REPORT):
        assert Page(html(document).decode()).data == ""
    assert "TSE-Ausfall" in Page(html(OUTAGE).decode()).data


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x>', "</script><b>", "&amp;&"])
def test_nothing_in_a_name_becomes_markup(evil: str) -> None:
    document: Document = replace(
        SALE,
        issuer=replace(SALE.issuer, name=evil),
        positions=(replace(SALE.positions[0], text=evil),),
    )
    text = html(document, links={evil: f"x?{evil}"}).decode()
    plain = html(SALE, links={"a": "x"}).decode()
    assert Page(text).tags.count("script") == Page(plain).tags.count("script") == 1
    assert Page(text).tags.count("img") == 0
    assert json.loads(Page(text).data)["head"]["seller"]["name"] == evil


def test_links_stand_below() -> None:
    text = html(SALE, links={"PDF": "b/abc.pdf"}).decode()
    assert Page(text).links == ["b/abc.pdf"]
    assert "connect-src" not in text
    assert "default-src 'none'" in text
    assert BytesIO(html(SALE)).read() == html(SALE)
