"""Workbooks: what a spreadsheet program shows in a cell, and what it has done to numbers."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl.styles import numbers

from kassd.catalog import xlsx as module
from tests.catalog.kit import BREAD, TITLES, articles, read, refused, saved, workbook, xlsx


def test_numbers_dates_and_truths_as_cells() -> None:
    titles = (*TITLES, "EAN", "Gültig ab", "Preis offen", "Inhalt", "Inhaltseinheit")
    row = (1001, "Brot", 19.99, 0.07, 4006381333931, date(2026, 12, 1), True, 0.75, "kg")
    (article,) = articles(xlsx(row, titles=titles))
    assert (article.id, article.price, article.vat, article.codes) == ("1001", 1999, 2, ("4006381333931",))
    assert (article.valid_from, article.open, str(article.content)) == ("2026-12-01", True, "0.75")


def test_zeros_that_only_the_format_shows() -> None:
    book = workbook((42, "Brot", 1, "7 %"))
    book["Artikel"]["A2"].number_format = "00000"
    (article,) = articles(saved(book))
    assert article.id == "00042"


def test_a_gtin_as_a_number_gets_its_zeros_back_and_that_is_said() -> None:
    found = read(xlsx(("1", "Cola", 1, "19%", 36000291452), titles=(*TITLES, "Barcode")))
    assert found.articles["1"].codes == ("036000291452",)
    (notice,) = found.notices
    assert "vorne fehlen Nullen" in notice.text
    assert notice.where == "Blatt „Artikel“, Zeile 2, Spalte E („Barcode“)"


def test_titles_under_a_heading_and_empty_rows_between() -> None:
    book = workbook(titles=("Preisliste Herbst",))
    sheet = book["Artikel"]
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(list(TITLES))
    sheet.append(list(BREAD))
    sheet.append([None] * 30)
    sheet.append(["1002", "Brot", 3.9, "7 %"])
    sheet["A400"] = " "
    assert [article.id for article in articles(saved(book))] == ["1001", "1002"]


def test_merged_cells_among_the_articles_are_refused() -> None:
    book = workbook(BREAD, ("1002", "Brot", "3,90", "7 %"))
    book["Artikel"].merge_cells("D2:D3")
    problems = refused(saved(book))
    assert "verbunden" in problems[0].text
    assert (problems[0].row, problems[0].column) == (2, 3)


def test_formulas_count_with_their_stored_value_and_without_one_are_refused() -> None:
    (problem,) = refused(xlsx(("1", "Brot", "=1+1", "7 %")))  # openpyxl computes nothing
    assert "nicht ausgerechnet" in problem.text
    assert (problem.row, problem.column) == (2, 2)
    computed = _edited(xlsx(("1", "Brot", 2, "7 %")), b"<v>2</v>", b"<f>1+1</f><v>2.5</v>")
    (article,) = articles(computed)
    assert article.price == 250


def test_error_values_are_refused_with_their_place() -> None:
    book = workbook(BREAD)
    cell = book["Artikel"]["C2"]
    cell.value, cell.data_type = "#REF!", "e"
    (problem,) = refused(saved(book))
    assert "#REF!" in problem.text
    assert problem.where == "Blatt „Artikel“, Zeile 2, Spalte C („Preis“)"


def _with_second(hidden: bool) -> bytes:
    book = workbook(BREAD)
    second = book.create_sheet("Alt")
    second.append(list(TITLES))
    second.append(["9", "Altes", "1,00", "7 %"])
    second.sheet_state = "hidden" if hidden else "visible"
    book.create_sheet("Notizen").append(["Bitte beachten"])
    return saved(book)


def test_one_of_several_sheets() -> None:
    (problem,) = refused(_with_second(hidden=False))
    assert "„Artikel“, „Alt“" in problem.text
    assert "--sheet" in problem.text
    assert [a.id for a in articles(_with_second(hidden=False), sheet="alt")] == ["9"]
    assert [a.id for a in articles(_with_second(hidden=True))] == ["1001"]
    assert [a.id for a in articles(_with_second(hidden=True), sheet="Alt")] == ["9"]
    assert "vorhanden: „Artikel“" in refused(_with_second(hidden=True), sheet="Preise")[0].text


def _edited(data: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as made:
        for name in archive.namelist():
            content = archive.read(name)
            made.writestr(name, content.replace(old, new) if name.startswith("xl/worksheets/") else content)
    return out.getvalue()


def test_a_workbook_that_would_fill_the_memory_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (module.MAX_UNPACKED + 1))
    assert len(out.getvalue()) < 100_000
    (problem,) = refused(out.getvalue())
    assert "größer als 50 MB" in problem.text


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04 no archive", "beschädigt"),
        (xlsx(BREAD)[:-200], "beschädigt"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "alte XLS-Datei"),
        (_edited(xlsx(BREAD), b"<worksheet", b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet"), "XML"),
        (_edited(xlsx(BREAD), b"</row>", b""), "beschädigt"),
    ],
)
def test_what_is_no_workbook(data: bytes, word: str) -> None:
    (problem,) = refused(data)
    assert word in problem.text


@pytest.mark.parametrize("size", ["A1", "A1:XFD1048576", "B2:B2"])
def test_what_a_sheet_says_of_its_size_is_not_believed(size: str) -> None:
    data = xlsx(BREAD)
    edited = _edited(data, b'<dimension ref="A1:D2"', f'<dimension ref="{size}"'.encode())
    assert edited != data
    assert [article.id for article in articles(edited)] == ["1001"]


def test_a_percentage_is_a_rate() -> None:
    book = workbook(("1", "Brot", 1, 0.19))
    book["Artikel"]["D2"].number_format = numbers.FORMAT_PERCENTAGE
    (article,) = articles(saved(book))
    assert article.vat == 1


@pytest.mark.parametrize("value", [date(1999, 1, 1), "=NOW()"])
def test_a_price_that_is_none(value: Any) -> None:
    assert refused(xlsx(("1", "Brot", value, "7 %")))[0].column == 2


def test_who_waits_sees_how_far_it_is() -> None:
    seen: list[int] = []
    read(xlsx(*((str(n), "Brot", 1, "7 %") for n in range(1100))), progress=seen.append)
    assert seen == [500, 1000, 500, 1000], "read from the workbook, then as articles"
