"""kassd.core.lettering: what is no character of a printed line."""

import pytest

from kassd.core.lettering import NAMES, printable, unprintable


@pytest.mark.parametrize("text", ["", "Bäckerei Müller & Söhne, 1.", "½ 👍 €"])
def test_a_line_is_left_alone(text: str) -> None:
    assert unprintable(text) == ""
    assert printable(text) == text


def test_the_first_one_is_named_with_its_place() -> None:
    assert unprintable("Back\nhaus\0") == "U+000A (Zeilenumbruch), Stelle 5"
    assert unprintable("\x07") == "U+0007 (Steuerzeichen), Stelle 1"
    assert printable("Back\nhaus\0") == "Back\ufffdhaus\ufffd"


def test_only_what_cannot_be_printed_has_a_name() -> None:
    assert all(unprintable(char) for char in NAMES)
