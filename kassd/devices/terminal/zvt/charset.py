"""Character sets of a terminal's texts (PA00P015 chapter 15, tag 14). Pure.

Unless the terminal accepted another, texts are CP437; some terminals send Latin-1 all the same (``quirks``).
"""

from collections.abc import Iterable

DEFAULT = "cp437"
SEVEN_BIT = "zvt7"  # chapter 15.1: German letters in the place of brackets
_SEVEN = str.maketrans("[\\]{|}~", "ÄÖÜäöüß")
_TO_SEVEN = str.maketrans("ÄÖÜäöüß", "[\\]{|}~")
# What tag 14 says.
BY_CODE = {0x00: "ascii", 0xFE: "utf-8", 0xFF: DEFAULT}
BY_CODE |= {number: f"iso8859-{number}" for number in range(1, 17) if number != 12}
CODES = {name: code for code, name in BY_CODE.items()}
NAMES = (DEFAULT, SEVEN_BIT, "utf-8", "ascii", *(f"iso8859-{number}" for number in (1, 2, 15)))
_LETTERS_437 = frozenset(b"\x84\x94\x81\x8e\x99\x9a\xe1")  # ä ö ü Ä Ö Ü ß
_LETTERS_LATIN = frozenset(b"\xe4\xf6\xfc\xc4\xd6\xdc\xdf")


def to_text(raw: bytes, charset: str = DEFAULT) -> str:
    """Text of ``raw``; a byte that the set does not have becomes U+FFFD."""
    if charset == SEVEN_BIT:
        return raw.decode("ascii", "replace").translate(_SEVEN)
    return raw.decode(charset, "replace")


def to_bytes(text: str, charset: str = DEFAULT) -> bytes:
    """``text`` in the set; a character that it does not have becomes ``?``."""
    if charset == SEVEN_BIT:
        return text.translate(_TO_SEVEN).encode("ascii", "replace")
    return text.encode(charset, "replace")


def guess(samples: Iterable[bytes]) -> str:
    """The set that the German letters among ``samples`` speak for: CP437, UTF-8 or Latin-1.

    For reading a recording of which nobody knows the terminal; a driver knows it from the registration.
    """
    found = list(samples)
    foreign = [raw for raw in found if not raw.isascii()]
    if foreign and all(_is_utf8(raw) for raw in foreign):
        return "utf-8"
    old = sum(_beside_letters(raw, _LETTERS_437) for raw in foreign)
    latin = sum(_beside_letters(raw, _LETTERS_LATIN) for raw in foreign)
    return "iso8859-1" if latin > old else DEFAULT


def visible(text: str) -> str:
    """``text`` for a screen: control characters, also those of a terminal emulator, become pictures."""
    return "".join(_picture(char) for char in text)


def _picture(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\ufffd" if 0x7F <= code < 0xA0 else char


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _beside_letters(raw: bytes, letters: frozenset[int]) -> int:
    """How many of ``letters`` stand beside a letter of the alphabet, as lines of a box do not."""
    padded = b" " + raw + b" "
    return sum(
        byte in letters and (padded[at : at + 1].isalpha() or padded[at + 2 : at + 3].isalpha())
        for at, byte in enumerate(raw)
    )
