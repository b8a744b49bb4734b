"""What settles a sale without money stands under the sum, with the rest it leaves; vouchers have slips."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kassd.core.document import Document, Tender, VatSum
from kassd.receipt.layout import layout, plain_text
from kassd.receipt.page import Qr
from kassd.receipt.text import money

from .samples import ISSUER, REGISTER, SALE, position

REDEEMED = position(
    9, "Gutschein eingelöst", "-1", 500, -500, "E",
    case="MehrzweckgutscheinEinloesung", note="Nr. GS1, Restwert 15,00 €",
)  # fmt: skip
VOUCHER = Document(
    id="V3-GS1", kind="voucher", title="Wertgutschein", number="3", register=REGISTER, issuer=ISSUER,
    issued_at="2026-11-21T10:42:30+01:00", total=5000, code="GS1", valid_until="2029-12-31",
)  # fmt: skip


def rows(document: Document) -> list[str]:
    return [" ".join(row.split()) for row in plain_text(document, 42).splitlines()]


def test_a_redeemed_voucher_stands_below_the_sum_of_the_goods() -> None:
    paid = SALE.total - 500
    document = replace(
        SALE,
        positions=(*SALE.positions, REDEEMED),
        total=paid,
        payments=(Tender("Bar", "Bar", paid),),
    )
    text = rows(document)
    total = next(i for i, row in enumerate(text) if row.startswith("Summe"))
    assert text[total] == next(row for row in rows(SALE) if row.startswith("Summe"))
    assert text[total + 1 : total + 3] == ["Gutschein eingelöst 5,00 €", "Nr. GS1, Restwert 15,00 €"]
    assert not any("Gutschein" in row for row in text[:total])


def test_paid_with_vouchers_alone_it_does_not_say_that_nothing_was_paid() -> None:
    document = replace(SALE, positions=(*SALE.positions, REDEEMED), total=0, payments=())
    assert "keine Zahlung" not in rows(document)


def test_what_is_given_back_alone_is_a_position() -> None:
    back = replace(REDEEMED, n=1, text="Anzahlung zurück", case="Anzahlungsaufloesung", note="")
    text = rows(replace(SALE, positions=(back,), total=-500, payments=(Tender("Bar", "Bar", -500),)))
    assert text.index("Summe -5,00 €") > next(i for i, row in enumerate(text) if "Anzahlung zurück" in row)


def test_cash_of_another_currency_shows_its_rate() -> None:
    franc = Tender("Bar", "Bar", 1900, 2000, "CHF", 2000, Decimal("0.9500"))
    text = rows(replace(SALE, payments=(franc, Tender("Bar", "Rückgeld", -400)), change=0))
    at = text.index("Bar 20,00 CHF 19,00 €")
    assert text[at + 1 : at + 3] == ["1 CHF = 0,95 €", "Rückgeld -4,00 €"]


def test_a_reference_of_the_terminal_is_shown() -> None:
    text = rows(replace(SALE, payments=(Tender("ECKarte", "girocard", SALE.total, reference="TA 4711"),)))
    assert "TA 4711" in text


def test_another_day_of_supply_replaces_the_usual_sentence() -> None:
    text = rows(replace(SALE, service="Anzahlung, die Leistung folgt"))
    assert "Anzahlung, die Leistung folgt" in text
    assert "Leistungsdatum entspricht Belegdatum" not in text


def test_a_delivery_note_is_no_receipt_and_shows_no_tax() -> None:
    text = rows(replace(SALE, bon_type="AVTransfer", title="Lieferschein", payments=(), change=0))
    assert "Kein Kassenbeleg, die Rechnung folgt." in text
    assert not any(row.startswith(("MwSt", "keine Zahlung")) for row in text)


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_voucher_can_be_read_and_scanned(columns: int) -> None:
    items = layout(VOUCHER, columns)
    assert [item.text for item in items if isinstance(item, Qr)] == ["GS1"]
    text = plain_text(VOUCHER, columns)
    for words in ("50,00 €", "GS1", "31.12.2029", REGISTER, "Dies ist kein Kassenbeleg."):
        assert words in text
    assert "TSE" not in text


SUMS = st.lists(
    st.builds(
        lambda gross, rate: VatSum(1, "A", rate, gross - gross // 7, gross // 7, gross),
        st.one_of(
            st.integers(-99_999_999, 99_999_999), st.sampled_from([99_999, 100_000, -100_000, 1_000_000])
        ),
        st.sampled_from([Decimal(19), Decimal(7), Decimal("10.7"), Decimal(0)]),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(SUMS, st.integers(24, 48))
@example([VatSum(1, "A", Decimal(19), 84_034, 15_966, 100_000)], 32)
@example([VatSum(1, "A", Decimal(19), -84_034, -15_966, -100_000)], 32)
@example([VatSum(1, "A", Decimal(7), 934_579, 65_421, 1_000_000)], 32)
@example([VatSum(1, "A", Decimal("10.7"), -99_999_999, -99_999_999, -99_999_999)], 24)
def test_in_the_table_of_taxes_no_value_is_cut_and_no_two_touch(sums: list[VatSum], columns: int) -> None:
    rows = plain_text(replace(SALE, vat=tuple(sums)), columns).splitlines()
    start = next(n for n, row in enumerate(rows) if row.startswith("MwSt"))
    table = rows[start : rows.index("", start)]
    assert max(map(len, table)) <= columns
    words = [word for row in table for word in row.split() if "," in word and word != "10,7"]
    assert words == [money(value) for vat in sums for value in (vat.net, vat.tax, vat.gross)]
    if table[0].split() == ["MwSt", "Netto", "Steuer", "Brutto"]:  # its values stand under their names
        ends = [table[0].index(name) + len(name) for name in ("Netto", "Steuer", "Brutto")]
        assert ends[2] == columns
        for row, vat in zip(table[1:], sums, strict=True):
            for end, value in zip(ends, (vat.net, vat.tax, vat.gross), strict=True):
                assert row[:end].endswith(" " + money(value))
