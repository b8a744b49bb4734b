"""The durable memory of a soft TSE: an append-only file of checksummed commits.

One line per commit: ``<crc32, 8 hex digits> <JSON list of records>\\n``. A commit is one write and one
``fdatasync``; it returns only when the line is on the disk. After a cut, a torn last line is removed: it
was never answered. Any other damage is no power cut and stops the device. A write that fails leaves its
outcome unknown: the store closes and must be opened again.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from kassd.errors import TseGone, TseSilent
from kassd.tse import codes
from kassd.tse.codes import refused

Record = dict[str, Any]
Span = tuple[int, int]  # offset of a line, position of the record in it
FILE, LOCK = "tse.log", "lock"
READ_AHEAD = 4096
_BEGUN = re.compile(
    rb"[\x20-\x7e\0]*"
)  # what a cut leaves of a line: its ASCII, zeros where nothing was written


def encode(records: Sequence[Record]) -> bytes:
    """Return the line of a commit."""
    text = json.dumps(records, separators=(",", ":")).encode()
    return b"%08x %s\n" % (crc32(text), text)


def decode(line: bytes) -> list[Record] | None:
    """Return the records of a complete line, None if it is torn or damaged."""
    text = line[9:-1]
    if not line.endswith(b"\n") or line[8:9] != b" " or line[:8] != b"%08x" % crc32(text):
        return None
    records: list[Record] = json.loads(text)
    return records


def is_torn(line: bytes) -> bool:
    """Whether a power cut explains this last line: it was begun and not finished."""
    return _BEGUN.fullmatch(line.removesuffix(b"\n")) is not None and (line[-1:] != b"\n" or b"\0" in line)


def check(folder: Path) -> None:
    """Raise ``TseRefused`` if what lies in ``folder`` is no store; beside its owner, without changing it."""
    try:
        with (folder / FILE).open("rb") as reader:
            for line in reader:
                if decode(line) is None and not is_torn(line):
                    raise refused(codes.STORAGE, f"beschädigt: {folder / FILE}")
    except FileNotFoundError:
        return  # a new one


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Store:
    """Holds the lock and the file while open. Not safe for threads; one owner at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.size = 0
        self._lock = self._file = -1
        self._staged: list[Record] = []

    def open(self) -> None:
        """Take the lock, or raise :class:`TseGone` if another process has it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise TseGone(f"Die Soft-TSE in {self.folder} wird von einem anderen Prozess benutzt.") from None
        (self.folder / f"{FILE}.new").unlink(missing_ok=True)

    def close(self) -> None:
        """Release file and lock; what was staged is dropped."""
        for handle in (self._file, self._lock):
            if handle >= 0:
                os.close(handle)
        self._file = self._lock = -1
        self._staged.clear()

    @property
    def is_open(self) -> bool:
        """Whether this process holds the lock."""
        return self._lock >= 0

    def records(self) -> Iterator[tuple[Span, Record]]:
        """Yield every record and leave the file ready for :meth:`stage`; removes a torn end."""
        path = self.folder / FILE
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.size, torn = 0, False
        with path.open("rb") as reader:
            for line in reader:
                records = decode(line)
                if torn or (records is None and not is_torn(line)):
                    raise refused(codes.STORAGE, f"ab Byte {self.size} beschädigt: {path}")
                if records is None:
                    torn = True
                    continue
                for position, record in enumerate(records):
                    yield (self.size, position), record
                self.size += len(line)
        if torn:
            os.ftruncate(self._file, self.size)
        os.fsync(self._file)  # what an earlier process wrote must be on the disk before it is built upon
        sync_folder(self.folder)

    def committed(self, start: int = 0) -> Iterator[tuple[Span, Record]]:
        """Yield every committed record again, from the line at byte ``start`` on; changes nothing."""
        offset, end = start, self.size
        with (self.folder / FILE).open("rb") as reader:
            reader.seek(start)
            while offset < end:
                line = reader.readline()
                records = decode(line)
                if records is None:
                    raise refused(codes.STORAGE, f"bei Byte {offset} beschädigt")
                for position, record in enumerate(records):
                    yield (offset, position), record
                offset += len(line)

    def stage(self, record: Record) -> None:
        """Add a record to the next commit."""
        self._staged.append(record)

    def commit(self) -> None:
        """Write what was staged and wait for the disk. Failure: closed, outcome unknown."""
        if not self._staged:
            return
        data = encode(self._staged)
        self._staged.clear()
        try:
            written = os.pwrite(self._file, data, self.size)
            if written != len(data):
                raise OSError(f"{written} statt {len(data)} Byte geschrieben")
            os.fdatasync(self._file)
        except OSError as error:
            self.close()
            raise TseSilent(f"Der Speicher der Soft-TSE lässt sich nicht schreiben: {error}") from error
        self.size += len(data)

    def read(self, span: Span) -> Record:
        """Read one committed record again."""
        offset, position = span
        line = b""
        while b"\n" not in line and (part := os.pread(self._file, READ_AHEAD, offset + len(line))):
            line += part
        records = decode(line[: line.find(b"\n") + 1])
        if records is None or position >= len(records):
            raise refused(codes.STORAGE, f"bei Byte {offset} beschädigt")
        return records[position]

    def replace(self, records: Iterator[Record]) -> None:
        """Put a new file in place of the old one, atomically; read it with :meth:`records`."""
        path = self.folder / f"{FILE}.new"
        try:
            with path.open("wb") as writer:
                writer.writelines(encode([record]) for record in records)
                writer.flush()
                os.fsync(writer.fileno())
            os.replace(path, self.folder / FILE)
            sync_folder(self.folder)
        except OSError as error:
            self.close()
            raise TseSilent(f"Der Speicher der Soft-TSE lässt sich nicht schreiben: {error}") from error
        os.close(self._file)
        self._file = -1
