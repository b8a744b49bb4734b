"""Rows become articles: titles as shops write them, what is missing, what is beside the point."""

from dataclasses import fields
from decimal import Decimal

import pytest

from kassd.catalog.columns import COLUMNS, column_of
from kassd.core.catalog import Article
from kassd.core.goods.article import Part, QuantityPrice
from tests.catalog.kit import BREAD, TITLES, articles, csv, read, refused


def test_every_field_has_a_column_and_is_found_by_its_name_and_title() -> None:
    assert list(COLUMNS) == [field.name for field in fields(Article)]
    for name, column in COLUMNS.items():
        for title in (name, column.title, column.title.upper(), f" {column.title}: "):
            found = column_of(title)
            assert found is not None, title
            assert found.field == name


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Artikel-Nr.", "id"),
        ("ART.NR", "id"),
        ("SKU", "id"),
        ("Artikelbezeichnung", "name"),
        ("VK-Preis (brutto)", ""),
        ("VK brutto", "price"),
        ("Preis in €", ""),
        ("Preis in EUR", "price"),
        ("Verkaufspreis", "price"),
        ("MwSt. %", "vat"),
        ("USt-Satz", "vat"),
        ("EAN-Code", "codes"),
        ("EAN 2", "codes"),
        ("Barcode", "codes"),
        ("Gueltig ab", "valid_from"),
        ("gültig_ab", "valid_from"),
        ("Lieferant", ""),
        ("Preis 2", ""),
        ("", ""),
    ],
)
def test_titles_of_shops(title: str, field: str) -> None:
    found = column_of(title)
    assert (found.field if found else "") == field


def test_lists_in_cells() -> None:
    titles = (*TITLES, "Codes", "EAN 2", "Pfand", "Mengenpreise", "Bestandteile")
    cola = (
        "c",
        "Cola",
        "1,49",
        "19%",
        "5449000000996|COLA 1",
        "4006381333931",
        "p; 2,5 x q",
        "3: 3,99; 6 für 7,50",
        "",
    )
    class_p = ("p", "Pfand p", "0,25", "19%", "", "", "", "", "")
    data = csv(tuple(f'"{cell}"' for cell in cola), class_p, ("q", *class_p[1:]), titles=(*titles, "Art"))
    data = data.replace(b"p;Pfand p;0,25;19%;;;;;", b"p;Pfand p;0,25;19%;;;;;;Pfand")
    data = data.replace(b"q;Pfand p;0,25;19%;;;;;", b"q;Pfand p;0,25;19%;;;;;;Pfand")
    found = articles(data)[0]
    assert found.codes == ("5449000000996", "COLA 1", "4006381333931")
    assert found.deposit == (Part("p"), Part("q", Decimal("2.5")))
    assert found.bundles == (QuantityPrice(Decimal(3), 399), QuantityPrice(Decimal(6), 750))


def test_an_unknown_column_is_named_and_left_out() -> None:
    found = read(csv((*BREAD, "Müller KG"), titles=(*TITLES, "Lieferant")))
    (notice,) = found.notices
    assert notice.where == "Zeile 1, Spalte E („Lieferant“)"
    assert list(found.articles) == ["1001"]


def test_two_columns_that_say_the_same_are_refused() -> None:
    (problem,) = refused(csv((*BREAD, "0,50"), titles=(*TITLES, "Verkaufspreis")))
    assert "auch Spalte C" in problem.text


def test_net_prices_are_refused() -> None:
    (problem,) = refused(csv(BREAD, titles=("Artikelnummer", "Bezeichnung", "Nettopreis", "Steuersatz")))
    assert "Brutto" in problem.text


def test_only_a_gtin_column_is_what_scanners_read() -> None:
    (article,) = articles(csv((*BREAD, "4006381333931"), titles=(*TITLES, "GTIN")))
    assert (article.codes, article.gtin) == (("4006381333931",), "")
    titles = (*TITLES, "GTIN", "Codes")
    (article,) = articles(csv((*BREAD, "4006381333931", "BROT-1"), titles=titles))
    assert (article.codes, article.gtin) == (("BROT-1",), "4006381333931")


def test_what_excel_has_done_to_a_gtin_in_csv() -> None:
    (problem,) = refused(csv((*BREAD, "4,00638E+12"), titles=(*TITLES, "EAN")))
    assert (problem.row, problem.column) == (2, 4)
    assert "als Text formatieren" in problem.text


def test_a_new_article_needs_what_an_old_one_has() -> None:
    titles = ("Artikelnummer", "Preis")
    (first, second) = refused(csv(("1", "1,00"), titles=titles))
    assert "neu, und die Spalte „Bezeichnung“ fehlt" in first.text
    assert "„Steuerschlüssel“ fehlt" in second.text
    old = {"1": Article("1", "Brot", 50, 2, ("BROT",), age=16)}
    assert articles(csv(("1", "1,00"), titles=titles), current=old) == [
        Article("1", "Brot", 100, 2, ("BROT",), age=16)
    ]


def test_an_empty_cell_is_the_default_and_a_missing_column_is_not() -> None:
    old = {"1001": Article("1001", "Alt", 1, 1, ("X",), age=16, reducible=False)}
    (article,) = articles(csv((*BREAD, ""), titles=(*TITLES, "Altersgrenze")), current=old)
    assert (article.age, article.reducible, article.codes) == (0, False, ("X",))


def test_a_cross_says_yes_only_where_nothing_says_no() -> None:
    (article,) = articles(csv((*BREAD, "x"), titles=(*TITLES, "Preis offen")))
    assert article.open
    (problem,) = refused(csv((*BREAD, "x"), titles=(*TITLES, "Rabattfähig")))
    assert "„ja“ oder „nein“" in problem.text


def test_all_problems_at_once_in_the_order_of_the_file() -> None:
    rows = (BREAD, ("1002", "", "x", ""), BREAD, ("", "Gebäck", "", ""), ("1003", "Brot", "-1", "7 %"))
    found = refused(csv(*rows))
    places = [(problem.row, problem.column) for problem in found]
    assert places == sorted(places)
    assert {(3, 1), (3, 2), (3, 3), (5, -1)} <= set(places)
    text = " ".join(problem.text for problem in found)
    for word in ("fehlt", "keine Zahl", "steht zweimal", "Artikelnummer fehlt", "kein Betrag"):
        assert word in text


def test_rules_that_span_articles_hold_for_tables_too() -> None:
    (problem,) = refused(csv((*BREAD, "nix"), titles=(*TITLES, "Pfand")))
    assert "keine Pfandart" in problem.text
    double = csv((*BREAD, "X"), ("2", *BREAD[1:], "X"), titles=(*TITLES, "Code"))
    (problem,) = refused(double)
    assert (problem.row, "gehört schon" in problem.text) == (3, True)


def test_a_part_is_judged_together_with_what_stays() -> None:
    old = {"1": Article("1", "Alt", 1, 1, ("X",))}
    new = csv((*BREAD, "X"), titles=(*TITLES, "Code"))
    assert [article.id for article in articles(new, current=old)] == ["1001"]
    assert "gehört schon" in refused(new, current=old, partial=True)[0].text


def test_titles_without_articles_are_no_catalogue() -> None:
    (problem,) = refused(csv())
    assert "kein Artikel" in problem.text


def test_what_cannot_be_printed_is_named_with_its_row() -> None:
    (problem,) = refused(csv(BREAD, ("1002", "Kaf\x1b[2Jfee", "2,20", "19 %")))
    assert (problem.row, problem.where) == (3, "Zeile 3")
    assert str(problem) == (
        "Zeile 3: Artikel 1002: in name steht U+001B (Escape), Stelle 4; erwartet wird eine Zeile ohne "
        "Steuerzeichen"
    )
    (problem,) = refused(csv(BREAD, ("10\x0702", "Kaffee", "2,20", "19 %")))
    assert str(problem).startswith(
        "Zeile 3: Artikel 10\ufffd02: in id steht U+0007 (Steuerzeichen), Stelle 3;"
    )


def test_line_breaks_of_a_cell_become_spaces() -> None:
    (article,) = articles(csv(("1001", '"Brötchen\r\nhell"', "0,45", "7 %")))
    assert article.name == "Brötchen hell"
