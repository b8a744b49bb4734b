"""TAR archives of TSEs: a push reader for those of any maker, and a ustar writer.

The reader takes bytes in pieces of any size and holds one member at most. It accepts ``./`` before a
name, directory entries, GNU and pax headers, and an archive that ends without its two zero blocks
(``ended`` tells, and ``trailing`` how many octets of padding follow them). What is allowed but odd, so that
no byte can be changed unseen, becomes a :class:`Remark`. The standard library's reader is not used: it
neither takes pushed bytes nor reports such things, and keeps every member.
"""

import re
from collections.abc import Iterator
from typing import Literal

from kassd.deferred import dataclass
from kassd.errors import DataError

BLOCK = 512
MAX_MEMBER = 4 << 20
END = bytes(2 * BLOCK)
_FILE_TYPES, _DIRECTORY = b"0\x007", b"5"
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*", re.ASCII)
_CHECKSUM = re.compile(rb"[0-7]{6}(\0 | \0|[0-7]\0)")  # of POSIX, of V7, of cryptovision
_PAX_USUAL = (b"atime", b"ctime", b"comment")
_STYLE = {  # what the headers of one writer have in common
    "Rechte": slice(100, 108),
    "Besitzer": slice(108, 116),
    "Gruppe": slice(116, 124),
    "Art": slice(156, 157),
    "Verweis": slice(157, 257),
    "Kennung": slice(257, 265),
    "Name des Besitzers": slice(265, 297),
    "Name der Gruppe": slice(297, 329),
    "Gerät": slice(329, 345),
    "Rest": slice(500, 512),
}
RemarkSeverity = Literal["warning", "info"]


class TarError(DataError):
    """The bytes are no TAR archive, or it is damaged or cut off (German)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file of the archive. ``name`` is without a leading ``./``; ``time``: when it was changed, in
    unix seconds as the header says it."""

    name: str
    data: bytes
    time: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd that hinders no reading: a stable id, the member, and what it is (German). ``info``: what
    no checksum or signature holds, but which is not wrong."""

    id: str
    where: str
    text: str
    severity: RemarkSeverity = "warning"


def _number(field: bytes) -> int:
    if field[0] & 0x80:  # GNU base-256
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    match = _OCTAL.fullmatch(field)
    if match is None:
        raise TarError(f"Zahl {field.decode('ascii', 'replace')!r} im Dateikopf nicht lesbar")
    return int(match[1] or b"0", 8)


def _text(field: bytes) -> str:
    return field.split(b"\x00", 1)[0].decode("utf-8", "backslashreplace")


class TarReader:
    """Feed it the archive's bytes; it gives the members as soon as they are complete."""

    def __init__(self) -> None:
        self.ended = False
        self.seen = 0
        self.remarks: list[Remark] = []
        self.trailing = 0
        self._buffer = bytearray()
        self._zero_blocks = 0
        self._long_name = ""
        self._time = ""
        self._styles: dict[bytes, bytes] = {}

    def feed(self, chunk: bytes) -> Iterator[Member]:
        """Take more bytes and yield the members that became complete."""
        if self.ended:
            if chunk.strip(b"\x00"):
                raise TarError("nach dem Ende des Archivs folgen noch Daten")
            self.trailing += len(chunk)
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
            if any(self._buffer[body + size : after]):
                self._remark("padding_not_zero", _name(header), "hinter dem Inhalt stehen fremde Bytes")
            position = after
            self.seen += 1
            if member is not None:
                yield member
        rest = bytes(self._buffer[position:])
        self._buffer = bytearray(rest)
        if self.ended and rest.strip(b"\x00"):
            raise TarError("nach dem Ende des Archivs folgen noch Daten")
        self.trailing += len(rest) if self.ended else 0

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

    def _remark(self, id_: str, where: str, text: str, severity: RemarkSeverity = "warning") -> None:
        self.remarks.append(Remark(id_, where, text, severity))

    def _compare(self, header: bytes) -> None:
        """Compare the fields that mean nothing to a reader with those of the first header of the kind."""
        kind = header[156:157]
        known = self._styles.setdefault(b"0" if kind in _FILE_TYPES else kind, header)
        if differing := [name for name, field in _STYLE.items() if header[field] != known[field]]:
            text = f"der Dateikopf ist anders als der erste seiner Art: {', '.join(differing)}"
            self._remark("header_differs", _name(header), text, "info")
        if kind == b"7" or header[:100].partition(b"\0")[2].strip(b"\0"):
            self._remark("header_unusual", _name(header), "Art oder Name sind ungewöhnlich geschrieben")

    def _entry(self, header: bytes, data: bytes) -> Member | None:
        kind = header[156:157]
        self._compare(header)
        if not _CHECKSUM.fullmatch(header[148:156]):
            self._remark("header_unusual", _name(header), "die Prüfsumme ist ungewöhnlich geschrieben")
        if kind == b"x":
            self._pax(data)
            return None
        if kind == b"L":
            self._long_name = _text(data)
            return None
        name, self._long_name = self._long_name or _name(header), ""
        time, self._time = self._time or str(_number(header[136:148])), ""
        name = name.removeprefix("./")
        if (kind == _DIRECTORY or name.endswith("/")) and not data:
            return None
        if kind not in _FILE_TYPES:
            self._remark("member_unknown", name, "kein gewöhnlicher Eintrag")
            return None
        return Member(name, data, time)

    def _pax(self, data: bytes) -> None:
        for key, value in _pax_records(data):
            if key == b"path":
                self._long_name = value.decode("utf-8", "backslashreplace")
            elif key == b"mtime":
                self._time = value[:40].decode("ascii", "backslashreplace")
            else:
                shown = b"=".join((key, value))[:80].decode("utf-8", "backslashreplace")
                severity: RemarkSeverity = "info" if key in _PAX_USUAL else "warning"
                where = f"Eintrag {self.seen + 1}"
                self._remark("header_unusual", where, f"Angabe {shown} im pax-Kopf", severity)


def _name(header: bytes) -> str:
    name = _text(header[:100])
    if header[257:263] == b"ustar\x00" and (prefix := _text(header[345:500])):
        return f"{prefix}/{name}"
    return name


def _pax_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or not len(length) < int(length[:8]) <= len(data):
            raise TarError("erweiterter Dateikopf (pax) nicht lesbar")
        record, data = data[len(length) + 1 : int(length[:8])], data[int(length[:8]) :]
        key, separator, value = record.partition(b"=")
        if not separator or not value.endswith(b"\n"):
            raise TarError("erweiterter Dateikopf (pax) nicht lesbar")
        yield key, value[:-1]


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
