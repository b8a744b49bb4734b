"""PINs: hashed, compared beside the loop, and gone before anything is decided."""

import pytest

from kassd.app.pins import Pins, asked, hash_pin, is_pin, without_pins
from kassd.settings_people import OperatorSection

STORED = hash_pin("4711")


def test_a_hash_knows_its_pin_and_is_salted() -> None:
    assert is_pin("4711", STORED)
    assert not is_pin("4712", STORED)
    assert hash_pin("4711") != STORED
    assert "4711" not in STORED


def test_the_configuration_takes_what_hash_makes() -> None:
    assert OperatorSection(name="anna", pin=STORED).pin == STORED
    with pytest.raises(ValueError, match="kein PIN-Hash"):
        OperatorSection(name="anna", pin="4711")


@pytest.mark.parametrize("pin", ["", "123", "0000", "1234", "9876"])
def test_what_everybody_guesses_is_refused(pin: str) -> None:
    with pytest.raises(ValueError, match="PIN"):
        hash_pin(pin)


async def test_only_right_pins_of_known_operators_are_proven() -> None:
    pins = Pins([("anna", STORED), ("chef", hash_pin("2580"))])
    assert await pins.prove({"operator": "anna", "pin": "4711"}) == ("anna",)
    assert await pins.prove({"operator": "anna", "pin": "2580"}) == ()
    assert await pins.prove({"operator": "eva", "pin": "4711"}) == ()
    assert await pins.prove({"approval": {"operator": "chef", "pin": "2580"}}) == ("chef",)
    assert await Pins(()).prove({"operator": "anna", "pin": "4711"}) == ()


def test_nothing_but_texts_is_asked() -> None:
    assert asked({"operator": 7, "pin": "1"}) == []
    assert asked({"approval": "chef"}) == []
    assert asked({"operator": "anna", "pin": "1"}) == [("anna", "1")]


def test_pins_are_taken_off() -> None:
    args = {"operator": "anna", "pin": "1", "approval": {"operator": "chef", "pin": "2"}, "line": 3}
    assert without_pins(args) == {"operator": "anna", "approval": {"operator": "chef"}, "line": 3}
    assert args["pin"] == "1"
