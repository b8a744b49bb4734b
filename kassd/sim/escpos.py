"""ESC/POS as the printer simulator understands it: bytes become commands. Pure.

The subset is ours, and strict on purpose: what is not in the tables is an error, not a guess. Names are
those of Epson's command reference (``ESC @``, ``GS ( k``, …).
"""

from dataclasses import dataclass
from typing import Final

ESC, GS, FS, DLE = 0x1B, 0x1D, 0x1C, 0x10

# Commands with a fixed number of parameter bytes.
FIXED: Final[dict[bytes, tuple[str, int]]] = {
    b"\0": ("NUL", 0),
    b"\n": ("LF", 0),
    b"\x1b@": ("ESC @", 0),
    b"\x1b!": ("ESC !", 1),
    b"\x1bE": ("ESC E", 1),
    b"\x1bJ": ("ESC J", 1),
    b"\x1bR": ("ESC R", 1),
    b"\x1ba": ("ESC a", 1),
    b"\x1bd": ("ESC d", 1),
    b"\x1bp": ("ESC p", 3),
    b"\x1bt": ("ESC t", 1),
    b"\x1c.": ("FS .", 0),
    b"\x1d!": ("GS !", 1),
    b"\x1da": ("GS a", 1),
    b"\x1dr": ("GS r", 1),
}
# Real-time commands act when they are received; in the buffer they are only skipped.
REALTIME: Final[dict[bytes, tuple[str, int]]] = {
    b"\x10\x04": ("DLE EOT", 1),
    b"\x10\x14": ("DLE DC4", 3),
}
CLEAR: Final = bytes((0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8))  # DLE DC4 8: clear the buffers


@dataclass(frozen=True, slots=True)
class Command:
    """One command: ``name`` of the table, ``text`` for one printable byte, or ``unknown``."""

    name: str
    args: bytes = b""


def take(data: bytes | bytearray) -> tuple[Command, int] | None:
    """Return the first command of ``data`` and its length, or None when more bytes are needed."""
    if not data:
        return None
    first = data[0]
    if first >= 0x20:
        return Command("text", bytes(data[:1])), 1
    if first in (ESC, GS, FS, DLE) and len(data) < 2:
        return None
    if data[:3] == CLEAR[:3]:
        return _counted("DLE DC4", data, 2, len(CLEAR) - 2)
    head = bytes(data[:2]) if first in (ESC, GS, FS, DLE) else bytes(data[:1])
    entry = FIXED.get(head) or REALTIME.get(head)
    if entry is not None:
        return _counted(entry[0], data, len(head), entry[1])
    match head:
        case b"\x1dV":
            return _cut(data)
        case b"\x1d(":
            return _extended(data)
        case b"\x1dv":
            return _raster(data)
    return Command("unknown", head), len(head)


def _counted(name: str, data: bytes | bytearray, start: int, count: int) -> tuple[Command, int] | None:
    end = start + count
    return (Command(name, bytes(data[start:end])), end) if len(data) >= end else None


def _cut(data: bytes | bytearray) -> tuple[Command, int] | None:
    """``GS V m`` or, with feed, ``GS V 65|66 n``."""
    if len(data) < 3:
        return None
    return _counted("GS V", data, 2, 2 if data[2] in (65, 66) else 1)


def _extended(data: bytes | bytearray) -> tuple[Command, int] | None:
    """``GS ( x pL pH …`` for x = k (two-dimensional codes) and H (transmission request)."""
    if len(data) < 5:
        return None
    name = f"GS ( {chr(data[2])}" if data[2] in b"kH" else "unknown"
    return _counted(name, data, 5, int.from_bytes(data[3:5], "little"))


def _raster(data: bytes | bytearray) -> tuple[Command, int] | None:
    """``GS v 0 m xL xH yL yH d…``; the arguments begin with m."""
    if len(data) < 8:
        return None
    if data[2] != 0x30:
        return Command("unknown", bytes(data[:3])), 3
    width, height = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
    return _counted("GS v 0", data, 3, 5 + width * height)


class RealTime:
    """Finds ``DLE EOT n``, ``DLE DC4 1 m t`` and ``DLE DC4 8 …`` in a stream as it arrives, also inside other
    data."""

    def __init__(self) -> None:
        self._seen = bytearray()

    def feed(self, byte: int) -> Command | None:
        """Take one byte; return the command it completes."""
        seen = self._seen
        seen.append(byte)
        match tuple(seen):
            case (0x10,) | (0x10, 0x04) | (0x10, 0x14) | (0x10, 0x14, 0x01):
                return None
            case got if len(got) > 2 and bytes(got) == CLEAR:
                seen.clear()
                return Command("DLE DC4", CLEAR[2:])
            case got if len(got) > 2 and CLEAR.startswith(bytes(got)):
                return None
            case (0x10, 0x04, n) if 1 <= n <= 4:
                seen.clear()
                return Command("DLE EOT", bytes((n,)))
            case (0x10, 0x14, 0x01, pin) if pin <= 1:
                return None
            case (0x10, 0x14, 0x01, pin, t) if 1 <= t <= 8:
                seen.clear()
                return Command("DLE DC4", bytes((pin, t)))
        seen[:] = b"\x10" if byte == DLE else b""
        return None
