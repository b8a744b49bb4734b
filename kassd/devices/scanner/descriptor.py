"""Report descriptors: where a HID device puts what (Device Class Definition for HID 1.11, 6.2.2). Pure."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from kassd.deferred import dataclass

Kind = Literal["input", "output", "feature"]

MAIN, GLOBAL, LOCAL = 0, 1, 2
LONG_ITEM = 0xFE
KINDS: dict[int, Kind] = {8: "input", 9: "output", 11: "feature"}  # tags of main items
PUSH, POP = 10, 11  # of global items
NAMES = {0: "page", 7: "size", 8: "report", 9: "count"}
USAGE, USAGE_MINIMUM, USAGE_MAXIMUM = 0, 1, 2  # of local items
CONSTANT, VARIABLE = 1, 2
LONGEST = 4096  # bytes of a report; what a descriptor says beyond is nonsense


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a report. ``offset`` and ``size`` in bits, behind the byte of the report id if there is
    one; ``usage`` is the page in the upper 16 bits and the usage in the lower, 0 where it means nothing."""

    kind: Kind
    report: int
    offset: int
    size: int
    usage: int

    def value(self, body: bytes) -> int:
        """From a report without its id; what is missing at its end counts as zero."""
        return int.from_bytes(body, "little") >> self.offset & ((1 << self.size) - 1)


def fields(descriptor: bytes) -> list[Field]:
    """Every value of every report. Raises ValueError where it breaks off or makes no sense."""
    found: list[Field] = []
    ends: dict[tuple[Kind, int], int] = {}
    state, stack, usages = _Global(), list[_Global](), _Usages()
    for kind, tag, value, size in _items(descriptor):
        if kind == GLOBAL and tag == PUSH:
            stack.append(state)
        elif kind == GLOBAL and tag == POP:
            if not stack:
                raise ValueError("pop without push")
            state = stack.pop()
        elif kind == GLOBAL:
            state = state.with_item(tag, value)
        elif kind == LOCAL:
            usages.add(tag, value if size == 4 else state.page << 16 | value)
        elif kind == MAIN:
            if tag in KINDS:
                where = KINDS[tag], state.report
                new = list(_made(state, usages, *where, ends.get(where, 0), value))
                ends[where] = ends.get(where, 0) + state.size * state.count
                found += new
            usages = _Usages()
    return found


@dataclass(frozen=True, slots=True)
class _Global:
    page: int = 0
    size: int = 0
    report: int = 0
    count: int = 0

    def with_item(self, tag: int, value: int) -> "_Global":
        made = replace(self, **{NAMES[tag]: value}) if tag in NAMES else self
        if made.size * made.count > LONGEST * 8:
            raise ValueError(f"a report of {made.size * made.count} bits")
        return made


class _Usages:
    """Local items since the last main item."""

    def __init__(self) -> None:
        self.named: list[int] = []
        self._minimum = 0

    def add(self, tag: int, usage: int) -> None:
        if tag == USAGE:
            self.named.append(usage)
        elif tag == USAGE_MINIMUM:
            self._minimum = usage
        elif tag == USAGE_MAXIMUM:
            self.named += range(self._minimum, min(usage, self._minimum + LONGEST) + 1)

    def of(self, index: int) -> int:
        """The last one named goes for all that follow."""
        return self.named[min(index, len(self.named) - 1)] if self.named else 0


def _made(
    state: _Global, usages: _Usages, kind: Kind, report: int, offset: int, flags: int
) -> Iterator[Field]:
    if flags & CONSTANT:
        return
    for index in range(state.count):
        usage = usages.of(index if flags & VARIABLE else 0)
        yield Field(kind, report, offset + index * state.size, state.size, usage)


def _items(descriptor: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(type, tag, unsigned value, bytes of the value) of each short item; long ones are left out."""
    at = 0
    while at < len(descriptor):
        prefix = descriptor[at]
        if prefix == LONG_ITEM:
            at += 3 + int.from_bytes(descriptor[at + 1 : at + 2], "little")
            continue
        size = (0, 1, 2, 4)[prefix & 3]
        data = descriptor[at + 1 : at + 1 + size]
        if len(data) < size:
            raise ValueError("breaks off")
        yield prefix >> 2 & 3, prefix >> 4, int.from_bytes(data, "little"), size
        at += 1 + size


__all__ = ["Field", "fields"]
