"""Packing sealed segments; and what is found rotten on the way.

The raw file is given up only for a packed one that was read back from the medium and holds the same lines,
and only after those lines have been held against their chain and seal: a card that lost a bit in the
meantime would otherwise have the damage packed and the evidence deleted.
"""

import errno
import logging
import zlib
from collections.abc import Generator
from dataclasses import replace
from typing import Literal

from kassd.journal.aside import put_aside
from kassd.journal.files import Files, write_file
from kassd.journal.segments import (
    GZIP_LEVEL,
    GZIP_WBITS,
    PIECE,
    Segment,
    SegmentError,
    load,
    strip_padding,
    wholeness,
)

log = logging.getLogger(__name__)

Outcome = Literal["packed", "aside", "rotten"]


def compact(files: Files, segment: Segment) -> Generator[None, None, Outcome]:
    """Replace a sealed segment by ``.jsonl.gz`` without padding. Cut anywhere, one of the two is whole.

    ``aside``: only an earlier packed file is whole, so the raw one was put aside. ``rotten``: neither is, or
    they contradict each other; nothing was touched. Raises ``OSError`` where the disk cannot be written.
    """
    target = replace(segment, packed=True)
    data = _read(files, segment)
    yield
    whole = yield from wholeness(data, segment.first)
    copy = _read(files, target)
    yield
    copied = yield from wholeness(copy, segment.first)
    if not whole and copied:
        put_aside(files, segment.directory, segment.path.name)
        return "aside"
    plain = strip_padding(data)
    if not whole or (copied and copy != plain):
        return "rotten"
    if not copied:
        yield from _pack(files, target, plain)
    files.unlink(segment.path)
    files.fsync_dir(segment.directory)
    return "packed"


def _pack(files: Files, target: Segment, plain: bytes) -> Generator[None, None, None]:
    machine = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WBITS)
    packed = []
    for offset in range(0, len(plain), PIECE):
        packed.append(machine.compress(plain[offset : offset + PIECE]))
        yield
    packed.append(machine.flush())
    write_file(files, target.path, b"".join(packed), mode=0o444)
    yield
    if _read(files, target) != plain:
        raise OSError(errno.EIO, "the packed segment is read back otherwise", str(target.path))
    yield


def _read(files: Files, segment: Segment) -> bytes:
    """The bytes of a segment; nothing where there is no such file or the medium does not give it."""
    try:
        return load(files, segment)
    except FileNotFoundError:
        return b""
    except (SegmentError, OSError) as error:
        log.error("journal: %s cannot be read: %s", segment.path.name, error)
        return b""
