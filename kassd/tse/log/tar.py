"""TAR archives of TSEs: a push reader for those of any maker, and a ustar writer.

The reader takes bytes in pieces of any size and holds one member at most. It accepts ``./`` before a
name, directory entries, GNU and pax headers, and an archive that ends without its two zero blocks
(``ended`` tells). The standard library's reader is not used: it neither takes pushed bytes nor reports
such things, and keeps every member.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kassd.errors import DataError

BLOCK = 512
MAX_MEMBER = 4 << 20
END = bytes(2 * BLOCK)
_FILE_TYPES, _IGNORED_TYPES = b"0\x007", b"5g"


class TarError(DataError):
    """The bytes are no TAR archive, or it is damaged or cut off (German)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file of the archive. ``name`` is without a leading ``./``."""

    name: str
    data: bytes


def _number(field: bytes) -> int:
    if field[0] & 0x80:  # GNU base-256
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    text = field.split(b"\x00", 1)[0].strip()
    try:
        return int(text or b"0", 8)
    except ValueError:
        raise TarError(f"Zahl {text!r} im Dateikopf nicht lesbar") from None


def _text(field: bytes) -> str:
    return field.split(b"\x00", 1)[0].decode("utf-8", "backslashreplace")


class TarReader:
    """Feed it the archive's bytes; it gives the members as soon as they are complete."""

    def __init__(self) -> None:
        self.ended = False
        self.seen = 0
        self.odd_entries: list[str] = []
        self._buffer = bytearray()
        self._zero_blocks = 0
        self._long_name = ""

    def feed(self, chunk: bytes) -> Iterator[Member]:
        """Take more bytes and yield the members that became complete."""
        if self.ended:
            if chunk.strip(b"\x00"):
                raise TarError("nach dem Ende des Archivs folgen noch Daten")
            return
        self._buffer += chunk
        position = 0
        while len(self._buffer) - position >= BLOCK and not self.ended:
            header = bytes(self._buffer[position : position + BLOCK])
            if not any(header):
                position += BLOCK
                self._zero_blocks += 1
                self.ended = self._zero_blocks == 2
                continue
            if self._zero_blocks:
                raise TarError("einzelner Nullblock mitten im Archiv")
            size = self._check(header)
            body = position + BLOCK
            after = body + (size + BLOCK - 1) // BLOCK * BLOCK
            if len(self._buffer) < after:
                break
            member = self._entry(header, bytes(self._buffer[body : body + size]))
            position = after
            self.seen += 1
            if member is not None:
                yield member
        rest = bytes(self._buffer[position:])
        self._buffer = bytearray(rest)
        if self.ended and rest.strip(b"\x00"):
            raise TarError("nach dem Ende des Archivs folgen noch Daten")

    def close(self) -> None:
        """Say that nothing more follows; raises :class:`TarError` if a member is cut off."""
        if not self.ended and any(self._buffer):
            raise TarError(f"das Archiv bricht in Eintrag {self.seen + 1} ab")

    def _check(self, header: bytes) -> int:
        stored = _number(header[148:156])
        blanked = header[:148] + b" " * 8 + header[156:]
        if stored not in (sum(blanked), sum(b - 256 if b > 127 else b for b in blanked)):
            raise TarError(f"Prüfsumme des Dateikopfs von Eintrag {self.seen + 1} ist falsch")
        size = _number(header[124:136])
        if size > MAX_MEMBER:
            raise TarError(f"Eintrag {self.seen + 1} ist mit {size} Byte zu groß")
        return size

    def _entry(self, header: bytes, data: bytes) -> Member | None:
        kind = header[156:157]
        if kind == b"x":
            self._long_name = _pax_path(data) or self._long_name
            return None
        if kind == b"L":
            self._long_name = _text(data)
            return None
        name, self._long_name = self._long_name or _header_name(header), ""
        name = name.removeprefix("./")
        if kind in _IGNORED_TYPES or name.endswith("/"):
            return None
        if kind not in _FILE_TYPES:
            self.odd_entries.append(name)
            return None
        return Member(name, data)


def _header_name(header: bytes) -> str:
    name = _text(header[:100])
    if header[257:263] == b"ustar\x00" and (prefix := _text(header[345:500])):
        return f"{prefix}/{name}"
    return name


def _pax_path(data: bytes) -> str:
    found = ""
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or not len(length) < int(length[:8]) <= len(data):
            raise TarError("erweiterter Dateikopf (pax) nicht lesbar")
        record, data = data[len(length) + 1 : int(length)], data[int(length) :]
        key, _, value = record.rstrip(b"\n").partition(b"=")
        if key == b"path":
            found = value.decode("utf-8", "backslashreplace")
    return found


def _header(name: bytes, size: int, unix_seconds: int, kind: bytes) -> bytes:
    head = bytearray(BLOCK)
    head[: len(name)] = name
    head[100:108], head[108:116], head[116:124] = b"0000444\x00", b"0000000\x00", b"0000000\x00"
    head[124:136], head[136:148] = b"%011o\x00" % size, b"%011o\x00" % max(0, unix_seconds)
    head[148:156], head[156:157], head[257:265] = b" " * 8, kind, b"ustar\x0000"
    head[148:156] = b"%06o\x00 " % sum(head)
    return bytes(head)


def entry(name: str, data: bytes, unix_seconds: int) -> bytes:
    """One padded ustar member; a name over 100 bytes gets a pax header before it."""
    raw, before = name.encode(), b""
    if len(raw) > 100:
        record = b" path=" + raw + b"\n"
        length = len(record) + len(str(len(record) + 3))
        pax = b"%d" % length + record
        before = _header(b"pax/path", len(pax), unix_seconds, b"x") + pax + bytes(-len(pax) % BLOCK)
    return before + _header(raw[:100], len(data), unix_seconds, b"0") + data + bytes(-len(data) % BLOCK)
