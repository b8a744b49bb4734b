"""The ledger of what was put into the archive: one JSON line per event, chained, never changed.

``archive/manifest.jsonl``: ``{"v":1,"n":0,"at":…,"what":…,"name":…,…,"h":…}``; ``what`` is kept, held,
released or removed. ``h`` is SHA-256(``h`` of the line before, as 32 bytes, nothing before the first ‖ the
line without ``h``), as in the journal. A line is added by writing the whole file aside and renaming it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from kassd.errors import DataError
from kassd.fiscal.archive.durable import Print
from kassd.fiscal.archive.retention import keep_until

MANIFEST = "manifest.jsonl"
Kind = Literal["export", "tar", "document", "other"]
KINDS: tuple[Kind, ...] = ("export", "tar", "document", "other")
TITLES = {"export": "Export", "tar": "TSE-Archiv", "document": "Dokument", "other": "Sonstiges"}
ALL = ""  # name of a hold on everything


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing of the archive. ``year``: of its last content; ``series``: documents of one series replace
    each other; ``files``: path below the archive → fingerprint; ``at``: when it was put in (RFC 3339);
    ``held``: why it must stay beyond its date, '' if nothing; ``removed``: when and by whom, '' while it is
    there."""

    name: str
    kind: Kind
    year: int
    series: str
    at: str
    by: str
    files: Mapping[str, Print]
    held: str = ""
    removed: str = ""

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files.values())


def kept_in(folder: Path) -> tuple[dict[str, Kept], str]:
    """Everything that ever was in the archive by name, in order, and why everything is held ('': it is not).

    Raises :class:`DataError` where the ledger has been changed or cut in the middle of a line.
    """
    things: dict[str, Kept] = {}
    held = ""
    for event in events(folder):
        name = event["name"]
        match event["what"]:
            case "kept":
                files = {path: Print(*value) for path, value in event["files"].items()}
                keys = ("name", "kind", "year", "series", "at", "by")
                things[name] = Kept(**{key: event[key] for key in keys}, files=files)
            case "held" | "released" if name == ALL:
                held = event.get("reason", "")
            case "held" | "released":
                things[name] = replace(things[name], held=event.get("reason", ""))
            case "removed":
                removed = f"{event['at']} {event['by']}, {event['and_by']}"
                things[name] = replace(things[name], removed=removed)
    return things, held


def must_stay_until(thing: Kept, things: Iterable[Kept]) -> date | None:
    """Last day on which it must be there; None: no such day yet, it is the newest document of its series.

    What explains data is kept until ten years after the year in which it was replaced.
    """
    if thing.kind != "document":
        return keep_until(thing.year)
    later = [other for other in things if other.series == thing.series and other.at > thing.at]
    return keep_until(min(other.year for other in later)) if later else None


def may_go(thing: Kept, things: Iterable[Kept], held: str, today: date) -> bool:
    """Whether nothing keeps it any more."""
    until = must_stay_until(thing, things)
    return until is not None and today > until and not (thing.held or held or thing.removed)


def events(folder: Path) -> Iterator[dict[str, Any]]:
    """The ledger's events; each line is compared with its hash."""
    path, h = folder / MANIFEST, b""
    rows = path.read_bytes().split(b"\n") if path.exists() else [b""]
    if rows.pop():
        raise DataError(f"{path}: die letzte Zeile ist unvollständig. Bitte aus einer Kopie zurückholen.")
    for number, row in enumerate(rows):
        body, _, mark = row.rpartition(b',"h":"')
        h = hashlib.sha256(h + body + b"}").digest()
        if mark != h.hex().encode() + b'"}' or not body.startswith(b'{"v":1,"n":%d,' % number):
            raise DataError(
                f"{path}, Zeile {number + 1}: das Verzeichnis wurde verändert. "
                "Bitte aus einer Kopie zurückholen."
            )
        event: dict[str, Any] = json.loads(row)
        yield event


def with_event(folder: Path, event: Mapping[str, Any]) -> bytes:
    """The ledger's bytes with one more event."""
    path, last, count = folder / MANIFEST, b"", 0
    before = path.read_bytes() if path.exists() else b""
    for known in events(folder):
        last, count = bytes.fromhex(known["h"]), count + 1
    body = json.dumps({"v": 1, "n": count, **event}, ensure_ascii=False, separators=(",", ":")).encode()
    h = hashlib.sha256(last + body).hexdigest()
    return before + body[:-1] + b',"h":"' + h.encode() + b'"}\n'
