import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassd.receipt.codepage import to_page

GERMAN = "äöüÄÖÜß é à ñ"


@pytest.mark.parametrize("page", ["cp1252", "cp858", "cp437"])
def test_german_letters_are_on_every_page(page: str) -> None:
    assert to_page(GERMAN, page, 42).decode(page) == GERMAN


@pytest.mark.parametrize(("page", "euro"), [("cp1252", b"\x80"), ("cp858", b"\xd5"), ("cp437", b"EUR")])
def test_the_euro_is_right_on_every_page(page: str, euro: bytes) -> None:
    assert to_page("€", page, 42) == euro


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("„Gans“ ’n’", "\"Gans\" 'n'"),
        ("A\u0308pfel", "Äpfel"),
        ("Żurek č Łódź", "Zurek c Lódz"),
        ("2\u202f×\u00a03", "2 × 3"),
        ("寿司", "??"),
        ("−5 ½", "-5 ½"),
        ("☕", "?"),
    ],
)
def test_replacements_on_cp1252(text: str, printed: str) -> None:
    assert to_page(text, "cp1252", 42).decode("cp1252") == printed


def test_a_longer_replacement_eats_blanks_not_columns() -> None:
    line = f"{'Summe':<35}24,88 €"
    assert to_page(line, "cp437", 42).decode("cp437") == f"{'Summe':<33}24,88 EUR"
    assert len(to_page("  a  €", "cp437", 6)) == 7  # the indent stays, one blank goes, the printer wraps


@given(st.text(), st.sampled_from(["cp1252", "cp858", "cp437"]))
def test_never_a_command_byte(text: str, page: str) -> None:
    assert all(byte >= 0x20 and byte != 0x7F for byte in to_page(text, page, 42))
