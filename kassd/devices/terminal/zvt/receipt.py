"""Receipts of the terminal: lines (06 D1) and blocks of lines (06 D3) put together to slips. Pure.

The texts are kept to the letter: with them the merchant is not answerable for what they must contain.
"""

from typing import Literal

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt import charset as charsets
from kassd.devices.terminal.zvt.apdu import Apdu
from kassd.devices.terminal.zvt.messages import PrintLine, PrintTextBlock
from kassd.devices.terminal.zvt.tlv import Tlv, first, walk

LINE, BLOCK = 0x06D1, 0x06D3
TEXT, ATTRIBUTE, KIND = 0x07, 0x09, 0x1F07
CENTRED, WIDE, HIGH, INDENT = 0x40, 0x20, 0x10, 0x0F
LAST, RESERVED, FEED = 0x80, 0x80, 0xFF
LINES_MAX = 500  # a terminal that never says that a slip ends does not fill the memory

Kind = Literal["merchant", "customer", "admin", "unknown"]
_KINDS: dict[bytes | None, Kind] = {b"\x01": "merchant", b"\x02": "customer", b"\x03": "admin"}


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One line; ``indent``: characters from the left."""

    text: str
    centred: bool = False
    wide: bool = False
    high: bool = False
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Slip:
    """One whole receipt of the terminal."""

    kind: Kind
    lines: tuple[SlipLine, ...]


class SlipCollector:
    """Takes print commands and gives slips when they are complete."""

    def __init__(self, charset: str = charsets.DEFAULT) -> None:
        self._charset = charset
        self._lines: list[SlipLine] = []
        self._kind: Kind = "unknown"

    def take(self, apdu: Apdu) -> list[Slip]:
        """The slips that 06 D1 or 06 D3 completes. Raises :class:`CodecError`."""
        slips: list[Slip] = []
        if apdu.control == LINE:
            line = PrintLine.from_apdu(apdu, self._charset)
            slips += self._of_kind(line.tlv or ())
            slips += self._line(line.attribute, line.text, apdu.data[1:2])
        elif apdu.control == BLOCK:
            block = PrintTextBlock.from_apdu(apdu, self._charset)
            objects = block.tlv or ()
            slips += self._of_kind(objects)
            attribute = 0
            for item in walk(objects):
                if item.tag == ATTRIBUTE and item.value:
                    attribute = item.value[0]
                    if _ends(attribute):
                        slips += self.finish()
                elif item.tag == TEXT:
                    slips += self._line(attribute, charsets.to_text(item.value, self._charset), b"")
        return slips

    def finish(self) -> list[Slip]:
        """What was collected, as a slip: when the command has ended, or the terminal says so."""
        lines, kind = self._lines, self._kind
        self._lines, self._kind = [], "unknown"
        return [Slip(kind, tuple(lines))] if lines else []

    def _of_kind(self, objects: tuple[Tlv, ...]) -> list[Slip]:
        """Another kind begins another slip, also where the terminal never ends one."""
        kind = _KINDS.get(first(objects, KIND))
        if kind is None or kind == self._kind:
            return []
        done = self.finish() if self._kind != "unknown" else []
        self._kind = kind
        return done

    def _line(self, attribute: int, text: str, count: bytes) -> list[Slip]:
        if attribute == FEED:
            self._lines += [SlipLine("")] * min(count[0] if count else 1, LINES_MAX)
        elif text or not _ends(attribute):
            style = 0 if _ends(attribute) else attribute
            self._lines += [
                SlipLine(part, bool(style & CENTRED), bool(style & WIDE), bool(style & HIGH), style & INDENT)
                for part in text.split("\n")
            ]
        return self.finish() if _ends(attribute) or len(self._lines) >= LINES_MAX else []


def _ends(attribute: int) -> bool:
    """1xxx xxxx, but not 80, and not a line feed: the last line of a slip."""
    return bool(attribute & LAST) and attribute not in (RESERVED, FEED)
