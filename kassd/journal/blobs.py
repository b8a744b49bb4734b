"""What is too large for a line: files named by their SHA-256, durable before the line that names them."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kassd.errors import JournalDamaged
from kassd.journal.files import Files, OsFiles, write_file

# Compact JSON escapes quotes inside strings, so this cannot be found within a text.
REFERENCE = re.compile(rb'\{"blob":"([0-9a-f]{64})","size":(\d{1,12})\}')
FETCH = "Bitte den Ordner blob aus einer Sicherung oder vom Spiegel holen (kassd restore)."
_NAME = re.compile(r"[0-9a-f]{64}")


def write_blob(files: Files, directory: Path, data: bytes) -> dict[str, Any]:
    """Store ``data`` durably and return its reference ``{"blob": sha256, "size": n}``."""
    name = hashlib.sha256(data).hexdigest()
    place = directory / "blob"
    if "blob" not in files.list(directory):
        files.mkdir(place)
        files.fsync_dir(directory)
    if name not in files.list(place) or files.read(place / name) != data:
        write_file(files, place / name, data, mode=0o444)
    return {"blob": name, "size": len(data)}


def write_blobs(files: Files, directory: Path, blobs: Sequence[bytes]) -> list[dict[str, Any]]:
    """The same of several, all or none: where one cannot be stored, the new ones are taken away again."""
    before = set(files.list(directory / "blob"))
    refs: list[dict[str, Any]] = []
    try:
        refs.extend(write_blob(files, directory, data) for data in blobs)
    except OSError:
        for ref in refs:
            if ref["blob"] not in before:
                with suppress(OSError):
                    files.unlink(directory / "blob" / ref["blob"])
        raise
    return refs


def missing_bytes(files: Files, directory: Path, blobs: Sequence[bytes]) -> int:
    """How many bytes storing ``blobs`` would take: one that is there already takes none."""
    present = set(files.list(directory / "blob"))
    return sum(len(data) for data in blobs if hashlib.sha256(data).hexdigest() not in present)


def read_blob(directory: Path, ref: dict[str, Any], files: Files | None = None) -> bytes:
    """The bytes of a reference; raises ``JournalDamaged`` if they are missing or other than named."""
    files = files or OsFiles()
    name = ref.get("blob")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise JournalDamaged(f"Journal {directory}: {name!r} benennt keinen Blob.")
    try:
        data = files.read(directory / "blob" / name)
    except FileNotFoundError as error:
        raise JournalDamaged(f"Journal {directory}: der Blob {name} fehlt. {FETCH}") from error
    if len(data) != ref.get("size") or hashlib.sha256(data).hexdigest() != name:
        raise JournalDamaged(f"Journal {directory}: der Blob {name} hat anderen Inhalt. {FETCH}")
    return data
