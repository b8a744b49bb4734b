"""CSV as programs write it: encodings, separators, quotes."""

import codecs

import pytest

from kassd.catalog.csvfile import read_csv, write_csv
from tests.catalog.kit import BREAD, TITLES, articles, csv, refused

TEXT = csv(BREAD).decode()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("cp1252"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        ("sep=;\r\n" + TEXT).encode("cp1252"),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace("0,45", '"0,45"').replace(";", ",").encode(),
        TEXT.replace(";", "|").encode(),
        (TEXT + ";;;\r\n;;;\r\n\r\n").encode(),
        TEXT.replace("\r\n", ";;\r\n").encode(),
    ],
)
def test_every_way_to_write_it(data: bytes) -> None:
    (article,) = articles(data)
    assert (article.id, article.name, article.price, article.vat) == ("1001", "Brötchen", 45, 2)


def test_quoted_cells_with_line_ends_and_separators() -> None:
    (article,) = articles(csv(("1", '"Brot\r\n1 kg; ""fein"""', "3,90", "7%")))
    assert article.name == 'Brot 1 kg; "fein"'


def test_rows_count_as_the_spreadsheet_shows_them() -> None:
    data = csv(("1", '"a\nb"', "1,00", "7%"), ("2", "c", "gratis", "7%"))
    assert [(p.row, p.column, p.title, p.value) for p in refused(b"sep=;\r\n" + data)] == [
        (3, 2, "Preis", "gratis")
    ]


def test_a_comma_within_an_unquoted_price_is_seen() -> None:
    text = ",".join(TITLES) + "\n1,Brot,3,90,7%\n"
    assert any("Trennzeichen" in problem.text for problem in refused(text.encode()))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"Artikelnummer;Preis\r\n1;M\x81ller\r\n", "Windows-1252"),
        (b"\x00\x01\x02", "keine Textdatei"),
        (codecs.BOM_UTF8 + b"\xff", "UTF-8"),
        (b'Artikelnummer;Preis\r\n1;"1"0"\r\n', "Anführungszeichen"),
        (b'Artikelnummer;Preis\r\n1;"10\r\n', "Anführungszeichen"),
        (b"", "Überschriften"),
        (b"Hallo Welt", "Überschriften"),
    ],
)
def test_what_is_no_table(data: bytes, word: str) -> None:
    (problem,) = refused(data)
    assert word in problem.text


def test_no_text_becomes_a_formula_and_none_is_changed() -> None:
    texts = ["=1+1", "+49", "-5", "@x", "'=x", "''", "'n Abend", "plain"]
    data = write_csv(["a"] * len(texts), [texts])
    assert data.startswith(codecs.BOM_UTF8)
    cells = data.decode("utf-8-sig").splitlines()[1].split(";")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert read_csv(data).rows[1][1] == texts


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
@pytest.mark.parametrize("name", ["Brötchen", "Käse", "BRÖTCHEN"])
def test_other_umlauts_are_refused_and_not_guessed(encoding: str, name: str) -> None:
    (problem,) = refused(TEXT.replace("Brötchen", name).encode(encoding))
    assert ("UTF-8" in problem.text, problem.row) == (True, 2)


def test_quotation_marks_around_words_are_fine() -> None:
    (article,) = articles(TEXT.replace("Brötchen", "„Oma's” Brötchen™ – 3 €").encode("cp1252"))
    assert article.name == "„Oma's” Brötchen™ – 3 €"
