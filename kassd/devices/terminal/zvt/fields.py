"""Reading and writing a sequence of bitmaps (PA00P015 13, PA00P016 5.2.7). Pure.

A bitmap has no length of its own: at an unknown one nothing that follows can be read. What came before is
kept; whoever must have all of it asks :func:`read_fields`.
"""

from collections.abc import Iterable

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.apdu import CodecError
from kassd.devices.terminal.zvt.bmps import BMPS, CONTAINER
from kassd.devices.terminal.zvt.tlv import length_bytes, read_length


@dataclass(frozen=True, slots=True)
class Field:
    """One bitmap: its number, and the bytes of its value without length."""

    number: int
    raw: bytes


def scan_fields(data: bytes) -> tuple[list[Field], str]:
    """The fields that can be read, and in German why no more, '' if all of ``data`` was."""
    found: list[Field] = []
    at = 0
    while at < len(data):
        try:
            begin, size = _extent(data, at)
        except CodecError as error:
            return found, str(error)
        found.append(Field(data[at], data[begin : begin + size]))
        at = begin + size
    return found, ""


def read_fields(data: bytes) -> list[Field]:
    """All fields of ``data``. Raises :class:`CodecError`."""
    found, problem = scan_fields(data)
    if problem:
        raise CodecError(problem)
    return found


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """Where the value of the bitmap at ``at`` begins, and its size."""
    number = data[at]
    kind = BMPS.get(number)
    if kind is None:
        raise CodecError(f"Byte {at}: Die Bitmap {number:02X} ist unbekannt; was folgt, ist nicht lesbar.")
    begin = at + 1
    if kind.size == CONTAINER:
        begin, size = read_length(data, begin)
    elif kind.size < 0:
        digits = data[begin : begin - kind.size]
        if len(digits) < -kind.size:
            raise CodecError(f"Byte {at}: Die Bitmap {number:02X} ({kind.label}) bricht in der Länge ab.")
        if any(digit >> 4 != 0xF or digit & 0x0F > 9 for digit in digits):
            told = digits.hex(" ").upper()
            raise CodecError(f"Byte {at}: Die Länge der Bitmap {number:02X} ({kind.label}) ist {told}.")
        begin, size = begin - kind.size, int("".join(str(digit & 0x0F) for digit in digits))
    else:
        size = kind.size
    if len(data) < begin + size:
        raise CodecError(
            f"Byte {at}: Die Bitmap {number:02X} ({kind.label}) hat {len(data) - begin} statt {size} Byte."
        )
    return begin, size


def write_fields(fields: Iterable[Field]) -> bytes:
    """The fields as bytes, in this order. Raises ValueError for what the bitmap cannot hold."""
    return b"".join(_written(field) for field in fields)


def _written(field: Field) -> bytes:
    size, count = BMPS[field.number].size, len(field.raw)
    if size == CONTAINER:
        length = length_bytes(count)
    elif size < 0:
        digits = f"{count:0{-size}d}"
        if len(digits) > -size:
            raise ValueError(f"{count} bytes do not fit into bitmap {field.number:02X}")
        length = bytes(0xF0 | int(digit) for digit in digits)
    elif size != count:
        raise ValueError(f"bitmap {field.number:02X} has {size} bytes, not {count}")
    else:
        length = b""
    return bytes((field.number,)) + length + field.raw
