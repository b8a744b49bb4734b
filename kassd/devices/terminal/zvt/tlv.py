"""Data objects of the TLV container (PA00P015 9.3): tag, length, value. Pure.

A tag has one byte, or more if the first ends in five ones; bit 6 of its first byte says that the value is
made of data objects. The length is one byte up to 127, else ``81 xx`` or ``82 xx xx``.
"""

from collections.abc import Iterable, Iterator

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.apdu import CodecError

TAG_BYTES_MAX = 4
DEPTH_MAX = 8  # no message of the specification has more than four


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object: ``value`` of a primitive one, ``parts`` of a constructed one. ``tag`` as written:
    0x1F07. A constructed one whose value is no sequence of objects keeps it in ``value``."""

    tag: int
    value: bytes = b""
    parts: "tuple[Tlv, ...]" = ()

    @property
    def name(self) -> str:
        """The tag as the specification writes it: ``1F07``."""
        return f"{self.tag:02X}" if self.tag <= 0xFF else f"{self.tag:04X}"

    def to_bytes(self) -> bytes:
        """Tag, length and value."""
        content = self.value or b"".join(part.to_bytes() for part in self.parts)
        size = max(1, (self.tag.bit_length() + 7) // 8)
        return self.tag.to_bytes(size, "big") + length_bytes(len(content)) + content


def constructed(tag: int) -> bool:
    """Whether the tag's value is made of data objects."""
    while tag > 0xFF:
        tag >>= 8
    return bool(tag & 0x20)


def write_tlv(objects: Iterable[Tlv]) -> bytes:
    """The objects one after another."""
    return b"".join(item.to_bytes() for item in objects)


def read_tlv(data: bytes) -> tuple[Tlv, ...]:
    """All objects of ``data``, all the way down. Raises :class:`CodecError`."""
    found, problems = scan_tlv(data)
    if problems:
        raise CodecError(problems[0])
    return tuple(found)


def scan_tlv(data: bytes, depth: int = 1) -> tuple[list[Tlv], list[str]]:
    """The objects that can be read, and in German what could not."""
    found: list[Tlv] = []
    problems: list[str] = []
    at = 0
    while at < len(data):
        try:
            tag, begin = _read_tag(data, at)
            begin, size = read_length(data, begin)
            if len(data) < begin + size:
                raise CodecError(f"Tag {tag:02X} hat {len(data) - begin} statt {size} Byte.")
        except CodecError as error:
            return found, [*problems, f"TLV, Byte {at}: {error}"]
        at = begin + size
        found.append(_object(tag, data[begin:at], depth, problems))
    return found, problems


def _object(tag: int, value: bytes, depth: int, problems: list[str]) -> Tlv:
    if not constructed(tag):
        return Tlv(tag, value)
    if depth >= DEPTH_MAX:
        problems.append(f"Tag {tag:02X} ist zu tief verschachtelt.")
        return Tlv(tag, value)
    parts, inner = scan_tlv(value, depth + 1)
    if not inner:
        return Tlv(tag, parts=tuple(parts))
    if tag >> 8 == 0xFF:  # coupon and loyalty data look constructed and are not (9.4.1.1)
        return Tlv(tag, value)
    problems.extend(f"in Tag {tag:02X}: {problem}" for problem in inner)
    return Tlv(tag, value)


def _read_tag(data: bytes, at: int) -> tuple[int, int]:
    tag, at = data[at], at + 1
    if tag & 0x1F != 0x1F:
        return tag, at
    for _ in range(TAG_BYTES_MAX - 1):
        if at >= len(data):
            raise CodecError("Der Tag bricht ab.")
        tag, more, at = tag << 8 | data[at], data[at] & 0x80, at + 1
        if not more:
            return tag, at
    raise CodecError("Der Tag hat zu viele Byte.")


def read_length(data: bytes, at: int) -> tuple[int, int]:
    """Where the value begins, and its size. Raises :class:`CodecError`."""
    if at >= len(data):
        raise CodecError("Die Länge fehlt.")
    first, at = data[at], at + 1
    if first < 0x80:
        return at, first
    count = first & 0x7F
    if count not in (1, 2):
        raise CodecError(f"Die Länge beginnt mit {first:02X}; erlaubt sind 00 bis 7F, 81 und 82.")
    if at + count > len(data):
        raise CodecError("Die Länge bricht ab.")
    return at + count, int.from_bytes(data[at : at + count], "big")


def length_bytes(size: int) -> bytes:
    """The shortest length field. Raises ValueError for more than 65535 bytes."""
    if size < 0x80:
        return bytes((size,))
    if size <= 0xFF:
        return bytes((0x81, size))
    if size > 0xFFFF:
        raise ValueError(f"{size} bytes do not fit into a data object")
    return b"\x82" + size.to_bytes(2, "big")


def walk(objects: Iterable[Tlv]) -> Iterator[Tlv]:
    """Every object, parents before their parts."""
    for item in objects:
        yield item
        yield from walk(item.parts)


def first(objects: Iterable[Tlv], tag: int) -> bytes | None:
    """Value of the first object with this tag, wherever it is; None without one."""
    return next((item.value for item in walk(objects) if item.tag == tag), None)
