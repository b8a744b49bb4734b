"""The files of made-up trade: nobody waits for the disk."""

from pathlib import Path

from kassd.journal.files import OsFiles


class QuickFiles(OsFiles):
    """Files whose safety against a power cut nobody needs."""

    def open(self, path: Path, *, create: bool = False, dsync: bool = False, mode: int = 0o600) -> int:
        """See :class:`kassd.journal.files.Files`."""
        return super().open(path, create=create, mode=mode)

    def fsync(self, handle: int) -> None:
        """Not waited for."""

    def fsync_dir(self, path: Path) -> None:
        """Not waited for."""
