"""GS1's table of AIs in the package biip."""

from collections.abc import Iterator

import pytest

from kassd.core.barcodes import table
from kassd.core.barcodes.table import identifier_at, identifiers
from kassd.errors import KassdError


def test_the_file_says_what_the_package_says() -> None:
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    for ai, known in identifiers().items():
        theirs = GS1ApplicationIdentifier.extract(ai)
        assert (known.ai, known.title, known.pattern) == (theirs.ai, theirs.data_title, theirs.pattern)
        assert bool(known.length) != theirs.separator_required


@pytest.mark.parametrize(
    ("text", "ai"), [("0104", "01"), ("3103", "3103"), ("31", None), ("04", None), ("", None)]
)
def test_the_ai_at_the_start_of_a_text(text: str, ai: str | None) -> None:
    known = identifier_at(text)
    assert (known.ai if known else None) == ai


@pytest.fixture
def unread() -> Iterator[None]:
    identifiers.cache_clear()
    yield
    identifiers.cache_clear()


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"[{}]", b"[1]", b'[{"ai": "01", "format": 1}]'])
def test_a_table_that_is_not_as_expected_is_told(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_data", lambda: data)
    with pytest.raises(KassdError, match="biip"):
        identifiers()


@pytest.mark.usefixtures("unread")
def test_a_package_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "find_spec", lambda _: None)
    with pytest.raises(KassdError, match="pip install"):
        identifiers()
