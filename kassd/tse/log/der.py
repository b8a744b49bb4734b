"""As much DER (ITU-T X.690) as TSE log messages need: one-byte tags, strict lengths, bounded depth.

One quirk of real archives is accepted on request: a constructed element of indefinite length
(``A2 80 04 LL … 00 00``), whose value is the concatenation of its octet strings. Garbage never crashes:
whatever is wrong raises :class:`DerError`.
"""

from kassd.deferred import dataclass
from kassd.errors import DataError

INTEGER, OCTET_STRING, OID, ENUMERATED = 0x02, 0x04, 0x06, 0x0A
UTF8_STRING, PRINTABLE_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x17, 0x18
BOOLEAN, SEQUENCE = 0x01, 0x30
MAX_DEPTH = 8


class DerError(DataError):
    """The bytes are no DER as expected; the message says at which offset and why (German)."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: ``data[start:end]`` is the whole encoding, ``data[body:body_end]`` its content."""

    tag: int
    start: int
    body: int
    body_end: int
    end: int
    indefinite: bool = False


def read(data: bytes, offset: int, end: int, indefinite_ok: bool = False, depth: int = 0) -> Element:
    """Read the element at ``offset`` that must not reach beyond ``end``."""
    if depth > MAX_DEPTH:
        raise DerError(f"Byte {offset}: zu tief verschachtelt")
    if end - offset < 2:
        raise DerError(f"Byte {offset}: Ende der Daten statt eines Elements")
    tag, first = data[offset], data[offset + 1]
    if tag & 0x1F == 0x1F:
        raise DerError(f"Byte {offset}: mehrbyteige Kennung {tag:02x}")
    body = offset + 2
    if first == 0x80:
        if not (indefinite_ok and tag & 0x20):
            raise DerError(f"Byte {offset}: unbestimmte Länge ist hier nicht erlaubt")
        return _read_indefinite(data, offset, end, depth)
    length = first
    if first > 0x80:
        count = first & 0x7F
        if count > 4 or end - body < count:
            raise DerError(f"Byte {offset}: Länge nicht lesbar")
        length = int.from_bytes(data[body : body + count], "big")
        if length < 0x80 or data[body] == 0:
            raise DerError(f"Byte {offset}: Länge nicht in kürzester Form")
        body += count
    if end - body < length:
        raise DerError(f"Byte {offset}: Länge {length} reicht über das Ende hinaus")
    return Element(tag, offset, body, body + length, body + length)


def _read_indefinite(data: bytes, offset: int, end: int, depth: int) -> Element:
    position = offset + 2
    while True:
        if data[position : position + 2] == b"\x00\x00" and position + 2 <= end:
            return Element(data[offset], offset, offset + 2, position, position + 2, True)
        position = read(data, position, end, True, depth + 1).end


def children(data: bytes, start: int, end: int, indefinite_ok: bool = False) -> list[Element]:
    """Return the elements that fill ``data[start:end]`` exactly."""
    found = []
    while start < end:
        found.append(element := read(data, start, end, indefinite_ok))
        start = element.end
    return found


def content(data: bytes, element: Element) -> bytes:
    """Return the value; of a constructed octet string the joined parts."""
    if not element.tag & 0x20:
        return data[element.body : element.body_end]
    parts = children(data, element.body, element.body_end, True)
    if any(part.tag not in (OCTET_STRING, 0x24) for part in parts):
        raise DerError(f"Byte {element.start}: zusammengesetzter Wert enthält anderes als Oktette")
    return b"".join(content(data, part) for part in parts)


def tlv(tag: int, value: bytes) -> bytes:
    """Encode one element with a definite length in its shortest form."""
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + value


def integer_content(value: int) -> bytes:
    """Content octets of an INTEGER or ENUMERATED."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def read_integer(value: bytes) -> int:
    """Inverse of :func:`integer_content`; refuses empty and padded content."""
    if not value or (len(value) > 1 and value[0] in (0, 0xFF) and (value[0] ^ value[1]) < 0x80):
        raise DerError("Ganzzahl nicht in kürzester Form")
    if len(value) > 16:
        raise DerError("Ganzzahl zu groß")
    return int.from_bytes(value, "big", signed=True)


def oid_content(dotted: str) -> bytes:
    """Content octets of an OBJECT IDENTIFIER given as ``0.4.0.127``."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        out += bytes(reversed(groups))
    return bytes(out)


def read_oid(value: bytes) -> str:
    """Inverse of :func:`oid_content`."""
    if not value or value[-1] & 0x80 or len(value) > 64:
        raise DerError("Objektkennung unvollständig")
    arcs, arc = [], 0
    for octet in value:
        if octet == 0x80 and arc == 0:
            raise DerError("Objektkennung nicht in kürzester Form")
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
