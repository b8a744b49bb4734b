"""The APDU: control field, length field, data (PA00P016 5.2). Pure.

``CC II LL data``; up to 254 bytes of data have their length in LL, up to 65535 in ``FF lo hi``.
"""

from collections.abc import Iterator

from kassd.deferred import dataclass
from kassd.errors import DeviceError

POSITIVE, NEGATIVE = 0x8000, 0x84  # control field; class of the control field, its second byte is the reason
EXTENDED = 0xFF
SHORT_MAX, DATA_MAX = 254, 0xFFFF


class CodecError(DeviceError):
    """Bytes that are not what the protocol says; the text is German and names them."""

    def __init__(self, message: str) -> None:
        super().__init__("protocol", message)


@dataclass(frozen=True, slots=True)
class Apdu:
    """One message. ``control``: class and instruction, 0x0601 for 06 01; ``data``: at most 65535 bytes."""

    control: int
    data: bytes = b""

    @property
    def name(self) -> str:
        """The control field as the specification writes it: ``06 01``."""
        return f"{self.control >> 8:02X} {self.control & 0xFF:02X}"

    @property
    def positive(self) -> bool:
        """Whether it acknowledges: 80 00, or 84 00, which means the same."""
        return self.control in (POSITIVE, NEGATIVE << 8)

    @property
    def negative(self) -> bool:
        """Whether it refuses: 84 xx."""
        return self.control >> 8 == NEGATIVE and not self.positive

    def to_bytes(self) -> bytes:
        """The message with the shortest length field. Raises ValueError for more than 65535 bytes of data."""
        size = len(self.data)
        if size > DATA_MAX:
            raise ValueError(f"{size} bytes do not fit into an APDU")
        length = bytes((size,)) if size <= SHORT_MAX else bytes((EXTENDED, size & 0xFF, size >> 8))
        return self.control.to_bytes(2, "big") + length + self.data

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Apdu":
        """Read exactly one message. Raises :class:`CodecError`."""
        found = cut(raw)
        if found is None:
            raise CodecError(missing(raw))
        apdu, used = found
        if used != len(raw):
            rest = len(raw) - used
            raise CodecError(f"Nach der Nachricht {apdu.name} folgen {rest} Byte, die nicht dazugehören.")
        return apdu


ACKNOWLEDGED = Apdu(POSITIVE)


def refusal(code: int, data: bytes = b"") -> Apdu:
    """``84 xx``: the negative answer with a reason of chapter 10."""
    return Apdu(NEGATIVE << 8 | code, data)


def cut(buffer: bytes | bytearray, at: int = 0) -> tuple[Apdu, int] | None:
    """The message that begins at ``at`` and how many bytes it takes; None while it is not complete."""
    begin, size = at + 3, buffer[at + 2] if len(buffer) > at + 2 else EXTENDED
    if size == EXTENDED:
        begin = at + 5
        if len(buffer) < begin:
            return None
        size = buffer[at + 3] | buffer[at + 4] << 8
    if len(buffer) < begin + size:
        return None
    data = bytes(buffer[begin : begin + size])
    return Apdu(buffer[at] << 8 | buffer[at + 1], data), begin + size - at


def missing(raw: bytes | bytearray) -> str:
    """German: what an incomplete message lacks."""
    if len(raw) < 3 or (raw[2] == EXTENDED and len(raw) < 5):
        return f"Die Nachricht bricht nach {len(raw)} Byte im Kopf ab (Steuerfeld und Länge)."
    begin, size = (5, raw[3] | raw[4] << 8) if raw[2] == EXTENDED else (3, raw[2])
    return f"Die Länge sagt {size} Byte Daten, es sind nur {len(raw) - begin} da."


class ApduReader:
    """Cuts a TCP stream, however fragmented, into messages (PA00P016 4)."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def pending(self) -> bool:
        """Whether a message has begun and is not complete."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> Iterator[Apdu]:
        """Take more bytes and yield the messages that became complete."""
        self._buffer += data
        while (found := cut(self._buffer)) is not None:
            apdu, used = found
            del self._buffer[:used]
            yield apdu
