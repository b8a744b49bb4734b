"""Two reports of a terminal: the same transaction, another one, or nobody can say."""

from dataclasses import replace
from typing import Any

import pytest

from kassd.core.cards.data import CardData
from kassd.core.cards.identity import is_exact, likeness, steps

ONE = CardData("karte", 350, "0011", "000101", "30010207", at="1122 123000")
BARE = CardData("karte", 350)
LONG = replace(ONE, trace="000000", long_trace="01000001", receipt="0001")


@pytest.mark.parametrize(
    ("one", "changes", "expected"),
    [
        (ONE, {}, "same"),
        (ONE, {"trace": "000102"}, "other"),
        (ONE, {"trace": "000102", "receipt": "0012", "at": "1122 123100"}, "other"),
        (ONE, {"at": "1122 180000"}, "unsure"),
        (ONE, {"receipt": "0012"}, "unsure"),
        (ONE, {"amount": 351}, "unsure"),
        (ONE, {"result": "declined"}, "unsure"),
        (ONE, {"terminal_id": "99999999", "trace": "000102"}, "unsure"),
        (ONE, {"receipt": "", "at": "", "terminal_id": ""}, "same"),
        (ONE, {"trace": "000000"}, "same"),
        (ONE, {"trace": "", "at": ""}, "unsure"),
        (ONE, {"trace": "", "receipt": "0012", "at": ""}, "other"),
        (ONE, {"trace": "", "receipt": "0012", "at": "1122 180000"}, "other"),
        (ONE, {"trace": "", "receipt": "0012"}, "unsure"),
        (BARE, {}, "unsure"),
        (replace(BARE, trace="000000", receipt="0000"), {}, "unsure"),
        (LONG, {}, "same"),
        (LONG, {"long_trace": "01000002", "at": "1122 180000"}, "other"),
        (LONG, {"long_trace": "", "at": "1122 180000"}, "unsure"),
    ],
)
def test_likeness(one: CardData, changes: dict[str, Any], expected: str) -> None:
    other = replace(one, **changes)
    assert likeness(one, other) == expected
    assert likeness(other, one) == expected


@pytest.mark.parametrize("missing", ["receipt", "trace", "at"])
def test_exact_needs_all_four(missing: str) -> None:
    assert is_exact(ONE, replace(ONE, name="girocard"))
    less = replace(ONE, **{missing: ""})
    assert not is_exact(less, less)
    assert not is_exact(ONE, replace(ONE, amount=1))
    assert is_exact(LONG, LONG)


def test_steps() -> None:
    assert steps(ONE, replace(ONE, trace="000103")) == 2
    assert steps(LONG, replace(LONG, long_trace="01000002")) == 1
    assert steps(None, ONE) is None
    assert steps(BARE, ONE) is None


def test_what_people_read_of_it() -> None:
    assert LONG.reference == "T-ID 30010207 BNr. 0001 Trace 01000001"
    assert ONE.when == "22.11. 12:30:00"
    assert BARE.when == ""
