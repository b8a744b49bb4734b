"""What one cell means, and what is refused because it could mean two things."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from kassd.catalog import cells
from kassd.catalog.cells import Damaged, TaxKeys, Unclear
from kassd.core.vat import KEYS, rates_on

KEYS_NOW = TaxKeys(tuple(KEYS), rates_on("2026-11-22"))


@pytest.mark.parametrize(
    ("value", "cents"),
    [
        ("1,99", 199),
        ("1.99", 199),
        ("1,9", 190),
        ("2", 200),
        ("1.234,56 €", 123456),
        ("1,234.56", 123456),
        ("1.234.567", 123456700),
        ("€ 3,50", 350),
        ("3,50 EUR", 350),
        ("12\u00a0345,00", 1234500),
        ("1'234.50", 123450),
        ("5,-", 500),
        ("5,--", 500),
        (",99", 99),
        ("-1,00", -100),
        ("1,00-", -100),
        (" 0,45 ", 45),
        (19.99, 1999),
        (0.1 + 0.2, 30),
        (1.15 * 3, 345),
        (4, 400),
    ],
)
def test_amounts(value: Any, cents: int) -> None:
    assert cells.money(value) == cents


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("1.234", "1234 oder 1,234"),
        ("12,345", "12345 oder 12,345"),
        ("0,999", "Nachkommastellen"),
        (1.005, "Nachkommastellen"),
        ("gratis", "keine Zahl"),
        ("1,2,3", "keine Zahl"),
        ("1.23.456", "keine Zahl"),
        ("1,5E+03", "keine Zahl"),
        (True, "Wahrheitswert"),
        (datetime(1999, 1, 1), "Datum"),
        ("#NV", "Fehler"),
        ("#BEZUG!", "Fehler"),
        (Damaged("kaputt"), "kaputt"),
        (float("inf"), "kein Betrag"),
        (float("nan"), "kein Betrag"),
    ],
)
def test_no_amounts(value: Any, word: str) -> None:
    with pytest.raises(Unclear, match=word):
        cells.money(value)


@pytest.mark.parametrize(
    ("value", "is_rate", "key"),
    [
        ("19 %", True, 1),
        ("19%", False, 1),
        ("7,0 %", False, 2),
        (0.19, True, 1),
        (0.07, False, 2),
        ("7", True, 2),
        (19, True, 1),
        ("7.8", True, 3),
        ("A", False, 1),
        ("h", True, 8),
        ("1", False, 1),
        (5, False, 5),
        (8.0, False, 8),
    ],
)
def test_tax_keys(value: Any, is_rate: bool, key: int) -> None:
    assert cells.tax_key(value, KEYS_NOW, is_rate) == key


@pytest.mark.parametrize(
    ("value", "is_rate", "word"),
    [
        ("7", False, "7 % oder der Schlüssel 7"),
        ("19", False, "Steuersatz"),
        ("0 %", True, "kann mehreres sein: E"),
        ("16 %", True, "gilt nicht"),
        ("5", True, "gilt nicht"),
        ("9", False, "gibt es nicht"),
        ("voll", True, "kein Steuersatz"),
        ("Z", False, "kein Steuersatz"),
    ],
)
def test_no_tax_keys(value: Any, is_rate: bool, word: str) -> None:
    with pytest.raises(Unclear, match=word):
        cells.tax_key(value, KEYS_NOW, is_rate)


@pytest.mark.parametrize(
    "value",
    [
        "01.12.2026",
        "1.12.26",
        "2026-12-01",
        "2026-12-01 00:00:00",
        datetime(2026, 12, 1),
        46357,
        "46357",
        46357.0,
    ],
)
def test_days(value: Any) -> None:
    assert cells.day(value) == "2026-12-01"


@pytest.mark.parametrize("value", ["30.02.2026", "12/01/2026", "morgen", 12, 46357.5, "1.13.2026"])
def test_no_days(value: Any) -> None:
    with pytest.raises(Unclear):
        cells.day(value)


def test_yes_and_no() -> None:
    assert all(cells.truth(value) for value in ("ja", "J", "x", "X", "✓", True, 1, "WAHR", "1"))
    assert not any(cells.truth(value) for value in ("nein", "N", False, 0, "FALSCH", "0"))
    for value in ("vielleicht", 2, "-"):
        with pytest.raises(Unclear, match="ja"):
            cells.truth(value)
    with pytest.raises(Unclear, match="nein"):
        cells.truth("x", marks=False)  # nothing would say no


@pytest.mark.parametrize(
    ("value", "said"), [(1001, "1001"), (1001.0, "1001"), (" 1001 ", "1001"), ("a\r\nb", "a b")]
)
def test_texts(value: Any, said: str) -> None:
    assert cells.identifier(value) == said


@pytest.mark.parametrize("value", ["4,00638E+12", "4.00638e+12", "4E+12", 10**16, 1e17, datetime(2026, 2, 1)])
def test_numbers_that_a_spreadsheet_has_destroyed(value: Any) -> None:
    with pytest.raises(Unclear, match="formatieren"):
        cells.identifier(value)


@pytest.mark.parametrize(
    ("value", "quantity"),
    [("0,5", "0.5"), ("0,125", "0.125"), (1.5, "1.5"), ("20", "20"), ("100,50", "100.5")],
)
def test_quantities(value: Any, quantity: str) -> None:
    assert str(cells.quantity(value)) == quantity
    assert cells.quantity(value) == Decimal(quantity)


@pytest.mark.parametrize(
    ("code", "whole"),
    [
        ("36000291452", "036000291452"),  # UPC-A
        ("1234565", "01234565"),  # EAN-8
        ("36000291453", "36000291453"),  # the check digit does not fit
        ("4006381333931", "4006381333931"),
        ("123", "123"),
        ("ABCDEFG", "ABCDEFG"),
    ],
)
def test_lost_zeros_come_back_where_the_check_digit_proves_them(code: str, whole: str) -> None:
    assert cells.repaired(code) == whole
