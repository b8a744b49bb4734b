"""Tables as shops have them: CSV as bytes, workbooks made with openpyxl."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from kassd.catalog import Context, FileRefused, Problem, Reading, read_bytes
from kassd.core.catalog import Article

TITLES = ("Artikelnummer", "Bezeichnung", "Preis", "Steuersatz")
BREAD = ("1001", "Brötchen", "0,45", "7 %")


def csv(*rows: Sequence[str], titles: Sequence[str] = TITLES) -> bytes:
    """Semicolons, CRLF, UTF-8."""
    return "".join(";".join(row) + "\r\n" for row in (titles, *rows)).encode()


def workbook(*rows: Sequence[Any], titles: Sequence[Any] = TITLES) -> Workbook:
    """One sheet ``Artikel``."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Artikel"
    for row in (titles, *rows):
        sheet.append(list(row))
    return book


def saved(book: Workbook) -> bytes:
    """The workbook's file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(*rows: Sequence[Any], titles: Sequence[Any] = TITLES) -> bytes:
    """The file of :func:`workbook`."""
    return saved(workbook(*rows, titles=titles))


def read(data: bytes, **context: Any) -> Reading:
    """What a file says."""
    return read_bytes(data, Context(**context))


def articles(data: bytes, **context: Any) -> list[Article]:
    """The articles of a file."""
    return list(read(data, **context).articles.values())


def refused(data: bytes, **context: Any) -> list[Problem]:
    """Why a file is refused."""
    with pytest.raises(FileRefused) as error:
        read(data, **context)
    return error.value.problems
