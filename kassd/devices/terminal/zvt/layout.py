"""Splitting the data of any message into its parts: head, bitmaps, what is left over. Pure."""

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.bmps import LLL
from kassd.devices.terminal.zvt.commands import Part, command
from kassd.devices.terminal.zvt.fields import Field, scan_fields
from kassd.devices.terminal.zvt.tlv import read_length, scan_tlv

PRINT_LINE = 0x06D1
CONTAINER = 0x06


@dataclass(frozen=True, slots=True)
class Layout:
    """``head``: the parts with their bytes; ``problem``: German, why not everything could be read, or ''."""

    head: tuple[tuple[Part, bytes], ...]
    fields: tuple[Field, ...]
    problem: str = ""


def read_layout(apdu: Apdu) -> Layout:
    """The parts of a message, as many as can be read. Never raises."""
    if apdu.control == PRINT_LINE:
        return _print_line(apdu)
    known = command(apdu.control)
    first: Layout | None = None
    for head in (known.head, *known.others):
        layout = _attempt(apdu.data, head, known.only)
        if not layout.problem:
            return layout
        # Of readings that all fail, that one tells most which gets furthest.
        if first is None or _size(layout) > _size(first):
            first = layout
    assert first is not None
    return first


def _size(layout: Layout) -> int:
    return sum(len(raw) for _, raw in layout.head) + sum(1 + len(field.raw) for field in layout.fields)


def _attempt(data: bytes, head: tuple[Part, ...], only: frozenset[int]) -> Layout:
    found: list[tuple[Part, bytes]] = []
    at = 0
    for part in head:
        if part.optional and at == len(data):
            break
        try:
            begin, size = _extent(part, data, at)
        except CodecError as error:
            return Layout(tuple(found), (), str(error))
        found.append((part, data[begin : begin + size]))
        at = begin + size
    fields, problem = scan_fields(data[at:])
    for field in fields:
        if only and field.number not in only:
            return Layout(tuple(found), (), f"Die Bitmap {field.number:02X} gehört nicht in diese Nachricht.")
    return Layout(tuple(found), tuple(fields), problem)


def _extent(part: Part, data: bytes, at: int) -> tuple[int, int]:
    if part.size == 0:
        return at, len(data) - at
    begin, size = at, part.size
    if part.size == LLL:
        digits = data[at : at + 3]
        if len(digits) < 3 or any(digit >> 4 != 0xF or digit & 0x0F > 9 for digit in digits):
            raise CodecError(f"Die Länge von „{part.label}“ ist nicht lesbar.")
        begin, size = at + 3, int("".join(str(digit & 0x0F) for digit in digits))
    if begin + size > len(data):
        raise CodecError(f"„{part.label}“ hat {max(0, len(data) - begin)} statt {size} Byte.")
    return begin, size


def _print_line(apdu: Apdu) -> Layout:
    """Attribute and text; some terminals put a TLV container behind, although the text has no end."""
    known = command(PRINT_LINE)
    attribute, text = known.head
    if not apdu.data:
        return Layout((), (), f"„{attribute.label}“ hat 0 statt 1 Byte.")
    line, container = _without_container(apdu.data[1:])
    head = ((attribute, apdu.data[:1]), (text, line))
    return Layout(head, (Field(CONTAINER, container),) if container is not None else ())


def _without_container(line: bytes) -> tuple[bytes, bytes | None]:
    at = line.find(CONTAINER)
    while at >= 0:
        try:
            begin, size = read_length(line, at + 1)
        except CodecError:
            return line, None
        if begin + size == len(line) and size and not scan_tlv(line[begin:])[1]:
            return line[:at], line[begin:]
        at = line.find(CONTAINER, at + 1)
    return line, None
