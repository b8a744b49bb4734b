"""Does the TSE still give back what the archive has? A bounded sample, message by message."""

import asyncio
import hashlib
import os
from dataclasses import field
from pathlib import Path

from kassd.core.state import Archive
from kassd.deferred import dataclass
from kassd.errors import DataError
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import parse
from kassd.tse.log.tar import TarReader
from kassd.tse.parts import read_members

MESSAGES = 200  # the newest; they are read in a few seconds from any device


@dataclass(slots=True)
class Sample:
    """``archived``: SHA-256 of the newest messages of the newest part by counter; ``seen``: of what the TSE
    gave back."""

    first: int
    archived: dict[int, bytes]
    seen: dict[int, bytes] = field(default_factory=dict)
    _reader: TarReader = field(default_factory=TarReader)

    @classmethod
    def of(cls, place: Path, archive: Archive) -> "Sample":
        """Read the newest part. Raises :class:`DataError` if it is missing or not what the journal says."""
        path = place / archive.file
        first = max(archive.first, archive.last - MESSAGES + 1)
        if not path.is_file():
            raise DataError(f"Die Archivdatei {archive.file} fehlt.")
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # the medium's bytes
            if hashlib.file_digest(file, "sha256").hexdigest() != archive.sha256:
                raise DataError(f"Die Archivdatei {archive.file} ist nicht mehr die, die archiviert wurde.")
            file.seek(0)
            found = dict(_message(m.name, m.data) for m in read_members(file) if m.name.endswith(".log"))
        return cls(first, {counter: digest for counter, digest in found.items() if counter >= first})

    async def take(self, piece: bytes) -> bool:
        """A piece of the TSE's export; False when the sample is complete."""
        await asyncio.to_thread(self._feed, piece)
        return len(self.seen) < len(self.archived)

    def _feed(self, piece: bytes) -> None:
        for member in self._reader.feed(piece):
            if member.name.endswith(".log"):
                counter, digest = _message(member.name, member.data)
                if counter in self.archived:
                    self.seen[counter] = digest

    def problem(self) -> str:
        """What differs, in German; '' if nothing does."""
        wrong = sorted(c for c, digest in self.archived.items() if self.seen.get(c) != digest)
        if not wrong:
            return ""
        what = "fehlt" if wrong[0] not in self.seen else "lautet anders als im Archiv"
        return (
            f"Die TSE gibt archivierte Daten nicht mehr zurück: Nachricht mit Zähler {wrong[0]} {what} "
            f"({len(wrong)} von {len(self.archived)})."
        )


def _message(name: str, data: bytes) -> tuple[int, bytes]:
    try:
        return parse(data).signature_counter, hashlib.sha256(data).digest()
    except DerError as error:
        raise DataError(f"Nachricht {name} ist nicht lesbar: {error}") from error
