"""The documents as others read them: poppler the PDF, Chromium the page."""

import subprocess
from datetime import date
from pathlib import Path

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


def test_chromium_reads_the_page(documents: dict[str, Composed], tmp_path: Path) -> None:
    file = tmp_path / "x.html"
    file.write_bytes(to_html(documents["procedure"]))
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={tmp_path}/x.pdf"]
    subprocess.run([*command, file.as_uri()], capture_output=True, timeout=60, check=True)
    read = run("pdftotext", "-layout", tmp_path / "x.pdf", "-")
    assert "Verfahrensdokumentation" in read
    assert "5 Fassungen und Änderungen" in read
