"""One TAR for any period out of the archive's parts, also of several TSEs (TR-03153: aggregated export).

Messages and certificates are taken over byte for byte under their own names; where two TSEs use the same
name, the later one gets the number (``_Fc-1``) that the norm has for it.
"""

import hashlib
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


@dataclass(frozen=True, slots=True)
class Source:
    """A TAR of one TSE; what it has up to counter ``after`` lies in another source."""

    path: Path
    after: int = -1


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
        while (key := hashlib.blake2b(chosen.encode(), digest_size=8).digest()) in self.taken:
            number += 1
            chosen = f"{stem}_Fc-{number}{dot}{ending}"
        self.taken.add(key)
        return chosen


def combine(sources: Sequence[Source], period: Period, out: BinaryIO) -> int:
    """Write the archive of a period; returns the number of log messages, 0: nothing but its end was written.

    Raises :class:`~kassd.tse.log.tar.TarError` if a source is damaged.
    """
    used = [(source, heads) for source in sources for heads in _heads(source, period)]
    names, seen, count = _Names(), set[bytes](), 0
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
        for member, message in _logs(source, period):
            seconds = message.time // 1000 if message is not None else 0
            out.write(entry(names.free(member.name), member.data, seconds))
            count += 1
    out.write(END)
    return count


def _heads(source: Source, period: Period) -> Iterator[list[Member]]:
    """Description and certificates of a source that has messages of the period; else nothing."""
    if next(_logs(source, period), None) is not None:
        with source.path.open("rb") as file:
            yield [member for member in read_members(file) if not member.name.endswith(".log")]


def _logs(source: Source, period: Period) -> Iterator[Log]:
    with source.path.open("rb") as file:
        for member in read_members(file):
            if not member.name.endswith(".log"):
                continue
            try:
                message = messages.parse(member.data)
            except DerError:  # kept as it is: verifying the result will name it
                yield Log(member, None)
                continue
            if message.signature_counter > source.after and message.time in period:
                yield Log(member, message)
