"""The documents as others read them: poppler the PDF, Chromium the page."""

import re
import subprocess
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest

from kassd import settings
from kassd.app.boot import in_force
from kassd.fiscal.documents import DOCUMENTS, Composed, compose, read_record, to_html, to_pdf
from kassd.fiscal.documents.html import parse
from kassd.sim.trade import SHOPS, generate, write_setup


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Composed]:
    folder = tmp_path_factory.mktemp("documents") / "bar"
    config = settings.load(write_setup(SHOPS["bar"], folder))
    generate(SHOPS["bar"], folder, settings.flatten(config), date(2026, 3, 2), 1, 5, 0.03)
    journal = config.journal.model_copy(update={"dir": folder / "journal"})
    state = in_force(config.model_copy(update={"journal": journal}))
    assert state is not None
    record = read_record(folder / "journal")
    return {name: compose(name, state, record) for name in DOCUMENTS}


def run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.mark.parametrize("name", DOCUMENTS)
def test_poppler_reads_every_word_of_the_pdf(
    documents: dict[str, Composed], tmp_path: Path, name: str
) -> None:
    document, file = documents[name], tmp_path / "x.pdf"
    data = to_pdf(document)
    file.write_bytes(data)
    told = run("pdfinfo", file)
    assert f"Title:           {document.title} – {document.business}" in told
    read = "".join(run("pdftotext", "-layout", file, "-").split())
    tokens = parse(document.markdown)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            assert "".join(tokens[at + 1].content.split()) in read
    words = {word for token in tokens for child in token.children or () for word in child.content.split()}
    short = {word for word in words if len(word) < 25}
    assert len(short) > 100
    assert {word for word in short if word not in read} == set()
    assert data == to_pdf(document)


BOX = r'<word xMin="(.+)" yMin="(.+)" xMax="(.+)" yMax="(.+)">(.*)</word>'


class Box(NamedTuple):
    """A word as poppler finds it on a page, in points."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    def is_over(self, other: "Box") -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0.5 and down > 3


@pytest.mark.parametrize(
    ("business", "register"),
    [
        ("Bar", "K1"),
        ("Café & Bäckerei Öhler-Straßmann GmbH", "KASSE-22"),
        ("Gasthaus und Hotel Zum Goldenen Löwen Erben Inh. M. Zabel eK", "KASSE-ERDGESCHOSS-LINKS-0001"),
        ("WWWWW WWWW " * 5 + "WWWWW", "K" * 70),
    ],
)
def test_above_and_below_nothing_is_printed_over_or_off_the_page(
    documents: dict[str, Composed], tmp_path: Path, business: str, register: str
) -> None:
    text = "# x\n\n" + "1. eins\n   - zwei\n" * 60  # goes on over two pages inside lists
    document = replace(documents["cashier"], markdown=text, business=business, register=register)
    (tmp_path / "x.pdf").write_bytes(to_pdf(document))
    run("pdftotext", "-bbox", tmp_path / "x.pdf", tmp_path / "x.html")
    pages = re.findall(r"<page .*?</page>", (tmp_path / "x.html").read_text("utf-8"), re.DOTALL)
    assert len(pages) > 2
    margin = 20 / 25.4 * 72  # points
    numbered = set()
    for page in pages:
        words = [Box(*map(float, box[:4]), unescape(box[4])) for box in re.findall(BOX, page)]
        assert all(margin - 1 <= word.left and word.right <= 595.28 - margin + 1 for word in words)
        assert not [(one.text, two.text) for one, two in combinations(words, 2) if one.is_over(two)]
        numbered.add(round(next(word.left for word in words if word.text == "Seite")))
        below = "".join(word.text for word in words if word.top > 841.89 - 30 / 25.4 * 72)
        for part in (*business.split(), register, *document.stand.split()):
            assert part in below
    assert len(numbered) == 1  # not indented with a list


def test_chromium_reads_the_page(documents: dict[str, Composed], tmp_path: Path) -> None:
    file = tmp_path / "x.html"
    file.write_bytes(to_html(documents["procedure"]))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={tmp_path}/x.pdf"]
    subprocess.run([*command, file.as_uri()], capture_output=True, timeout=60, check=True)
    read = run("pdftotext", "-layout", tmp_path / "x.pdf", "-")
    assert "Verfahrensdokumentation" in read
    assert "5 Fassungen und Änderungen" in read
