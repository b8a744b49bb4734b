"""How the archive's files get on the disk: synced with their folder before a line names them."""

import os
from collections.abc import Callable
from pathlib import Path


def make_folder(folder: Path) -> None:
    """The TSE's folder, durable."""
    for made in (folder.parent, folder):
        if not made.is_dir():
            made.mkdir(mode=0o700)
            _sync_folder(made.parent)


def sync(handle: int, flush: Callable[[], None]) -> None:
    """Everything written to an open file is on the medium."""
    flush()
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep(part: Path, target: Path) -> None:
    """Give the file its name for ever. One of that name that no line names (a stop came between) makes way,
    and is kept: only the journal's word makes a part, but nothing is thrown away."""
    if target.exists():
        target.rename(target.with_name(f"{target.name}.{target.stat().st_mtime_ns}.aside"))
    part.chmod(0o400)
    part.rename(target)
    _sync_folder(target.parent)
