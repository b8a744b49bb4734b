"""The parts of a TSE's archive on the disk: ``<folder>/<first>-<last>.tar``, named by signature counter."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kassd.tse.log.tar import Member, TarReader

CHUNK = 1 << 20
_NAME = re.compile(r"(\d{1,19})-(\d{1,19})\.tar", re.ASCII)


class Part(NamedTuple):
    """One file with the log messages ``first`` to ``last``."""

    first: int
    last: int
    path: Path


def part_name(first: int, last: int) -> str:
    """Name of the file with these counters."""
    return f"{first}-{last}.tar"


def part_files(folder: Path) -> list[Part]:
    """The parts in a folder by their first counter; empty if there is none."""
    if not folder.is_dir():
        return []
    named = ((_NAME.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted(Part(int(match[1]), int(match[2]), path) for match, path in named if match is not None)


def read_members(stream: BinaryIO) -> Iterator[Member]:
    """The members of a TAR. Raises :class:`~kassd.tse.log.tar.TarError` where it is damaged."""
    reader = TarReader()
    while chunk := stream.read(CHUNK):
        yield from reader.feed(chunk)
    reader.close()
