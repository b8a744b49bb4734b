"""Texts of terminals: CP437, the seven-bit set, and those who send Latin-1 without saying so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.devices.terminal.zvt import charset
from tests.devices.terminal.zvt.samples import RELAXED


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("cp437", b"H\x8eNDLERBELEG"),
        ("iso8859-1", b"H\xc4NDLERBELEG"),
        ("utf-8", b"H\xc3\x84NDLERBELEG"),
        ("zvt7", b"H[NDLERBELEG"),
    ],
)
def test_a_text_in_each_set(name: str, raw: bytes) -> None:
    assert charset.to_text(raw, name) == "HÄNDLERBELEG"
    assert charset.to_bytes("HÄNDLERBELEG", name) == raw


def test_the_seven_bit_set_has_german_letters_for_brackets() -> None:
    assert charset.to_text(b"[\\]{|}~", charset.SEVEN_BIT) == "ÄÖÜäöüß"
    assert charset.to_bytes("Grüße €", charset.SEVEN_BIT) == b"Gr}~e ?"


@pytest.mark.parametrize(
    ("name", "samples"),
    [
        ("cp437", [b"BEZAHLT", b""]),
        ("cp437", [b"H\x8eNDLERBELEG", b"Summe"]),
        ("cp437", [b"\xc4\xc4\xc4\xc4\xc4\xc4"]),  # a line of a box, not six Ä
        ("iso8859-1", [b"Summe", b"H\xc4NDLERBELEG"]),
        ("iso8859-1", [b"ZUR\xdcCKGEWIESEN"]),
        ("utf-8", ["Rückgabe".encode()]),
    ],
)
def test_the_set_is_guessed_by_german_letters(name: str, samples: list[bytes]) -> None:
    assert charset.guess(samples) == name


@RELAXED
@given(st.binary(), st.sampled_from(charset.NAMES))
def test_any_bytes_are_some_text_that_a_screen_can_show(raw: bytes, name: str) -> None:
    shown = charset.visible(charset.to_text(raw, name))
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)


def test_what_tag_14_says() -> None:
    assert charset.BY_CODE[0xFF] == "cp437"
    assert charset.BY_CODE[0x0F] == "iso8859-15"
    assert 12 not in charset.BY_CODE
    for name in charset.BY_CODE.values():
        assert charset.to_text(b"A", name) == "A"
