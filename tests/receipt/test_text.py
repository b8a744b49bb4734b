from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.receipt.text import chunks, clean, moment, money, number, wrap


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "0,00"),
        (5, "0,05"),
        (-5, "-0,05"),
        (123456, "1.234,56"),
        (-100000000, "-1.000.000,00"),
        (99999, "999,99"),
    ],
)
def test_money(cents: int, text: str) -> None:
    assert money(cents) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("1", "1"), ("1.000", "1"), ("0.384", "0,384"), ("-2.50", "-2,5"), ("1E+2", "100"), ("10", "10")],
)
def test_number(value: str, text: str) -> None:
    assert number(Decimal(value)) == text


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2026-11-21T14:03:12.345+01:00", "21.11.2026 14:03:12 UTC+1"),
        ("2026-07-01T00:00:00+02:00", "01.07.2026 00:00:00 UTC+2"),
        ("2026-07-01T00:00:00-03:30", "01.07.2026 00:00:00 UTC-3:30"),
        ("2026-07-01T00:00:00.000Z", "01.07.2026 00:00:00 UTC+0"),
    ],
)
def test_moment_keeps_the_offset(stamp: str, text: str) -> None:
    assert moment(stamp) == text


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        moment("2026-07-01T00:00:00")


def test_clean_takes_away_what_a_printer_would_obey() -> None:
    assert clean("Brot\x1bp\x002\n\u00a0\u202fneu\u00ad \u200bA\u0308") == "Brotp2 neu Ä"


@given(st.text())
def test_cleaned_text_is_printable_and_stable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert all(c == " " or c.isprintable() or ord(c) > 0xFFFF for c in once)


@given(st.text(alphabet="a1l ", max_size=80), st.integers(4, 20), st.sampled_from([0, 2]))
def test_wrap_loses_nothing_and_keeps_the_width(text: str, width: int, hang: int) -> None:
    parts = wrap(text, width, hang)
    assert parts
    assert all(len(part) <= width for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_wrap_keeps_a_number_with_its_unit() -> None:
    assert wrap("Mineralwasser 0,75 l", 18) == ["Mineralwasser", "0,75 l"]
    assert wrap("Mineralwasser 0,75 l", 20) == ["Mineralwasser 0,75 l"]
    assert wrap("Einloesung A (19 %)", 16) == ["Einloesung A", "(19 %)"]
    assert wrap("Tee 12345 kg", 6) == ["Tee", "12345", "kg"]
    assert wrap("Bus 7 l\u00e4uft", 6) == ["Bus 7", "l\u00e4uft"]


def test_wrap_indents_what_follows_the_first_line() -> None:
    assert wrap("Steuerbefreiung für Kleinunternehmer", 22, 2) == [
        "Steuerbefreiung für",
        "  Kleinunternehmer",
    ]
    assert wrap("0123456789", 6, 2) == ["0123", "  4567", "  89"]


@given(st.text(max_size=80), st.integers(1, 20))
def test_chunks_are_verbatim(text: str, width: int) -> None:
    parts = chunks(text, width)
    assert parts
    assert "".join(parts) == text
    assert all(len(part) <= width for part in parts)
