"""kassd.app.article_file: a file that cannot be read is told in German, with the next step."""

from pathlib import Path
from typing import Any

from kassd.app.article_file import ArticleFile
from kassd.app.troubles import Troubles
from kassd.clock import Clock
from tests.app.test_dispatch import settings as bare


def test_a_file_that_is_gone_or_not_text(tmp_path: Path) -> None:
    nobody: Any = None
    articles = ArticleFile(bare(tmp_path), Troubles(Clock()), nobody, nobody)
    file = tmp_path / "catalog.json"
    assert articles._parsed(file) == (
        f"Lesen oder Schreiben ist nicht möglich: {file}: gibt es nicht. Bitte den Pfad prüfen."
    )
    file.write_bytes(b"\xff")
    assert articles._parsed(file) == f"{file} ist kein UTF-8. Bitte als UTF-8 speichern."
    file.write_text('{"articles": []}')
    assert not isinstance(articles._parsed(file), str)
