"""What is written reads back as what it was; what a table cannot say is refused; no file is half there."""

import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kassd.catalog import FORMATS, Context, FileRefused, difference, read_bytes, replace_file, to_bytes
from kassd.catalog.writing import Format
from kassd.core.catalog import EXAMPLE, Article, parse_catalog
from kassd.core.goods.article import QuantityPrice
from kassd.core.vat import KEYS
from tests.catalog.kit import xlsx


def _is_no_exponent(text: str) -> bool:
    """A number like 1E5 is refused as a spreadsheet's work."""
    return re.fullmatch(r"[\d.,]+[eE][+-]?\d+", text) is None


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
QUANTITY = st.decimals(Decimal("1.001"), 10_000, places=3)


@st.composite
def catalogues(draw: st.DrawFn) -> dict[str, Article]:
    ids = draw(st.lists(TEXT.filter(_is_no_exponent), min_size=1, max_size=6, unique=True))
    return {
        key: Article(
            key,
            draw(TEXT),
            draw(st.integers(0, 99_999_999)),
            draw(st.sampled_from(sorted(KEYS))),
            tuple(f"{key}-{n}" for n in range(draw(st.integers(0, 3)))),
            vat_in_house=draw(st.none() | st.sampled_from(sorted(KEYS))),
            valid_from=draw(st.just("") | st.dates().map(str)),
            content=draw(st.none() | QUANTITY),
            content_unit="kg",
            factor=draw(QUANTITY),
            open=draw(st.booleans()),
            reducible=True,
            steps=tuple(QuantityPrice(q, 5) for q in draw(st.lists(QUANTITY, max_size=2))),
            max_per_sale=draw(st.none() | QUANTITY),
            category=draw(st.just("") | TEXT),
        )
        for key in ids
    }


def test_the_example_makes_the_round_trip() -> None:
    example = parse_catalog(EXAMPLE)
    for format in FORMATS:
        assert read_bytes(to_bytes(example, format)).articles == example


@pytest.mark.parametrize("format", FORMATS)
@given(articles=catalogues())
@hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_catalogue_makes_the_round_trip(format: Format, articles: dict[str, Article]) -> None:
    found = read_bytes(to_bytes(articles, format)).articles
    assert found == articles
    assert not difference(articles, found).changes


def test_what_a_table_cannot_say_is_refused_with_the_article() -> None:
    blank = {"1": Article("1", " Brot ", 1, 1)}
    assert read_bytes(to_bytes(blank, "json")).articles == blank
    for format in ("csv", "xlsx"):
        with pytest.raises(FileRefused, match=r"Artikel 1 .*als JSON"):
            to_bytes(blank, format)


@pytest.mark.parametrize("format", FORMATS)
def test_a_code_that_looks_like_a_list_stays_a_code(format: Format) -> None:
    articles = {"[": Article("[", "Klammer", 1, 1, codes=("[-0", "[1"))}
    assert read_bytes(to_bytes(articles, format)).articles == articles


def test_keys_of_ones_own_are_written_and_read() -> None:
    context = Context(keys=(*KEYS, 1001))
    articles = {"1": Article("1", "Alt", 100, 1001), "2": Article("2", "Gutschein", 0, 7)}
    assert read_bytes(to_bytes(articles, "csv", context), context).articles == articles


def test_texts_that_look_like_formulas_stay_texts() -> None:
    articles = {"=1": Article("=1", '=HYPERLINK("x")', 1, 1), "007": Article("007", "+49", 1, 1)}
    for format in ("csv", "xlsx"):
        assert read_bytes(to_bytes(articles, format)).articles == articles


def test_a_file_is_replaced_whole_and_the_old_one_kept(tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    assert replace_file(file, b"1") is None
    assert replace_file(file, b"2") == tmp_path / "catalog.json.old"
    assert replace_file(file, b"3") == tmp_path / "catalog.json.old"
    assert (file.read_bytes(), (tmp_path / "catalog.json.old").read_bytes()) == (b"3", b"2")
    assert sorted(os.listdir(tmp_path)) == ["catalog.json", "catalog.json.old"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "catalog.json"
    real.write_bytes(b"1")
    link.symlink_to(real)
    replace_file(link, b"2")
    assert link.is_symlink()
    assert real.read_bytes() == b"2"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "catalog.json"
    file.write_bytes(b"1")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(file, b"2")
    assert file.read_bytes() == b"1"
    assert os.listdir(tmp_path) == ["catalog.json"]


def test_a_workbook_of_another_program_reads_like_ours() -> None:
    book = xlsx(("brot", "Bauernbrot 1 kg", 3.9, "B"))
    assert next(iter(read_bytes(book).articles.values())) == Article("brot", "Bauernbrot 1 kg", 390, 2)
