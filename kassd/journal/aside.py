"""What leaves the journal is kept in ``torn/``: bytes of a power cut, and whole files that were no good."""

import hashlib
import re
from itertools import count
from pathlib import Path

from kassd.journal.files import Files, write_file

FOLDER = "torn"
_CUT = re.compile(r"\d{12}-.*\.bin")


def set_aside(files: Files, directory: Path, seq: int, boot: str, data: bytes) -> Path:
    """Keep bytes that leave the journal under ``torn/<seq>-<boot>.bin``, durably; return the path."""
    path = _free(files, directory, f"{seq:012d}-{boot}", ".bin")
    write_file(files, path, data)
    return path


def put_aside(files: Files, directory: Path, name: str) -> None:
    """Move the whole file ``name`` into ``torn/``, durably; its content does not matter."""
    path = _free(files, directory, name, "")
    files.rename(directory / name, path)
    files.fsync_dir(path.parent)
    files.fsync_dir(directory)


def keep_aside(files: Files, directory: Path, name: str, data: bytes) -> Path:
    """Keep ``data`` as a whole file ``name`` in ``torn/``, durably; return its path."""
    path = _free(files, directory, name, "")
    write_file(files, path, data)
    return path


def _free(files: Files, directory: Path, stem: str, suffix: str) -> Path:
    place = directory / FOLDER
    taken = files.list(place)
    if not taken:
        files.mkdir(place)
        files.fsync_dir(directory)
    names = (f"{stem}-{number}{suffix}" if number > 1 else f"{stem}{suffix}" for number in count(1))
    return place / next(name for name in names if name not in taken)


def put_aside_files(files: Files, directory: Path) -> list[str]:
    """Names in ``torn/`` of the files that were put aside whole."""
    names = files.list(directory / FOLDER)
    return [name for name in names if not _CUT.fullmatch(name) and not name.endswith(".tmp")]


def unreported_repairs(files: Files, directory: Path, seq: int, boot: str) -> list[dict[str, int | str]]:
    """What ``journal.tail_repaired`` in line ``seq`` must tell: bytes set aside there or behind.

    Behind: an earlier recovery was itself cut and lost unacknowledged lines that it had kept. Such a file
    gets the number of the line that tells of it, so that it is told once.
    """
    place = directory / FOLDER
    for name in files.list(place):
        if _CUT.fullmatch(name) and int(name[:12]) > seq:
            set_aside(files, directory, seq, boot, files.read(place / name))
            files.unlink(place / name)
            files.fsync_dir(place)
    rows: list[dict[str, int | str]] = []
    for name in files.list(place):
        if _CUT.fullmatch(name) and int(name[:12]) == seq:
            data = files.read(place / name)
            rows.append({"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    return rows
