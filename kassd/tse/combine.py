"""One TAR for any period out of the archive's parts, also of several TSEs (TR-03153: aggregated export).

Messages and certificates are taken over byte for byte under their own names; where two TSEs use the same
name, the later one gets the number (``_Fc-1``) that the norm has for it. Parts may overlap: what comes again
with the same bytes is taken once, and what contradicts a message is taken as well, for verifying to name it.
"""

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kassd.tse.log import messages
from kassd.tse.log.der import DerError
from kassd.tse.log.info import NAME as INFO
from kassd.tse.log.messages import LogMessage
from kassd.tse.log.tar import END, Member, entry
from kassd.tse.parts import read_members

PAGE = 256  # counters


@dataclass(frozen=True, slots=True)
class Period:
    """Log times from ``start`` to before ``end``, unix ms; None: open."""

    start: int | None = None
    end: int | None = None

    def __contains__(self, unix_ms: int) -> bool:
        return (self.start is None or unix_ms >= self.start) and (self.end is None or unix_ms < self.end)


class Log(NamedTuple):
    """A log message's member; ``message`` None: it cannot be read, and belongs to every period."""

    member: Member
    message: LogMessage | None


@dataclass(slots=True)
class _Names:
    """Gives each member a name of its own."""

    taken: set[bytes] = field(default_factory=set)

    def free(self, name: str) -> str:
        stem, dot, ending = name.rpartition(".")
        number, chosen = 0, name
        while (key := _digest(chosen.encode())) in self.taken:
            number += 1
            chosen = f"{stem}_Fc-{number}{dot}{ending}"
        self.taken.add(key)
        return chosen


@dataclass(slots=True)
class _Taken:
    """Tells messages that come again: eight bytes of digest for each counter of a TSE (0: none), in pages,
    since counters are dense but may begin anywhere."""

    pages: dict[tuple[bytes, int], "array[int]"] = field(default_factory=dict)
    others: set[bytes] = field(default_factory=set)  # what contradicts one of them, or cannot be read

    def add(self, log: Log) -> bool:
        """Whether the message is new, be it that it contradicts."""
        digest = _digest(log.member.data)
        if log.message is not None:
            number, place = divmod(log.message.signature_counter, PAGE)
            page = self.pages.setdefault((log.message.serial, number), array("Q", bytes(8 * PAGE)))
            known, value = page[place], int.from_bytes(digest) or 1
            if not known:
                page[place] = value
            if not known or known == value:
                return not known
        new = digest not in self.others
        self.others.add(digest)
        return new


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()


def combine(sources: Sequence[Path], period: Period, out: BinaryIO) -> int:
    """Write the archive of a period; returns the number of log messages, 0: nothing but its end was written.

    ``sources`` are TARs of any TSEs, each TSE's oldest first.
    Raises :class:`~kassd.tse.log.tar.TarError` if a source is damaged.
    """
    used = [(source, heads) for source in sources for heads in _heads(source, period)]
    names, taken, seen, count = _Names(), _Taken(), set[bytes](), 0
    infos: dict[bytes, None] = {}
    for _, heads in used:
        infos |= {member.data.rstrip(b"\r\n") + b"\n": None for member in heads if member.name == INFO}
    if infos:
        out.write(entry(names.free(INFO), b"".join(infos), 0))
    for member in (member for _, heads in used for member in heads if member.name != INFO):
        if (digest := hashlib.sha256(member.data).digest()) not in seen:
            seen.add(digest)
            out.write(entry(names.free(member.name), member.data, 0))
    for source, _ in used:
        for log in filter(taken.add, _logs(source, period)):
            seconds = log.message.time // 1000 if log.message is not None else 0
            out.write(entry(names.free(log.member.name), log.member.data, seconds))
            count += 1
    out.write(END)
    return count


def _heads(source: Path, period: Period) -> Iterator[list[Member]]:
    """Description and certificates of a source that has messages of the period; else nothing."""
    if next(_logs(source, period), None) is not None:
        with source.open("rb") as file:
            yield [member for member in read_members(file) if not member.name.endswith(".log")]


def _logs(source: Path, period: Period) -> Iterator[Log]:
    with source.open("rb") as file:
        for member in read_members(file):
            if not member.name.endswith(".log"):
                continue
            try:
                message = messages.parse(member.data)
            except DerError:  # kept as it is: verifying the result will name it
                yield Log(member, None)
                continue
            if message.time in period:
                yield Log(member, message)
