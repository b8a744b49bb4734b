"""A scanner in HID-POS mode, from its inside: the reports of ``gadgets.POINT_OF_SALE``."""

from collections.abc import Sequence

from tests.lab.inside.gadgets import far_end
from tests.lab.inside.load import awake

REPORT, DATA = 2, 56  # its id; bytes of a code in one
EAN_13 = b"]E0"


def scan(name: str, codes: Sequence[str], ends: bool = True) -> None:
    """Send codes; one that does not fit into a report takes several. ``ends``: the last one is whole."""
    with awake(), open(far_end(name), "r+b", buffering=0) as end:
        for code in codes:
            for report in reports(code, ends or code != codes[-1]):
                end.write(report)


def reports(code: str, ends: bool) -> list[bytes]:
    """What a scanner sends for a code: report id, length, AIM id, data, whether more comes."""
    parts = [code[at : at + DATA].encode() for at in range(0, len(code), DATA)]
    goes_on = [*(1 for _ in parts[1:]), 0 if ends else 1]
    return [
        bytes((REPORT, len(part))) + EAN_13 + part.ljust(DATA, b"\0") + bytes((more,))
        for part, more in zip(parts, goes_on, strict=True)
    ]
