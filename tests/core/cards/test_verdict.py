"""What the terminal's answer comes to: nothing is decided that it has not said."""

from dataclasses import replace
from typing import Any

import pytest

from kassd.core.cards.data import CardData
from kassd.core.cards.state import Charge
from kassd.core.cards.verdict import verdict

BEFORE = CardData("karte", 350, "0010", "000100", "30010207", at="1122 120000")
APPROVED = CardData("karte", 350, "0011", "000101", "30010207", at="1122 123000")
NEXT = replace(APPROVED, receipt="0012", trace="000102", at="1122 123001")
TAKEN_BACK = replace(NEXT, original_trace="000101")


def charge(**values: Any) -> Charge:
    return Charge(
        **{"id": "1.0", "terminal": "karte", "operation": "payment", "amount": 350, "at": "", **values}
    )


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (APPROVED, "done"),
        (BEFORE, "failed"),
        (TAKEN_BACK, "failed"),
        (NEXT, "unknown"),
        (replace(APPROVED, at="1122 180000"), "unknown"),
        (replace(APPROVED, amount=999), "unknown"),
        (replace(APPROVED, result="unread", amount=0), "unknown"),
        (replace(APPROVED, result="declined"), "unknown"),
        (CardData("karte", 350), "unknown"),
        (None, "unknown"),
    ],
)
def test_approved(last: CardData | None, expected: str) -> None:
    found = "last" if last is not None else "none"
    assert verdict(charge(known=BEFORE, data=APPROVED), found, last) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (APPROVED, "done"),
        (NEXT, "done"),
        (BEFORE, "failed"),
        (replace(BEFORE, at="1122 180000"), "unknown"),
        (TAKEN_BACK, "failed"),
        (replace(TAKEN_BACK, trace="000103"), "unknown"),
        (replace(TAKEN_BACK, original_trace="000100"), "unknown"),
        (replace(APPROVED, original_trace="000100"), "unknown"),
        (replace(APPROVED, amount=351), "unknown"),
        (replace(APPROVED, result="declined", amount=0), "failed"),
        (replace(NEXT, result="declined", amount=0), "unknown"),
        (replace(APPROVED, result="unread", amount=0), "unknown"),
        (replace(APPROVED, result="unread"), "unknown"),
        (replace(APPROVED, terminal_id="99999999"), "unknown"),
        (CardData("karte", 350), "unknown"),
        (None, "unknown"),
    ],
)
def test_nothing_was_heard(last: CardData | None, expected: str) -> None:
    found = "last" if last is not None else "none"
    assert verdict(charge(known=BEFORE), found, last) == expected  # type: ignore[arg-type]


def test_what_was_never_certain_does_not_become_so() -> None:
    assert verdict(charge(), "none", None) == "failed"
    assert verdict(charge(), "last", APPROVED) == "done"
    assert verdict(charge(data=APPROVED), "none", None) == "failed"
    unsure = charge(sure=False)
    assert verdict(unsure, "none", None) == "unknown"
    assert verdict(unsure, "last", APPROVED) == "unknown"
    assert verdict(replace(unsure, known=BEFORE), "last", APPROVED) == "unknown"
    assert verdict(replace(unsure, known=BEFORE), "last", BEFORE) == "failed"
    assert verdict(replace(unsure, data=APPROVED), "last", APPROVED) == "done"
    assert verdict(charge(known=BEFORE), "mute", None) == "unknown"
    assert verdict(charge(known=BEFORE, data=APPROVED), "mute", None) == "unknown"


def test_another_of_the_amount_was_made_meanwhile() -> None:
    beside = charge(known=BEFORE, others=True)
    assert verdict(beside, "last", APPROVED) == "unknown"
    assert verdict(beside, "last", BEFORE) == "failed"
    assert verdict(replace(beside, data=APPROVED), "last", APPROVED) == "done"


def test_receipt_numbers_that_begin_anew() -> None:
    """A long trace tells them apart; without one the time does, for what was approved."""
    known = replace(BEFORE, receipt="0001", trace="000000", long_trace="01000001")
    mine = replace(known, long_trace="01000002", at="1122 180000")
    assert verdict(charge(known=known), "last", mine) == "done"
    assert verdict(charge(known=known), "last", known) == "failed"
    known, mine = replace(known, long_trace=""), replace(mine, long_trace="")
    assert verdict(charge(known=known, data=mine), "last", mine) == "done"
    assert verdict(charge(known=known), "last", mine) == "unknown"


def test_a_reversal_names_what_it_undoes() -> None:
    back = charge(operation="reversal", known=APPROVED, original=APPROVED)
    assert verdict(back, "last", TAKEN_BACK) == "done"
    assert verdict(back, "last", NEXT) == "unknown"
    assert verdict(back, "last", replace(TAKEN_BACK, original_trace="000099")) == "unknown"
    assert verdict(back, "last", APPROVED) == "failed"
    assert verdict(charge(operation="refund", known=APPROVED), "last", TAKEN_BACK) == "unknown"
