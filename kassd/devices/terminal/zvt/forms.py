"""What the bytes of a field are: a number, packed digits, an amount, a text, a code. Pure.

A :class:`Form` makes values of bytes and bytes of values, and a value readable for a person. Packed digits
(BCD) are strings, so that no leading zero is lost: receipt number ``"0470"``.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt import charset, meanings
from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.masking import MASK, SHORTEST, SHOWN_FIRST, SHOWN_LAST, hidden_bytes

V = TypeVar("V")
AMOUNT_BYTES = 6
AMOUNT_MAX = 10 ** (2 * AMOUNT_BYTES) - 1


@dataclass(frozen=True, slots=True)
class Form(Generic[V]):
    """``decode`` raises :class:`CodecError`; ``encode`` takes the field's size, 0 where it varies, and raises
    ValueError; ``speak`` makes a German text; ``secret``: the bytes are nobody's business."""

    decode: Callable[[bytes, str], V]
    encode: Callable[[V, int, str], bytes]
    speak: Callable[[V], str]
    secret: bool = False


def from_bcd(raw: bytes) -> str:
    """Two digits a byte; A to F stay as they are (masks, separators, padding)."""
    return raw.hex().upper()


def to_bcd(digits: str, size: int = 0) -> bytes:
    """Packed digits with leading zeros up to ``size`` bytes; raises ValueError if they do not fit."""
    width = 2 * size or len(digits) + len(digits) % 2
    if len(digits) > width:
        raise ValueError(f"{digits!r} does not fit into {size} bytes")
    return bytes.fromhex(digits.rjust(width, "0"))


def _amount(raw: bytes, _: str) -> int:
    digits = from_bcd(raw)
    if not digits.isdigit():
        raise CodecError(f"„{hidden_bytes(raw).replace(' ', '')}“ ist kein Betrag.")
    return int(digits)


def _to_amount(cents: int, size: int, _: str) -> bytes:
    if not 0 <= cents <= AMOUNT_MAX:
        raise ValueError(f"{cents} is no amount that a terminal knows")
    return to_bcd(str(cents), size or AMOUNT_BYTES)


def _to_number(value: int, size: int, _: str) -> bytes:
    if value < 0 or (size and value >= 1 << 8 * size):
        raise ValueError(f"{value} does not fit into {size} bytes")
    return value.to_bytes(size or max(1, (value.bit_length() + 7) // 8), "big")


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def _text(raw: bytes, name: str) -> str:
    return charset.to_text(raw, name)


def _ended_text(raw: bytes, name: str) -> str:
    return charset.to_text(raw.rstrip(b"\0"), name)


def _to_text(value: str, size: int, name: str) -> bytes:
    raw = charset.to_bytes(value, name)
    if size and len(raw) > size:
        raise ValueError(f"{value!r} does not fit into {size} bytes")
    return raw


def _to_padded(filler: bytes) -> Callable[[str, int, str], bytes]:
    return lambda value, size, name: _to_text(value, size, name).ljust(size, filler)


def _digits(speak: Callable[[str], str] = str, *, secret: bool = False) -> Form[str]:
    return Form(lambda raw, _: from_bcd(raw), lambda value, size, _: to_bcd(value, size), speak, secret)


def _placed(size: int, pattern: str) -> Callable[[str], str]:
    """Pairs of digits set into ``pattern``; what has not ``size`` digits stays as it is."""

    def speak(digits: str) -> str:
        pairs = [digits[at : at + 2] for at in range(0, size, 2)]
        return pattern.format(*pairs) if len(digits) == size else digits

    return speak


def masked(digits: str) -> str:
    """A card number with its first six and last four digits at most, a piece of one with its first six; what
    the terminal masked stays so."""
    number = digits.rstrip("F").partition("D")[0]
    last = len(number) - SHOWN_LAST if len(number) >= SHORTEST else len(number)
    hidden = (MASK if char == "E" or SHOWN_FIRST <= at < last else char for at, char in enumerate(number))
    return "".join(hidden)


def _code(table: Mapping[int, str], unknown: str = "unbekannt") -> Form[int]:
    return Form(_number, _to_number, lambda value: f"{value:02X}: {table.get(value, unknown)}")


def _number(raw: bytes, _: str) -> int:
    return int.from_bytes(raw, "big")


def _speak_flags(value: int) -> str:
    return f"{value:02X} (binär {value:08b})"


NUMBER: Form[int] = Form(_number, _to_number, str)
FLAGS: Form[int] = Form(_number, _to_number, _speak_flags)
AMOUNT: Form[int] = Form(_amount, _to_amount, _euros)
DIGITS = _digits()
TIME = _digits(_placed(6, "{0}:{1}:{2}"))  # HHMMSS
MONTH_DAY = _digits(_placed(4, "{1}.{0}."))  # MMDD
YEAR_MONTH = _digits(_placed(4, "{1}/{0}"))  # YYMM
DATE = _digits(_placed(6, "{2}.{1}.20{0}"))  # YYMMDD
LONG_DATE = _digits(_placed(8, "{3}.{2}.{0}{1}"))  # YYYYMMDD
COLUMNS = _digits(_placed(4, "{0} Spalten, {1} Zeilen"))  # SSZZ
PAN = _digits(masked, secret=True)
SECRET = _digits(lambda digits: MASK * len(digits), secret=True)
TRACK_TEXT: Form[str] = Form(_text, _to_text, lambda value: MASK * len(value), True)
HEX: Form[bytes] = Form(lambda raw, _: raw, lambda value, _size, _name: value, lambda value: value.hex(" "))
TEXT: Form[str] = Form(_text, _to_text, str)
ENDED_TEXT: Form[str] = Form(_ended_text, lambda value, size, name: _to_text(value, size, name) + b"\0", str)
ZERO_PADDED: Form[str] = Form(_ended_text, _to_padded(b"\0"), str)
SPACE_PADDED: Form[str] = Form(
    lambda raw, name: charset.to_text(raw.rstrip(b" \0"), name), _to_padded(b" "), str
)
SEVEN_BIT: Form[str] = Form(
    lambda raw, _: charset.to_text(raw, charset.SEVEN_BIT),
    lambda value, size, _: _to_text(value, size, charset.SEVEN_BIT),
    str,
)

RESULT: Form[int] = Form(_number, _to_number, lambda value: f"{value:02X}: {meanings.result(value).what}")
STATUS = _code(meanings.TERMINAL_STATUS)
INTERMEDIATE: Form[int] = Form(
    _number, _to_number, lambda value: f"{value:02X}: {meanings.intermediate(value)}"
)
CARD_TYPE: Form[int] = Form(
    _number, _to_number, lambda value: f"{value}: {meanings.CARD_TYPES.get(value, 'unbekannt')}"
)
CURRENCY = _digits(lambda digits: f"{digits}: {meanings.CURRENCIES.get(digits, 'unbekannt')}")
PAYMENT_TYPE: Form[int] = Form(_number, _to_number, lambda value: f"{value:02X}: {meanings.payment(value)}")
CARDHOLDER = _code(meanings.CARDHOLDER)
ONLINE = _code({0: "offline", 1: "online"})
TECHNOLOGY = _code({0: "Magnetstreifen", 1: "Chip", 2: "kontaktlos (NFC)"})
RECEIPT_TYPE = _code({1: "Händlerbeleg", 2: "Kundenbeleg", 3: "Verwaltungsbeleg"})
RECEIPT_ID = _code(
    {1: "letzter", 2: "Händlerbeleg", 3: "Kundenbeleg", 4: "Kassenschnitt", 5: "Journal", 6: "Abstimmung"}
)
CHARSET = _code(charset.BY_CODE)
DIAGNOSIS = _code({1: "Leitung", 2: "erweitert", 3: "Konfiguration", 4: "EMV-Konfiguration", 5: "EP2"})
CLOSING_MODE = _code({0: "üblich", 1: "erzwungen", 2: "selbsttätig"})
ATTRIBUTE: Form[int] = Form(_number, _to_number, lambda value: f"{value:02X}: {meanings.attribute(value)}")
COMMAND = _digits(_placed(4, "{0} {1}"))

AnyForm = Form[Any]
