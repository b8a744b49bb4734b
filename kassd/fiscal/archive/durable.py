"""How files get on a medium so that they are there: written aside, synced, renamed, read again, compared."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kassd.errors import DataError

ASIDE = ".part"
CHUNK = 1 << 20
RESERVE = 8 * 1024 * 1024  # bytes that stay free on the medium


class Print(NamedTuple):
    """A file's fingerprint: size in bytes and SHA-256 in hex."""

    size: int
    sha256: str


def print_of(path: Path, size: int | None = None) -> Print:
    """Of the bytes as the medium has them; ``size``: only so many from the beginning."""
    digest, count = hashlib.sha256(), 0
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # the medium's bytes, not the cache's
        left = size
        while left != 0 and (piece := file.read(CHUNK if left is None else min(CHUNK, left))):
            digest.update(piece)
            count += len(piece)
            left = None if left is None else left - len(piece)
    return Print(count, digest.hexdigest())


def print_of_bytes(data: bytes) -> Print:
    """Of bytes in memory."""
    return Print(len(data), hashlib.sha256(data).hexdigest())


def make_folder(folder: Path) -> None:
    """The folder and those above it, durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems of sticks know no such thing
            raise
    finally:
        os.close(handle)


def put(source: Path | bytes, target: Path) -> Print:
    """Write ``target`` so that after a power cut it is there whole or not at all, and read it again.

    Raises :class:`DataError` if the medium is full or gives other bytes back than were written.
    """
    make_folder(target.parent)
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if shutil.disk_usage(target.parent).free < size + RESERVE:
        raise DataError(f"Auf {target.parent} ist kein Platz mehr für {size} Bytes. Bitte Platz schaffen.")
    part = target.with_name(target.name + ASIDE)
    written = _write(source, part)
    if print_of(part) != written:
        raise DataError(
            f"{target} lässt sich nicht fehlerfrei zurücklesen. Bitte einen anderen Datenträger nehmen."
        )
    os.replace(part, target)
    sync_folder(target.parent)
    return written


def _write(source: Path | bytes, part: Path) -> Print:
    digest, count = hashlib.sha256(), 0
    with part.open("wb") as out:
        for piece in (source,) if isinstance(source, bytes) else _pieces(source):
            out.write(piece)
            digest.update(piece)
            count += len(piece)
        out.flush()
        os.fsync(out.fileno())
    return Print(count, digest.hexdigest())


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def files_below(folder: Path) -> list[str]:
    """Names of all files below ``folder``, with ``/``, in order; links are refused."""
    found = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_symlink():
            raise DataError(f"{path} ist eine Verknüpfung; ins Archiv gehören die Dateien selbst.")
        if path.is_file():
            found.append(path.relative_to(folder).as_posix())
    return found
