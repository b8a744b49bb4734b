"""A folder that is handed out: made aside, complete or not there at all, every file with its hash.

Each part is made by a function that is given its path. A part that cannot be had now is not faked: the cover
page and the result say which one it is and why.
"""

import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kassd.errors import DataError, KassdError
from kassd.fiscal.archive.durable import RESERVE, files_below, print_of, sync_folder

log = logging.getLogger(__name__)

ASIDE = ".unvollstaendig"
SUMS = "SHA256SUMS"
COVER = "LIESMICH.html"
Progress = Callable[[str], None]


class Unavailable(KassdError):
    """A part cannot be had now; the message says why, in German."""


@dataclass(frozen=True, slots=True)
class Part:
    """``name``: of the file or folder; ``title``: what it is, in German; ``make`` writes it to a path, which
    does not exist yet; its result, if any, is said beside the title."""

    name: str
    title: str
    make: Callable[[Path], str | None]


@dataclass(frozen=True, slots=True)
class Made:
    """A part as it is in the folder; ``missing`` says why it is not."""

    name: str
    title: str
    remark: str = ""
    missing: str = ""
    files: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was handed out. ``sha256``: of the list of all files with their hashes, :data:`SUMS`."""

    folder: Path
    sha256: str
    files: int
    size: int
    parts: tuple[Made, ...]

    @property
    def missing(self) -> tuple[Made, ...]:
        """Parts that could not be had."""
        return tuple(part for part in self.parts if part.missing)


def write_bundle(
    folder: Path,
    parts: Sequence[Part],
    cover: Callable[[Sequence[Made]], str],
    needed: int,
    progress: Progress = lambda _: None,
    allowed: Callable[[], None] = lambda: None,
) -> Bundle:
    """Make the new ``folder``; ``cover`` writes its first page of the parts there are. ``needed``: bytes that
    must be free before anything is begun. ``allowed`` is called when all is done but the name, and raises if
    the folder must not be handed out any more.

    Raises :class:`DataError` in German; the folder is then not there.
    """
    if folder.exists():
        raise DataError(f"{folder} gibt es schon; bitte einen anderen Namen wählen.")
    aside = folder.with_name(folder.name + ASIDE)
    if aside.exists():
        shutil.rmtree(aside)  # of an export that was interrupted
    try:
        _require(folder.parent, needed)
        aside.mkdir()
        made = [_make(aside, part, progress) for part in parts]
        (aside / COVER).write_text(cover(made), encoding="utf-8")
        progress("Prüfsummen")
        sums, size = _settle(aside)
        allowed()
        aside.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        _remove(aside)
        if error.errno != errno.ENOSPC:
            raise
        raise DataError(
            f"Auf {folder.parent} ist kein Platz mehr. Bitte einen größeren Stick nehmen."
        ) from error
    except BaseException:
        _remove(aside)
        raise
    return Bundle(folder, hashlib.sha256(sums).hexdigest(), sums.count(b"\n"), size, tuple(made))


def _require(place: Path, needed: int) -> None:
    if not place.is_dir():
        raise DataError(f"{place} gibt es nicht. Ist der Stick eingesteckt?")
    free = shutil.disk_usage(place).free
    if free < needed + RESERVE:
        raise DataError(
            f"Auf {place} sind {free >> 20} MiB frei, gebraucht werden etwa {(needed + RESERVE) >> 20} MiB. "
            "Bitte Platz schaffen oder einen größeren Stick nehmen."
        )


def _make(aside: Path, part: Part, progress: Progress) -> Made:
    progress(part.title)
    path = aside / part.name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        remark = part.make(path) or ""
    except KassdError as error:
        _remove(path)
        return Made(part.name, part.title, missing=str(error) or type(error).__name__)
    except OSError:
        raise  # the stick
    except Exception as error:  # what nobody has thought of in one part must not keep the others back
        log.exception("%s: not made", part.name)
        _remove(path)
        told = f"Das ist ein Fehler von kassd, bitte melden: {type(error).__name__}: {error}"
        return Made(part.name, part.title, missing=told)
    names = files_below(path) if path.is_dir() else [""]
    size = sum((path / name if name else path).stat().st_size for name in names)
    return Made(part.name, part.title, remark, files=len(names), size=size)


def _settle(aside: Path) -> tuple[bytes, int]:
    """Bring everything to the medium and read it back from there: the sums file and all bytes."""
    names = files_below(aside)
    for name in names:
        _sync(aside / name)
    prints = {name: print_of(aside / name) for name in names}
    sums = "".join(f"{found.sha256}  {name}\n" for name, found in prints.items()).encode()
    (aside / SUMS).write_bytes(sums)
    _sync(aside / SUMS)
    for path in sorted((p for p in aside.rglob("*") if p.is_dir()), reverse=True):
        sync_folder(path)
    sync_folder(aside)
    return sums, len(sums) + sum(found.size for found in prints.values())


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
