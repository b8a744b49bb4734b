"""``[girocode]``: an account that cannot be is refused before anybody sends money to it."""

from typing import Any

import pytest
from pydantic import ValidationError

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
    ],
)
def test_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        GirocodeSection.model_validate(ACCOUNT | change)


def test_blanks_and_small_letters_are_no_matter() -> None:
    section = GirocodeSection.model_validate(ACCOUNT | {"iban": "de89 3704 0044 0532 0130 00"})
    assert section.iban == "DE89370400440532013000"
