"""The only place of this room that touches the file system: a small seam that tests can replace.

Durability is said where a file is opened: with ``dsync`` every ``pwrite`` returns only when its bytes are on
the medium; without it ``fsync`` does that. A created, renamed or deleted name is durable after ``fsync_dir``.
"""

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from kassd.errors import JournalLocked

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Files(Protocol):
    """What the journal needs of a file system. Every call may raise ``OSError``."""

    def mkdir(self, path: Path) -> None:
        """Create the directory (0700) unless it is there; its parent must exist or be creatable."""

    def list(self, path: Path) -> list[str]:
        """Names in the directory, sorted; empty if it does not exist."""

    def size(self, path: Path) -> int:
        """Size in bytes."""

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes:
        """Bytes as the medium has them (clean cached pages are dropped first)."""

    def open(self, path: Path, *, create: bool = False, dsync: bool = False, mode: int = 0o640) -> int:
        """Return a handle for writing; ``create`` truncates."""

    def pwrite(self, handle: int, data: bytes, offset: int) -> None:
        """Write all of ``data``."""

    def truncate(self, handle: int, size: int) -> None:
        """Set the size."""

    def fsync(self, handle: int) -> None:
        """Make content and size durable."""

    def close(self, handle: int) -> None:
        """Give the handle back; makes nothing durable."""

    def chmod(self, path: Path, mode: int) -> None:
        """Set the permissions."""

    def rename(self, source: Path, target: Path) -> None:
        """Replace ``target`` atomically."""

    def unlink(self, path: Path) -> None:
        """Delete the name."""

    def fsync_dir(self, path: Path) -> None:
        """Make the names in the directory durable."""

    def free(self, path: Path) -> int:
        """Bytes that can still be written where the directory lies."""

    def is_at(self, handle: int, path: Path) -> bool:
        """Whether ``path`` leads to the open file."""

    def place(self, handle: int) -> Path | None:
        """Where the open file lies now; None: it has been deleted."""

    def content(self, handle: int) -> bytes:
        """All bytes of the open file, also of one that has been deleted."""

    def lock(self, path: Path) -> int:
        """Return a handle that holds the exclusive lock of the directory, or raise :class:`JournalLocked`."""


class OsFiles:
    """The real file system."""

    def mkdir(self, path: Path) -> None:
        """See :class:`Files`."""
        path.mkdir(mode=0o750, parents=True, exist_ok=True)

    def list(self, path: Path) -> list[str]:
        """See :class:`Files`."""
        return sorted(os.listdir(path)) if path.is_dir() else []

    def size(self, path: Path) -> int:
        """See :class:`Files`."""
        return os.stat(path).st_size

    def read(self, path: Path, offset: int = 0, length: int = -1) -> bytes:
        """After a failed fsync the cache may hold what the medium does not: hence the fadvise."""
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            return _read(handle, offset, length)
        finally:
            os.close(handle)

    def open(self, path: Path, *, create: bool = False, dsync: bool = False, mode: int = 0o640) -> int:
        """See :class:`Files`."""
        flags = os.O_RDWR | os.O_CLOEXEC
        flags |= (os.O_CREAT | os.O_TRUNC) if create else 0
        return os.open(path, flags | (os.O_DSYNC if dsync else 0), mode)

    def pwrite(self, handle: int, data: bytes, offset: int) -> None:
        """A short write is continued; one that does not advance is an error."""
        view = memoryview(data)
        while view:
            done = os.pwrite(handle, view, offset)
            if done <= 0:
                raise OSError(5, "write does not advance")
            view, offset = view[done:], offset + done

    def truncate(self, handle: int, size: int) -> None:
        """See :class:`Files`."""
        os.ftruncate(handle, size)

    def fsync(self, handle: int) -> None:
        """See :class:`Files`."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """See :class:`Files`."""
        os.close(handle)

    def chmod(self, path: Path, mode: int) -> None:
        """See :class:`Files`."""
        os.chmod(path, mode)

    def rename(self, source: Path, target: Path) -> None:
        """See :class:`Files`."""
        os.rename(source, target)

    def unlink(self, path: Path) -> None:
        """See :class:`Files`."""
        os.unlink(path)

    def fsync_dir(self, path: Path) -> None:
        """See :class:`Files`."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def free(self, path: Path) -> int:
        """See :class:`Files`."""
        found = os.statvfs(path)
        return found.f_bavail * found.f_frsize

    def is_at(self, handle: int, path: Path) -> bool:
        """See :class:`Files`."""
        try:
            return os.path.samestat(os.fstat(handle), os.stat(path))
        except (FileNotFoundError, NotADirectoryError):
            return False

    def place(self, handle: int) -> Path | None:
        """See :class:`Files`."""
        return Path(os.readlink(f"/proc/self/fd/{handle}")) if os.fstat(handle).st_nlink else None

    def content(self, handle: int) -> bytes:
        """See :class:`Files`."""
        return _read(handle, 0, -1)

    def lock(self, path: Path) -> int:
        """An flock ends with the process, however it ends. It lies on the directory: a file for it could
        be deleted, and made anew by another process."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise JournalLocked(
                f"Ein anderes kassd benutzt das Journal {path} schon. "
                "Bitte zuerst das andere Programm beenden."
            ) from error
        return handle


def _read(handle: int, offset: int, length: int) -> bytes:
    left = os.fstat(handle).st_size - offset if length < 0 else length
    pieces = []
    while left > 0 and (piece := os.pread(handle, min(left, 1 << 24), offset)):
        pieces.append(piece)
        offset, left = offset + len(piece), left - len(piece)
    return b"".join(pieces)


def write_file(files: Files, path: Path, data: bytes, mode: int = 0o640) -> None:
    """Put ``data`` under ``path`` so that after any crash the old or the new content is there, whole."""
    temporary = path.with_name(path.name + ".tmp")
    for _ in lay_out(files, temporary, (data,), mode):
        pass
    files.rename(temporary, path)
    files.fsync_dir(path.parent)


def lay_out(files: Files, path: Path, pieces: Iterable[bytes], mode: int = 0o640) -> Iterator[None]:
    """Make the file ``path`` of ``pieces``, synced, in one step each. Where the disk is full it is taken away
    again: what is left of the room may be needed."""
    handle = files.open(path, create=True, mode=mode)
    offset = 0
    try:
        for piece in pieces:
            files.pwrite(handle, piece, offset)
            offset += len(piece)
            yield
        files.fsync(handle)
    except OSError:
        with suppress(OSError):
            files.unlink(path)
        raise
    finally:
        files.close(handle)
