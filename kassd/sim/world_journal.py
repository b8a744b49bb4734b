"""The journal as seen beside the register that writes it: looked at many times a second, so read cheaply."""

from collections.abc import Iterator
from pathlib import Path

from kassd.journal import Line, read_lines
from kassd.journal.files import OsFiles
from kassd.journal.segments import is_nul

PIECE = 1 << 16


class Used(OsFiles):
    """Of a segment that is still written no more than its lines: megabytes of NUL follow them, and the
    register's own disk would be busy with them."""

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes:
        """See :class:`~kassd.journal.files.Files`; the beginning of the NUL is read, too."""
        if length >= 0 or path.suffix != ".jsonl":
            return super().read(path, offset, length)
        pieces = []
        with path.open("rb", buffering=0) as file:
            file.seek(offset)
            while piece := file.read(PIECE):
                pieces.append(piece)
                if is_nul(piece):
                    break
        return b"".join(pieces)


def follow(directory: Path, first: int = 0) -> Iterator[Line]:
    """The lines from seq ``first`` on that are there now; none where no journal has been begun."""
    return read_lines(directory, first, files=Used())
