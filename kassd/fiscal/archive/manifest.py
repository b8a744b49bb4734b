"""The manifest of a copy: what lies in it, written last.

``manifest.jsonl``: the first line says of which register it is a copy and how far its journal goes, then one
line per file (``path``, ``size``, ``sha256``), the last has the number of files and the SHA-256 of all lines
before.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kassd.errors import DataError
from kassd.fiscal.archive.durable import Print, put

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class Head:
    """``lines`` of the journal, ``h`` of the last and its time; the register's counters then; the signed
    checkpoint ('' if there was none). ``at``: when the copy was made, RFC 3339."""

    register: str
    at: str
    lines: int
    h: str
    time: str
    epoch: int
    receipt: int
    closing: int
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files``: path below the copy's root → fingerprint."""

    head: Head
    files: Mapping[str, Print]


def write(root: Path, manifest: Manifest) -> None:
    """Put it aside, synced, read back, renamed."""
    rows = [{"v": 1, "what": "kassd archive copy", **asdict(manifest.head)}]
    rows += [{"path": path, **value._asdict()} for path, value in sorted(manifest.files.items())]
    text = "".join(_row(row) for row in rows)
    end = {"files": len(manifest.files), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    put((text + _row(end)).encode(), root / MANIFEST)


def _row(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def read(root: Path) -> Manifest | None:
    """The manifest, None if there is none. Raises :class:`DataError` if it is damaged or cut."""
    path = root / MANIFEST
    if not path.exists():
        return None
    data = path.read_bytes()
    begin = data.rfind(b"\n", 0, -1) + 1
    try:
        end = json.loads(data[begin:])
        if end["sha256"] != hashlib.sha256(data[:begin]).hexdigest() or not data.endswith(b"\n"):
            raise ValueError("checksum")
        head, *rows = [json.loads(row) for row in data[:begin].splitlines()]
        files = {row["path"]: Print(row["size"], row["sha256"]) for row in rows}
        if len(files) != end["files"] or head.pop("v") != 1:
            raise ValueError("count")
        head.pop("what")
        return Manifest(Head(**head), files)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: das Verzeichnis der Kopie ist beschädigt ({error}).") from error
