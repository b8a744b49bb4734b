"""A packed segment checked by itself, which another process can do: all but what joins it to the others."""

import hashlib
from pathlib import Path
from typing import Any

from kassd.deferred import dataclass
from kassd.journal.blobs import REFERENCE
from kassd.journal.files import OsFiles
from kassd.journal.line import LineError, parse_line, split_line
from kassd.journal.merkle import leaf_hash
from kassd.journal.segments import (
    Segment,
    SegmentError,
    follow,
    last_line,
    line_at,
    load,
    seal_of,
    strip_padding,
)

KEY_CHANGED = "journal.key_changed"


@dataclass(frozen=True, slots=True)
class Alone:
    """What a segment without a flaw says.

    ``head``: its first line, which nothing here vouches for but its own hash; ``h``: hash of its last line;
    ``leaves``: Merkle leaf of each line; ``seal``: what its last line says; ``blobs`` (name, size) and public
    ``keys`` that it names.
    """

    head: bytes
    h: bytes
    leaves: list[bytes]
    seal: dict[str, Any]
    blobs: list[tuple[str, int]]
    keys: list[str]


def check_alone(directory: Path, first: int, deep: bool) -> Alone | None:
    """Check the packed segment that begins with line ``first``: chain, numbers, seal; ``deep``: strict JSON
    and the seal's hash of the content, too.

    None where anything is not as it should be; finding the words for it is left to who goes line by line.
    """
    try:
        data = load(OsFiles(), Segment(first, directory, packed=True))
        head, seal = line_at(data, 0), seal_of(last_line(data))
        _, h = split_line(head)
        begin = data.find(b"\n") + 1
        walked, good = follow(data[begin:], first + 1, h)
        if seal is None or walked.reason or not head.startswith(b'{"v":1,"seq":%d,"at":"' % first):
            return None
        if deep and not (is_strict(data) and seal.get("sha256") == content_hash(data)):
            return None
        leaves = [leaf_hash(line) for line in (head, *good)]
        return Alone(head, walked.h, leaves, seal, blobs_in(data), keys_in(data))
    except (SegmentError, LineError, OSError):
        return None


def is_strict(data: bytes) -> bool:
    """Whether each line is one in every byte; raises :class:`LineError` otherwise."""
    for piece in data.split(b"\n")[:-1]:
        parse_line(piece.rstrip(b" "))
    return True


def content_hash(data: bytes) -> str:
    """What a seal vouches for: SHA-256 over the lines before it."""
    content = strip_padding(data)
    return hashlib.sha256(content[: -len(last_line(content)) - 1]).hexdigest()


def blobs_in(data: bytes) -> list[tuple[str, int]]:
    """Name and size of each blob that a line refers to."""
    if b'{"blob":"' not in data:
        return []
    return [(match[1].decode(), int(match[2])) for match in REFERENCE.finditer(data)]


def keys_in(data: bytes) -> list[str]:
    """The public keys that the journal has changed to; lines that are none are passed over."""
    needle = b'"%s"' % KEY_CHANGED.encode()
    if needle not in data:
        return []
    keys = []
    for raw in data.split(b"\n"):
        if needle in raw:
            try:
                facts = parse_line(raw.rstrip(b" ")).facts
            except LineError:
                continue  # reported where the line stands
            keys += [
                fact["data"].get("public_key") for fact in facts if fact["kind"] == "journal.key_changed"
            ]
    return [key for key in keys if isinstance(key, str)]
