"""Decodes the reports of a scanner in HID-POS mode (HID Point of Sale Usage Tables 1.02, page 0x8C). Pure.

Which byte means what is read from the device's report descriptor: makers differ.
"""

import re
from collections.abc import Sequence

from kassd.deferred import dataclass
from kassd.devices.scanner.assembler import Token
from kassd.devices.scanner.descriptor import Field, fields
from kassd.devices.scanner.lines import TextDecoder

PAGE = 0x8C << 16
AIM = (PAGE | 0xFB, PAGE | 0xFC, PAGE | 0xFD)
DATA, CONTINUED = PAGE | 0xFE, PAGE | 0xFF
ERROR_BEEP, NOT_ON_FILE_BEEP = PAGE | 0x85, PAGE | 0x87
BYTE_COUNT = 0x0001003B  # generic desktop
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class PosReport:
    """Where one kind of input report has what."""

    data: tuple[Field, ...]
    aim: tuple[Field, ...]
    count: Field | None
    continued: Field | None


@dataclass(frozen=True, slots=True)
class PosLayout:
    """What a device's descriptor says. ``has_ids``: each report begins with a byte that tells its kind.
    ``complaint``: the output report, id in front, that makes the scanner sound its error; empty: none."""

    reports: dict[int, PosReport]
    has_ids: bool
    complaint: bytes


def layout_of(descriptor: bytes) -> PosLayout | None:
    """The layout of a scanner, None if the device is none. Raises ValueError for what is no descriptor."""
    found = fields(descriptor)
    inputs = [field for field in found if field.kind == "input"]
    reports = {
        report: _report([field for field in inputs if field.report == report])
        for report in {field.report for field in inputs if field.usage == DATA}
    }
    if not reports:
        return None
    return PosLayout(reports, any(field.report for field in found), _complaint(found))


def _report(own: Sequence[Field]) -> PosReport:
    def only(usage: int) -> Field | None:
        return next((field for field in own if field.usage == usage), None)

    aim = tuple(field for usage in AIM if (field := only(usage)) is not None)
    data = tuple(field for field in own if field.usage == DATA)
    return PosReport(data, aim if len(aim) == len(AIM) else (), only(BYTE_COUNT), only(CONTINUED))


def _complaint(found: Sequence[Field]) -> bytes:
    outputs = [field for field in found if field.kind == "output"]
    for usage in (ERROR_BEEP, NOT_ON_FILE_BEEP):
        for field in outputs:
            if field.usage == usage:
                bits = max(f.offset + f.size for f in outputs if f.report == field.report)
                return bytes((field.report,)) + (1 << field.offset).to_bytes((bits + 7) // 8, "little")
    return b""


class PosDecoder(TextDecoder):
    """One scanner's reports; a code may take several."""

    def __init__(self, layout: PosLayout, gap_ns: int) -> None:
        super().__init__("suffix", gap_ns, strip="\r\n")
        self._layout = layout

    def feed(self, report: bytes, now: int) -> list[Token]:
        """Decode one report, which came by ``now``."""
        kind, body = (report[0], report[1:]) if self._layout.has_ids else (0, report)
        where = self._layout.reports.get(kind)
        if where is None:
            return []  # of its state, or of what it weighs
        self._code.resume(now)
        data = bytes(field.value(body) for field in where.data)
        there = sum(field.offset + field.size <= len(body) * 8 for field in where.data)
        count = where.count.value(body) if where.count is not None else len(data.rstrip(b"\0"))
        if count > there:
            self._code.lose("length", now)
        else:
            aim = bytes(field.value(body) for field in where.aim)
            if not self._code.collecting and count and _AIM.fullmatch(aim):
                self._code.put(aim.decode("ascii"), now)
            if count:
                self._code.put(data[:count].decode("latin-1"), now)
        if where.continued is None or not where.continued.value(body):
            self._code.end(now)
        return self._take()
