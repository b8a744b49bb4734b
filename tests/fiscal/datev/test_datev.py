"""DATEV: a closing's sums as bookings, and the bytes of the file."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassd.errors import DataError
from kassd.fiscal.datev import Account, Booking, Chart, Client, Closing, Unmapped, bookings, extf, file_name
from kassd.fiscal.datev.bookings import posted_to_cash
from kassd.fiscal.datev.columns import COLUMNS, TEXTS
from kassd.fiscal.datev.extf import year_of

CHART = Chart(
    "1000",
    (
        Account("8400", case="Umsatz", vat=1),
        Account("8300", case="Umsatz", vat=2),
        Account("8125", case="Umsatz", vat=6, bu="11"),
        Account("1360", case="Geldtransit"),
        Account("1731", case="Umsatz", vat=1, agency=1),
        Account("1361", payment="ECKarte"),
        Account("1362", payment="Kreditkarte"),
        Account("1363", payment="Kreditkarte", text="Amex"),
    ),
)
CLOSING = Closing("KASSE-1", "2026-11-21T20:15:03+01:00", 12, date(2026, 11, 21))
CLIENT = Client(1001, 42, chart="03")


def case(kind: str, vat: int, gross: int, name: str = "", agency: int = 0) -> dict[str, Any]:
    row = {"GV_TYP": kind, "AGENTUR_ID": agency, "UST_SCHLUESSEL": vat, "Z_UMS_BRUTTO": gross}
    return row | ({"GV_NAME": name} if name else {})


def paid(kind: str, amount: int, name: str = "") -> dict[str, Any]:
    return {"ZAHLART_TYP": kind, "Z_ZAHLART_BETRAG": amount} | ({"ZAHLART_NAME": name} if name else {})


def tables(cases: list[dict[str, Any]], payments: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    cash = sum(row["Z_ZAHLART_BETRAG"] for row in payments if row["ZAHLART_TYP"] == "Bar")
    rates = {1: "19.00", 2: "7", 3: "7.8", 5: "0", 6: "0"}
    return {
        "businesscases": cases,
        "payment": payments,
        "vat": [{"UST_SCHLUESSEL": key, "UST_SATZ": Decimal(rate)} for key, rate in rates.items()],
        "cashpointclosing": [{"Z_SE_BARZAHLUNGEN": cash}],
    }


DAY = tables(
    [
        case("Anfangsbestand", 5, 10_000),
        case("Geldtransit", 5, -25_000),
        case("Umsatz", 1, 20_000),
        case("Umsatz", 2, 30_000, name="Backwaren"),
        case("Umsatz", 2, -500),
    ],
    [paid("Bar", 22_000), paid("ECKarte", 12_000, "girocard"), paid("Kreditkarte", 500, "Amex")],
)


def test_every_case_goes_over_the_cash_and_every_card_out_of_it() -> None:
    found = bookings(DAY, CHART)
    assert found == (
        Booking(25_000, False, "1000", "1360", "", "Geldtransit"),
        Booking(20_000, True, "1000", "8400", "", "Umsatz 19 %"),
        Booking(29_500, True, "1000", "8300", "", "Umsatz 7 %"),
        Booking(12_000, False, "1000", "1361", "", "ECKarte girocard"),
        Booking(500, False, "1000", "1363", "", "Kreditkarte Amex"),
    )
    assert posted_to_cash(found) == 22_000 - 10_000, "the cash of the day; the float lay there already"


def test_an_opening_balance_needs_no_account_and_is_posted_nowhere() -> None:
    assert bookings(tables([case("Anfangsbestand", 5, 5_000)], [paid("Bar", 5_000)]), CHART) == ()


def test_what_is_unmapped_blocks_with_all_its_names() -> None:
    unknown = tables(
        [case("Umsatz", 3, 100), case("Pfand", 1, 25), case("Umsatz", 2, 50, agency=1)],
        [paid("ElZahlungsdienstleister", 175, "PayPal")],
    )
    with pytest.raises(Unmapped) as error:
        bookings(unknown, CHART)
    assert str(error.value).split("; ") == [
        "Pfand mit Steuerschlüssel 1",
        "Umsatz mit Steuerschlüssel 2, Agentur 1",
        "Umsatz mit Steuerschlüssel 3",
        "Zahlungsart ElZahlungsdienstleister PayPal",
    ]


def test_an_agency_s_goods_are_not_the_own_turnover() -> None:
    (booking,) = bookings(tables([case("Umsatz", 1, 300, agency=1)], [paid("Bar", 300)]), CHART)
    assert booking.counter == "1731"


def test_sums_that_differ_are_not_handed_over() -> None:
    with pytest.raises(DataError, match="200 Cent, der Abschluss 300 Cent"):
        bookings(tables([case("Umsatz", 1, 200)], [paid("Bar", 300)]), CHART)


def rows_of(data: bytes) -> list[list[str]]:
    text = data.decode("cp1252")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_file_is_a_buchungsstapel_of_version_13() -> None:
    data = extf(CLOSING, bookings(DAY, CHART), CLIENT)
    header, titles, *rows = rows_of(data)
    assert data.split(b"\r\n")[0] == (
        b'"EXTF";700;21;"Buchungsstapel";13;20261121201503000;;"";"kassd";"";1001;42;20260101;4;20261121;'
        b'20261121;"Z12 KASSE-1";"";1;0;0;"EUR";;"";;;"03";;;"";""'
    )
    assert len(header) == 31
    assert titles == list(COLUMNS)
    assert len(titles) == 125
    assert {len(row) for row in rows} == {125}
    first = dict(enumerate(rows[0], 1))
    assert [first[n] for n in (1, 2, 3, 7, 8, 9, 10, 11)] == [
        *("250,00", "H", "EUR", "1000", "1360", "", "2111", "Z12"),
    ]
    assert [first[n] for n in (14, 21, 22, 23, 24, 114)] == [
        *("Geldtransit", "Kasse", "KASSE-1", "Kassenabschluss", "12", "0"),
    ]


def test_texts_are_quoted_and_numbers_are_not() -> None:
    line = extf(CLOSING, bookings(DAY, CHART), CLIENT).split(b"\r\n")[2].decode("cp1252")
    cells = line.split(";")
    assert {n for n, cell in enumerate(cells, 1) if cell.startswith('"')} == TEXTS
    assert COLUMNS[113] == "Festschreibung"
    assert COLUMNS[117] == "Generalumkehr (GU)"


def test_the_same_closing_gives_the_same_bytes() -> None:
    assert extf(CLOSING, bookings(DAY, CHART), CLIENT) == extf(CLOSING, bookings(DAY, CHART), CLIENT)
    assert file_name(CLOSING) == "EXTF_Buchungsstapel_KASSE-1_Z000012.csv"


def test_several_registers_and_locked_bookings() -> None:
    client = replace(CLIENT, prefix="K1-", locked=True)
    header, _, row, *_ = rows_of(extf(CLOSING, bookings(DAY, CHART), client))
    assert (header[20], row[10], row[113]) == ("1", "K1-Z12", "1")


def test_what_windows_1252_does_not_know_is_refused() -> None:
    euro = Booking(100, True, "1000", "8400", "", "Umsatz € „ß“")
    assert "€ „ß“".encode("cp1252") in extf(CLOSING, [euro], CLIENT)
    with pytest.raises(DataError, match=r"'Ł' \(Zeile 3\)"):
        extf(CLOSING, [replace(euro, text="Łódź-Karte")], CLIENT)


@pytest.mark.parametrize(
    ("day", "begins", "year"),
    [
        (date(2026, 11, 21), "01-01", date(2026, 1, 1)),
        (date(2026, 6, 30), "07-01", date(2025, 7, 1)),
        (date(2026, 7, 1), "07-01", date(2026, 7, 1)),
    ],
)
def test_business_years(day: date, begins: str, year: date) -> None:
    assert year_of(day, begins) == year


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(DataError, match="zu groß"):
        extf(CLOSING, [Booking(10**12, True, "1000", "8400", "", "Umsatz")], CLIENT)


CASES = (("Umsatz", 1, 0), ("Umsatz", 2, 0), ("Umsatz", 6, 0), ("Geldtransit", 5, 0), ("Umsatz", 1, 1))
CARDS = (("ECKarte", "girocard"), ("Kreditkarte", "Visa"), ("Kreditkarte", "Amex"))
AMOUNTS = st.integers(-(10**6), 10**6)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(CASES), AMOUNTS), max_size=8),
    st.lists(st.tuples(st.sampled_from(CARDS), AMOUNTS), max_size=5),
    AMOUNTS,
)
def test_every_account_gets_what_was_traded(
    traded: list[tuple[tuple[str, int, int], int]], cards: list[tuple[tuple[str, str], int]], opening: int
) -> None:
    """Whatever the sums and their signs: each account has its own, the cash account the rest."""
    total = sum(amount for _, amount in traded)
    cash = total + opening - sum(amount for _, amount in cards)
    rows = [case(kind, vat, amount, agency=agency) for (kind, vat, agency), amount in traded]
    rows.append(case("Anfangsbestand", 5, opening))
    paid_by = [paid(kind, amount, name) for (kind, name), amount in cards]
    found = bookings(tables(rows, [paid("Bar", cash), *paid_by]), CHART)
    assert all(booking.amount > 0 for booking in found)
    posted: dict[str, int] = {}
    for booking in found:
        signed = booking.amount if booking.debit else -booking.amount
        posted[booking.counter] = posted.get(booking.counter, 0) + signed
    expected: dict[str, int] = {}
    for (kind, vat, agency), amount in traded:
        account = CHART.of_case(kind, "", agency, vat)
        assert account is not None
        expected[account.number] = expected.get(account.number, 0) + amount
    for (kind, name), amount in cards:
        account = CHART.of_payment(kind, name)
        assert account is not None
        expected[account.number] = expected.get(account.number, 0) - amount
    assert {n: a for n, a in posted.items() if a} == {n: a for n, a in expected.items() if a}
    assert posted_to_cash(found) == cash - opening
