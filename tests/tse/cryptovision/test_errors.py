"""Every result word of the wire's description has a name and a sentence of its own."""

import pytest

from kassd.errors import TseGone, TseRefused, TseSilent
from kassd.tse import codes
from kassd.tse.cryptovision.errors import error

WORDS = [*range(0x8000, 0x801F), *range(0x8100, 0x8105)]


def test_every_word_is_known_and_no_two_say_the_same() -> None:
    found = {word: error(word) for word in WORDS}
    names = [each.code for each in found.values() if isinstance(each, TseRefused)]
    assert len(set(names)) == len(names) == len(WORDS) - 2
    assert len({str(each) for each in found.values()}) == len(WORDS)
    assert not [name for name in names if name.startswith("Error8")]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (0x8005, codes.STORAGE),
        (0x8006, codes.DISABLED),
        (0x8008, codes.NOT_AUTHENTICATED),
        (0x800D, codes.CERTIFICATE_EXPIRED),
        (0x800E, codes.NO_TRANSACTION),
        (0x8011, codes.TIME_NOT_SET),
        (0x8012, codes.CLIENT_UNKNOWN),
        (0x8015, codes.NO_DATA),
        (0x8017, codes.UNEXPORTED),
        (0x801A, codes.TRANSACTION_NOT_FOUND),
        (0x8000, "ErrorSECommunicationFailed"),
        (0x801C, "ErrorTransportState"),
        (0x8777, "Error8777"),
    ],
)
def test_names(word: int, code: str) -> None:
    found = error(word)
    assert isinstance(found, TseRefused)
    assert found.code == code
    assert str(found).endswith((".", ")"))


def test_without_power_it_must_be_opened_again_and_after_a_timeout_asked() -> None:
    assert isinstance(error(0x801D), TseGone)
    assert isinstance(error(0x8100), TseSilent)
