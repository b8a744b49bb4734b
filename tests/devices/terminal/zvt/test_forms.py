"""Values of fields: amounts, packed digits, codes, and what nobody may read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt import forms
from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.forms import AnyForm
from tests.devices.terminal.zvt.samples import RELAXED


@RELAXED
@given(st.integers(0, forms.AMOUNT_MAX))
def test_amounts_come_back(cents: int) -> None:
    raw = forms.AMOUNT.encode(cents, 6, "")
    assert (len(raw), forms.AMOUNT.decode(raw, "")) == (6, cents)


@pytest.mark.parametrize("cents", [-1, forms.AMOUNT_MAX + 1])
def test_an_amount_that_no_terminal_knows(cents: int) -> None:
    with pytest.raises(ValueError, match="no amount"):
        forms.AMOUNT.encode(cents, 6, "")


def test_digits_that_are_none_are_no_amount() -> None:
    with pytest.raises(CodecError, match="kein Betrag"):
        forms.AMOUNT.decode(bytes.fromhex("0000000000EE"), "")


@RELAXED
@given(st.text("0123456789", max_size=8))
def test_packed_digits_keep_their_zeros(digits: str) -> None:
    assert forms.from_bcd(forms.to_bcd(digits, 4)) == digits.rjust(8, "0")


def test_too_many_digits_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        forms.to_bcd("12345", 2)


@pytest.mark.parametrize(
    ("form", "raw", "text"),
    [
        (forms.AMOUNT, "000000001999", "19,99"),
        (forms.AMOUNT, "000000000005", "0,05"),
        (forms.TIME, "223953", "22:39:53"),
        (forms.MONTH_DAY, "1006", "06.10."),
        (forms.YEAR_MONTH, "2512", "12/25"),
        (forms.DATE, "261122", "22.11.2026"),
        (forms.LONG_DATE, "20261122", "22.11.2026"),
        (forms.COLUMNS, "4204", "42 Spalten, 04 Zeilen"),
        (forms.TIME, "22", "22"),
        (forms.CURRENCY, "0978", "0978: EUR"),
        (forms.RESULT, "6C", "6C: Abbruch: Taste am Terminal oder Zeit abgelaufen"),
        (forms.RESULT, "33", "33: Verfügungsrahmen überschritten (Netzbetreiber 51)"),
        (forms.CARD_TYPE, "05", "5: girocard"),
        (forms.TECHNOLOGY, "02", "02: kontaktlos (NFC)"),
        (forms.CARDHOLDER, "77", "77: unbekannt"),
        (forms.COMMAND, "06D3", "06 D3"),
        (forms.FLAGS, "BE", "BE (binär 10111110)"),
        (forms.ENDED_TEXT, "4D41455354524F00", "MAESTRO"),
        (forms.ZERO_PADDED, "3935383532300000", "958520"),
        (forms.SPACE_PADDED, "3130303736343939322020", "100764992"),
    ],
)
def test_what_a_person_reads(form: AnyForm, raw: str, text: str) -> None:
    assert form.speak(form.decode(bytes.fromhex(raw), "cp437")) == text


@pytest.mark.parametrize(
    ("digits", "shown"),
    [
        ("EEEEEEEEEEEE4771", "************4771"),
        ("EEEEEEEEEEEEEEE4281F", "***************4281"),
        ("4711471147114711", "471147******4711"),
        ("4711471147114711D25122011234", "471147******4711"),
        ("", ""),
    ],
)
def test_no_more_of_a_card_number_than_may_be_shown(digits: str, shown: str) -> None:
    assert forms.masked(digits) == shown
    assert forms.PAN.secret


def test_a_secret_has_no_text() -> None:
    assert forms.SECRET.speak(forms.SECRET.decode(b"\x12\x34", "")) == "****"
    assert forms.TRACK_TEXT.speak("B4711^MUSTER") == "*" * 12


def test_texts_fill_their_field() -> None:
    assert forms.SPACE_PADDED.encode("1007", 15, "cp437") == b"1007" + b" " * 11
    assert forms.ZERO_PADDED.encode("9585", 8, "cp437") == b"9585\0\0\0\0"
    with pytest.raises(ValueError, match="does not fit"):
        forms.ZERO_PADDED.encode("123456789", 8, "cp437")


def test_numbers_that_do_not_fit_are_refused() -> None:
    assert forms.NUMBER.encode(255, 1, "") == b"\xff"
    assert forms.NUMBER.encode(256, 0, "") == b"\x01\x00"
    with pytest.raises(ValueError, match="does not fit"):
        forms.NUMBER.encode(256, 1, "")
