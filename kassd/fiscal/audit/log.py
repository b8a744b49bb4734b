"""The export log beside the folder: SHA-256 of every file as it was when the export was made (A12)."""

import hashlib
import re
from pathlib import Path

from kassd.fiscal.audit.findings import Findings

ENDING = ".exportprotokoll.txt"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](?:.*/)?([^/]+)", re.ASCII)


def log_of(folder: Path) -> Path | None:
    """The log that this register writes beside a folder, if it is there."""
    beside = folder.absolute().with_name(folder.absolute().name + ENDING)
    return beside if beside.is_file() else None


def check_log(folder: Path, log: Path, found: Findings) -> None:
    """Compare the files with the log: lines of ``sha256sum``, others are remarks."""
    stated: dict[str, str] = {}
    for line in log.read_text("utf-8", "replace").splitlines():
        if match := _LINE.fullmatch(line):
            stated[match[2]] = match[1]
    if not stated:
        found.add("A12", log.name, 0, "im Exportprotokoll stehen keine Prüfsummen")
        return
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        with path.open("rb") as file:
            stands = hashlib.file_digest(file, "sha256").hexdigest()
        expected = stated.pop(path.name, "")
        if stands != expected:
            found.differs("A12", path.name, 0, "SHA-256", expected, stands)
    for name in sorted(stated):
        found.add("A12", name, 0, "das Exportprotokoll nennt die Datei, sie ist aber nicht da")
