"""``[girocode]``: an account that cannot be is refused before anybody sends money to it."""

from typing import Any

import pytest
from pydantic import ValidationError

from kassd.core.transfers.epc import HIGHEST, LARGEST, NAME, REFERENCE, epc_text
from kassd.settings_girocode import GirocodeSection

ACCOUNT: dict[str, Any] = {"name": "Backhaus Muster", "iban": "DE89 3704 0044 0532 0130 00"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"iban": "DE89 3704 0044 0532 0130 01"}, "Prüfziffern"),
        ({"iban": ""}, "Prüfziffern"),
        ({"bic": "COBA"}, "BIC"),
        ({"name": "x" * 71}, "70"),
        ({"name": ""}, "at least 1"),
        ({"name": "   "}, "Name fehlt"),
        ({"name": "\U0001f35e" * 70}, "331 Bytes"),
    ],
)
def test_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        GirocodeSection.model_validate(ACCOUNT | change)


def test_blanks_and_small_letters_are_no_matter() -> None:
    section = GirocodeSection.model_validate(ACCOUNT | {"iban": "de89 3704 0044 0532 0130 00"})
    assert section.iban == "DE89370400440532013000"


def test_a_name_of_blanks_around_is_the_name() -> None:
    assert GirocodeSection.model_validate(ACCOUNT | {"name": " Backhaus "}).name == "Backhaus"


@pytest.mark.parametrize("bic", ["", "COBADEFFXXX"])
def test_seventy_umlauts_are_taken_and_always_shown(bic: str) -> None:
    section = GirocodeSection.model_validate(ACCOUNT | {"name": "ö" * NAME, "bic": bic})
    longest = epc_text(section.name, section.iban, HIGHEST, "x" * REFERENCE, section.bic)
    assert len(longest.encode()) <= LARGEST
