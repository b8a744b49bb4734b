"""The content of a GiroCode, field by field as EPC069-12 has them."""

import pytest

from kassd.core.transfers.epc import HIGHEST, LARGEST, epc_text, grouped, is_bic, is_iban
from kassd.receipt import qr

IBAN = "DE89370400440532013000"


def test_every_field_in_its_line() -> None:
    text = epc_text("Backhaus Müller & Söhne", IBAN, 390, "KASSE-0007 1-42")
    assert text.split("\n") == [
        *("BCD", "002", "1", "SCT", "", "Backhaus Müller & Söhne", IBAN, "EUR3.90", "", ""),
        "KASSE-0007 1-42",
    ]


def test_nothing_ends_with_an_empty_line() -> None:
    assert epc_text("Muster", IBAN, 1, "", "COBADEFFXXX").split("\n")[4:] == [
        *("COBADEFFXXX", "Muster", IBAN, "EUR0.01")
    ]


@pytest.mark.parametrize(
    ("cents", "told"),
    [(1, "EUR0.01"), (99, "EUR0.99"), (100_000, "EUR1000.00"), (HIGHEST, "EUR999999999.99")],
)
def test_amounts(cents: int, told: str) -> None:
    assert epc_text("Muster", IBAN, cents, "x").split("\n")[7] == told


@pytest.mark.parametrize(
    ("name", "iban", "amount", "text", "bic", "field"),
    [
        ("", IBAN, 1, "", "", "name"),
        ("x" * 71, IBAN, 1, "", "", "name"),
        ("Mus\nter", IBAN, 1, "", "", "name"),
        ("Muster", "DE89370400440532013001", 1, "", "", "iban"),
        ("Muster", IBAN, 0, "", "", "amount"),
        ("Muster", IBAN, HIGHEST + 1, "", "", "amount"),
        ("Muster", IBAN, 1, "x" * 141, "", "text"),
        ("Muster", IBAN, 1, "Zeile\nzwei", "", "text"),
        ("Muster", IBAN, 1, "", "COBA", "bic"),
        ("ö" * 70, IBAN, HIGHEST, "x" * 140, "COBADEFFXXX", f"{LARGEST} bytes"),
    ],
)
def test_what_a_bank_would_not_take(
    name: str, iban: str, amount: int, text: str, bic: str, field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        epc_text(name, iban, amount, text, bic)


def test_the_largest_fits_version_13_at_level_m() -> None:
    """331 bytes are what the standard allows."""
    assert qr.CAPACITY[12] == LARGEST
    largest = epc_text("x" * 70, IBAN, HIGHEST, "y" * 140, "COBADEFFXXX")
    assert len(largest.encode()) <= LARGEST
    assert qr.version(largest) <= 13


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (IBAN, True),
        ("GB82WEST12345698765432", True),
        ("AT611904300234573201", True),
        ("DE88370400440532013000", False),
        ("DE8937040044053201300", False),
        ("de89370400440532013000", False),
        ("DE89 3704 0044 0532 0130 00", False),
        ("", False),
    ],
)
def test_check_digits(text: str, good: bool) -> None:
    assert is_iban(text) is good


def test_two_digits_swapped_are_always_found() -> None:
    for at in range(4, len(IBAN) - 1):
        swapped = IBAN[:at] + IBAN[at + 1] + IBAN[at] + IBAN[at + 2 :]
        assert is_iban(swapped) is (swapped == IBAN)


def test_bic() -> None:
    assert is_bic("COBADEFF")
    assert is_bic("COBADEFFXXX")
    assert not is_bic("COBADEFFX")


def test_as_people_read_it() -> None:
    assert grouped(IBAN) == "DE89 3704 0044 0532 0130 00"
