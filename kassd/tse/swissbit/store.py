"""The log store of a Swissbit TSE: ``TSE_TAR.001``, ``.002`` …, one TAR archive over all of them.

Blocking; runs in the device's thread. The store only ever grows at its end, so what is new is found by
reading backwards: :meth:`Store.find_back`.
"""

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kassd.errors import TseError
from kassd.tse.log.tar import Member, TarError, TarReader
from kassd.tse.swissbit.codec import SECTOR
from kassd.tse.volume import SectorFile

FILE_SECTORS = 2_097_152  # 1 GiB a file
FILE_BYTES = FILE_SECTORS * SECTOR
CHUNK = 256 * 1024
MAX_WINDOW = 64 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """A member of the archive: where it begins (with headers of its own before it) and its name."""

    begin: int
    name: str


class Store:
    """The files are opened when they are first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: dict[int, SectorFile] = {}

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def capacity(self) -> int:
        """Bytes in all files of the store."""
        return sum(file.stat().st_size for file in self._path.glob("TSE_TAR.[0-9][0-9][0-9]"))

    def _file(self, index: int) -> SectorFile:
        if index not in self._files:
            self._files[index] = SectorFile(self._path / f"TSE_TAR.{index + 1:03d}", CHUNK)
        return self._files[index]

    def write(self, sector: int, data: bytes) -> None:
        """Write process data, filled up to whole sectors, from ``sector`` on, also over a file's end."""
        for at in range(0, len(data), CHUNK):
            part, begin = data[at : at + CHUNK], sector + at // SECTOR
            while part:
                index, inside = divmod(begin, FILE_SECTORS)
                fits = min(len(part), (FILE_SECTORS - inside) * SECTOR)
                self._file(index).write(part[:fits], inside * SECTOR)
                part, begin = part[fits:], begin + fits // SECTOR

    def read(self, offset: int, size: int) -> bytes:
        """Read bytes of the archive; any offset, any size."""
        first, last = offset // SECTOR, -(-(offset + size) // SECTOR)
        found = bytearray()
        while first < last:
            index, inside = divmod(first, FILE_SECTORS)
            sectors = min(last - first, FILE_SECTORS - inside, CHUNK // SECTOR)
            found += self._file(index).read(sectors * SECTOR, inside * SECTOR)
            first += sectors
        return bytes(found[offset % SECTOR :][:size])

    def chunks(self, begin: int, end: int) -> Iterator[bytes]:
        """The archive's bytes from ``begin`` to ``end``."""
        for at in range(begin, end, CHUNK):
            yield self.read(at, min(CHUNK, end - at))

    def members(self, begin: int, end: int) -> Iterator[Member]:
        """The members from ``begin`` (a member's begin) to ``end``; raises ``TseError`` for damage."""
        reader = TarReader()
        try:
            for chunk in self.chunks(begin, end):
                yield from reader.feed(chunk)
            reader.close()
        except TarError as error:
            raise TseError(f"Der Speicher der TSE ist nicht lesbar: {error}") from error

    def find_back(self, end: int, wanted: Callable[[str], bool]) -> Place | None:
        """The last member whose name is ``wanted``, reading backwards from ``end``; None if there is none.

        A header is believed if walking on from it leads exactly to where the next ones begin.
        """
        high = end // SECTOR * SECTOR
        window = CHUNK
        while high > 0:
            low = max(0, high - window)
            found = walk(self.read(low, high - low), low)
            if not found:
                if low == 0 or window >= MAX_WINDOW:
                    raise TseError("Der Speicher der TSE ist nicht lesbar: kein Dateikopf gefunden.")
                window *= 2
                continue
            for place in reversed(found):
                if wanted(place.name):
                    return place
            high, window = found[0].begin, CHUNK
        return None


def walk(raw: bytes, offset: int) -> list[Place]:
    """The members in ``raw``, which lies at ``offset`` and ends with a member or with zero blocks.

    What stands before the first header that leads to the end is a member cut off.
    """
    end = len(raw.rstrip(b"\0")) or len(raw)
    for start in range(0, len(raw), SECTOR):
        found = _chain(raw, start, end)
        if found:
            return [Place(offset + begin, name) for begin, name in found]
    return []


def _chain(raw: bytes, start: int, end: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    at, begin, name = start, start, ""
    while at < end:
        try:
            head = tarfile.TarInfo.frombuf(raw[at : at + SECTOR], "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            return []
        body = at + SECTOR
        at = body + -(-head.size // SECTOR) * SECTOR
        if at > len(raw):
            return []
        if head.type in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
            name = _long_name(raw[body : body + head.size]) or name
            continue
        found.append((begin, name or head.name.removeprefix("./")))
        begin, name = at, ""
    return found


def _long_name(record: bytes) -> str:
    _, found, path = record.partition(b" path=")
    text = path.partition(b"\n")[0] if found else record.rstrip(b"\0")
    return text.decode("utf-8", "surrogateescape")
