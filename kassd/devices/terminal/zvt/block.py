"""The serial block around an APDU (PA00P016 3). Pure.

``DLE STX APDU DLE ETX CRC-low CRC-high``; a DLE inside the APDU is sent twice. The checksum is CRC-16/KERMIT
(reflected polynomial 0x8408, begin 0) over the APDU as it was before doubling, and ETX.
"""

from collections.abc import Iterator
from typing import Literal

from kassd.deferred import dataclass
from kassd.devices.terminal.zvt.apdu import DATA_MAX

DLE, STX, ETX, ACK, NAK = 0x10, 0x02, 0x03, 0x06, 0x15
HEAD, TAIL = bytes((DLE, STX)), bytes((DLE, ETX))
CONTENT_MAX = DATA_MAX + 5


def _table() -> tuple[int, ...]:
    values = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
        values.append(value)
    return tuple(values)


_CRC = _table()


def crc(data: bytes) -> int:
    """CRC-16/KERMIT; 0x2189 for ``123456789``."""
    value = 0
    for byte in data:
        value = value >> 8 ^ _CRC[(value ^ byte) & 0xFF]
    return value


def to_block(content: bytes) -> bytes:
    """The block around ``content``, an APDU as bytes."""
    check = crc(content + bytes((ETX,)))
    return HEAD + content.replace(b"\x10", b"\x10\x10") + TAIL + check.to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Block:
    """A whole block; its checksum was right. ``content``: an APDU as bytes."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A block that cannot be used and is answered with NAK."""

    reason: Literal["checksum", "framing", "too_long"]


@dataclass(frozen=True, slots=True)
class Sign:
    """A byte between blocks: ``ACK`` or ``NAK``."""

    byte: int


Event = Block | Broken | Sign


class BlockReader:
    """Cuts a serial stream into blocks and signs; what is neither is dropped.

    A block whose bytes stop coming (T1) is given up by whoever owns the clock: :meth:`give_up`.
    """

    def __init__(self) -> None:
        self._state = "idle"
        self._content = bytearray()
        self._check = 0

    @property
    def inside(self) -> bool:
        """Whether a block has begun and is not complete."""
        return self._state != "idle"

    def give_up(self) -> None:
        """Forget the block that was begun."""
        self._state = "idle"

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take more bytes and yield what became complete."""
        for byte in data:
            event = self._take(byte)
            if event is not None:
                yield event

    def _take(self, byte: int) -> Event | None:
        match self._state:
            case "idle":
                if byte == DLE:
                    self._state = "begun"
                return Sign(byte) if byte in (ACK, NAK) else None
            case "begun":  # DLE was there
                self._content.clear()
                self._state = "content" if byte == STX else "begun" if byte == DLE else "idle"
            case "content":
                if byte == DLE:
                    self._state = "escaped"
                else:
                    self._content.append(byte)
            case "escaped":
                return self._escaped(byte)
            case "low":
                self._check, self._state = byte, "high"
            case _:
                self._state = "idle"
                right = crc(bytes(self._content) + bytes((ETX,))) == self._check | byte << 8
                return Block(bytes(self._content)) if right else Broken("checksum")
        if len(self._content) > CONTENT_MAX:
            self._state = "idle"
            self._content.clear()
            return Broken("too_long")
        return None

    def _escaped(self, byte: int) -> Event | None:
        if byte == DLE:
            self._content.append(DLE)
            self._state = "content"
        elif byte == ETX:
            self._state = "low"
        elif byte == STX:  # the rest of a block was lost, and here is the next
            self._content.clear()
            self._state = "content"
        else:
            self._state = "idle"
            return Broken("framing")
        return None
