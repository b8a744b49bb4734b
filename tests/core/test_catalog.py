"""The catalogue file: taken whole or refused whole, with line numbers."""

import json

import pytest

from kassd.core.catalog import EXAMPLE, Article, Catalog, parse_catalog
from kassd.errors import CatalogError

ROLL = {"id": "1", "name": "Brötchen", "price": 45, "vat": 2, "codes": ["4006381333931"]}


def file_of(*articles: object) -> str:
    return '{"articles": [\n' + ",\n".join(json.dumps(a) for a in articles) + "\n]}"


def test_a_good_file() -> None:
    articles = parse_catalog(file_of(ROLL, {**ROLL, "id": "2", "codes": [], "valid_from": "2027-01-01"}))
    assert articles["1"] == Article("1", "Brötchen", 45, 2, ("4006381333931",))
    assert articles["2"].valid_from == "2027-01-01"
    assert parse_catalog('{"articles": []}') == {}


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"price": -1}, "Preis"),
        ({"price": 1.5}, "price"),
        ({"price": "45"}, "price"),
        ({"price": 100_000_000}, "Preis"),
        ({"vat": 9}, "Steuerschlüssel 9"),
        ({"id": "1"}, "zweimal"),
        ({"id": ""}, "id"),
        ({"name": " "}, "Name"),
        ({"name": "x" * 256}, "Zeile"),
        ({"name": "a\nb"}, "in name steht U+000A (Zeilenumbruch), Stelle 2; erwartet wird eine Zeile"),
        ({"id": "2\x00"}, "Artikel 2\ufffd: in id steht U+0000 (NUL), Stelle 2"),
        ({"codes": ["1\t2"]}, "in codes steht U+0009 (Tabulator), Stelle 2"),
        ({"category": "a\x1b[2J"}, "in category steht U+001B (Escape), Stelle 2"),
        ({"category_name": "a\u2028b"}, "in category_name steht U+2028"),
        ({"unit": "k\u00a0g"}, "in unit steht U+00A0 (geschütztes Leerzeichen), Stelle 2"),
        ({"codes": ["4006381333931"]}, "gehört schon zu Artikel 1"),
        ({"codes": [""]}, "leer"),
        ({"codes": [str(k) for k in range(41)]}, "40 Codes"),
        ({"codes": [f"{k:0255d}" for k in range(40)]}, "6000 Zeichen"),
        ({"steps": [{"quantity": str(k), "price": 100} for k in range(2, 43)]}, "40 Zeilen"),
        ({"vat_changes": [{"day": "2027-01-01", "vat": 1}] * 41}, "40 Zeilen"),
        ({"colour": "red"}, "colour"),
        ({"valid_from": "2026-02-30"}, "valid_from"),
        ({"valid_from": "20260201"}, "valid_from"),
        ({"codes": ["4006381333930"]}, "Prüfziffer von 4006381333930"),
        ({"codes": ["036000291453"]}, "Prüfziffer"),
        ({"codes": ["20000012"]}, "Prüfziffer"),
        ({"codes": ["14006381333930"]}, "Prüfziffer"),
        ({"codes": ["KASSDBAR"]}, "Steuercodes"),
    ],
)
def test_one_wrong_article_names_its_line(wrong: dict[str, object], word: str) -> None:
    second = {"id": "2", "name": "Brot", "price": 350, "vat": 2, **wrong}
    with pytest.raises(CatalogError) as error:
        parse_catalog(file_of(ROLL, second))
    assert [line for line, _ in error.value.problems] == [3]
    assert word in error.value.problems[0][1]


def test_codes_of_ones_own_need_no_check_digit() -> None:
    codes = ["BROT-1", "1234567", "123456789", "ABCDEFGH", "4006381333931", "KASS", "Kassd1"]
    assert parse_catalog(file_of({**ROLL, "codes": codes}))["1"].codes == tuple(codes)


def test_the_prefix_of_control_codes_is_the_registers_own() -> None:
    text = file_of({**ROLL, "codes": ["KASSDBAR"]})
    assert parse_catalog(text, "LADEN")
    with pytest.raises(CatalogError, match="LADEN"):
        parse_catalog(file_of({**ROLL, "codes": ["LADEN7"]}), "LADEN")


def test_the_example_is_good_and_uses_every_key() -> None:
    articles = parse_catalog(EXAMPLE)
    assert len(articles) == 16
    for name in Article.__dataclass_fields__:
        assert f'"{name}"' in EXAMPLE


@pytest.mark.parametrize(
    ("text", "line"),
    [("{\n,}", 2), ("[]", 1), ('{"articles": {}}', 1), ('{"articles": [], "x": 1}', 1), ("", 1)],
)
def test_what_is_no_catalogue(text: str, line: int) -> None:
    with pytest.raises(CatalogError) as error:
        parse_catalog(text)
    assert error.value.problems[0][0] == line


def test_a_code_is_found_with_and_without_leading_zero() -> None:
    catalog = Catalog.of({"1": Article("1", "Cola", 99, 1, ("036000291452", "4006381333931"))})
    for code in ("036000291452", "36000291452", "4006381333931", "04006381333931"):
        found = catalog.find(code)
        assert found is not None, code
    assert catalog.find("99") is None
    assert catalog.find("0") is None


def test_changes_keep_the_index_right() -> None:
    catalog = Catalog.of({"1": Article("1", "A", 1, 1, ("x", "y"))})
    moved = catalog.with_article(Article("2", "B", 2, 1, ("x",))).with_article(
        Article("1", "A", 1, 1, ("y",))
    )
    assert moved.by_code == {"x": "2", "y": "1"}
    assert moved.without_article("2").by_code == {"y": "1"}
    assert catalog.by_code == {"x": "1", "y": "1"}
