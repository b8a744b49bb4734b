"""How a frozen dataclass becomes a message and back. Pure.

A field's name is the key of its part or bitmap in ``commands`` and ``bmps``; ``None``: not there. Packed
digits are strings, amounts cents. ``tlv``: the objects of the container; ``()``: an empty container, with
which a register says that it understands one. Reading is lenient, as chapter 13 wants it of a receiver in
the field: what cannot be read is named in ``problem``, and what came before it counts.
"""

from dataclasses import fields
from typing import Any, ClassVar, TypeVar, cast

from kassd.devices.terminal.zvt import charset as charsets
from kassd.devices.terminal.zvt.apdu import Apdu, CodecError
from kassd.devices.terminal.zvt.bmps import BMPS, LLL
from kassd.devices.terminal.zvt.commands import Part, bitmap, command
from kassd.devices.terminal.zvt.fields import Field, write_fields
from kassd.devices.terminal.zvt.layout import CONTAINER, read_layout
from kassd.devices.terminal.zvt.tlv import Tlv, scan_tlv, write_tlv

M = TypeVar("M", bound="Message")
Objects = tuple[Tlv, ...]


class Message:
    """What all messages can do."""

    __slots__ = ()
    CONTROL: ClassVar[int]

    def to_apdu(self, charset: str = charsets.DEFAULT) -> Apdu:
        """The message as bytes-to-be. Raises ValueError for a value that does not fit."""
        values = {f.name: getattr(self, f.name) for f in fields(cast(Any, self))}
        head = b""
        parts = _parts(self.CONTROL)
        for key, part in parts.items():
            if values.get(key) is not None:
                head += _written(part, values[key], charset)
        numbers = _numbers(self.CONTROL)
        body: list[Field] = []
        for key, value in values.items():
            if value is None or key in parts or key == "problem":
                continue
            number = numbers[key]
            if number == CONTAINER:
                body.append(Field(number, write_tlv(value)))
            else:
                bmp = bitmap(self.CONTROL, number)
                body.append(Field(number, bmp.form.encode(value, max(0, bmp.size), charset)))
        return Apdu(self.CONTROL, head + write_fields(body))

    @classmethod
    def from_apdu(cls: type[M], apdu: Apdu, charset: str = charsets.DEFAULT) -> M:
        """Read a message of this kind. Raises :class:`CodecError` where what it must have is missing."""
        if apdu.control != cls.CONTROL:
            raise CodecError(f"{apdu.name} ist keine Nachricht der Art {cls.__name__}.")
        layout = read_layout(apdu)
        mine = {f.name for f in fields(cast(Any, cls))}
        values: dict[str, Any] = {}
        problems = [layout.problem] if layout.problem else []
        for part, raw in layout.head:
            values[part.key] = part.form.decode(raw, charset)
        for item in layout.fields:
            bmp = bitmap(cls.CONTROL, item.number)
            if bmp.key not in mine:
                continue
            if item.number == CONTAINER:
                objects, inner = scan_tlv(item.raw)
                values[bmp.key] = (*(values.get(bmp.key) or ()), *objects)
                problems += inner
                continue
            try:
                values[bmp.key] = bmp.form.decode(item.raw, charset)
            except CodecError as error:
                problems.append(f"{bmp.label}: {error}")
        if "problem" in mine:
            values["problem"] = " ".join(problems)
        try:
            return cls(**values)
        except TypeError as error:
            raise CodecError(layout.problem or f"{apdu.name}: Es fehlen Angaben.") from error


def _parts(control: int) -> dict[str, Part]:
    """Every part that the command's head may have, in order."""
    known = command(control)
    longest = max((known.head, *known.others), key=len)
    return {part.key: part for part in longest}


def _numbers(control: int) -> dict[str, int]:
    return {bitmap(control, number).key: number for number in BMPS}


def _written(part: Part, value: Any, charset: str) -> bytes:
    raw = part.form.encode(value, max(0, part.size), charset)
    if part.size != LLL:
        return raw
    return bytes(0xF0 | int(digit) for digit in f"{len(raw):03d}") + raw
