"""A small disk: the real file system, which takes only so many bytes, counted in blocks as ext4 does."""

import errno
import os
from pathlib import Path

from kassd.journal.files import OsFiles

BLOCK = 4096


class Quota(OsFiles):
    """``left`` bytes can still be allocated; what is deleted or cut comes back. Writing into a file's own
    blocks takes none."""

    def __init__(self, left: int) -> None:
        self.left = left

    def fill(self) -> None:
        """Another program takes the rest."""
        self.left = 0

    def free(self, path: Path) -> int:
        return self.left

    def open(self, path: Path, *, create: bool = False, dsync: bool = False, mode: int = 0o640) -> int:
        self.left += _blocks(path) if create else 0
        return super().open(path, create=create, dsync=dsync, mode=mode)

    def pwrite(self, handle: int, data: bytes, offset: int) -> None:
        size = os.fstat(handle).st_size
        grown = _rounded(max(size, offset + len(data))) - _rounded(size)
        if 0 < grown > self.left:
            room = _rounded(size) + self.left - offset
            super().pwrite(handle, data[: max(0, room)], offset)
            self.left -= _rounded(os.fstat(handle).st_size) - _rounded(size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.left -= grown
        super().pwrite(handle, data, offset)

    def truncate(self, handle: int, size: int) -> None:
        self.left += _rounded(os.fstat(handle).st_size) - _rounded(size)
        super().truncate(handle, size)

    def unlink(self, path: Path) -> None:
        self.left += _blocks(path)
        super().unlink(path)

    def rename(self, source: Path, target: Path) -> None:
        self.left += _blocks(target)
        super().rename(source, target)


def _rounded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _blocks(path: Path) -> int:
    return _rounded(path.stat().st_size) if path.exists() else 0
